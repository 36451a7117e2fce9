// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/tracked_job.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/jobs.ipp>
#include <work/web/routes/operations.ipp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::web {

struct tracked_news_answer : tracked_sum
{
    std::vector<tracked_job> changed;
    std::vector<std::string> gone;
};
BOOST_DESCRIBE_STRUCT(tracked_news_answer, (tracked_sum), (changed, gone))

namespace detail_of_events {

inline constexpr std::size_t most_jobs = 16;

/// What one stream tells of.
struct topics
{
    bool snapshot = false;
    bool operations = false;
    bool pools = false;
    bool tracked = false;
    std::vector<std::string> jobs;
};

inline topics read_topics(std::string_view text)
{
    topics all;
    all.snapshot = text.empty();
    while (!text.empty()) {
        std::string_view const word = detail::take_part(text, ',');
        if (word == "snapshot")
            all.snapshot = true;
        else if (word == "operations")
            all.operations = true;
        else if (word == "pools")
            all.pools = true;
        else if (word == "tracked")
            all.tracked = true;
        else if (word.starts_with("job:") && id_fault(word.substr(4)) == nullptr)
            all.jobs.emplace_back(word.substr(4));
        else
            throw problem(
                400,
                "bad-parameter",
                "topics has " + detail::quote(word) +
                    ", it must be some of snapshot, operations, pools, tracked and job:ID, with "
                    "commas between them.",
                "topics"
            );
    }
    if (all.jobs.size() > most_jobs)
        throw problem(
            400,
            "bad-parameter",
            "topics has " + std::to_string(all.jobs.size()) + " jobs, at most " +
                std::to_string(most_jobs) + " can be watched by one stream.",
            "topics"
        );
    return all;
}

inline std::string event(std::string_view name, std::string_view data)
{
    std::string text = "event: ";
    text.append(name).append("\ndata: ").append(data).append("\n\n");
    return text;
}

/// A job that is watched, and what was told of it last.
struct watched_job
{
    std::string id;
    std::string etag;
    bool gone = false;
};

/// One stream, for as long as it goes.
struct watcher
{
    watcher(service& with, web_request const& request) : at(with), user(request.user) {}

    service& at;
    web_user user;
    topics what;
    std::vector<watched_job> jobs;
    std::map<std::string, std::string> operations{};  ///< what was told of each last
    std::map<std::string, std::string> pools{};       ///< likewise: its state and its trouble
    std::map<std::string, tracked_job> tracked{};     ///< likewise
    std::shared_ptr<void> place;                      ///< among the streams that there may be
};

/// What changed of a job since it was told last; "" when nothing did.
inline task<std::string> news_of(std::shared_ptr<watcher> self, watched_job& one)
{
    if (one.gone)
        co_return "";
    job_info const job = co_await self->at.look.job(one.id);
    if (job.state == job_state::unknown || !self->user.may_look_into(job.queue)) {
        one.gone = true;
        std::string data = "{\"id\":";
        detail::append_json_string(data, one.id);
        co_return event("gone", data + "}");
    }
    bool const hide = !self->user.may(right::see_args);
    std::string etag = detail_of_jobs::etag_of(job, hide);
    if (etag == one.etag)
        co_return "";
    one.etag = std::move(etag);
    co_return event("job", detail_of_jobs::shown_job(job, hide));
}

/// A sample as GET /snapshot and the stream give it: with its age.
inline std::string with_age(sample const& one)
{
    std::string text = one.json;
    text.back() = ',';
    return text + "\"age_ms\":" + std::to_string(steady_ms() - one.taken_ms) +
           ",\"away_since_ms\":" + std::to_string(one.away_since_ms) + "}";
}

/// What one sample has for a stream that was told of `told` last.
inline std::string news_of(sample const& now, std::uint64_t told)
{
    std::string text;
    if (told != 0 && now.number > told + 1)
        text += event("missed", "{\"samples\":" + std::to_string(now.number - told - 1) + "}");
    if (now.away_since_ms != 0) {
        text += event(
            "broker",
            "{\"state\":\"away\",\"since_ms\":" + std::to_string(now.away_since_ms) +
                ",\"error\":\"" + now.trouble + "\"}"
        );
        return text;
    }
    text += "id: " + std::to_string(now.number) + "\n";
    text += event("snapshot", with_age(now));
    return text;
}

/// Operations that go on, or have ended, since they were told last.
inline task<std::string> news_of_operations(std::shared_ptr<watcher> self)
{
    auto const all = co_await self->at.running->read();
    bool const hide = !self->user.may(right::see_args);
    std::map<std::string, std::string> now;
    std::string text;
    for (operation_info const& one : *all) {
        auto const before = self->operations.find(one.id);
        bool const told = before != self->operations.end();
        if (!one.is_open() && !told)
            continue;
        std::string shown = shown_json(detail_of_operations::told(one), hide);
        if (!told || before->second != shown)
            text += event("operation", shown);
        // One that ended is told so once.
        if (one.is_open())
            now.emplace(one.id, std::move(shown));
    }
    self->operations = std::move(now);
    co_return text;
}

/// Pools that came, that are in another state or trouble than they were, and that are gone.
inline std::string news_of_pools(watcher& self, std::vector<pool_info> const& all)
{
    std::map<std::string, std::string> now;
    std::string text;
    for (pool_info const& one : all) {
        std::string is = one.state + " " + one.trouble;
        auto const before = self.pools.find(one.pool);
        if (before == self.pools.end() || before->second != is) {
            pool_info shown = one;
            shown.pool = detail::sanitized_utf8(one.pool, 512);
            text += event("pool", to_json(shown));
        }
        now.emplace(one.pool, std::move(is));
    }
    for (auto const& [id, was] : self.pools) {
        if (now.contains(id))
            continue;
        std::string data = "{\"pool\":";
        detail::append_json_string(data, detail::sanitized_utf8(id, 512));
        text += event("pool_gone", data + "}");
    }
    self.pools = std::move(now);
    return text;
}

/// Jobs that are tracked and were not, or are not as they were told last; and those that are
/// tracked no more. Read for all streams together, as often as `pace_of_tracked` says.
inline task<std::string> news_of_tracked(std::shared_ptr<watcher> self)
{
    constexpr std::size_t in_one_event = 200;
    auto const all = co_await self->at.tracked->read();
    std::map<std::string, tracked_job> now;
    tracked_news_answer news;
    static_cast<tracked_sum&>(news) = sum_of(*all);
    std::string text;
    for (tracked_job const& one : all->tracked) {
        auto const before = self->tracked.find(one.id);
        if (before == self->tracked.end() || before->second != one)
            news.changed.push_back(one);
        if (news.changed.size() == in_one_event) {
            text += event("tracked", to_json(news));
            news.changed.clear();
        }
        now.emplace(one.id, one);
    }
    for (auto const& [id, was] : self->tracked)
        if (!now.contains(id))
            news.gone.push_back(id);
    self->tracked = std::move(now);
    if (!news.changed.empty() || !news.gone.empty())
        text += event("tracked", to_json(news));
    co_return text;
}

inline task<void> run(std::shared_ptr<watcher> self, web_stream& to)
{
    std::string hello = "retry: 2000\n\n";
    co_await to.write(std::move(hello));
    std::uint64_t told = 0;
    std::int64_t wrote_ms = steady_ms();
    while (true) {
        task<sampler::value> look =
            told == 0 ? self->at.watch->newest() : self->at.watch->after(told);
        sampler::value const now = co_await std::move(look);
        if (!now)
            co_return;
        std::string text;
        if (self->what.snapshot)
            text = news_of(*now, told);
        told = now->number;
        if (now->away_since_ms == 0 && self->what.pools && now->pools)
            text += news_of_pools(*self, *now->pools);
        if (now->away_since_ms == 0 && self->what.operations) {
            std::string const more = co_await news_of_operations(self);
            text += more;
        }
        if (now->away_since_ms == 0 && self->what.tracked) {
            std::string const more = co_await news_of_tracked(self);
            text += more;
        }
        if (text.empty() && steady_ms() - wrote_ms > 15'000)
            text = ":\n\n";
        if (!text.empty()) {
            co_await to.write(std::move(text));
            wrote_ms = steady_ms();
        }
        // One by one: a client that reads slowly keeps no more than one of them in memory here.
        for (std::size_t i = 0; now->away_since_ms == 0 && i != self->jobs.size(); ++i) {
            std::string more = co_await news_of(self, self->jobs[i]);
            if (more.empty())
                continue;
            co_await to.write(std::move(more));
            wrote_ms = steady_ms();
        }
    }
}

}  // namespace detail_of_events

WORK_DECL task<web_response> show_snapshot(service& at, web_request const&)
{
    sampler::value const now = co_await at.watch->newest();
    if (!now || now->json.empty())
        throw problem(503, "broker-unavailable", "The broker does not answer.")
            .with("Retry-After", "2");
    co_return web_response(detail_of_events::with_age(*now));
}

WORK_DECL task<web_response> stream_events(service& at, web_request const& request)
{
    namespace here = detail_of_events;
    auto const self = std::make_shared<here::watcher>(at, request);
    self->what = here::read_topics(request.asked("topics"));
    for (std::string& id : self->what.jobs)
        self->jobs.push_back({std::move(id), "", false});
    self->place = at.served.open_stream(at.options.limits.streams);
    if (!self->place)
        throw problem(
            429,
            "too-many",
            "There are " + std::to_string(at.options.limits.streams) +
                " streams: close one, or ask for /snapshot instead."
        )
            .with("Retry-After", "5");
    web_response answer;
    answer.content_type = "text/event-stream";
    answer.fields.emplace_back("X-Accel-Buffering", "no");
    answer.stream = [self](web_stream& to) { return here::run(self, to); };
    co_return answer;
}

}  // namespace work::web
