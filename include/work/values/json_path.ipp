// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/json_path.hpp>
#include <work/values/text.hpp>

namespace work::detail {

inline bool is_identifier(std::string_view text) noexcept
{
    for (char const c : text)
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-'))
            return false;
    return !text.empty();
}

// Deep paths are cut in the middle's favour: what stands nearest to the fault says most.
inline void append_path(std::string& out, json_path const& path, std::size_t& left)
{
    if (path.what == json_path::kind::root)
        return;
    if (left == 0) {
        out += "...";
        return;
    }
    append_path(out, *path.parent, --left);
    if (path.what == json_path::kind::element) {
        if (path.one_based)
            out += std::to_string(path.index + 1);
        else
            out += '[' + std::to_string(path.index) + ']';
    } else if (is_identifier(path.key)) {
        if (path.parent->what != json_path::kind::root)
            out += '.';
        out += path.key;
    } else {
        out += '[' + quote(path.key) + ']';
    }
}

WORK_DECL std::string describe_path(json_path const& path)
{
    json_path const* root = &path;
    while (root->parent)
        root = root->parent;
    std::string out;
    if (!root->key.empty())
        out = std::string(root->key) + ": ";
    out += root->noun;
    std::string where;
    std::size_t left = 16;
    append_path(where, path, left);
    if (where.empty())
        out += root->noun == "argument" ? "s" : "";
    else
        out += ' ' + where;
    return out;
}

WORK_DECL void throw_invalid_argument(
    json_path const& path,
    std::string_view expected,
    std::string_view found
)
{
    std::string text = describe_path(path);
    text += ": expected ";
    text += expected;
    text += ", found ";
    text += found;
    throw error(errc::invalid_arguments, std::move(text));
}

}  // namespace work::detail
