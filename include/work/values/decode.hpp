// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/argument_check.hpp>
#include <work/values/argument_types.hpp>
#include <work/values/as_argument.hpp>
#include <work/values/decode_containers.hpp>
#include <work/values/decode_report.hpp>
#include <work/values/decode_scalars.hpp>
#include <work/values/job_name.hpp>
#include <work/values/json_shape.hpp>
#include <work/values/member_rules.hpp>

#include <boost/json/value.hpp>

#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace work {

/// \file
/// Reads values from JSON. What can be read:
///
/// | type | from |
/// |---|---|
/// | bool, integers, float and double | a value that fits exactly |
/// | std::string, std::filesystem::path | string |
/// | std::optional | null, or an absent member, or the value |
/// | std::vector and other sequences, sets, std::array, std::pair, std::tuple | array |
/// | std::map, std::unordered_map with keys of text | object |
/// | std::variant | the alternative that it was written from: they must look different in JSON
///   (json_shape.hpp) |
/// | an enumeration | the enumerator's name when described, else an integer |
/// | std::chrono durations | whole ms, or text like "1h30m" |
/// | std::chrono::sys_time | ms since 1970, or RFC 3339 text |
/// | described structs, with their bases | object; unknown keys are ignored, absent members keep
///   their defaults, unless the struct says otherwise (member_rules.hpp) |
/// | types of your own | what work::as_argument makes of them |
/// | boost::json::value, object, array, string | as it is |

namespace detail {

template <typename T>
bool decode_described(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    auto const* object = json.if_object();
    if (!object)
        return report.fail(at, "an object", json);
    // Writers keep the order of members as a rule: look there first.
    static_assert(
        knows_required_members<T>(),
        "work: required_members names a member that is not described"
    );
    auto next = object->begin();
    std::size_t known = 0;
    bool const good = all_members<T>([&]<typename Member>() {
        std::string_view const name = Member::name;
        auto found = next;
        if (next == object->end() || key_of(*next) != name) {
            found = object->find({name.data(), name.size()});
            if (found == object->end()) {
                if constexpr (must_have<T, Member>())
                    return refuse_absent(*object, name, member_names<T>, at, report);
                else
                    return true;
            }
        }
        ++known;
        next = found + 1;
        return decode_value(found->value(), out.*Member::pointer, json_path(at, name), report);
    });
    if constexpr (tagged<T>)
        known += object->contains({variant_tag_key.data(), variant_tag_key.size()}) ? 1 : 0;
    return good && (known == object->size() ||
                    check_unknown(*object, member_names<T>, is_strict<T>(), at, report));
}

template <typename T>
bool decode_taught(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    written_as<T> written{};
    if (!decode_value(json, written, at, report))
        return false;
    try {
        out = as_argument<T>::read(std::move(written));
        return true;
    } catch (...) {
        return report.fail_thrown(at, "what its type can read", json);
    }
}

template <typename T>
bool decode_path(boost::json::value const& json, T& out, json_path const& at, decode_report& report)
{
    std::string text;
    if (!decode_string(json, text, at, report))
        return false;
    out = T(std::move(text));
    return true;
}

template <typename T>
bool decode_value(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    if constexpr (taught<T>)
        return decode_taught(json, out, at, report);
    else if constexpr (borrowed_text<T>)
        static_assert(
            always_false<T>,
            "work: a std::string_view or pointer would dangle: use std::string"
        );
    else if constexpr (std::same_as<T, bool>)
        return decode_bool(json, out, at, report);
    else if constexpr (integer<T>)
        return decode_integer(json, out, at, report);
    else if constexpr (floating<T>)
        return decode_floating(json, out, at, report);
    else if constexpr (std::same_as<T, std::string>)
        return decode_string(json, out, at, report);
    else if constexpr (path_like<T>)
        return decode_path(json, out, at, report);
    else if constexpr (raw_json<T>)
        return decode_raw(json, out, at, report);
    else if constexpr (std::same_as<T, std::monostate>)
        return json.is_null() || report.fail(at, "null", json);
    else if constexpr (std::is_enum_v<T>)
        return decode_enum(json, out, at, report);
    else if constexpr (optional_like<T>)
        return decode_optional(json, out, at, report);
    else if constexpr (variant_like<T>)
        return decode_variant(json, out, at, report);
    else if constexpr (duration_like<T>)
        return decode_duration(json, out, at, report);
    else if constexpr (is_sys_time<T>)
        return decode_sys_time(json, out, at, report);
    else if constexpr (described_job<T>)
        return decode_described(json, out, at, report);
    else if constexpr (map_like<T>)
        return decode_map(json, out, at, report);
    else if constexpr (is_std_array<T> || tuple_like<T>)
        return decode_fixed(json, out, at, report);
    else if constexpr (sequence_like<T>)
        return decode_sequence(json, out, at, report);
    else if constexpr (set_like<T>)
        return decode_set(json, out, at, report);
    else
        static_assert(always_false<T>, WORK_DETAIL_NOT_AN_ARGUMENT);
}

}  // namespace detail

/// Reads one value. `noun` is what a message calls it, `subject` whose it is.
///
/// Errors: `errc::invalid_arguments`: "send_email: argument lines[1].zip: expected an integer
/// -128..127, found string "x"".
template <typename T>
T decode(
    boost::json::value const& json,
    std::string_view subject = {},
    std::string_view noun = "argument"
)
{
    if constexpr (!detail::good_arguments<true, T>) {
        detail::explain_fault<detail::fault_of_arguments<true, T>, T>();
        std::abort();
    } else {
        T out{};
        detail::decode_report report;
        if (!detail::decode_value(json, out, detail::json_path(subject, noun), report))
            report.raise();
        return out;
    }
}

}  // namespace work
