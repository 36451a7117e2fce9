// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/records.hpp>
#include <work/values/tag_word.hpp>

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/broker_pair.hpp"

namespace work_test {

/// Chance, replayable.
class dice
{
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}

    std::int64_t between(std::int64_t low, std::int64_t high)
    {
        return low +
               static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
    }
    bool percent(int chance) { return between(1, 100) <= chance; }
    template <typename Range>
    auto const& one_of(Range const& range)
    {
        return range[static_cast<std::size_t>(
            between(0, static_cast<std::int64_t>(std::size(range)) - 1)
        )];
    }

private:
    std::mt19937_64 engine_;
};

/// A request that owns what its views look at, so that it can be sent again.
template <typename Request>
struct owned_request
{
    Request request;
    std::deque<std::string> texts;
    std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
};

inline std::vector<std::string> const& random_lists()
{
    static std::vector<std::string> const
        lists{"a", "b", "c", "mail:send", "d%20", "a:b", "c:b", "d%20:b", "mail:a", "unserved"};
    return lists;
}
/// What pools serve: names, or lists.
inline std::vector<std::string> const& random_served(bool names)
{
    static std::vector<std::string> const some{"*a", "*b", "*c", "*send", "*d%20"};
    static std::vector<std::string> const others{"a", "b", "c", "mail:send", "a:b", "d%20:b"};
    return names ? some : others;
}

/// Jobs of all kinds, of one producer or pool.
class random_jobs
{
public:
    /// Of all that are made at a time each has another letter, or other numbers.
    random_jobs(broker_pair& brokers, dice& chance, char letter, std::int64_t first = 0)
        : brokers_(brokers),
          chance_(chance),
          letter_(letter),
          generated_(first)
    {}

    static constexpr std::size_t even_size = 80;

    work::new_job next()
    {
        work::new_job job;
        unsigned flags = 0;
        std::string priority;
        job.list = chance_.one_of(random_lists());
        // Now and then long ones in a row, which a claim takes without their records.
        if (long_left_ == 0 && chance_.percent(2)) {
            long_left_ = chance_.between(4, 12);
            long_list_ = job.list;
        }
        bool const is_long = long_left_ > 0;
        if (is_long) {
            --long_left_;
            job.list = long_list_;
        }
        if (chance_.percent(is_long ? 10 : 40)) {
            if (chance_.percent(60)) {
                job.chosen_id = true;
                flags |= 1;
            }
            if (chance_.percent(30)) {
                job.priority = static_cast<int>(chance_.between(-3, 9));
                if (job.priority != 0) {
                    flags |= 2;
                    priority = " p=" + std::to_string(job.priority);
                }
            }
            if (chance_.percent(20)) {
                job.stamp = true;
                flags |= chance_.percent(50) ? 4u : 0u;  // it expires, or the clock was not known
            }
            if (chance_.percent(30))
                job.delay_ms = chance_.between(1, 20'000);
            else if (chance_.percent(10))
                job.at_ms = brokers_.now_ms() + chance_.between(-5'000, 60'000);
        }
        job.id = job.chosen_id ? "chosen" + std::to_string(chance_.between(0, 29)) : generated_id();
        if (brokers_.writes && chance_.percent(3))
            flags |= chance_.percent(50) ? 0x1000u : 0x4000u;
        char head[40];
        std::snprintf(
            head,
            sizeof head,
            "%d %04X 0000 %013lld ",
            brokers_.writes && chance_.percent(2) ? 3 : 2,
            flags,
            static_cast<long long>(brokers_.now_ms() + chance_.between(-90'000, 0))
        );
        std::string body = head + std::string(job.list) + priority + "\n\n{\"a\":";
        body.append(
            static_cast<std::size_t>(
                is_long ? chance_.between(1'500, 6'000)
                        : chance_.between(1, chance_.percent(3) ? 3'000 : 30)
            ),
            'x'
        );
        // Many of one size, so that a claim's budget is often used up exactly.
        if (body.size() < even_size && chance_.percent(70))
            body.append(even_size - 1 - body.size(), 'z');
        if (chance_.percent(2))  // around what is stored in two parts
            body.append(
                work::max_whole_envelope - body.size() +
                    static_cast<std::size_t>(chance_.between(-3, 40)),
                'y'
            );
        job.envelope = body + "}";
        if (chance_.percent(is_long ? 3 : 15))
            make_unique(job);
        if (chance_.percent(is_long ? 3 : 12))
            work::detail::write_tags(
                job.envelope,
                chance_.percent(50) ? std::vector<std::string>{"a b"}
                                    : std::vector<std::string>{"x", "a b"}
            );
        if (chance_.percent(is_long ? 3 : 8))
            work::detail::follow_with(job, "client" + std::to_string(chance_.between(0, 19)));
        if (chance_.percent(is_long ? 2 : 12))
            bind(job);
        known_.push_back(job.id);
        if (known_.size() > 60)
            known_.pop_front();
        return job;
    }

    /// A flow of some jobs, and that it is stored, unless it never is, or not all of it.
    void add_flow(std::vector<work::new_job>& to)
    {
        std::string const flow = "flow" + std::string(1, letter_) + std::to_string(++flows_);
        std::int64_t const size = chance_.between(1, 6);
        // A mutant is met after so many steps: these stay as they were.
        bool const in_parts = brokers_.writes && chance_.percent(50);
        bool const is_beside = brokers_.writes && chance_.percent(30);
        std::vector<std::string> members;
        std::int64_t at_gate = 0;
        for (std::int64_t i = 0; i != size; ++i) {
            work::new_job job = next();
            auto links = job.links ? *job.links : work::detail::job_links();
            if (!is_beside)
                links.flow = flow;
            std::size_t const before = links.needs.size();
            for (std::string const& one : members)
                if (chance_.percent(40))
                    need(links, one);
            std::vector<work::new_job> parts;
            bool const gated = links.needs.size() == before;
            if (gated)
                links.gate = flow;
            if (in_parts && chance_.percent(50)) {
                links.gate = flow;
                parts = part(links, job.id);
            }
            at_gate += is_beside && links.gate.empty() ? 0 : 1;
            take_links(job, std::move(links));
            members.push_back(job.id);
            to.push_back(std::move(job));
            for (work::new_job& one : parts)
                to.push_back(std::move(one));
        }
        if (chance_.percent(15))
            return;
        work::detail::job_links commit;
        commit.gate = flow;
        commit.commits = at_gate - (chance_.percent(15) ? 1 : 0);
        commit.flow_name = chance_.percent(50) ? "nightly" : "";
        work::new_job job;
        job.links = std::make_shared<work::detail::job_links const>(std::move(commit));
        if (job.links->commits > 0)
            to.push_back(std::move(job));
    }

private:
    /// Leaves the first few of its needs to it, the others to parts.
    std::vector<work::new_job> part(work::detail::job_links& links, std::string const& id)
    {
        std::vector<work::new_job> parts;
        auto const all = std::exchange(links.needs, {});
        std::size_t at = 0;
        for (; at != all.size() && chance_.percent(50); ++at)
            links.needs.push_back(all[at]);
        while (at != all.size() || chance_.percent(20)) {
            work::detail::job_links rest;
            rest.more_of = id;
            rest.gate = links.gate;
            for (; at != all.size() && (rest.needs.empty() || chance_.percent(60)); ++at)
                rest.needs.push_back(all[at]);
            work::new_job& job = parts.emplace_back();
            job.links = std::make_shared<work::detail::job_links const>(std::move(rest));
        }
        return parts;
    }
    void need(work::detail::job_links& links, std::string const& id)
    {
        for (work::detail::job_need const& one : links.needs)
            if (one.id == id)
                return;
        static work::otherwise const ways[] =
            {work::otherwise::cancel, work::otherwise::run, work::otherwise::wait};
        static std::string const names[] = {"", "", "a", "b"};
        links.needs.push_back({id, chance_.one_of(ways), chance_.one_of(names)});
    }
    std::string const& known()
    {
        return known_.at(static_cast<std::size_t>(
            chance_.between(0, static_cast<std::int64_t>(known_.size()) - 1)
        ));
    }
    void bind(work::new_job& job)
    {
        work::detail::job_links links;
        for (std::int64_t i = chance_.between(0, 2); i > 0 && !known_.empty(); --i)
            need(links, known());
        if (chance_.percent(15) && !known_.empty())
            links.before.push_back({known(), work::otherwise::cancel, {}});
        if (chance_.percent(15) && !known_.empty())
            links.beside.push_back(known());
        if (chance_.percent(20))
            links.flow = "open" + std::to_string(chance_.between(0, 2));
        take_links(job, std::move(links));
    }
    static void take_links(work::new_job& job, work::detail::job_links links)
    {
        std::string const needs =
            std::to_string(links.needs.size() + (links.gate.empty() ? 0u : 1u));
        auto flags = work::detail::read_header(job.envelope)->flags;
        if (needs != "0" || !links.flow.empty())
            flags |= work::envelope_flags::holds;
        job.envelope = work::detail::with_flags(job.envelope, flags);
        if (needs != "0")
            job.envelope = work::detail::with_word(job.envelope, "n", needs);
        if (!links.flow.empty())
            job.envelope = work::detail::with_word(job.envelope, "f", links.flow);
        job.links = std::make_shared<work::detail::job_links const>(std::move(links));
    }
    void make_unique(work::new_job& job)
    {
        static std::string const keys[] = {
            "00000000000000000000000000000000",
            "0123456789abcdef0123456789abcdef",
            "fedcba98765432100123456789abcdef",
        };
        static char const modes[] = {'s', 'u', 'f', 't'};
        static work::conflict const policies[] = {
            work::conflict::keep,
            work::conflict::replace,
            work::conflict::extend,
            work::conflict::renew
        };
        job.lock.key = chance_.one_of(keys);
        job.lock.mode = chance_.one_of(modes);
        job.lock.on_conflict = chance_.one_of(policies);
        if (job.lock.mode == 't')
            job.lock.time_ms = chance_.between(1, 60'000);
        job.envelope.insert(
            job.envelope.find('\n'),
            std::string(" u=").append(1, job.lock.mode).append(job.lock.key)
        );
        job.envelope[4] = static_cast<char>(job.envelope[4] + 2);
    }
    std::string generated_id()
    {
        static constexpr char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        char id[64];
        std::snprintf(
            id,
            sizeof id,
            "0000GENER00%c%c%c%08lld",
            digits[chance_.between(0, 3)],
            digits[chance_.between(0, 1)],
            letter_,
            static_cast<long long>(++generated_)
        );
        return std::string(id).substr(0, 22);
    }

    broker_pair& brokers_;
    dice& chance_;
    char letter_;
    std::int64_t generated_;
    std::deque<std::string> known_;  ///< ids of its last jobs
    int flows_ = 0;
    std::int64_t long_left_ = 0;
    std::string long_list_;
};

/// A producer whose replies get lost and whose batches arrive twice, late or too late.
class random_producer
{
public:
    random_producer(broker_pair& brokers, dice& chance, std::string name)
        : brokers_(brokers),
          chance_(chance),
          name_(std::move(name)),
          jobs_(brokers, chance, name_.back())
    {}

    std::vector<std::string> ids;  ///< of all jobs ever sent

    void step()
    {
        constexpr std::size_t kept = work::policy::stored_batches;
        if (!sent_.empty() && chance_.percent(15)) {
            auto const many = static_cast<std::int64_t>(std::min(kept, sent_.size()));
            auto const back = chance_.percent(70) ? 1 : chance_.between(1, many);
            send(*sent_[sent_.size() - static_cast<std::size_t>(back)]);
            return;
        }
        if (sent_.size() > kept && chance_.percent(5)) {
            bool stale = false;
            auto const& old = *sent_.front();
            brokers_.on_both(
                "stale batch " + name_,
                [&](auto& b) { return b.enqueue(old.request); },
                &stale
            );
            if (!stale)
                brokers_.disagree("a stale batch was taken");
            return;
        }
        auto batch = std::make_shared<owned_request<work::enqueue_request>>();
        batch->request.producer = name_;
        batch->request.number = ++number_;
        std::int64_t const size =
            chance_.percent(2) ? chance_.between(60, 256) : chance_.between(1, 12);
        for (std::int64_t i = 0; i != size; ++i) {
            batch->request.jobs.push_back(jobs_.next());
            ids.push_back(batch->request.jobs.back().id);
        }
        if (chance_.percent(10)) {
            std::size_t const first = batch->request.jobs.size();
            jobs_.add_flow(batch->request.jobs);
            for (std::size_t i = first; i != batch->request.jobs.size(); ++i)
                if (!batch->request.jobs[i].id.empty())
                    ids.push_back(batch->request.jobs[i].id);
        }
        if (ids.size() > 300)
            ids.erase(ids.begin(), ids.begin() + 100);
        sent_.push_back(batch);
        if (sent_.size() > kept + 1)
            sent_.pop_front();
        send(*batch);
    }

private:
    void send(owned_request<work::enqueue_request> const& batch)
    {
        std::string what = "enqueue " + name_ + " " + std::to_string(batch.request.number) + ":";
        for (auto const& job : batch.request.jobs)
            what += " " + std::string(job.id) + "@" + std::string(job.list);
        brokers_.on_both(what, [&](auto& b) { return b.enqueue(batch.request); });
    }

    broker_pair& brokers_;
    dice& chance_;
    std::string name_;
    random_jobs jobs_;
    std::int64_t number_ = 0;
    std::deque<std::shared_ptr<owned_request<work::enqueue_request>>> sent_;
};

/// A pool with a heartbeat, whose replies get lost, who is late, forgets to renew, and dies.
class random_pool
{
public:
    random_pool(broker_pair& brokers, dice& chance, std::string name, bool well_behaved = false)
        : pair_(&brokers),
          dice_(&chance),
          name_(std::move(name)),
          jobs_(std::make_shared<random_jobs>(
              brokers,
              chance,
              'P',
              1'000 * std::strtoll(name_.c_str() + name_.find('-') + 1, nullptr, 10)
          )),
          well_behaved_(well_behaved)
    {
        if (!well_behaved_ && dice_->percent(30))
            lease_ms_ = 6'000;
        names_ = well_behaved_ || dice_->percent(60);
        pair_->do_both("show " + name_, [&](auto& b) { b.show(name_); });
    }

    std::string const& name() const noexcept { return name_; }
    bool holds_nothing() const noexcept { return claims_.empty() && !unanswered_; }

    void step()
    {
        if (unanswered_ && (unanswered_->request.number + work::policy::stored_answers == number_ ||
                            dice_->percent(50))) {
            auto const again = std::exchange(unanswered_, nullptr);
            hear(send("exchange again ", *again));
        } else if (!well_behaved_ && is_stale() && dice_->percent(3)) {
            bool stale = false;
            pair_->on_both(
                "stale exchange " + name_,
                [&](auto& b) { return b.exchange(old_.front()->request); },
                &stale
            );
            if (!stale)
                pair_->disagree("a stale exchange was heard");
        } else if (dice_->percent(12)) {
            keep();
        } else {
            exchange();
        }
    }

    void keep()
    {
        if (number_ == 1)
            return;  // nobody knows the pool yet
        owned_request<work::exchange_request> heartbeat;
        heartbeat.request.pool = heartbeat.keep(name_ + ".heartbeat");
        heartbeat.request.number = ++heartbeat_number_;
        heartbeat.request.lease_ms = lease_ms_;
        for (auto const& [n, jobs] : claims_)
            heartbeat.request.renew.push_back(n);
        see_cancels(heartbeat.request);
        add_progress(heartbeat);
        give_up(heartbeat);
        hear(send("heartbeat ", heartbeat));
    }

    std::shared_ptr<owned_request<work::exchange_request>> next_exchange()
    {
        auto next = std::make_shared<owned_request<work::exchange_request>>();
        work::exchange_request& r = next->request;
        r.pool = name_;
        r.number = number_++;
        r.lease_ms = lease_ms_;
        r.chores = dice_->percent(pair_->sweeps() || well_behaved_ ? 40 : 4);
        if (dice_->percent(30))
            r.limits = {
                2,
                dice_->between(300, 3'000),
                60'000,
                2,
                dice_->between(300, 20'000),
                2,
                dice_->between(300, 20'000)
            };
        if (r.number == 1 || r.chores) {
            for (std::size_t i = 0; i != random_served(names_).size(); ++i)
                r.serves.push_back({random_served(names_)[i], static_cast<std::int64_t>(i % 3)});
            if (well_behaved_)
                r.serves.push_back({"*unserved", 0});
            if (dice_->percent(10))
                r.max_concurrency.push_back({"b", dice_->between(1, 5)});
        }
        if (well_behaved_)
            r.reads = {9, work::envelope_flags::features};
        else if (r.chores && pair_->writes)
            r.reads = {
                static_cast<int>(dice_->between(2, 3)),
                dice_->percent(50) ? 0x1000u : 0x5000u
            };
        for (auto const& [n, jobs] : claims_) {
            if (well_behaved_ || dice_->percent(60))
                r.renew.push_back(n);
        }
        if (dice_->percent(2))
            r.renew.push_back(12345);
        add_progress(*next);
        add_logs(*next);
        add_words(*next);
        add_started(*next);
        see_cancels(r);
        if (dice_->percent(20))
            r.counts.push_back(
                {dice_->one_of(random_lists()), dice_->between(-3, 9), dice_->between(-1, 1)}
            );
        r.want = static_cast<int>(dice_->percent(20) ? 0 : dice_->between(1, 40));
        if (well_behaved_)
            r.want = 256;
        if (dice_->percent(10))
            r.max_bytes =
                dice_->percent(50)
                    ? dice_->between(1, 2000)
                    : dice_->between(1, 12) * static_cast<std::int64_t>(random_jobs::even_size);
        for (std::int64_t i = dice_->between(0, 4); i > 0; --i)
            r.fetch_order.push_back(
                {dice_->one_of(random_served(names_)),
                 static_cast<int>(dice_->between(0, 20)),
                 !well_behaved_ && dice_->percent(10)}
            );
        r.discover = well_behaved_ || dice_->percent(40);
        r.take_suspects = well_behaved_ || dice_->percent(50);
        r.runs_suspects = !well_behaved_ && dice_->percent(30);
        r.joins_suspects = dice_->percent(80);
        r.will_wait = dice_->percent(60);
        r.lean = dice_->percent(10);
        return next;
    }

    void exchange()
    {
        auto const next = next_exchange();
        old_.push_back(next);
        if (old_.size() > work::policy::stored_answers + 4)
            old_.pop_front();
        if (well_behaved_ || unanswered_ || next->request.number == 1) {
            hear(send("exchange ", *next));
            return;
        }
        switch (dice_->between(0, 9)) {
        case 0:  // the reply is lost
            send("exchange without reply ", *next);
            unanswered_ = next;
            break;
        case 1:  // the request is late
            unanswered_ = next;
            break;
        case 2:  // the request arrives twice
            hear(send("exchange ", *next));
            send("the same exchange ", *next);
            break;
        default: hear(send("exchange ", *next)); break;
        }
    }

private:
    struct held_job
    {
        std::string id;
        std::string envelope;
        bool logged = false;  ///< so there is more to forget than its record
    };

    void add_logs(owned_request<work::exchange_request>& next)
    {
        for (auto& [n, jobs] : claims_) {
            if (jobs.empty() || !dice_->percent(20))
                continue;
            auto const at = dice_->between(0, static_cast<std::int64_t>(jobs.size()) - 1);
            held_job& job = jobs[static_cast<std::size_t>(at)];
            job.logged = true;
            work::job_log_lines log{n, next.keep(job.id), {}};
            for (std::int64_t i = dice_->percent(5) ? 120 : dice_->between(1, 3); i > 0; --i)
                log.lines.push_back(next.keep("line " + std::to_string(dice_->between(0, 999))));
            next.request.logs.push_back(std::move(log));
        }
        if (dice_->percent(2))
            next.request.logs.push_back({12345, "none", {"line"}});
    }
    void add_progress(owned_request<work::exchange_request>& next)
    {
        for (auto const& [n, jobs] : claims_) {
            if (!jobs.empty() && dice_->percent(15))
                next.request.progress.push_back(
                    {n,
                     next.keep(dice_->one_of(jobs).id),
                     next.keep("at " + std::to_string(dice_->between(0, 99)))}
                );
        }
    }
    void add_started(owned_request<work::exchange_request>& next)
    {
        for (auto const& [n, jobs] : claims_) {
            if (!jobs.empty() && dice_->percent(20))
                next.request.started.push_back({n, next.keep(dice_->one_of(jobs).id)});
        }
        if (dice_->percent(2))
            next.request.started.push_back({12345, "none"});
    }
    void see_cancels(work::exchange_request& request)
    {
        if (dice_->percent(70))
            request.cancels_seen = std::exchange(told_, {});
        if (dice_->percent(50))
            request.orders_seen = std::exchange(ordered_, {});
    }

    // The heartbeat gives a job up, and the pool does not know.
    void give_up(owned_request<work::exchange_request>& next)
    {
        for (auto const& [n, jobs] : claims_) {
            if (!jobs.empty() && dice_->percent(10))
                next.request.outcomes.push_back(word(next, n, dice_->one_of(jobs), true));
        }
    }
    void add_words(owned_request<work::exchange_request>& next)
    {
        for (auto claim = claims_.begin(); claim != claims_.end();) {
            work::claim_number const n = claim->first;
            auto& jobs = claim->second;
            work::finished_jobs finished;
            finished.claim = n;
            int const chance = well_behaved_ ? 100 : static_cast<int>(dice_->between(0, 100));
            std::erase_if(jobs, [&](held_job const& job) {
                if (!dice_->percent(chance))
                    return false;
                // A store that went back in time has forgotten what was said.
                if (!well_behaved_ && dice_->percent(1))
                    return true;
                auto const header = work::detail::read_header(job.envelope);
                bool const straight = header && !job.logged && (header->flags & 0x79u) == 0;
                bool const apart = pair_->writes && header && (header->flags & 0x70u) == 0;
                if (straight && dice_->percent(70))
                    finished.ids.push_back(next.keep(job.id));
                else if (!straight && apart && dice_->percent(60))
                    finish_apart(next, n, job, header->flags);
                else
                    add_word(next, n, job, header.has_value());
                return true;
            });
            if (!finished.ids.empty())
                next.request.finished.push_back(std::move(finished));
            // What an unanswered exchange says about the claim may be heard after this one.
            if (jobs.empty() && !unanswered_ && (well_behaved_ || dice_->percent(85))) {
                next.request.close.push_back(work::closed_claim(n, sizes_[n]));
                claim = claims_.erase(claim);
            } else {
                ++claim;
            }
        }
    }
    // Ids that callers chose, and jobs that failed before.
    void finish_apart(
        owned_request<work::exchange_request>& next,
        work::claim_number n,
        held_job const& job,
        unsigned flags
    )
    {
        work::finished_jobs one;
        one.claim = n;
        one.ids.push_back(next.keep(job.id));
        if ((flags & work::envelope_flags::chosen_id) != 0)
            one.known_ms = dice_->percent(50) ? 0 : dice_->between(0, 5'000);
        one.forgets = job.logged || (flags & work::envelope_flags::failed) != 0;
        auto& all = next.request.finished;
        auto const alike = std::find_if(all.begin(), all.end(), [&](work::finished_jobs const& f) {
            return f.claim == n && f.known_ms == one.known_ms && f.forgets == one.forgets;
        });
        if (alike == all.end())
            all.push_back(std::move(one));
        else
            alike->ids.push_back(one.ids.front());
    }
    void add_word(
        owned_request<work::exchange_request>& next,
        work::claim_number n,
        held_job const& job,
        bool readable
    )
    {
        auto& outcomes = next.request.outcomes;
        outcomes.push_back(word(next, n, job, readable));
        // Somebody else may have said it, and something else.
        if (!well_behaved_ && dice_->percent(2))
            outcomes.push_back(word(next, n, job, readable));
        if (!well_behaved_ && pair_->writes && dice_->percent(15))
            add_writes(next);
        if (well_behaved_ || !dice_->percent(10))
            return;
        work::follow_ups then{outcomes.size() - 1};
        for (std::int64_t i = dice_->between(1, 4); i > 0; --i)
            then.jobs.push_back(jobs_->next());
        next.request.then.push_back(std::move(then));
    }
    // Some fit what is there, and some do not.
    void add_writes(owned_request<work::exchange_request>& next)
    {
        using work::outcome_kind;
        outcome_kind const kind = next.request.outcomes.back().kind;
        if (kind != outcome_kind::complete && kind != outcome_kind::discard &&
            kind != outcome_kind::stage)
            return;
        work::outcome_writes writes{next.request.outcomes.size() - 1};
        for (std::int64_t i = dice_->between(1, 5); i > 0; --i)
            writes.all.push_back(random_write());
        writes.otherwise = dice_->percent(70) ? outcome_kind::retry : outcome_kind::dead;
        writes.number = dice_->between(0, 5'000);
        writes.text = "{\"why\":\"{write}\"}";
        next.request.writes.push_back(std::move(writes));
    }
    work::redis_write random_write()
    {
        static constexpr std::string_view values[] =
            {"1", "x", "007", "-5", "9007199254740992", ""};
        std::string const key = "mine:" + std::to_string(dice_->between(0, 9));
        std::string const value(dice_->one_of(values));
        std::string const field = "f" + std::to_string(dice_->between(0, 2));
        std::int64_t const number = dice_->between(-3, 3);
        switch (dice_->between(0, 13)) {
        case 0: return {"SET", key, value};
        case 1: return {"DEL", key};
        case 2: return {"INCRBY", key, number};
        case 3: return {"HSET", key, field, value, "g", "2"};
        case 4: return {"HDEL", key, field};
        case 5: return {"HINCRBY", key, field, number};
        case 6: return {"SADD", key, field, value};
        case 7: return {"SREM", key, field};
        case 8: return {"ZADD", key, number, field};
        case 9: return {"ZREM", key, field, "g"};
        case 10: return {"LPUSH", key, value, field};
        case 11: return {"RPUSH", key, value};
        case 12: return {"EXPIRE", key, 1'000'000'000};
        default: return {"XADD", key, "MAXLEN", 3, "*", field, value};
        }
    }
    work::job_outcome word(
        owned_request<work::exchange_request>& next,
        work::claim_number n,
        held_job const& job,
        bool readable
    )
    {
        using work::outcome_kind;
        static constexpr outcome_kind kinds[] = {
            outcome_kind::complete,
            outcome_kind::complete,
            outcome_kind::retry,
            outcome_kind::uncounted,
            outcome_kind::dead,
            outcome_kind::snooze,
            outcome_kind::release,
            outcome_kind::discard,
            outcome_kind::stage,
            outcome_kind::cancelled
        };
        work::job_outcome o;
        o.claim = n;
        o.id = next.keep(job.id);
        o.kind = well_behaved_ ? outcome_kind::complete : dice_->one_of(kinds);
        if (!well_behaved_ && pair_->writes && dice_->percent(4))
            o.kind = outcome_kind::unsupported;
        if (!readable)
            o.kind = outcome_kind::set_aside;
        switch (o.kind) {
        case outcome_kind::complete:
            if (dice_->percent(40))
                o.text = next.keep("{\"kept\":1}");
            [[fallthrough]];
        case outcome_kind::discard: o.number = dice_->percent(50) ? 20'000 : 0; break;
        case outcome_kind::retry:
        case outcome_kind::uncounted:
        case outcome_kind::dead:
            o.text = next.keep("{\"why\":" + std::to_string(dice_->between(0, 99)) + "}");
            [[fallthrough]];
        case outcome_kind::snooze:
            o.number = dice_->percent(10) ? 0 : dice_->between(0, 15'000);
            break;
        case outcome_kind::stage:
            o.text = next.keep(jobs_->next().envelope);
            o.number = dice_->percent(70) ? 0 : dice_->between(1, 15'000);
            break;
        default: break;
        }
        return o;
    }

    // Of the oldest request another one with its remainder was sent.
    bool is_stale() const
    {
        if (old_.empty())
            return false;
        auto const number = old_.front()->request.number;
        auto const later = last_sent_.find(number % work::policy::stored_answers);
        return later != last_sent_.end() && later->second > number;
    }

    work::exchange_answer send(char const* what, owned_request<work::exchange_request> const& next)
    {
        auto const& r = next.request;
        if (r.pool == name_)
            last_sent_[r.number % work::policy::stored_answers] = r.number;
        std::string text = what + std::string(r.pool) + " " + std::to_string(r.number) + " want " +
                           std::to_string(r.want) + (r.chores ? " chores" : "");
        for (auto const& w : r.fetch_order)
            text += " " + std::string(w.list) + "/" + std::to_string(w.take);
        for (auto const& f : r.finished) {
            text += " F" + std::to_string(f.claim) + ":";
            for (auto const& id : f.ids)
                text += " " + std::string(id);
        }
        for (auto const& o : r.outcomes)
            text += " " + std::string(1, static_cast<char>(o.kind)) + std::to_string(o.claim) +
                    ":" + std::string(o.id);
        for (auto const& w : r.writes)
            for (auto const& one : w.all) {
                text += " R" + std::to_string(w.outcome) + ":";
                for (std::string const& word : one.words())
                    text += word + ",";
            }
        for (auto const& t : r.then)
            for (auto const& job : t.jobs)
                text += " E" + std::to_string(t.outcome) + ":" + job.id + "@" + job.list;
        for (auto const& c : r.close)
            text += " X" + std::to_string(c.number) + "/" + std::to_string(c.jobs);
        return pair_->on_both(text, [&](auto& b) { return b.exchange(r); });
    }

    void hear(work::exchange_answer const& a)
    {
        for (auto const n : a.lost)
            claims_.erase(n);
        if (a.claim != 0) {
            auto& jobs = claims_[a.claim];
            sizes_[a.claim] = std::max(a.claim_jobs, static_cast<std::int64_t>(a.jobs.size()));
            for (auto const& job : a.jobs)
                jobs.push_back({std::string(job.id), std::string(job.envelope)});
            std::string text = "  claimed " + std::to_string(a.claim) + ":";
            for (auto const& job : jobs)
                text += " " + job.id;
            pair_->log(text);
        }
        ordered_.insert(ordered_.end(), a.orders.begin(), a.orders.end());
        for (auto const& cancel : a.cancels) {
            told_.push_back(cancel);
            auto const claim = claims_.find(cancel.claim);
            if (claim != claims_.end())
                std::erase_if(claim->second, [&](auto const& job) { return job.id == cancel.id; });
        }
    }

    broker_pair* pair_;
    dice* dice_;
    std::string name_;
    std::shared_ptr<random_jobs> jobs_;
    bool well_behaved_;
    bool names_ = true;
    std::int64_t number_ = 1;
    std::int64_t heartbeat_number_ = 0;
    std::int64_t lease_ms_ = 15'000;
    std::map<work::claim_number, std::vector<held_job>> claims_;
    std::map<work::claim_number, std::int64_t> sizes_;
    std::vector<work::job_cancel> told_;
    std::vector<work::told_order> ordered_;
    std::shared_ptr<owned_request<work::exchange_request>> unanswered_;
    std::deque<std::shared_ptr<owned_request<work::exchange_request>>> old_;
    std::map<std::int64_t, std::int64_t> last_sent_;  // by remainder
};

}  // namespace work_test
