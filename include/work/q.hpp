// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/encode.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace work {

/// Arguments by name, in the order they were given:
///
///     work::q named{{"user_id", 7}, {"email", "a@b.c"}};
///
/// A value is anything that can be an argument, also another `q`.
///
/// Errors: `errc::invalid_arguments` when a name is given twice, and as `append_json`.
class q
{
public:
    struct argument
    {
        template <typename T>
        argument(std::string_view name_, T const& value) : name(name_)
        {
            using type = std::decay_t<T const>;
            if constexpr (!detail::good_arguments<false, type>) {
                detail::explain_fault<detail::fault_of_arguments<false, type>, type>();
            } else {
                detail::json_path const root;
                detail::encode_value(json, value, detail::json_path(root, name_));
            }
        }

        std::string name;
        std::string json;
    };

    q() = default;
    WORK_DECL q(std::initializer_list<argument> arguments);

    /// Adds one more argument.
    template <typename T>
    q& add(std::string_view name, T const& value) &
    {
        append(argument(name, value));
        return *this;
    }

    bool empty() const noexcept { return members_.empty(); }

    /// The arguments as the text of a JSON object.
    WORK_DECL std::string json() const;
    WORK_DECL void append_json(std::string& out) const;

private:
    WORK_DECL void append(argument&& one);

    std::string members_;  // what stands between the braces
    std::string names_;    // each as a JSON string, followed by a newline
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/q.ipp>
#endif
