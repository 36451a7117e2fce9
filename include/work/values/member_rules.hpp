// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/argument_types.hpp>
#include <work/values/decode_report.hpp>
#include <work/values/described.hpp>
#include <work/values/json_path.hpp>
#include <work/values/json_shape.hpp>

#include <boost/json/fwd.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

/// \file
/// Which members an object must and may have for a described struct.
///
/// By default old and new programs share a queue: members that the struct does not know are
/// ignored (and logged once by a pool), and absent ones keep their defaults. Only an object that
/// has members, and none that is known, is refused. A struct may say otherwise:
///
///     struct charge {
///         std::int64_t amount = 0;
///         std::string note;
///         static constexpr std::array<std::string_view, 1> required_members{"amount"};
///         static constexpr bool strict_members = true;  // all required, and no others
///     };
///
/// A strict struct requires all members but optionals.

namespace work::detail {

template <typename T>
inline constexpr auto member_names = [] {
    std::array<std::string_view, member_count<T> + (tagged<T> ? 1 : 0)> names{};
    if constexpr (tagged<T>)
        names.back() = variant_tag_key;
    std::size_t at = 0;
    all_members<T>([&]<typename Member>() {
        names[at++] = Member::name;
        return true;
    });
    return names;
}();

template <typename T>
constexpr bool is_strict()
{
    if constexpr (requires { T::strict_members; })
        return T::strict_members;
    else
        return false;
}

template <typename T>
constexpr bool requires_member(std::string_view name)
{
    if constexpr (requires { T::required_members; }) {
        for (std::string_view const required : T::required_members)
            if (required == name)
                return true;
    }
    return false;
}

template <typename T>
constexpr bool knows_required_members()
{
    if constexpr (requires { T::required_members; }) {
        for (std::string_view const required : T::required_members) {
            bool known = false;
            for (std::string_view const name : member_names<T>)
                known = known || name == required;
            if (!known)
                return false;
        }
    }
    return true;
}

template <typename T, typename Member>
constexpr bool must_have()
{
    return requires_member<T>(Member::name) ||
           (is_strict<T>() && !may_be_absent<member_type<T, Member>>);
}

/// Each returns false when the arguments are to be refused, with the reason in the report.
WORK_DECL bool refuse_absent(
    boost::json::object const& object,
    std::string_view member,
    std::span<std::string_view const> names,
    json_path const& at,
    decode_report& report
);
WORK_DECL bool check_unknown(
    boost::json::object const& object,
    std::span<std::string_view const> names,
    bool strict,
    json_path const& at,
    decode_report& report
);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/values/member_rules.ipp>
#endif
