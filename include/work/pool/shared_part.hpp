// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <memory>
#include <utility>

namespace work::detail {

/// A part of an object that is shared: what runs on the part's behalf keeps the whole alive.
template <typename Part>
class shared_part
{
public:
    /// Before anything runs; once, since what runs may look at it from any thread.
    void belongs_to(std::weak_ptr<void> whole)
    {
        if (whole_.expired())
            whole_ = std::move(whole);
    }

protected:
    shared_part() = default;
    ~shared_part() = default;

    /// While the whole lives.
    std::shared_ptr<Part> self()
    {
        return std::shared_ptr<Part>(whole_.lock(), static_cast<Part*>(this));
    }
    std::weak_ptr<Part> weak_self() { return self(); }

private:
    std::weak_ptr<void> whole_;
};

}  // namespace work::detail
