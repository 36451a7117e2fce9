// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/argument_check.hpp>
#include <work/values/argument_types.hpp>
#include <work/values/as_argument.hpp>
#include <work/values/job_name.hpp>
#include <work/values/json_path.hpp>
#include <work/values/json_shape.hpp>
#include <work/values/text.hpp>
#include <work/values/unit_name.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace work {
namespace detail {

WORK_DECL void encode_string(std::string& out, std::string_view value, json_path const& at);
WORK_DECL void encode_raw(std::string& out, boost::json::value const& value, json_path const& at);
WORK_DECL void encode_raw(std::string& out, boost::json::object const& value, json_path const& at);
WORK_DECL void encode_raw(std::string& out, boost::json::array const& value, json_path const& at);
WORK_DECL void encode_raw(std::string& out, boost::json::string const& value, json_path const& at);
[[noreturn]] WORK_DECL void throw_too_deep(json_path const& at);

template <typename T>
void encode_value(std::string& out, T const& value, json_path const& at);

inline void check_depth(json_path const& at)
{
    if (at.depth >= max_args_depth)
        throw_too_deep(at);
}

/// `,"name":` of a described member.
template <typename Member>
inline constexpr auto member_key_text = [] {
    constexpr std::string_view name = Member::name;
    std::array<char, name.size() + 4> text{};
    text[0] = ',';
    text[1] = '"';
    for (std::size_t i = 0; i < name.size(); ++i)
        text[i + 2] = name[i];
    text[name.size() + 2] = '"';
    text[name.size() + 3] = ':';
    return text;
}();

template <typename T>
void encode_described(
    std::string& out,
    T const& value,
    json_path const& at,
    std::string_view tag = {}
)
{
    check_depth(at);
    out.push_back('{');
    std::size_t skip = 1;  // the comma of the first member
    if (!tag.empty()) {
        encode_string(out, variant_tag_key, at);
        out.push_back(':');
        encode_string(out, tag, at);
        skip = 0;
    }
    all_members<T>([&]<typename Member>() {
        constexpr auto& key = member_key_text<Member>;
        out.append(key.data() + skip, key.size() - skip);
        skip = 0;
        encode_value(out, value.*Member::pointer, json_path(at, Member::name));
        return true;
    });
    out.push_back('}');
}

template <typename T>
void encode_elements(std::string& out, T const& values, json_path const& at)
{
    using element_type = typename T::value_type;
    check_depth(at);
    out.push_back('[');
    std::size_t index = 0;
    for (auto const& element : values) {
        if (index)
            out.push_back(',');
        encode_value<element_type>(out, element, json_path(at, index++));
    }
    out.push_back(']');
}

/// What `write` of a taught type gives. Called within a catch block, the second throws what was
/// thrown there as errc::invalid_arguments, with the path.
[[noreturn]] WORK_DECL void throw_not_written(json_path const& at);

template <typename T>
decltype(auto) write_taught(T const& value, json_path const& at)
{
    try {
        return as_argument<T>::write(value);
    } catch (...) {
        throw_not_written(at);
    }
}

template <typename Key>
decltype(auto) key_text(Key const& key, json_path const& at)
{
    if constexpr (taught<Key>)
        return write_taught(key, at);
    else
        return std::string_view(key);
}

template <typename T>
void encode_map(std::string& out, T const& values, json_path const& at)
{
    check_depth(at);
    out.push_back('{');
    bool first = true;
    for (auto const& [key, element] : values) {
        if (!first)
            out.push_back(',');
        first = false;
        auto const& name = key_text(key, at);
        json_path const here(at, std::string_view(name));
        encode_string(out, name, here);
        out.push_back(':');
        encode_value<typename T::mapped_type>(out, element, here);
    }
    out.push_back('}');
}

template <typename T>
void encode_tuple(std::string& out, T const& values, json_path const& at)
{
    check_depth(at);
    out.push_back('[');
    std::apply(
        [&](auto const&... element) {
            std::size_t index = 0;
            ((out.append(index ? "," : ""),
              encode_value(out, element, json_path(at, index)),
              ++index),
             ...);
        },
        values
    );
    out.push_back(']');
}

template <typename T>
void encode_floating(std::string& out, T value, json_path const& at)
{
    if (!std::isfinite(value))
        throw_invalid_argument(
            at,
            "a finite number",
            std::isnan(value) ? "NaN"
            : value > 0       ? "infinity"
                              : "-infinity"
        );
    if constexpr (std::same_as<T, float>)
        append_float(out, value);
    else
        append_double(out, value);
}

/// Whole ms below the duration. Refuses what 64 bits of ms don't hold.
template <typename T>
std::int64_t floor_ms(T value, json_path const& at)
{
    using ratio = std::ratio_divide<typename T::period, std::milli>;
    if constexpr (ratio::num > 1) {
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / ratio::num;
        if (std::cmp_greater(value.count(), most) || std::cmp_less(value.count(), -most))
            throw_invalid_argument(at, "a duration of at most 292 million years", "a longer one");
    }
    using wide = std::chrono::duration<std::int64_t, typename T::period>;
    if (!std::in_range<std::int64_t>(value.count()))
        throw_invalid_argument(at, "a duration of at most 292 million years", "a longer one");
    return std::chrono::floor<std::chrono::duration<std::int64_t, std::milli>>(
               wide(static_cast<std::int64_t>(value.count()))
    )
        .count();
}

template <typename T>
void encode_duration(std::string& out, T value, json_path const& at)
{
    using wide_ms = std::chrono::duration<std::int64_t, std::milli>;
    if constexpr (std::chrono::treat_as_floating_point_v<typename T::rep>) {
        // In ms where that is exact, else as text in its own unit: "0.1s".
        double const ms = std::chrono::duration<double, std::milli>(value).count();
        T const back = std::chrono::duration_cast<T>(std::chrono::duration<double, std::milli>(ms));
        if (back == value || !std::isfinite(value.count()))
            return encode_floating(out, ms, at);
        constexpr std::string_view unit = unit_name<typename T::period>();
        if constexpr (unit.empty())
            throw_invalid_argument(at, "a duration that a number of ms holds", "a finer one");
        out.push_back('"');
        encode_floating(out, value.count(), at);
        out.append(unit).push_back('"');
    } else {
        // A finer unit must not lose digits without a word.
        std::int64_t const whole = floor_ms(value, at);
        using common = std::common_type_t<T, wide_ms>;
        if (std::ratio_less_v<typename T::period, std::milli> && common(wide_ms(whole)) != value)
            throw_invalid_argument(at, "a whole number of milliseconds", "a finer duration");
        append_number(out, static_cast<long long>(whole));
    }
}

/// `ns` are those above the ms.
WORK_DECL void encode_time(std::string& out, std::int64_t ms, std::int64_t ns, json_path const& at);

template <typename T>
void encode_sys_time(std::string& out, T value, json_path const& at)
{
    using duration = typename T::duration;
    std::int64_t const ms = floor_ms(value.time_since_epoch(), at);
    std::int64_t ns = 0;
    if constexpr (std::ratio_less_v<typename duration::period, std::milli>) {
        auto const rest =
            value.time_since_epoch() -
            std::chrono::duration_cast<duration>(std::chrono::duration<std::int64_t, std::milli>(ms)
            );
        auto const fine = std::chrono::duration_cast<std::chrono::nanoseconds>(rest);
        if (fine != rest)
            throw_invalid_argument(at, "a whole number of nanoseconds", "a finer time");
        ns = fine.count();
    }
    encode_time(out, ms, ns, at);
}

template <typename T>
void encode_alternative(std::string& out, T const& value, json_path const& at)
{
    if constexpr (tagged<T> && !taught<T>)
        encode_described(out, value, at, T::variant_tag);
    else
        encode_value(out, value, at);
}

template <typename T>
void encode_enum(std::string& out, T value, json_path const& at)
{
    if constexpr (described_enum<T>) {
        std::string_view const name = enumerator_name(value);
        if (name.empty())
            throw_invalid_argument(
                at,
                "a named enumerator",
                std::to_string(static_cast<std::underlying_type_t<T>>(value))
            );
        encode_string(out, name, at);
    } else {
        encode_value(out, static_cast<std::underlying_type_t<T>>(value), at);
    }
}

template <typename T>
void encode_value(std::string& out, T const& value, json_path const& at)
{
    if constexpr (taught<T>)
        encode_value<written_as<T>>(out, write_taught(value, at), at);
    else if constexpr (std::same_as<T, bool>)
        out.append(value ? "true" : "false");
    else if constexpr (integer<T> && std::is_signed_v<T>)
        append_number(out, static_cast<long long>(value));
    else if constexpr (integer<T>)
        append_number(out, static_cast<unsigned long long>(value));
    else if constexpr (floating<T>)
        encode_floating(out, value, at);
    else if constexpr (std::same_as<T, std::string>)
        encode_string(out, value, at);
    else if constexpr (path_like<T>)
        encode_string(out, value.native(), at);
    else if constexpr (raw_json<T>)
        encode_raw(out, value, at);
    else if constexpr (writes_json<T>)
        value.append_json(out);
    else if constexpr (std::same_as<T, std::nullptr_t> || std::same_as<T, std::monostate> ||
                       std::same_as<T, std::nullopt_t>)
        out.append("null");
    else if constexpr (borrowed_text<T> && std::is_pointer_v<T>)
        value ? encode_string(out, value, at) : void(out.append("null"));
    else if constexpr (borrowed_text<T>)
        encode_string(out, value, at);
    else if constexpr (std::is_enum_v<T>)
        encode_enum(out, value, at);
    else if constexpr (optional_like<T>)
        value ? encode_value(out, *value, at) : void(out.append("null"));
    else if constexpr (variant_like<T>)
        std::visit([&](auto const& held) { encode_alternative(out, held, at); }, value);
    else if constexpr (duration_like<T>)
        encode_duration(out, value, at);
    else if constexpr (is_sys_time<T>)
        encode_sys_time(out, value, at);
    else if constexpr (described_job<T>)
        encode_described(out, value, at);
    else if constexpr (map_like<T>)
        encode_map(out, value, at);
    else if constexpr (is_std_array<T> || sequence_like<T> || set_like<T>)
        encode_elements(out, value, at);
    else if constexpr (tuple_like<T>)
        encode_tuple(out, value, at);
    else
        static_assert(always_false<T>, WORK_DETAIL_NOT_AN_ARGUMENT);
}

}  // namespace detail

/// Appends a value as JSON text, without building a document in between. Integers and doubles are
/// written so that they read back exactly.
///
/// Errors: `errc::invalid_arguments` for a NaN or an infinity, for text that is no valid UTF-8, for
/// an enumerator without a name, for nesting deeper than `max_args_depth`, and for what
/// `as_argument` throws; the message has the path. `out` is then unspecified beyond its old size.
template <typename T>
void append_json(std::string& out, T const& value)
{
    if constexpr (!detail::good_arguments<false, T>)
        detail::explain_fault<detail::fault_of_arguments<false, T>, T>();
    else if constexpr (described_job<T>)
        detail::encode_value(out, value, detail::json_path(detail::name_in_messages<T>()));
    else
        detail::encode_value(out, value, detail::json_path());
}

/// A value as JSON text; see `append_json`.
template <typename T>
std::string to_json(T const& value)
{
    std::string out;
    if constexpr (detail::good_arguments<false, T>)
        append_json(out, value);
    else
        detail::explain_fault<detail::fault_of_arguments<false, T>, T>();
    return out;
}

/// Arguments by position as the text of a JSON array.
template <typename... Args>
void append_positional(std::string& out, Args const&... args)
{
    if constexpr (!detail::good_arguments<false, std::decay_t<Args const>...>) {
        detail::
            explain_fault<detail::fault_of_arguments<false, std::decay_t<Args const>...>, Args...>(
            );
    } else {
        detail::json_path const root;
        std::size_t position = 0;
        out.push_back('[');
        ((out.append(position ? "," : ""),
          detail::encode_value(out, args, detail::json_path::argument(root, position)),
          ++position),
         ...);
        out.push_back(']');
    }
}

template <typename... Args>
std::string encode_positional(Args const&... args)
{
    std::string out;
    append_positional(out, args...);
    return out;
}

namespace detail {

/// The arguments of a described job: its members, by name. One that as_argument writes as something
/// else than an object is the only argument, by position.
template <described_job Job>
void append_job_arguments(std::string& out, Job const& job)
{
    if constexpr (!taught<Job> || !good_arguments<false, Job>)
        append_json(out, job);
    else if constexpr (shape_of<Job>() == shapes::object)
        append_json(out, job);
    else
        append_positional(out, job);
}

}  // namespace detail

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/encode.ipp>
#endif
