// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/context.hpp>
#include <work/error.hpp>
#include <work/job.hpp>
#include <work/outcome.hpp>
#include <work/pool/slot.hpp>
#include <work/task.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>
#include <work/values/encode.hpp>

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace work::detail {

using erased_handler = std::function<task<void>(context&)>;

WORK_DECL slot& slot_of(context& job);

template <typename Handler>
struct signature : signature<decltype(&Handler::operator())>
{};
template <typename R, typename... P>
struct signature<R (*)(P...)>
{
    using result = R;
    using parameters = std::tuple<P...>;
};
template <typename R, typename C, typename... P>
struct signature<R (C::*)(P...) const> : signature<R (*)(P...)>
{};
template <typename R, typename C, typename... P>
struct signature<R (C::*)(P...)> : signature<R (*)(P...)>
{};
template <typename R, typename C, typename... P>
struct signature<R (C::*)(P...) const noexcept> : signature<R (*)(P...)>
{};
template <typename R, typename... P>
struct signature<R (*)(P...) noexcept> : signature<R (*)(P...)>
{};

template <typename T>
struct task_value
{
    static constexpr bool is_task = false;
};
template <typename T>
struct task_value<task<T>>
{
    static constexpr bool is_task = true;
    using type = T;
};

template <typename Handler>
concept plain_callable = requires { &Handler::operator(); } || std::is_pointer_v<Handler>;

/// Says in one line what is wrong with a handler.
template <typename Handler>
constexpr void check_handler()
{
    static_assert(
        plain_callable<Handler>,
        "work: a handler must be a function or a callable with one operator(), without auto "
        "parameters: (work::context&, send_email) -> work::task<void>"
    );
    if constexpr (plain_callable<Handler>) {
        static_assert(
            task_value<typename signature<Handler>::result>::is_task,
            "work: a handler must return work::task<void>, work::task<R> or "
            "work::task<work::outcome>"
        );
    }
}

template <typename Tuple>
struct split_parameters;
template <>
struct split_parameters<std::tuple<>>
{
    static constexpr bool takes_context = false;
    using arguments = std::tuple<>;
    static constexpr bool by_value = true;
};
template <typename First, typename... Rest>
struct split_parameters<std::tuple<First, Rest...>>
{
    static constexpr bool takes_context = std::is_same_v<First, context&>;
    static_assert(
        !std::is_same_v<std::remove_cvref_t<First>, context> || takes_context,
        "work: a handler takes its context as work::context&"
    );
    static constexpr bool by_value =
        (!std::is_reference_v<Rest> && ...) && (takes_context || !std::is_reference_v<First>);
    static_assert(
        ((!std::is_lvalue_reference_v<Rest> || std::is_const_v<std::remove_reference_t<Rest>>) &&
         ...),
        "work: a handler takes its arguments by value or by const reference"
    );
    using arguments = std::conditional_t<
        takes_context,
        std::tuple<std::remove_cvref_t<Rest>...>,
        std::tuple<std::remove_cvref_t<First>, std::remove_cvref_t<Rest>...>>;
};

template <typename Handler>
using handler_parameters = split_parameters<typename signature<Handler>::parameters>;

/// The job's arguments are no JSON array or object, or don't fit the handler. What a handler itself
/// throws is never this.
class bad_arguments : public error
{
public:
    bad_arguments(std::string message, bool is_json)
        : error(errc::invalid_arguments, std::move(message)), is_json_(is_json)
    {
    }
    /// They may fit the handler of another version.
    bool is_json() const noexcept { return is_json_; }

private:
    bool is_json_;
};

/// Tells the pool's log once.
class log_ignored final : public ignored_members
{
public:
    explicit log_ignored(context& job) noexcept : job_(job) {}
    WORK_DECL void ignored(json_path const& member, std::string_view nearest) override;

private:
    context& job_;
};

/// Parses the arguments, which must be an array or an object.
WORK_DECL boost::json::value const& parse_arguments(context& job);

template <typename... P>
std::tuple<P...> decode_for(context& job, std::tuple<P...>*, std::vector<std::string> const& names)
{
    boost::json::value const& arguments = parse_arguments(job);
    std::vector<std::string_view> const views(names.begin(), names.end());
    log_ignored ignored(job);
    try {
        return decode_arguments<P...>(arguments, views, job.name(), &ignored);
    } catch (error const& fault) {
        throw bad_arguments(fault.what(), true);
    }
}

template <typename Handler, typename Tuple>
auto call(Handler& handler, context& job, Tuple&& arguments)
{
    return std::apply(
        [&](auto&&... argument) {
            if constexpr (handler_parameters<Handler>::takes_context)
                return handler(job, std::forward<decltype(argument)>(argument)...);
            else
                return handler(std::forward<decltype(argument)>(argument)...);
        },
        std::forward<Tuple>(arguments)
    );
}

/// A result that can't be kept says so; it does not make a job that is done run again.
template <typename Result>
void keep_result(slot& s, Result const& value)
{
    std::string text;
    try {
        append_json(text, value);
    } catch (std::exception const& fault) {
        s.result_fault = fault.what();
        return;
    }
    if (text.size() > max_result)
        s.result_fault = "it has " + std::to_string(text.size()) + " bytes, the limit is " +
                         std::to_string(max_result);
    else
        s.result = std::move(text);
}

/// Keeps the arguments alive for a handler that takes references, and takes what it returns.
template <typename Handler, typename Tuple>
task<void> call_and_keep(Handler& handler, context& job, Tuple arguments)
{
    using result = typename task_value<typename signature<Handler>::result>::type;
    slot& s = slot_of(job);
    if constexpr (std::is_void_v<result>) {
        co_await call(handler, job, std::move(arguments));
    } else if constexpr (std::is_same_v<result, outcome>) {
        s.ended = co_await call(handler, job, std::move(arguments));
    } else {
        result value = co_await call(handler, job, std::move(arguments));
        keep_result(s, value);
    }
}

/// From a job's stored arguments to a call of the handler. A handler that takes its arguments by
/// value and returns nothing is called without a frame of ours in between.
template <typename Job, typename Handler>
erased_handler adapt(Handler handler, std::string name, std::vector<std::string> names)
{
    using parameters = handler_parameters<Handler>;
    using arguments = typename parameters::arguments;
    static_assert(
        std::is_void_v<Job> || std::is_same_v<arguments, std::tuple<Job>>,
        "work: the handler of a described job takes that job: (work::context&, Job)"
    );
    using result = typename task_value<typename signature<Handler>::result>::type;
    if (!names.empty() && names.size() != std::tuple_size_v<arguments>)
        throw error(
            errc::invalid_option,
            "handle(\"" + name + "\"): " + std::to_string(names.size()) +
                " parameter names were given for " + std::to_string(std::tuple_size_v<arguments>) +
                " parameters"
        );
    return [handler = std::move(handler),
            names = std::move(names)](context& job) mutable -> task<void> {
        arguments decoded = decode_for(job, static_cast<arguments*>(nullptr), names);
        if constexpr (parameters::by_value && std::is_void_v<result>)
            return call(handler, job, std::move(decoded));
        else
            return call_and_keep<Handler, arguments>(handler, job, std::move(decoded));
    };
}

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/impl/pool/handler.ipp>
#endif
