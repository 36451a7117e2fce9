// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/subscriber.hpp>
#include <work/task.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// Who listens to which channel, so that it can be ended.
class redis_subscriptions
{
public:
    /// Until it is ended.
    task<void> run(
        std::shared_ptr<redis::subscriber> listener,
        std::string channel,
        std::string prefix,
        std::function<void(std::string_view)> receive
    )
    {
        std::erase_if(all_, [](auto const& one) { return one.second.expired(); });
        all_.emplace_back(channel, listener);
        std::vector<std::string> channels(1, prefix + channel);
        redis::subscriber::message_handler handler =
            [receive = std::move(receive)](std::string_view, std::string_view text) {
                receive(text);
            };
        co_await listener->run(std::move(channels), std::move(handler));
    }
    /// Those of one channel; "": all.
    void end(std::string_view channel)
    {
        for (auto const& [name, weak] : all_) {
            auto const listener = channel.empty() || name == channel ? weak.lock() : nullptr;
            if (listener)
                listener->close();
        }
    }

private:
    std::vector<std::pair<std::string, std::weak_ptr<redis::subscriber>>> all_;
};

}  // namespace work::detail
