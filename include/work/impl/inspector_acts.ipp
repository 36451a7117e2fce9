// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/inspector.hpp>
#include <work/values/check_option.hpp>
#include <work/values/id.hpp>
#include <work/values/name.hpp>

#include <work/impl/operation_run.hpp>

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

namespace work {

namespace detail {

inline admin_request make_request(
    admin_action action,
    std::vector<std::string> ids,
    admin_options const& options
)
{
    admin_request request;
    request.action = action;
    request.ids = std::move(ids);
    request.only = options.only;
    request.seen_ms = options.seen_ms;
    request.version = options.version;
    request.reason = options.reason;
    request.by = options.by;
    return request;
}

inline task<std::vector<admin_result>> act_and_tell(
    std::shared_ptr<client_core> core,
    admin_request request
)
{
    audit_entry entry;
    entry.by = request.by;
    entry.action = to_string(request.action);
    entry.what = list_ids(request.ids);
    if (request.action == admin_action::move)
        entry.what += " to " + (request.queue.empty() ? "their own queues" : request.queue);
    entry.reason = request.reason;
    entry.asked = static_cast<std::int64_t>(request.ids.size());
    std::vector<admin_result> results = co_await core->broker->act(std::move(request));
    entry.done = std::count_if(results.begin(), results.end(), [](admin_result const& one) {
        return one.code == admin_code::done;
    });
    co_await tell_audit(core, std::move(entry));
    co_return results;
}

/// Something that was done to one thing, whatever it was.
template <typename Result>
inline task<Result> do_and_tell(
    std::shared_ptr<client_core> core,
    task<Result> call,
    audit_entry entry
)
{
    Result result = co_await std::move(call);
    entry.asked = 1;
    if constexpr (std::is_same_v<Result, admin_code>)
        entry.done = result == admin_code::done ? 1 : 0;
    else
        entry.done = result.code == admin_code::done ? 1 : 0;
    co_await tell_audit(core, std::move(entry));
    co_return result;
}

inline audit_entry pause_entry(pause_request const& request)
{
    audit_entry entry;
    entry.by = request.by;
    entry.action = request.pause ? "pause" : "resume";
    entry.what = std::string(to_string(request.kind)) + " " + request.name;
    return entry;
}

}  // namespace detail

WORK_DECL task<std::vector<admin_result>> inspector::act(
    admin_action action,
    std::vector<std::string> ids,
    admin_options options
)
{
    return core_->here(
        detail::act_and_tell(core_, detail::make_request(action, std::move(ids), options))
    );
}

WORK_DECL task<std::vector<admin_result>> inspector::cancel(
    std::vector<std::string> ids,
    admin_options options
)
{
    return act(admin_action::cancel, std::move(ids), options);
}

WORK_DECL task<std::vector<admin_result>> inspector::requeue(
    std::vector<std::string> ids,
    admin_options options
)
{
    return act(admin_action::requeue, std::move(ids), options);
}

WORK_DECL task<std::vector<admin_result>> inspector::kill(
    std::vector<std::string> ids,
    admin_options options
)
{
    return act(admin_action::kill, std::move(ids), options);
}

WORK_DECL task<std::vector<admin_result>> inspector::remove(
    std::vector<std::string> ids,
    admin_options options
)
{
    return act(admin_action::remove, std::move(ids), options);
}

WORK_DECL task<std::vector<admin_result>> inspector::move(
    std::vector<std::string> ids,
    std::string queue,
    admin_options options
)
{
    if (!queue.empty())
        validate_name("queue", queue);
    admin_request request = detail::make_request(admin_action::move, std::move(ids), options);
    request.queue = std::move(queue);
    return core_->here(detail::act_and_tell(core_, std::move(request)));
}

WORK_DECL task<admin_code> inspector::restore(std::string id, std::string envelope)
{
    return core_->here(core_->broker->restore(std::move(id), std::move(envelope)));
}

WORK_DECL task<pause_result> inspector::pause(
    pause_kind kind,
    std::string name,
    pause_options options
)
{
    validate_name(kind == pause_kind::queue ? "queue" : "name", name);
    detail::check_duration(
        "lasting",
        options.lasting,
        std::chrono::milliseconds(0),
        std::chrono::hours(24 * 365)
    );
    pause_request request;
    request.kind = kind;
    request.name = std::move(name);
    request.for_ms = options.lasting.count();
    request.reason = options.reason;
    request.by = options.by;
    audit_entry entry = detail::pause_entry(request);
    entry.reason = request.reason;
    return core_->here(
        detail::do_and_tell(core_, core_->broker->pause(std::move(request)), std::move(entry))
    );
}

namespace detail {

inline task<admin_code> resume(std::shared_ptr<client_core> core, pause_request request)
{
    audit_entry entry = pause_entry(request);
    task<pause_result> call = core->broker->pause(std::move(request));
    pause_result const result = co_await do_and_tell(core, std::move(call), std::move(entry));
    co_return result.code;
}

}  // namespace detail

WORK_DECL task<admin_code> inspector::resume(pause_kind kind, std::string name, std::string_view by)
{
    validate_name(kind == pause_kind::queue ? "queue" : "name", name);
    pause_request request;
    request.kind = kind;
    request.name = std::move(name);
    request.pause = false;
    request.by = by;
    return core_->here(detail::resume(core_, std::move(request)));
}

WORK_DECL task<admin_code> inspector::order(std::string pool, told_order what, std::string_view by)
{
    if (pool.empty() || pool.size() > 128)
        throw error(
            errc::invalid_option,
            "pool is " + detail::quote(pool) + ": it is no pool's id"
        );
    bool const fits = what.grace_ms == -1 || (what.order == pool_order::stop && what.grace_ms >= 0);
    if (!fits || what.grace_ms > most_told_grace_ms)
        throw error(
            errc::invalid_option,
            "grace_ms is " + std::to_string(what.grace_ms) +
                ": it goes with stop alone, and must be 0 to 86400000 (a day)"
        );
    audit_entry entry;
    entry.by = by;
    entry.action = to_string(what.order);
    entry.what = "pool " + pool;
    if (what.grace_ms >= 0)
        entry.reason = "grace " + std::to_string(what.grace_ms) + " ms";
    return core_->here(
        detail::do_and_tell(core_, core_->broker->order(std::move(pool), what), std::move(entry))
    );
}

namespace detail {

/// What is to be changed, with texts of its own.
class kept_change
{
public:
    explicit kept_change(job_change const& said) : change(said)
    {
        texts_.reserve(5);
        if (change.args)
            change.args = keep(*change.args);
        if (change.queue)
            change.queue = keep(*change.queue);
        for (std::string_view* const text : {&change.options, &change.version, &change.by})
            *text = keep(*text);
    }
    kept_change(kept_change const&) = delete;
    kept_change& operator=(kept_change const&) = delete;

    job_change change;

private:
    std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

    std::vector<std::string> texts_;  ///< which never move
};

inline task<admin_result> edit_job(
    std::shared_ptr<client_core> core,
    std::string id,
    std::shared_ptr<kept_change const> said
)
{
    job_change const& change = said->change;
    admin_result result;
    edit_request request;
    request.id = id;
    request.due_ms = change.due_ms;
    job_record const record = co_await core->broker->job(std::move(id));
    result.state = record.state;
    bool const later = record.state == job_state::scheduled || record.state == job_state::retry;
    result.code = record.state == job_state::unknown  ? admin_code::gone
                  : record.state == job_state::active ? admin_code::active
                                                      : admin_code::moved_on;
    if (!later && record.state != job_state::pending && record.state != job_state::waiting &&
        record.state != job_state::dead)
        co_return result;
    if (!change.version.empty() && change.version != record.version)
        co_return result;
    if (change.due_ms != 0 && !later)
        throw error(
            errc::invalid_option,
            "a time is for scheduled and retrying jobs, and this one is " +
                std::string(to_string(record.state))
        );
    request.version = record.version;
    request.envelope = edited_envelope(record.envelope, change);
    std::size_t const most = core->options.max_payload;
    if (change.args && change.args->size() > most)
        throw error(
            errc::payload_too_large,
            "args has " + std::to_string(change.args->size()) + " bytes, above " +
                std::to_string(most)
        );
    request.what = changed_parts(change);
    request.by = change.by;
    audit_entry entry;
    entry.by = change.by;
    entry.action = "edit";
    entry.what = request.id + ": " + request.what;
    task<admin_result> call = core->broker->edit(std::move(request));
    co_return co_await do_and_tell(core, std::move(call), std::move(entry));
}

}  // namespace detail

WORK_DECL task<admin_result> inspector::edit(std::string id, job_change change)
{
    if (detail::changed_parts(change).empty())
        throw error(errc::invalid_option, "nothing is to be changed");
    if (change.due_ms < 0 || change.due_ms > max_envelope_time_ms)
        throw error(errc::invalid_option, "due_ms is no time in ms since 1970");
    auto said = std::make_shared<detail::kept_change const>(change);
    return core_->here(detail::edit_job(core_, std::move(id), std::move(said)));
}

WORK_DECL task<operation_info> inspector::act_on_all(
    admin_action action,
    job_filter filter,
    operation_options how
)
{
    if (kept_job_filter::of(filter) == kept_job_filter() && !how.all)
        throw error(
            errc::invalid_option,
            "the filter asks for nothing, so that it is for all jobs: say so with `all`"
        );
    detail::check_integer("at_most", how.at_most, 0, std::numeric_limits<std::int64_t>::max());
    if (!how.queue.empty())
        validate_name("queue", how.queue);
    if (char const* const fault = how.id.empty() ? nullptr : id_fault(how.id))
        throw error(errc::invalid_option, "id " + detail::quote(how.id) + ": " + fault);
    filter.states = states_acted_on(action, filter.states);
    detail::validate(filter, page());
    operation_info begun;
    begun.id = how.id.empty() ? core_->next_id(time_ms(*core_->broker)).str() : std::string(how.id);
    begun.action = to_string(action);
    begun.filter = kept_job_filter::of(filter);
    begun.queue = how.queue;
    begun.reason = how.reason;
    begun.by = how.by;
    begun.seen_ms = how.seen_ms;
    begun.expected = how.expected;
    begun.at_most = how.at_most;
    begun.matched = how.counted;
    admin_request request;
    request.action = action;
    request.only = filter.states;
    request.queue = begun.queue;
    request.reason = begun.reason;
    request.by = begun.by;
    auto run = std::make_shared<detail::operation_run>(
        core_,
        std::make_shared<detail::kept_filter const>(filter, page()),
        std::move(request),
        std::move(begun),
        how.watch
    );
    return core_->here(detail::operation_run::run(std::move(run)));
}

WORK_DECL task<std::vector<operation_info>> inspector::operations()
{
    return core_->here(detail::read_operations(core_->broker));
}

namespace detail {

inline task<admin_code> stop_open(std::shared_ptr<broker> at, std::string id)
{
    std::string const wanted = id;
    std::vector<operation_info> const all = co_await read_operations(at);
    for (operation_info const& one : all) {
        if (one.id == wanted && !one.is_open())
            co_return admin_code::already;
    }
    co_return co_await at->stop_operation(std::move(id));
}

inline task<audit_page> read_audit(std::shared_ptr<broker> at, std::int64_t from, int count)
{
    audit_range range;
    range.from = static_cast<int>(from);
    range.count = count;
    std::vector<std::string> const lines = co_await at->read_audit(range);
    audit_page found;
    for (std::string const& line : lines) {
        auto read = decode_audit(line);
        audit_entry unreadable;
        if (!read)
            unreadable.what = "a line that can't be read: " + read.error();
        found.entries.push_back(read ? std::move(*read) : std::move(unreadable));
    }
    if (static_cast<int>(lines.size()) == count)
        found.next = from + count;
    co_return found;
}

}  // namespace detail

WORK_DECL task<admin_code> inspector::stop_operation(std::string id)
{
    return core_->here(detail::stop_open(core_->broker, std::move(id)));
}

WORK_DECL task<audit_page> inspector::audit(std::int64_t from, int count)
{
    detail::check_integer("from", from, 0, policy::audit_lines);
    detail::check_integer("count", count, 1, 1000);
    return core_->here(detail::read_audit(core_->broker, from, count));
}

WORK_DECL task<std::vector<std::string>> inspector::strays()
{
    return core_->here(core_->broker->strays());
}

WORK_DECL task<std::vector<admin_code>> inspector::take_back(std::vector<std::string> ids)
{
    return core_->here(core_->broker->take_back(std::move(ids)));
}

}  // namespace work
