// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/decode.hpp>

#include <boost/json/value.hpp>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace work {
namespace detail {

/// How many of the types must be given: those up to the last that may not be absent.
template <typename... P>
constexpr std::size_t required_count()
{
    std::size_t required = 0;
    std::size_t position = 0;
    ((++position, required = may_be_absent<P> ? required : position), ...);
    return required;
}

template <typename T>
constexpr std::size_t required_member_count()
{
    std::size_t required = 0;
    std::size_t position = 0;
    all_members<T>([&]<typename Member>() {
        ++position;
        if (!may_be_absent<member_type<T, Member>>)
            required = position;
        return true;
    });
    return required;
}

/// "send_email: expected 2 arguments, found 3".
WORK_DECL bool check_count(
    std::size_t least,
    std::size_t most,
    std::size_t found,
    json_path const& at,
    decode_report& report
);

/// `[{...}]` for a struct whose own first member can't be an object is the struct, passed as the
/// only positional argument.
template <described_job T>
boost::json::value const* sole_object(boost::json::array const& array)
{
    if (array.size() != 1 || !array[0].is_object())
        return nullptr;
    if constexpr (member_count<T> > 0)
        if ((shape_of<member_type<T, member_at<T, 0>>>() & shapes::object) != 0)
            return nullptr;
    return &array[0];
}

/// A struct from its members by name (object) or in their order (array).
template <described_job T>
bool decode_struct_arguments(
    boost::json::value const& json,
    T& out,
    json_path const& root,
    decode_report& report
)
{
    auto const* array = json.if_array();
    if (!array && !json.is_object())
        return report.fail(root, "an object or an array", json);
    if (!array)
        return decode_value(json, out, root, report);
    if (auto const* sole = sole_object<T>(*array))
        return decode_value(*sole, out, root, report);
    if (!check_count(required_member_count<T>(), member_count<T>, array->size(), root, report))
        return false;
    std::size_t position = 0;
    return all_members<T>([&]<typename Member>() {
        if (position == array->size())
            return true;
        return decode_value(
            (*array)[position++],
            out.*Member::pointer,
            json_path(root, Member::name),
            report
        );
    });
}

template <typename T>
bool decode_positional(
    boost::json::array const& array,
    std::size_t position,
    T& out,
    std::span<std::string_view const> names,
    json_path const& root,
    decode_report& report
)
{
    if (position >= array.size())
        return true;
    return decode_value(
        array[position],
        out,
        names.empty() ? json_path::argument(root, position) : json_path(root, names[position]),
        report
    );
}

template <typename T>
bool decode_named(
    boost::json::object const& object,
    std::string_view name,
    T& out,
    json_path const& root,
    decode_report& report
)
{
    json_path const at(root, name);
    if (auto const* found = object.if_contains({name.data(), name.size()}))
        return decode_value(*found, out, at, report);
    if constexpr (may_be_absent<T>) {
        return true;
    } else {
        // What doesn't take null says what it takes.
        boost::json::value const null;
        return decode_value(null, out, at, report) || report.found_nothing();
    }
}

template <typename... P>
bool decode_pack(
    boost::json::value const& json,
    std::tuple<P...>& out,
    std::span<std::string_view const> names,
    json_path const& root,
    decode_report& report
)
{
    constexpr std::size_t count = sizeof...(P);
    using indices = std::index_sequence_for<P...>;
    if (!names.empty() && names.size() != count)
        return report.fail_text(
            root,
            std::to_string(count) + " parameter names",
            std::to_string(names.size())
        );
    if (auto const* object = json.if_object()) {
        if (!names.empty())
            return check_unknown(*object, names, false, root, report) &&
                   [&]<std::size_t... I>(std::index_sequence<I...>) {
                       return (
                           decode_named(*object, names[I], std::get<I>(out), root, report) && ...
                       );
                   }(indices{});
        if constexpr (count == 0)
            return true;
        if constexpr (count == 1)
            if constexpr (((shape_of<P>() & shapes::object) && ...))
                return decode_value(json, std::get<0>(out), root, report);
        return report.fail_text(
            root,
            std::to_string(count) + " by position (an array)",
            "an object; give the handler its parameters' names"
        );
    }
    static boost::json::array const nothing;
    auto const* array = json.is_null() ? &nothing : json.if_array();
    if (!array)
        return report.fail(root, "an array or an object", json);
    if (!check_count(required_count<P...>(), count, array->size(), root, report))
        return false;
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return (decode_positional(*array, I, std::get<I>(out), names, root, report) && ...);
    }(indices{});
}

}  // namespace detail

/// Reads a job's arguments for a handler's parameters: from an array in order, from an object when
/// the parameters have names. A single described struct is read from an object by member name, or
/// from an array in the order of its members.
///
/// Trailing optionals may be absent. Unknown names are ignored, and told to `ignored`; an object
/// with members of which none is known is refused.
/// Errors: `errc::invalid_arguments`, with the job's name, the path, what was expected and found.
template <typename... P>
std::tuple<P...> decode_arguments(
    boost::json::value const& args,
    std::span<std::string_view const> names = {},
    std::string_view job = {},
    detail::ignored_members* ignored = nullptr
)
{
    static_assert(
        (std::is_same_v<P, std::remove_cvref_t<P>> && ...),
        "work: name the plain types, without const and &"
    );
    if constexpr (!(std::is_same_v<P, std::remove_cvref_t<P>> && ...)) {
        std::abort();
    } else if constexpr (!detail::good_arguments<true, P...>) {
        detail::explain_fault<detail::fault_of_arguments<true, P...>, P...>();
        std::abort();
    } else {
        std::tuple<P...> out{};
        detail::decode_report report(ignored);
        detail::json_path const root(job);
        bool good = false;
        if constexpr (sizeof...(P) == 1 && (described_job<P> && ...) && !(detail::taught<P> || ...))
            good = names.empty()
                       ? detail::decode_struct_arguments(args, std::get<0>(out), root, report)
                       : detail::decode_pack(args, out, names, root, report);
        else
            good = detail::decode_pack(args, out, names, root, report);
        if (!good)
            report.raise();
        return out;
    }
}

/// Reads a described job from its arguments, by name or by position.
template <described_job Job>
Job decode_job(boost::json::value const& args, std::string_view job = job_name_v<Job>)
{
    return std::get<0>(decode_arguments<Job>(args, {}, job));
}

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/arguments.ipp>
#endif
