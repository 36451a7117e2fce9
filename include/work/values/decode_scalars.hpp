// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/argument_types.hpp>
#include <work/values/decode_report.hpp>
#include <work/values/unit_name.hpp>

#include <boost/json/value.hpp>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace work::detail {

WORK_DECL bool decode_bool(
    boost::json::value const& json,
    bool& out,
    json_path const& at,
    decode_report& report
);
WORK_DECL bool decode_string(
    boost::json::value const& json,
    std::string& out,
    json_path const& at,
    decode_report& report
);
WORK_DECL bool decode_double(
    boost::json::value const& json,
    double& out,
    json_path const& at,
    decode_report& report
);

/// Reads a time as ms, and ns above them: an integer, or RFC 3339 text.
WORK_DECL bool decode_time_ms(
    boost::json::value const& json,
    std::int64_t& ms,
    std::int64_t& ns,
    json_path const& at,
    decode_report& report
);

/// Reads a duration as ms: an integer, or text like "1h30m".
WORK_DECL bool decode_duration_ms(
    boost::json::value const& json,
    std::int64_t& ms,
    json_path const& at,
    decode_report& report
);

WORK_DECL bool decode_raw(
    boost::json::value const& json,
    boost::json::value& out,
    json_path const& at,
    decode_report& report
);
WORK_DECL bool decode_raw(
    boost::json::value const& json,
    boost::json::object& out,
    json_path const& at,
    decode_report& report
);
WORK_DECL bool decode_raw(
    boost::json::value const& json,
    boost::json::array& out,
    json_path const& at,
    decode_report& report
);
WORK_DECL bool decode_raw(
    boost::json::value const& json,
    boost::json::string& out,
    json_path const& at,
    decode_report& report
);

WORK_DECL bool is_whole_number(boost::json::value const& json) noexcept;

template <typename T>
bool decode_integer(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    if (auto const* number = json.if_int64(); number && std::in_range<T>(*number)) {
        out = static_cast<T>(*number);
        return true;
    }
    if (auto const* number = json.if_uint64(); number && std::in_range<T>(*number)) {
        out = static_cast<T>(*number);
        return true;
    }
    // Of the widest types the range is said only to a whole number that is outside of it.
    if (sizeof(T) == sizeof(long long) && !is_whole_number(json))
        return report.fail(at, "an integer", json);
    return report.fail_range(
        at,
        static_cast<std::int64_t>(std::numeric_limits<T>::min()),
        static_cast<std::uint64_t>(std::numeric_limits<T>::max()),
        json
    );
}

template <typename T>
bool decode_floating(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    double value = 0;
    if (!decode_double(json, value, at, report))
        return false;
    if constexpr (std::same_as<T, float>) {
        constexpr float most = std::numeric_limits<float>::max();
        // The shortest text of the largest float is a little more than it.
        if (std::abs(value) >= 0x1.ffffffp127)
            return report.fail(at, "a number in the range of float", json);
        if (std::abs(value) > static_cast<double>(most)) {
            out = value < 0 ? -most : most;
            return true;
        }
        // An integer must arrive exactly; a fraction is rounded, since 0.1f was written as 0.1.
        if (!json.is_double() && static_cast<double>(static_cast<float>(value)) != value)
            return report.fail(at, "an integer that a float holds exactly", json);
    }
    out = static_cast<T>(value);
    return true;
}

template <typename T>
bool decode_enum(boost::json::value const& json, T& out, json_path const& at, decode_report& report)
{
    if constexpr (described_enum<T>) {
        auto const* name = json.if_string();
        if (name && find_enumerator(std::string_view(name->data(), name->size()), out))
            return true;
        if (report.is_quiet())
            return false;
        std::string names;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
            names += names.empty() ? "one of " : ", ";
            names += one.name;
        });
        return report.fail(at, names, json);
    } else {
        std::underlying_type_t<T> number{};
        if (!decode_integer(json, number, at, report))
            return false;
        out = static_cast<T>(number);
        return true;
    }
}

template <typename T>
bool decode_duration(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    using std::chrono::milliseconds;
    if constexpr (std::chrono::treat_as_floating_point_v<typename T::rep>) {
        using rep = typename T::rep;
        double ms = 0;
        if (auto const* text = json.if_string()) {
            rep count = 0;
            std::string_view const whole(text->data(), text->size());
            char const* const last = whole.data() + whole.size();
            auto const [end, bad] = std::from_chars(whole.data(), last, count);
            std::string_view const unit(end, static_cast<std::size_t>(last - end));
            if (bad == std::errc() && !unit.empty() && unit == unit_name<typename T::period>()) {
                out = T(count);
                return true;
            }
            std::int64_t whole_ms = 0;
            if (!decode_duration_ms(json, whole_ms, at, report))
                return false;
            ms = static_cast<double>(whole_ms);
        } else if (!decode_double(json, ms, at, report)) {
            return false;
        }
        out = std::chrono::duration_cast<T>(std::chrono::duration<double, std::milli>(ms));
        return true;
    } else {
        std::int64_t ms = 0;
        if (!decode_duration_ms(json, ms, at, report))
            return false;
        // In units of T without overflow: ms * numerator / denominator.
        using ratio = std::ratio_divide<std::milli, typename T::period>;
        std::int64_t const most = std::numeric_limits<std::int64_t>::max() / ratio::num;
        bool const exact = ms % ratio::den == 0;
        bool const fits = ms <= most && ms >= -most &&
                          std::in_range<typename T::rep>(ms * ratio::num / ratio::den);
        if (!exact)
            return report.fail(
                at,
                "a duration that is a multiple of " + std::to_string(ratio::den) + " ms",
                json
            );
        if (!fits)
            return report.fail(at, "a shorter duration", json);
        out = T(static_cast<typename T::rep>(ms * ratio::num / ratio::den));
        return true;
    }
}

template <typename T>
bool decode_sys_time(
    boost::json::value const& json,
    T& out,
    json_path const& at,
    decode_report& report
)
{
    using duration = typename T::duration;
    std::int64_t ms = 0;
    std::int64_t ns = 0;
    if (!decode_time_ms(json, ms, ns, at, report))
        return false;
    using ratio = std::ratio_divide<std::milli, typename duration::period>;
    std::int64_t const most = std::numeric_limits<std::int64_t>::max() / ratio::num;
    using wide = std::chrono::duration<std::int64_t, typename duration::period>;
    auto const in_units = std::chrono::floor<wide>(std::chrono::milliseconds(
        ms > most    ? 0
        : ms < -most ? 0
                     : ms
    ));
    if (ms > most || ms < -most || !std::in_range<typename duration::rep>(in_units.count()))
        return report.fail(at, "a time in the range of the clock", json);
    out = T(duration(static_cast<typename duration::rep>(in_units.count())));
    if constexpr (std::ratio_less_v<typename duration::period, std::milli>)
        out += std::chrono::duration_cast<duration>(std::chrono::nanoseconds(ns));
    return true;
}

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/values/decode_scalars.ipp>
#endif
