// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/context.hpp>
#include <work/error.hpp>
#include <work/job.hpp>
#include <work/outcome.hpp>
#include <work/pool/provider.hpp>
#include <work/pool/worker.hpp>
#include <work/task.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/args_version.hpp>
#include <work/values/arguments.hpp>
#include <work/values/encode.hpp>
#include <work/values/job_options.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace work::detail {

using erased_handler = std::function<task<void>(context&)>;

WORK_DECL worker& slot_of(context& job);

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

template <typename Tuple>
struct split_parameters;
template <>
struct split_parameters<std::tuple<>>
{
    static constexpr bool takes_context = false;
    static constexpr bool by_value = true;
    static constexpr bool context_by_reference = true;
    static constexpr bool changes_nothing = true;
    using arguments = std::tuple<>;
};
template <typename First, typename... Rest>
struct split_parameters<std::tuple<First, Rest...>>
{
    static constexpr bool takes_context = std::is_same_v<First, context&>;
    static constexpr bool by_value =
        (!std::is_reference_v<Rest> && ...) && (takes_context || !std::is_reference_v<First>);
    static constexpr bool context_by_reference =
        takes_context ||
        (!std::is_same_v<std::remove_cvref_t<First>, context> && !std::is_same_v<First, context*>);
    template <typename T>
    static constexpr bool is_input =
        !std::is_lvalue_reference_v<T> || std::is_const_v<std::remove_reference_t<T>>;
    static constexpr bool changes_nothing =
        (is_input<Rest> && ...) && (takes_context || is_input<First>);
    using arguments = std::conditional_t<
        takes_context,
        std::tuple<std::remove_cvref_t<Rest>...>,
        std::tuple<std::remove_cvref_t<First>, std::remove_cvref_t<Rest>...>>;
};

enum class handler_fault {
    none,
    not_callable,
    no_task,
    context_by_value,
    reference,
    another_job,
    argument,
    result,
};

template <typename Result>
constexpr bool good_result()
{
    if constexpr (std::is_void_v<Result> || std::is_same_v<Result, outcome>)
        return true;
    else
        return good_arguments<false, Result>;
}

template <typename... T>
constexpr argument_fault fault_of_tuple(std::tuple<T...>*)
{
    return fault_of_arguments<true, T...>;
}

/// What is wrong with a handler; the first thing only.
template <typename Job, typename Handler>
constexpr handler_fault fault_of_handler()
{
    if constexpr (!plain_callable<Handler>) {
        return handler_fault::not_callable;
    } else if constexpr (!task_value<typename signature<Handler>::result>::is_task) {
        return handler_fault::no_task;
    } else {
        using parameters = split_parameters<typename signature<Handler>::parameters>;
        using arguments = typename parameters::arguments;
        if constexpr (!parameters::context_by_reference)
            return handler_fault::context_by_value;
        else if constexpr (!parameters::changes_nothing)
            return handler_fault::reference;
        else if constexpr (!std::is_void_v<Job> && !std::is_same_v<arguments, std::tuple<Job>>)
            return handler_fault::another_job;
        else if constexpr (fault_of_tuple(static_cast<arguments*>(nullptr)) != argument_fault::none)
            return handler_fault::argument;
        else if constexpr (!good_result<
                               typename task_value<typename signature<Handler>::result>::type>())
            return handler_fault::result;
        else
            return handler_fault::none;
    }
}

template <typename Job, typename Handler>
inline constexpr bool good_handler = fault_of_handler<Job, Handler>() == handler_fault::none;

/// Says it in one sentence; nothing that builds upon the handler is tried.
template <typename Job, typename Handler>
constexpr void explain_handler()
{
    constexpr handler_fault found = fault_of_handler<Job, Handler>();
    using fault = handler_fault;
    static_assert(
        found != fault::not_callable,
        "work: a handler must be a function or a callable with one operator(), without auto "
        "parameters: (work::context&, send_email) -> work::task<void>"
    );
    static_assert(
        found != fault::no_task,
        "work: a handler must return work::task<void>, work::task<R> or "
        "work::task<work::outcome>"
    );
    static_assert(
        found != fault::context_by_value,
        "work: a handler takes its context as work::context&"
    );
    static_assert(
        found != fault::reference,
        "work: a handler takes its arguments by value or by const reference"
    );
    static_assert(
        found != fault::another_job,
        "work: the handler of a described job takes that job: (work::context&, Job)"
    );
    static_assert(
        found != fault::result,
        "work: the result of a handler must be a type that can be an argument, or work::outcome"
    );
}

/// What keeps its parameters from being arguments, when that is what is wrong with a handler.
template <typename Job, typename Handler>
constexpr argument_fault argument_fault_of()
{
    if constexpr (fault_of_handler<Job, Handler>() == handler_fault::argument) {
        using parameters = split_parameters<typename signature<Handler>::parameters>;
        return fault_of_tuple(static_cast<typename parameters::arguments*>(nullptr));
    } else {
        return argument_fault::none;
    }
}

template <typename Handler>
using handler_parameters = split_parameters<typename signature<Handler>::parameters>;

/// The job's arguments are no JSON array or object, or don't fit the handler. What a handler itself
/// throws is never this.
class bad_arguments : public error
{
public:
    bad_arguments(std::string message, bool may_fit, char const* type = "bad_arguments")
        : error(errc::invalid_arguments, std::move(message)),
          type_(type),
          may_fit_(may_fit)
    {}
    /// They may fit the handler of another version.
    bool may_fit() const noexcept { return may_fit_; }
    /// Of the failure.
    char const* type() const noexcept { return type_; }

private:
    char const* type_;
    bool may_fit_;
};

/// The job's arguments are of a newer version than the handler takes.
class newer_arguments : public error
{
public:
    explicit newer_arguments(std::string message)
        : error(errc::invalid_arguments, std::move(message))
    {}
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

/// The arguments of the version that the handler takes; `old` holds them where they were older.
WORK_DECL boost::json::value const& current_arguments(
    context& job,
    args_rule const& rule,
    boost::json::value& old
);
/// What `fault` says, and of which version they were.
WORK_DECL std::string misfit_text(error const& fault, context const& job, args_rule const& rule);

template <typename... P>
std::tuple<P...> decode_for(
    context& job,
    std::tuple<P...>*,
    std::vector<std::string> const& names,
    args_rule const& rule
)
{
    boost::json::value old;
    boost::json::value const& arguments = current_arguments(job, rule, old);
    std::vector<std::string_view> const views(names.begin(), names.end());
    log_ignored ignored(job);
    try {
        return decode_arguments<P...>(arguments, views, job.name(), &ignored);
    } catch (error const& fault) {
        throw bad_arguments(misfit_text(fault, job, rule), true);
    }
}

/// The handler is no coroutine, and returned a task that nothing can await.
[[noreturn]] WORK_DECL void refuse_empty_task(context const& job);

template <typename Handler, typename Tuple>
auto call(Handler& handler, context& job, Tuple&& arguments)
{
    auto made = std::apply(
        [&](auto&&... argument) {
            if constexpr (handler_parameters<Handler>::takes_context)
                return handler(job, std::forward<decltype(argument)>(argument)...);
            else
                return handler(std::forward<decltype(argument)>(argument)...);
        },
        std::forward<Tuple>(arguments)
    );
    if (!made.valid())
        refuse_empty_task(job);
    return made;
}

/// A result that can't be kept says so; it does not make a job that is done run again.
template <typename Result>
void keep_result(worker& s, Result const& value)
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

/// A function that was given is empty.
[[noreturn]] WORK_DECL void refuse_empty(char const* function);

/// What a provider makes; failures name the type that was to be made.
[[noreturn]] WORK_DECL void throw_no_object(std::type_info const& type);
[[noreturn]] WORK_DECL void rethrow_from_provider(std::type_info const& type);

template <typename T>
std::shared_ptr<T> make_provided(
    std::function<std::shared_ptr<T>(context&)> const& make,
    context& job
)
{
    std::shared_ptr<T> object;
    try {
        object = make(job);
    } catch (...) {
        rethrow_from_provider(typeid(T));
    }
    if (!object)
        throw_no_object(typeid(T));
    return object;
}

/// Keeps the arguments alive for a handler that takes references, and takes what it returns.
template <typename Handler, typename Tuple>
task<void> call_and_keep(Handler& handler, context& job, Tuple arguments)
{
    using result = typename task_value<typename signature<Handler>::result>::type;
    worker& s = slot_of(job);
    if constexpr (std::is_void_v<result>) {
        co_await call(handler, job, std::move(arguments));
    } else if constexpr (std::is_same_v<result, outcome>) {
        s.ended = co_await call(handler, job, std::move(arguments));
    } else {
        result value = co_await call(handler, job, std::move(arguments));
        keep_result(s, value);
    }
}

/// Two of one name, or one that can't be a name.
WORK_DECL void check_parameter_names(std::string const& job, std::vector<std::string> const& names);

/// What its options say, or its type. Errors: errc::invalid_option, when both do.
WORK_DECL args_rule
rule_of_handler(std::string const& name, job_options const& options, args_rule of_type);

/// From a job's stored arguments to a call of the handler. A handler that takes its arguments by
/// value and returns nothing is called without a frame of ours in between.
template <typename Job, typename Handler>
erased_handler adapt(
    Handler handler,
    std::string name,
    std::vector<std::string> names,
    args_rule rule
)
{
    using parameters = handler_parameters<Handler>;
    using arguments = typename parameters::arguments;
    using result = typename task_value<typename signature<Handler>::result>::type;
    if (!names.empty() && names.size() != std::tuple_size_v<arguments>)
        throw error(
            errc::invalid_option,
            "handle(\"" + name + "\"): " + std::to_string(names.size()) +
                " parameter names were given for " + std::to_string(std::tuple_size_v<arguments>) +
                " parameters"
        );
    check_parameter_names(name, names);
    return [handler = std::move(handler),
            names = std::move(names),
            rule = std::move(rule)](context& job) mutable -> task<void> {
        arguments decoded = decode_for(job, static_cast<arguments*>(nullptr), names, rule);
        if constexpr (parameters::by_value && std::is_void_v<result>)
            return call(handler, job, std::move(decoded));
        else
            return call_and_keep<Handler, arguments>(handler, job, std::move(decoded));
    };
}

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/handler.ipp>
#endif
