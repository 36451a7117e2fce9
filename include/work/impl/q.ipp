// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/q.hpp>

namespace work {

WORK_DECL q::q(std::initializer_list<argument> arguments)
{
    for (argument const& one : arguments)
        append(argument(one));
}

// A JSON string holds no raw newline and no raw quote but its own two, so that finding one name
// among the others needs no parsing.
WORK_DECL void q::append(argument&& one)
{
    detail::json_path const root;
    std::string name;
    detail::encode_string(name, one.name, detail::json_path(root, one.name));
    if (("\n" + names_).find("\n" + name + "\n") != std::string::npos)
        throw error(
            errc::invalid_arguments,
            "the argument " + detail::quote(one.name) + " is given twice"
        );
    names_ += name + "\n";
    if (!members_.empty())
        members_ += ',';
    members_ += name;
    members_ += ':';
    members_ += one.json;
}

WORK_DECL std::string q::json() const
{
    std::string out;
    out.reserve(members_.size() + 2);
    append_json(out);
    return out;
}

WORK_DECL void q::append_json(std::string& out) const
{
    out += '{';
    out += members_;
    out += '}';
}

}  // namespace work
