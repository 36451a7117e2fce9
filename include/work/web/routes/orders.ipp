// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <utility>

namespace work::web {

struct order_answer
{
    std::string pool;
    pool_order order = pool_order::quiet;
    admin_code code = admin_code::done;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(order_answer, (), (pool, order, code, now_ms))

struct order_body
{
    std::optional<std::int64_t> grace_ms{};
};
BOOST_DESCRIBE_STRUCT(order_body, (), (grace_ms))

namespace detail_of_orders {

/// How long what runs may go on; nothing: as the pool has it.
inline std::int64_t read_grace(web_request const& request)
{
    if (request.body.empty())
        return -1;
    check_object(request.body);
    args_parser parser;
    std::optional<std::int64_t> grace;
    try {
        grace = decode<order_body>(parser.parse(request.body, "body"), "body", "member").grace_ms;
    } catch (error const& fault) {
        throw problem(422, "invalid-option", fault.what());
    }
    if (grace.value_or(0) < 0 || grace.value_or(0) > most_told_grace_ms)
        throw problem(
            422,
            "invalid-option",
            "grace_ms is " + std::to_string(*grace) +
                ", it must be 0 to 86400000 (a day); absent: as the pool has it.",
            "grace_ms"
        );
    return grace.value_or(-1);
}

inline task<web_response> order(service& at, web_request const& request, told_order what)
{
    if (what.order == pool_order::stop)
        what.grace_ms = read_grace(request);
    else if (!request.body.empty())
        check_object(request.body);
    order_answer answer;
    answer.pool = request.parameter("pool");
    answer.order = what.order;
    if (answer.pool.empty() || answer.pool.size() > 128)
        throw problem(
            422,
            "invalid-option",
            "pool is " + detail::quote(answer.pool) + ": it is no pool's id.",
            "pool"
        );
    std::string pool = answer.pool;
    answer.code = co_await at.look.order(std::move(pool), what, request.user.name);
    if (answer.code == admin_code::gone)
        throw problem(
            404,
            "no-such-pool",
            "No worker pool has the id " + detail::quote(answer.pool) + " (any more)."
        );
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

}  // namespace detail_of_orders

WORK_DECL task<web_response> quiet_pool(service& at, web_request const& request)
{
    return detail_of_orders::order(at, request, pool_order::quiet);
}

WORK_DECL task<web_response> resume_pool(service& at, web_request const& request)
{
    return detail_of_orders::order(at, request, pool_order::resume);
}

WORK_DECL task<web_response> stop_pool(service& at, web_request const& request)
{
    return detail_of_orders::order(at, request, pool_order::stop);
}

}  // namespace work::web
