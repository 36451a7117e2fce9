// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/history.hpp>
#include <work/broker/memory/data.hpp>
#include <work/broker/memory/records.hpp>
#include <work/broker/pause.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/broker_subject.hpp"

namespace work_test {

/// What must hold in every state, checked on a dump: each job is in exactly one place, what is
/// derived equals a recount, and there is no key that is not documented. Ids must be printable.
class broker_invariants
{
public:
    /// What is broken, in sentences; empty when all is well.
    static std::vector<std::string> broken(state_dump const& dump)
    {
        broker_invariants check(dump);
        check.places();
        check.lists();
        check.claims();
        check.index();
        check.kept();
        check.histories();
        check.rest();
        return check.broken_;
    }

    /// What is left though all jobs ended and all pools left.
    static std::vector<std::string> left_behind(state_dump const& dump)
    {
        std::vector<std::string> left;
        static std::string_view const residue[] = {
            "broker",    "lists",  "absent",    "stats",        "kept",   "completed:",
            "producer:", "traces", "log:",      "set_aside",    "wake:",  "stats:",
            "bodies:",   "bytes:", "completed", "set_aside_at", "deaths", "known_deaths",
            "vanished",  "hist:",  "histories", "historian:"
        };
        for (auto const& [key, text] : dump) {
            std::string_view const name = key;
            if (std::none_of(std::begin(residue), std::end(residue), [&](std::string_view r) {
                    return r.ends_with(':') ? name.starts_with(r) : name == r;
                }))
                left.push_back(key + " " + text);
        }
        return left;
    }

    /// What a sorted set of the dump holds.
    static std::vector<std::string> members(state_dump const& dump, std::string const& key)
    {
        return broker_invariants(dump).members(key);
    }

private:
    explicit broker_invariants(state_dump const& dump) : dump_(dump) {}

    void fail(std::string text) { broken_.push_back(std::move(text)); }

    static std::string unescaped(std::string_view text)
    {
        std::string plain;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '\\') {
                plain += text[i];
            } else if (text[++i] == 'n') {
                plain += '\n';
            } else if (text[i] == 'x') {
                std::string const digits(text.substr(i + 1, 2));
                plain += static_cast<char>(std::stoi(digits, nullptr, 16));
                i += 2;
            } else {
                plain += text[i];
            }
        }
        return plain;
    }
    static std::vector<std::string> lines(std::string_view text)
    {
        std::vector<std::string> all;
        for (auto at = text.find("\n  "); at != text.npos;) {
            auto const next = text.find("\n  ", at + 1);
            all.emplace_back(text.substr(at + 3, next == text.npos ? next : next - at - 3));
            at = next;
        }
        return all;
    }
    std::vector<std::string> elements(std::string const& key) const
    {
        auto const found = dump_.find(key);
        return found == dump_.end() ? std::vector<std::string>() : lines(found->second);
    }
    std::map<std::string, std::string> fields(std::string const& key) const
    {
        std::map<std::string, std::string> all;
        for (std::string const& line : elements(key)) {
            auto const at = line.find(" => ");
            all[line.substr(0, at)] = unescaped(line.substr(at + 4));
        }
        return all;
    }
    std::vector<std::string> members(std::string const& key) const
    {
        std::vector<std::string> all;
        for (std::string const& line : elements(key))
            all.push_back(line.substr(line.find(' ') + 1));
        return all;
    }
    static std::vector<std::string> ids_of(std::string_view blob)
    {
        std::vector<std::string> ids;
        auto at = blob.find("\n,");
        if (at == blob.npos)
            return ids;
        for (at += 2; at < blob.size();) {
            auto const next = blob.find(',', at);
            ids.emplace_back(blob.substr(at, next - at));
            at = next + 1;
        }
        return ids;
    }
    template <typename Use>
    void each(std::string_view prefix, Use use) const
    {
        for (auto at = dump_.lower_bound(std::string(prefix));
             at != dump_.end() && at->first.starts_with(prefix);
             ++at)
            use(at->first, at->first.substr(prefix.size()));
    }

    void places()
    {
        each("jobs:", [&](std::string const& key, std::string const&) {
            for (auto const& [id, envelope] : fields(key))
                jobs_[id] = envelope;
        });
        std::set<std::string> bodies, large;
        each("bodies:", [&](std::string const& key, std::string const&) {
            for (auto const& [id, body] : fields(key))
                bodies.insert(id);
        });
        for (auto const& [id, bytes] : fields("set_aside"))
            large.insert(id);  // may have one
        for (auto const& [id, envelope] : jobs_) {
            if (work::has_body_apart(envelope) && !bodies.contains(id))
                fail("the body of " + id + " is gone");
            large.insert(id);
        }
        for (std::string const& id : bodies) {
            if (!large.contains(id))
                fail("the body of " + id + " is of no job");
        }
        std::map<std::string, std::vector<std::string>> where;
        auto const put = [&](std::string const& id, std::string const& place) {
            if (jobs_.contains(id))
                where[id].push_back(place);
        };
        each("list:", [&](std::string const& key, std::string const& list) {
            std::map<std::string, std::int64_t> ghosts;
            for (auto const& [id, count] : fields("side:" + list))
                if (id != "{paused")
                    ghosts[id] = std::stoll(count);
            for (std::string const& id : elements(key)) {
                auto const ghost = ghosts.find(id);
                if (ghost != ghosts.end() && ghost->second > 0)
                    --ghost->second;
                else if (!jobs_.contains(id))
                    fail(key + " has " + id + ", which is neither a job nor a ghost");
                else
                    put(id, key);
            }
            for (auto const& [id, count] : ghosts) {
                if (!id.empty() && count != 0)
                    fail("side:" + list + " has " + id + " more often than the list");
            }
        });
        for (char const* const set : {"scheduled", "retry", "dead"}) {
            for (std::string const& id : members(set)) {
                if (id.starts_with("{resume "))
                    continue;
                if (!jobs_.contains(id))
                    fail(std::string(set) + " has " + id + ", which is no job");
                put(id, set);
            }
        }
        each("prio:", [&](std::string const& key, std::string const&) {
            for (std::string const& id : members(key))
                put(id, key);
        });
        std::map<std::string, std::int64_t> counts;
        std::map<std::string, std::set<std::string>> groups;
        each("group:", [&](std::string const& key, std::string const& g) {
            for (auto const& [list, ids] : parts_of(unescaped(elements(key).at(0)))) {
                std::string const name(work::detail::list_job_name(list));
                counts[name] += static_cast<std::int64_t>(ids.size());
                groups[name].insert(g);
                if (ids.empty())
                    fail(key + " has an empty part");
                for (std::string const& id : ids) {
                    if (!jobs_.contains(id))
                        fail(key + " has " + id + ", which is no job");
                    put(id, key);
                }
            }
        });
        suspects(counts, groups);
        each("claim:", [&](std::string const& key, std::string const& n) {
            auto const gone = elements("left:" + n);
            std::set<std::string> const left(gone.begin(), gone.end());
            auto const ids = ids_of(unescaped(elements(key).at(0)));
            for (std::string const& id : ids) {
                if (!left.contains(id))
                    put(id, key);
            }
            for (std::string const& id : left) {
                if (std::find(ids.begin(), ids.end(), id) == ids.end())
                    fail("left:" + n + " has " + id + ", which was not claimed");
            }
        });
        for (auto const& [id, envelope] : jobs_) {
            std::string all;
            for (std::string const& place : where[id])
                all += " " + place;
            if (where[id].size() != 1)
                fail("job " + id + " is in " + std::to_string(where[id].size()) + " places:" + all);
        }
    }

    static std::vector<std::pair<std::string, std::vector<std::string>>> parts_of(
        std::string const& blob
    )
    {
        std::vector<std::pair<std::string, std::vector<std::string>>> parts;
        for (std::size_t at = 0; at < blob.size();) {
            std::size_t const end = blob.find('\n', at);
            std::string const line = blob.substr(at, end - at);
            std::vector<std::string> words;
            for (std::size_t from = 0; from < line.size();) {
                std::size_t const comma = line.find(',', from);
                words.push_back(line.substr(from, comma - from));
                from = comma + 1;
            }
            parts.emplace_back(
                words.at(0),
                std::vector<std::string>(words.begin() + 1, words.end())
            );
            at = end + 1;
        }
        return parts;
    }

    void suspects(
        std::map<std::string, std::int64_t> const& counts,
        std::map<std::string, std::set<std::string>> const& groups
    )
    {
        std::map<std::string, std::int64_t> told;
        for (std::string const& line : elements("suspects"))
            told[line.substr(line.find(' ') + 1)] = std::stoll(line);
        if (told != counts)
            fail("suspects is not what the groups hold");
        std::map<std::string, std::set<std::string>> found;
        each("suspects:", [&](std::string const& key, std::string const& name) {
            for (std::string const& g : members(key))
                found[name].insert(g);
        });
        if (found != groups)
            fail("suspects:<name> does not find the groups there are");
        std::set<std::string> known;
        for (auto const& [process, n] : fields("fallen")) {
            known.insert(n);
            if (!dump_.contains("claim:" + n))
                fail("fallen has " + n + ", which is no claim");
        }
        each("fallen:", [&](std::string const& key, std::string const& n) {
            std::vector<std::string> ids;
            for (std::string const& line : elements(key))
                ids.push_back(line.substr(line.find(' ', line.find(' ') + 1) + 1));
            if (!dump_.contains("claim:" + n) ||
                ids != ids_of(unescaped(elements("claim:" + n).at(0))))
                fail(key + " is not what its claim holds");
        });
        for (auto const& [id, envelope] : jobs_) {
            auto const crashes = work::detail::read_crashes(envelope);
            if (crashes.counted > 2 || crashes.longest < 0 || crashes.pending < 0 ||
                crashes.alone < 0)
                fail("job " + id + " has a wrong crash state");
        }
    }

    // The same beside each list and in `lists`; each timer is of a pause that has one.
    std::set<std::string> paused_lists()
    {
        std::set<std::string> beside, noted;
        each("side:", [&](std::string const& key, std::string const& list) {
            for (auto const& [id, count] : fields(key))
                if (id == "{paused")
                    beside.insert(list);
        });
        for (std::string const& what : members("lists"))
            if (what.starts_with("!{"))
                noted.insert(what.substr(2));
        if (beside != noted)
            fail("what is paused differs beside the lists and in `lists`");
        std::set<std::string> timers, timed;
        for (std::string const& id : members("scheduled"))
            if (id.starts_with("{resume "))
                timers.insert(id.substr(8));
        for (auto const& [key, value] : fields("settings"))
            if (work::detail::paused_until(value) > 0)
                timed.insert(key);
        if (timers != timed)
            fail("the timers of pauses are not those that settings has");
        return beside;
    }

    void lists()
    {
        std::set<std::string> full;
        each("list:", [&](std::string const&, std::string const& list) { full.insert(list); });
        each("prio:", [&](std::string const&, std::string const& list) { full.insert(list); });
        std::map<std::string, std::set<std::string>> queues, found;
        std::set<std::string> const paused = paused_lists();
        std::set<std::string> marked;
        std::set_difference(
            full.begin(),
            full.end(),
            paused.begin(),
            paused.end(),
            std::inserter(marked, marked.end())
        );
        std::set<std::string> const open = marked;
        for (std::string const& list : open) {
            auto const colon = list.find(':');
            if (colon == list.npos)
                continue;
            queues[list.substr(colon + 1)].insert(list);
            marked.insert("*" + list.substr(colon + 1));
        }
        std::set<std::string> ready, mixed;
        for (std::string const& what : elements("ready"))
            (what.starts_with('!') ? mixed : ready).insert(what);
        if (ready != marked)
            fail("ready is not what the non-empty lists are");
        for (std::string const& what : mixed) {
            if (!queues.contains(what.substr(1)))
                fail("ready has " + what + ", and no other queue has jobs of the name");
        }
        for (char const* const kind : {"prio:", "side:"}) {
            each(kind, [&](std::string const& key, std::string const& list) {
                auto const colon = list.find(':');
                if (colon != list.npos && !paused.contains(list) &&
                    !mixed.contains("!" + list.substr(colon + 1)))
                    fail(key + " is there, and ready does not say so");
            });
        }
        each("queues:", [&](std::string const& key, std::string const& name) {
            auto const all = elements(key);
            found[name] = std::set<std::string>(all.begin(), all.end());
        });
        if (found != queues)
            fail("queues: are not what the non-empty lists are");
        auto const known = members("lists");
        for (std::string const& list : full) {
            if (std::find(known.begin(), known.end(), list) == known.end())
                fail("lists lacks " + list);
        }
        each("side:", [&](std::string const& key, std::string const& list) {
            std::int64_t sum = 0, total = 0;
            for (auto const& [id, count] : fields(key))
                if (id != "{paused")
                    (id.empty() ? total : sum) += std::stoll(count);
            if (sum != total || (total == 0 && !paused.contains(list)))
                fail(key + " has a wrong total");
        });
    }

    void claims()
    {
        std::set<std::string> leased, claimed;
        for (std::string const& n : members("leases"))
            leased.insert(n);
        each("claim:", [&](std::string const&, std::string const& n) { claimed.insert(n); });
        if (leased != claimed)
            fail("leases and claims differ");
        for (char const* const prefix : {"left:", "progress:", "started:", "reported:"}) {
            each(prefix, [&](std::string const& key, std::string const& n) {
                if (!claimed.contains(n))
                    fail(key + " is of no claim");
            });
        }
        auto const fence = fields("broker")["fence"];
        for (std::string const& n : claimed) {
            if (n.size() > fence.size() || (n.size() == fence.size() && n > fence))
                fail("claim " + n + " is above the fence " + fence);
        }
    }

    // The index from id to claim has what is active in claims of even numbers, and nothing else.
    void index()
    {
        std::map<std::string, std::string> found, expected;
        std::set<std::string> large;
        each("claimed:", [&](std::string const& key, std::string const&) {
            for (auto const& [id, n] : fields(key))
                found[id] = n;
        });
        each("claim:", [&](std::string const& key, std::string const& n) {
            auto const gone = elements("left:" + n);
            std::set<std::string> const left(gone.begin(), gone.end());
            std::string const blob = unescaped(elements(key).at(0));
            auto const ids = ids_of(blob);
            bool const odd = (n.back() - '0') % 2 != 0;
            // What nobody holds (a fallen process's jobs, a verdict) is indexed whatever its size.
            std::size_t const space = blob.find(' ');
            bool const held = std::string_view("jsi").find(blob.at(space + 1)) != std::string::npos;
            if (odd != (held && ids.size() > 32))
                fail(key + " has " + std::to_string(ids.size()) + " jobs: its number is wrong");
            if (odd)
                large.insert(n);
            for (std::string const& id : ids) {
                if (!odd && !left.contains(id) && jobs_.contains(id))
                    expected[id] = n;
            }
        });
        if (found != expected)
            fail(
                "claimed: is not what the small claims hold: " + std::to_string(found.size()) +
                " and " + std::to_string(expected.size())
            );
        auto const listed = members("large_claims");
        if (std::set<std::string>(listed.begin(), listed.end()) != large)
            fail("large_claims are not the large claims");
    }

    // What is kept for people: an order, and bytes, of the same ids; their sum.
    void kept()
    {
        auto const check =
            [&](std::string const& what, std::vector<std::string> const& ids, auto size_of) {
                auto counted = fields("bytes:" + what);
                std::int64_t total = 0;
                if (auto const sum = counted.find(""); sum != counted.end()) {
                    total = std::stoll(sum->second);
                    counted.erase(sum);
                }
                for (std::string const& id : ids) {
                    std::int64_t const expected = size_of(id);
                    if (!counted.contains(id))
                        fail("bytes:" + what + " lacks " + id);
                    else if (expected >= 0 && counted[id] != std::to_string(expected))
                        fail("bytes:" + what + " of " + id + " is not " + std::to_string(expected));
                    total -= counted.contains(id) ? std::stoll(counted[id]) : 0;
                }
                if (counted.size() != ids.size() || total != 0)
                    fail("bytes:" + what + " has a wrong sum, or ids too many");
            };
        auto const kept = fields("kept");
        auto const aside = fields("set_aside");
        check("kept", members("completed"), [&](std::string const& id) {
            return kept.contains(id) ? static_cast<std::int64_t>(kept.at(id).size()) : -2;
        });
        check("set_aside", members("set_aside_at"), [&](std::string const& id) {
            return aside.contains(id) ? work::stored_bytes_of(aside.at(id)) : -2;
        });
        // A record may have been overwritten since.
        check("dead", members("dead"), [&](std::string const& id) {
            auto const job = jobs_.find(id);
            bool const readable =
                job != jobs_.end() && work::detail::read_header(job->second).has_value();
            return readable ? work::stored_bytes_of(job->second) : std::int64_t{-1};
        });
        if (members("completed").size() != kept.size())
            fail("completed is not what is kept");
        if (members("set_aside_at").size() != aside.size())
            fail("set_aside_at is not what is set aside");
        for (auto const& [id, record] : kept) {
            if (work::body_of(work::body_of(record)).size() > 2 * work::head_part_bytes + 1)
                fail("the kept record of " + id + " is too long");
        }
    }

    void histories()
    {
        auto const lists = members("histories");
        std::set<std::string> known(lists.begin(), lists.end());
        bool const others = known.erase(std::string(work::history_of_others)) > 0;
        if (static_cast<std::int64_t>(known.size()) > work::policy::history_lists)
            fail("there are histories of " + std::to_string(known.size()) + " lists");
        known.insert(std::string(work::history_of_all));
        if (others)
            known.insert(std::string(work::history_of_others));
        each("hist:", [&](std::string const& key, std::string const& rest) {
            std::string const series = rest.substr(0, rest.rfind(':', rest.rfind(':') - 1));
            if (!known.contains(series))
                fail(key + " is of no list in histories");
            std::string const bytes = unescaped(elements(key).at(0));
            if (bytes.size() != 216)
                fail(key + " has " + std::to_string(bytes.size()) + " bytes");
        });
    }

    void rest()
    {
        each("errors:", [&](std::string const& key, std::string const& id) {
            auto const header =
                jobs_.contains(id) ? work::detail::read_header(jobs_[id]) : std::nullopt;
            if (!jobs_.contains(id))
                fail(key + " is of no job");
            else if (header && (header->flags & 8u) == 0)
                fail(key + ": the job lacks the flag for it");
            if (elements(key).size() > 10)
                fail(key + " is too long");
        });
        each("log:", [&](std::string const& key, std::string const& id) {
            auto const header =
                jobs_.contains(id) ? work::detail::read_header(jobs_[id]) : std::nullopt;
            if (!jobs_.contains(id) && !fields("kept").contains(id))
                fail(key + " is of no job");
            else if (header && (header->flags & 8u) == 0)
                fail(key + ": the job lacks the flag for it");
            if (elements(key).size() > 100)
                fail(key + " is too long");
        });
        std::set<std::string> kept, completed;
        for (auto const& [id, text] : fields("kept"))
            kept.insert(id);
        each("completed:", [&](std::string const& key, std::string const&) {
            for (std::string const& id : members(key))
                completed.insert(id);
        });
        if (kept != completed)
            fail("kept is not what completed: lists");
        auto const pools = elements("pools");
        std::set<std::string> known(pools.begin(), pools.end());
        for (std::string const& pool : members("absent")) {
            if (!known.insert(pool).second)
                fail("pool " + pool + " is known and absent");
        }
        for (char const* const prefix : {"serves:", "orders:", "pool:"}) {
            each(prefix, [&](std::string const& key, std::string pool) {
                if (pool.ends_with(work::heartbeat_suffix))
                    pool.resize(pool.size() - work::heartbeat_suffix.size());
                if (!known.contains(pool))
                    fail(key + " is of no pool");
            });
        }
        static std::string_view const patterns[] = {
            "jobs:",        "bodies:",      "claimed:",  "large_claims", "bytes:",    "completed",
            "set_aside_at", "list:",        "prio:",     "side:",        "claim:",    "left:",
            "progress:",    "log:",         "errors:",   "pool:",        "serves:",   "orders:",
            "status:",      "started:",     "reported:", "wake:",        "producer:", "completed:",
            "stats:",       "stats",        "ready",     "lists",        "queues:",   "leases",
            "suspects",     "group:",       "suspects:", "fallen",       "fallen:",   "deaths",
            "scheduled",    "retry",        "dead",      "traces",       "set_aside", "kept",
            "pools",        "alarm",        "broker",    "absent",       "sweep",     "sweep:",
            "strays",       "known_deaths", "vanished",  "settings",     "hist:",     "histories",
            "historian:"
        };
        for (auto const& [key, text] : dump_) {
            std::string_view const name = key;
            if (std::none_of(std::begin(patterns), std::end(patterns), [&](std::string_view p) {
                    return p.ends_with(':') ? name.starts_with(p) && name.size() > p.size()
                                            : name == p;
                }))
                fail("the key " + key + " is not documented");
        }
    }

    state_dump const& dump_;
    std::map<std::string, std::string> jobs_;
    std::vector<std::string> broken_;
};

}  // namespace work_test
