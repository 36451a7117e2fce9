// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/crons.hpp>
#include <work/broker/history.hpp>
#include <work/broker/limits.hpp>
#include <work/broker/memory/data.hpp>
#include <work/broker/memory/records.hpp>
#include <work/broker/pause.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
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
        check.locks();
        check.needs();
        check.tags();
        check.limits();
        check.bounds();
        check.histories();
        check.crons();
        check.rest();
        return check.broken_;
    }

    /// What is left though all jobs ended and all pools left.
    static std::vector<std::string> left_behind(state_dump const& dump)
    {
        std::vector<std::string> left;
        static std::string_view const residue[] = {
            "unique:",      "broker",    "lists",  "absent",    "stats",        "kept",
            "completed:",   "producer:", "traces", "log:",      "set_aside",    "wake:",
            "stats:",       "bodies:",   "bytes:", "completed", "set_aside_at", "deaths",
            "known_deaths", "vanished",  "hist:",  "histories", "historian:",   "crons",
            "crons_due",    "fires:",    "flow:",  "flows",     "flows_ended",
            "tag:"  // of records that became garbage
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
                if (!id.starts_with('{'))
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
                if (id.starts_with('{'))
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
        for (std::string const& id : members("waiting")) {
            if (!jobs_.contains(id))
                fail("waiting has " + id + ", which is no job");
            put(id, "waiting");
        }
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

    // At most one live job is there that keeps others of its key out until it has ended, and that
    // has the lock.
    void locks()
    {
        std::map<std::string, std::string> owners;
        each("unique:", [&](std::string const& key, std::string const& segment) {
            for (auto const& [lock, owner] : fields(key)) {
                auto const of = work::id_segment(lock);
                if (segment != std::string(of.data(), of.size()))
                    fail(key + " has the lock " + lock + " of another segment");
                owners[lock] = owner;
            }
        });
        auto const buried = members("dead");
        std::set<std::string> const dead(buried.begin(), buried.end());
        for (auto const& [id, envelope] : jobs_) {
            auto const header = work::detail::read_header(envelope);
            auto const word = work::detail::word_of(envelope, "u");
            if (!header || !word || (header->flags & work::envelope_flags::holds) == 0)
                continue;
            bool const keeps = (*word)[0] == 'u' || ((*word)[0] == 'f' && !dead.contains(id));
            std::string const lock(word->substr(1));
            if (keeps && owners[lock] != id)
                fail("job " + id + " has not its lock " + lock + ": " + owners[lock] + " has it");
        }
    }

    // Who waits needs somebody, and is found by the one it needs, if that is there; what is put by
    // has its timer.
    void needs()
    {
        auto const all = members("waiting");
        std::set<std::string> const waiting(all.begin(), all.end());
        std::map<std::string, std::set<std::string>> told;  // by whom it is needed
        each("then:", [&](std::string const& key, std::string const& id) {
            for (std::string const& child : members(key))
                told[id].insert(child);
            if (!jobs_.contains(id) && !id.starts_with('{'))
                fail(key + " is of no job");
        });
        std::set<std::string> timers, put_by;
        for (std::string const& id : members("scheduled"))
            if (id.starts_with("{tell ") || id.starts_with("{flow "))
                timers.insert(id);
        for (auto const& [number, end] : fields("tellings")) {
            put_by.insert("{tell " + number);
            std::string const id = end.substr(2, end.find('\n') - 2);
            for (std::string const& child : members("telling:" + number))
                told[id].insert(child);
        }
        for (std::string const& flow : members("uncommitted"))
            put_by.insert("{flow " + flow);
        if (timers != put_by)
            fail("the timers of flows and of ends that are told are not those there are");
        each("needs:", [&](std::string const& key, std::string const& id) {
            if (!waiting.contains(id))
                fail(key + " is of a job that does not wait");
            for (auto const& [parent, how] : fields(key)) {
                auto const job = jobs_.find(parent);
                bool const is_gate = parent.starts_with('{');
                if (!is_gate && (job == jobs_.end() || !work::detail::read_header(job->second)))
                    continue;  // chores find that it is gone
                std::string const who =
                    is_gate ? "{"
                            : std::string(work::detail::word_of(job->second, "w").value_or(""));
                if (("," + who + ",").find(",{,") != std::string::npos &&
                    !told[parent].contains(id))
                    fail("job " + parent + " does not know that " + id + " needs it");
                if (parent == "{{reader" && !told[parent].contains(id))
                    fail("nobody finds " + id + ", which waits for a newer program");
            }
        });
        for (std::string const& id : waiting)
            if (!dump_.contains("needs:" + id) && jobs_.contains(id))
                fail("job " + id + " waits for nobody");
        for (std::string const& id : told["{{reader"])
            if (!dump_.contains("needs:" + id) || !fields("needs:" + id).contains("{{reader"))
                fail("job " + id + " does not wait for a newer program");
        each("given:", [&](std::string const& key, std::string const& id) {
            if (!jobs_.contains(id))
                fail(key + " is of no job");
        });
    }

    // Each job that has not ended is found by its tags. What is found besides has no record that
    // says so: whoever looks, sees that.
    void tags()
    {
        for (auto const& [id, envelope] : jobs_) {
            auto const header = work::detail::read_header(envelope);
            auto const word = work::detail::word_of(envelope, "t");
            if (!header || !word || (header->flags & work::envelope_flags::holds) == 0)
                continue;
            for (std::string_view rest = *word; !rest.empty();) {
                std::string const tag(rest.substr(0, rest.find(',')));
                auto const there = members("tag:" + tag);
                if (std::find(there.begin(), there.end(), id) == there.end())
                    fail("job " + id + " is not found by its tag " + tag);
                rest.remove_prefix(std::min(rest.size(), tag.size() + 1));
            }
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

    // Those that wait at a limit say so beside them and there.
    std::set<std::string> parked_lists()
    {
        std::set<std::pair<std::string, std::string>> beside, waiting;
        std::set<std::string> limited, noted, parked;
        each("side:", [&](std::string const& key, std::string const& list) {
            auto const side = fields(key);
            if (side.contains("{limits"))
                limited.insert(list);
            if (side.contains("{parked")) {
                beside.emplace(list, side.at("{parked"));
                parked.insert(list);
            }
        });
        for (std::string const& what : members("lists"))
            if (what.starts_with("!|"))
                noted.insert(what.substr(2));
        if (limited != noted)
            fail("which lists are limited differs beside them and in `lists`");
        each("waits:", [&](std::string const& key, std::string const& limit) {
            for (std::string const& waiter : members(key))
                if (waiter != work::detail::refused_suspects)
                    waiting.emplace(waiter.substr(1), limit);
        });
        if (beside != waiting)
            fail("which lists wait at limits differs beside them and there");
        return parked;
    }

    static std::set<std::string> words(std::string_view text)
    {
        auto const all = work::detail::split_names(text);
        return {all.begin(), all.end()};
    }

    // The lists of a queue that is bounded are known, those that wait in it all.
    void bounds()
    {
        std::set<std::string> bounded, about, lists;
        auto const lines = dump_.find("bounds");
        std::istringstream text(lines == dump_.end() ? "" : unescaped(elements("bounds").at(0)));
        std::int64_t most = 0;
        for (std::string queue, how; text >> queue >> most >> how;)
            bounded.insert(queue);
        each("bound:", [&](std::string const&, std::string const& queue) { about.insert(queue); });
        if (bounded != about)
            fail("bounds are not what bound: has");
        each("bounded:", [&](std::string const& key, std::string const& queue) {
            if (!bounded.contains(queue))
                fail(key + " is of no bound");
            for (std::string const& list : elements(key)) {
                if (queue_of(list) != queue)
                    fail(key + " has " + list);
                lists.insert(list);
            }
        });
        for (char const* const prefix : {"list:", "prio:"}) {
            each(prefix, [&](std::string const& key, std::string const& list) {
                if (bounded.contains(queue_of(list)) && !lists.contains(list))
                    fail(key + " is of a queue that is bounded, and not known there");
            });
        }
    }
    static std::string queue_of(std::string const& list) { return list.substr(0, list.find(':')); }
    // Who has a slot runs, in the claim that is named; who runs in a limited list has one.
    void limits()
    {
        std::set<std::string> names, known;
        std::map<std::string, std::set<std::string>> targets, expected;
        for (std::string const& name : elements("limits"))
            names.insert(name);
        each("limit:", [&](std::string const& key, std::string const& name) {
            known.insert(name);
            for (std::string const& target : words(fields(key)["on"]))
                expected[target].insert(name);
        });
        if (names != known)
            fail("limits are not what limit: has");
        for (auto const& [target, of] : fields("limited"))
            targets[target] = words(of);
        if (targets != expected)
            fail("limited is not what limits are for");
        std::map<std::string, std::set<std::string>> of_list;
        auto const in_use = members("lists");
        std::set<std::string> const used(in_use.begin(), in_use.end());
        each("side:", [&](std::string const& key, std::string const& list) {
            std::set<std::string> const has = words(fields(key)["{limits"]);
            std::set<std::string> should;
            for (auto const& [target, of] : expected)
                if (work::detail::is_of(list, target))
                    should.insert(of.begin(), of.end());
            // One that is paused may be of no use yet.
            if (has != should && (used.contains(list) || !has.empty()))
                fail(key + " has not the limits that apply");
            of_list[list] = has;
        });
        std::map<std::string, std::string> runs;  // id → claim
        std::set<std::pair<std::string, std::string>> must;
        each("claim:", [&](std::string const& key, std::string const& n) {
            std::string const blob = unescaped(elements(key).at(0));
            if (std::string_view("jsi").find(blob.at(blob.find(' ') + 1)) == std::string::npos)
                return;
            auto const gone = elements("left:" + n);
            std::set<std::string> const left(gone.begin(), gone.end());
            for (std::string const& id : ids_of(blob)) {
                auto const job = jobs_.find(id);
                if (left.contains(id) || job == jobs_.end())
                    continue;
                runs[id] = n;
                if (auto const header = work::detail::read_header(job->second))
                    for (std::string const& name : of_list[std::string(header->list)])
                        must.emplace(name, id);
            }
        });
        each("held:", [&](std::string const& key, std::string const& name) {
            if (!known.contains(name))
                fail(key + " is of no limit");
            for (auto const& [id, n] : fields(key)) {
                if (runs[id] != n)
                    fail(key + " has " + id + " in claim " + n + ", which runs in " + runs[id]);
                auto const of = elements("limited:" + n);
                if (std::find(of.begin(), of.end(), name) == of.end())
                    fail("limited:" + n + " lacks " + name);
                must.erase({name, id});
            }
        });
        for (auto const& [name, id] : must)
            fail("held:" + name + " lacks " + id + ", which runs");
    }

    void lists()
    {
        std::set<std::string> full;
        each("list:", [&](std::string const&, std::string const& list) { full.insert(list); });
        each("prio:", [&](std::string const&, std::string const& list) { full.insert(list); });
        std::map<std::string, std::set<std::string>> queues, found;
        std::set<std::string> paused = paused_lists();
        paused.merge(parked_lists());
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
                bool const idle = !full.contains(list);
                if (colon != list.npos && !idle && !paused.contains(list) &&
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
                if (!id.starts_with('{'))
                    (id.empty() ? total : sum) += std::stoll(count);
            bool const limited = fields(key).contains("{limits");
            if (sum != total || (total == 0 && !paused.contains(list) && !limited))
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
        for (char const* const prefix :
             {"left:", "progress:", "started:", "reported:", "followed:", "limited:"}) {
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

    // Each entry that is not paused is due at some time, which is the one that it has.
    void crons()
    {
        std::map<std::string, std::int64_t> due, timed;
        for (auto const& [name, value] : fields("crons")) {
            work::cron_record const record = work::detail::read_cron(name, value);
            if (record.revision < 1 || work::detail::cron_value(record) != value)
                fail("cron entry " + name + " can't be read");
            if (record.next_ms != 0)
                timed[name] = record.next_ms;
            if (record.next_ms != 0 && record.paused_ms != 0)
                fail("cron entry " + name + " is paused and due");
        }
        for (std::string const& line : elements("crons_due"))
            due[line.substr(line.find(' ') + 1)] = std::stoll(line);
        if (due != timed)
            fail("crons_due is not what crons has");
        each("fires:", [&](std::string const& key, std::string const& name) {
            if (!fields("crons").contains(name))
                fail(key + " is of no entry");
            if (elements(key).size() > 100)
                fail(key + " is too long");
        });
    }

    void rest()
    {
        each("failures:", [&](std::string const& key, std::string const&) {
            for (auto const& [id, lines] : fields(key)) {
                auto const header =
                    jobs_.contains(id) ? work::detail::read_header(jobs_[id]) : std::nullopt;
                if (!jobs_.contains(id))
                    fail("failures of " + id + ", which is no job");
                else if (header && (header->flags & 8u) == 0)
                    fail("failures of " + id + ", which lacks the flag for them");
                if (std::count(lines.begin(), lines.end(), '\n') > 9)
                    fail("too many failures of " + id);
            }
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
            "jobs:",        "bodies:",    "claimed:",    "large_claims", "bytes:",    "completed",
            "set_aside_at", "list:",      "unique:",     "prio:",        "side:",     "claim:",
            "left:",        "progress:",  "log:",        "failures:",    "pool:",     "serves:",
            "followed:",    "orders:",    "status:",     "started:",     "reported:", "wake:",
            "producer:",    "completed:", "stats:",      "stats",        "ready",     "lists",
            "queues:",      "leases",     "suspects",    "group:",       "suspects:", "fallen",
            "fallen:",      "deaths",     "scheduled",   "retry",        "dead",      "traces",
            "set_aside",    "kept",       "pools",       "alarm",        "broker",    "absent",
            "sweep",        "sweep:",     "strays",      "known_deaths", "vanished",  "settings",
            "hist:",        "histories",  "historian:",  "crons",        "crons_due", "fires:",
            "waiting",      "needs:",     "given:",      "then:",        "telling:",  "tellings",
            "flow:",        "flows",      "flows_ended", "uncommitted",  "limits",    "limit:",
            "limited",      "limited:",   "held:",       "waits:",       "tag:",      "bounds",
            "bound:",       "bounded:"
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
