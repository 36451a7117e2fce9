// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/operation.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/hidden.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/may_act.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

struct operation_text
{
    std::string action{};
    std::optional<kept_job_filter> filter{};
    bool all = false;
    std::int64_t seen_ms = 0;
    std::optional<std::int64_t> expected{};
    std::int64_t at_most = 0;
    std::string queue{};
    std::string reason{};
    bool dry_run = false;
};
BOOST_DESCRIBE_STRUCT(
    operation_text,
    (),
    (action, filter, all, seen_ms, expected, at_most, queue, reason, dry_run)
)

struct stopped_answer
{
    std::string id;
    admin_code code = admin_code::done;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(stopped_answer, (), (id, code, now_ms))

namespace detail_of_operations {

// So many jobs are looked at before the answer; an operation counts what is beyond by itself.
inline constexpr std::int64_t counted_at_once = 10'000;
// Who may not delete acts on no more than that with one operation.
inline constexpr std::int64_t operators_jobs = 1'000;

/// An operation as it is shown: its filter has what it asks for alone, to be given back as it is.
inline std::string told(operation_info const& one)
{
    std::string const filter = "\"filter\":";
    std::string text = to_json(one);
    std::string const whole = filter + to_json(one.filter);
    return text.replace(text.find(whole), whole.size(), filter + one.filter.asked_json());
}

inline problem bad(std::string_view field, std::string detail)
{
    return problem(422, "invalid-option", std::move(detail), std::string(field));
}

/// A filter that is misspelt must not mean all.
inline void check_names(
    std::string_view object,
    std::initializer_list<std::string_view> known,
    std::string_view where
)
{
    for (json_member const& one : json_members(object)) {
        if (std::find(known.begin(), known.end(), one.key) == known.end())
            throw bad(
                std::string(where) + std::string(one.key),
                std::string(where) + std::string(one.key.substr(0, 64)) + " is no member of this."
            );
    }
}

inline operation_text read(web_request const& request)
{
    check_object(request.body);
    check_names(
        request.body,
        {"action", "filter", "all", "seen_ms", "expected", "at_most", "queue", "reason", "dry_run"},
        ""
    );
    for (json_member const& one : json_members(request.body)) {
        if (one.key == "filter" && one.value.starts_with('{'))
            check_names(
                one.value,
                {"states",
                 "queue",
                 "name",
                 "pool",
                 "tag",
                 "failure",
                 "message",
                 "args",
                 "since_ms",
                 "until_ms",
                 "min_attempt"},
                "filter."
            );
    }
    args_parser parser;
    try {
        return decode<operation_text>(parser.parse(request.body, "body"), "body", "member");
    } catch (error const& fault) {
        throw bad("", fault.what());
    }
}

inline std::shared_ptr<operation_order> order_of(
    service& at,
    operation_text const& said,
    std::string const& by
)
{
    auto order = std::make_shared<operation_order>();
    order->action = action_named(said.action);
    if (said.filter)
        order->filter = *said.filter;
    if (order->filter == kept_job_filter() && !said.all)
        throw bad("filter", "The filter asks for nothing: say \"all\": true if all is meant.");
    job_filter filter = order->filter.view();
    try {
        filter.states = states_acted_on(order->action, filter.states);
        detail::validate(filter, page());
        if (!said.queue.empty())
            validate_name("queue", said.queue);
    } catch (error const& fault) {
        throw bad("filter", std::string(fault.what()) + ".");
    }
    if (!said.queue.empty() && order->action != admin_action::move)
        throw bad("queue", "queue is for move alone.");
    if (said.seen_ms < 0 || said.at_most < 0 || said.expected.value_or(0) < 0)
        throw bad("", "seen_ms, at_most and expected are 0 or more.");
    order->filter = kept_job_filter::of(filter);
    order->id = at.core->next_id(at.now_ms()).str();
    order->queue = said.queue;
    check_reason(said.reason);
    order->reason = said.reason;
    order->by = by;
    order->seen_ms = said.seen_ms;
    order->expected = said.expected.value_or(-1);
    order->at_most = said.at_most;
    return order;
}

inline void check_size(web_request const& request, operation_order const& order)
{
    if (request.user.may(right::destroy))
        return;
    bool const few = order.at_most > 0 && order.at_most <= operators_jobs;
    bool const counted_few = order.counted >= 0 && order.counted <= operators_jobs;
    if (!few && !counted_few)
        throw problem(
            403,
            "forbidden",
            "An operation on more than " + std::to_string(operators_jobs) +
                " jobs needs the right destroy; at_most makes it smaller."
        );
}

inline problem none_such(std::string_view id)
{
    return problem(
        404,
        "no-such-operation",
        "There is no operation " + detail::quote(id) + ": they are kept for a day."
    );
}

inline void check_room(service const& at)
{
    if (at.operations->full())
        throw problem(
            429,
            "too-many",
            "This server runs " + std::to_string(operation_room::most) +
                " operations: wait until one has ended, or stop it."
        )
            .with("Retry-After", "5");
}

/// What is told of one that began. `where`: operations, from the route that was asked.
inline web_response begun_answer(
    web_request const& request,
    operation_info const& begun,
    std::string const& where
)
{
    web_response answer(shown_json(told(begun), hides(request)));
    answer.status = 202;
    answer.fields.emplace_back("Location", where + begun.id);
    return answer;
}

}  // namespace detail_of_operations

WORK_DECL task<web_response> start_operation(service& at, web_request const& request)
{
    namespace here = detail_of_operations;
    operation_text const said = here::read(request);
    auto const order = here::order_of(at, said, request.user.name);
    check_may_act(at, request, order->action);
    if (hides(request) && (!order->filter.message.empty() || !order->filter.args.empty()))
        throw hidden_search();
    if (!said.dry_run && !said.expected)
        throw here::bad(
            "expected",
            "expected is missing: how many jobs did you see? A dry_run counts."
        );
    here::check_room(at);
    auto turn = co_await at.searches->take(request.user.name);
    job_count const found = co_await at.search.count(order->filter.view(), here::counted_at_once);
    turn.reset();
    if (said.dry_run)
        co_return web_response(shown_json(to_json(found), hides(request)));
    if (found.whole)
        order->counted = found.matched;
    here::check_size(request, *order);
    if (found.whole && detail::is_unexpected(found.matched, order->expected))
        throw problem(
            409,
            "count-moved",
            std::to_string(found.matched) + " jobs match, and " + std::to_string(order->expected) +
                " were expected: none was touched. Look again."
        )
            .member("matched", std::to_string(found.matched));
    operation_info const begun = co_await at.operations->begin(order);
    co_return here::begun_answer(request, begun, "operations/");
}

struct repair_text
{
    std::string reason{};
};
BOOST_DESCRIBE_STRUCT(repair_text, (), (reason))

WORK_DECL task<web_response> start_repair(service& at, web_request const& request)
{
    namespace here = detail_of_operations;
    repair_text said;
    if (!request.body.empty()) {
        check_object(request.body);
        here::check_names(request.body, {"reason"}, "");
        args_parser parser;
        try {
            said = decode<repair_text>(parser.parse(request.body, "body"), "body", "member");
        } catch (error const& fault) {
            throw here::bad("reason", fault.what());
        }
    }
    here::check_room(at);
    auto order = std::make_shared<operation_order>();
    order->repair = true;
    order->id = at.core->next_id(at.now_ms()).str();
    check_reason(said.reason);
    order->reason = said.reason;
    order->by = request.user.name;
    operation_info const begun = co_await at.operations->begin(std::move(order));
    co_return here::begun_answer(request, begun, "../operations/");
}

WORK_DECL task<web_response> list_operations(service& at, web_request const& request)
{
    std::vector<operation_info> const all = co_await at.look.operations();
    std::string text = "{\"operations\":[";
    for (operation_info const& one : all)
        text.append(&one == all.data() ? "" : ",").append(detail_of_operations::told(one));
    text.append("],\"now_ms\":").append(std::to_string(at.now_ms())).append("}");
    co_return web_response(shown_json(text, hides(request)));
}

WORK_DECL task<web_response> show_operation(service& at, web_request const& request)
{
    std::string_view const id = request.parameter("operation");
    std::vector<operation_info> const all = co_await at.look.operations();
    for (operation_info const& one : all) {
        if (one.id == id)
            co_return web_response(shown_json(detail_of_operations::told(one), hides(request)));
    }
    throw detail_of_operations::none_such(id);
}

WORK_DECL task<web_response> stop_operation(service& at, web_request const& request)
{
    stopped_answer answer;
    answer.id = request.parameter("operation");
    std::string id = answer.id;
    answer.code = co_await at.look.stop_operation(std::move(id));
    if (answer.code == admin_code::gone)
        throw detail_of_operations::none_such(answer.id);
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

}  // namespace work::web
