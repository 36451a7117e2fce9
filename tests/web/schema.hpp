// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace work::testing {

/// What of JSON Schema our document uses: type, enum, required, properties, additionalProperties,
/// items, oneOf, $ref. Says where a value does not fit, "" where it does.
class schema_check
{
public:
    explicit schema_check(boost::json::object const& document) : document_(document) {}

    std::string check(
        boost::json::value const& value,
        boost::json::object const& schema,
        std::string const& at = "$"
    ) const
    {
        if (auto const* ref = schema.if_contains("$ref"))
            return check(value, named(std::string(ref->as_string())), at);
        if (auto const* any = schema.if_contains("oneOf")) {
            int fits = 0;
            for (auto const& one : any->as_array())
                fits += check(value, one.as_object(), at).empty() ? 1 : 0;
            return fits == 1 ? "" : at + " fits " + std::to_string(fits) + " of oneOf";
        }
        if (auto const* type = schema.if_contains("type"); type && !is_any(value, *type))
            return at + " has another type";
        if (auto const* known = schema.if_contains("enum")) {
            bool found = false;
            for (auto const& one : known->as_array())
                found = found || one == value;
            if (!found)
                return at + " is none of its enum";
        }
        if (value.is_object())
            return check_members(value.as_object(), schema, at);
        if (auto const* items = schema.if_contains("items"); items && value.is_array()) {
            std::size_t i = 0;
            for (auto const& one : value.as_array()) {
                auto fault = check(one, items->as_object(), at + "[" + std::to_string(i++) + "]");
                if (!fault.empty())
                    return fault;
            }
        }
        return {};
    }
    boost::json::object const& named(std::string const& ref) const
    {
        return document_.at("components")
            .as_object()
            .at("schemas")
            .as_object()
            .at(ref.substr(ref.rfind('/') + 1))
            .as_object();
    }

private:
    std::string check_members(
        boost::json::object const& value,
        boost::json::object const& schema,
        std::string const& at
    ) const
    {
        if (auto const* required = schema.if_contains("required"))
            for (auto const& one : required->as_array())
                if (!value.contains(one.as_string()))
                    return at + " lacks " + std::string(one.as_string());
        auto const* known = schema.if_contains("properties");
        auto const* more = schema.if_contains("additionalProperties");
        for (auto const& [key, member] : value) {
            auto const* own = known ? known->as_object().if_contains(key) : nullptr;
            std::string const where = at + "." + std::string(key);
            std::string fault;
            if (own)
                fault = check(member, own->as_object(), where);
            else if (more && more->is_bool() && !more->as_bool())
                fault = where + " is not described";
            else if (more && more->is_object())
                fault = check(member, more->as_object(), where);
            if (!fault.empty())
                return fault;
        }
        return {};
    }
    static bool is_any(boost::json::value const& value, boost::json::value const& types)
    {
        if (types.is_string())
            return is(value, std::string(types.as_string()));
        for (auto const& one : types.as_array())
            if (is(value, std::string(one.as_string())))
                return true;
        return false;
    }
    static bool is(boost::json::value const& value, std::string const& type)
    {
        return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
               (type == "string" && value.is_string()) || (type == "boolean" && value.is_bool()) ||
               (type == "null" && value.is_null()) ||
               (type == "integer" && (value.is_int64() || value.is_uint64())) ||
               (type == "number" && value.is_number());
    }

    boost::json::object const& document_;
};

}  // namespace work::testing
