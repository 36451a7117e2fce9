// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/json_slices.hpp>

#include <algorithm>

namespace work::web {
namespace detail_of_slices {

/// Walks through valid JSON without reading what it means.
class walker
{
public:
    explicit walker(std::string_view text) : text_(text) {}

    bool at_end() const noexcept { return at_ >= text_.size(); }
    char here() const noexcept { return at_end() ? '\0' : text_[at_]; }
    void step() noexcept { ++at_; }
    void skip_space() noexcept
    {
        while (!at_end() && (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r'))
            ++at_;
    }
    std::string_view value() noexcept
    {
        skip_space();
        std::size_t const from = at_;
        if (here() == '"') {
            string();
        } else if (here() == '{' || here() == '[') {
            int depth = 0;
            do {
                char const c = here();
                depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
                c == '"' ? string() : step();
            } while (depth > 0 && !at_end());
        } else {
            while (!at_end() && std::string_view(",]} \t\r\n").find(here()) == text_.npos)
                step();
        }
        return text_.substr(from, at_ - from);
    }

private:
    void string() noexcept
    {
        step();
        while (!at_end() && here() != '"')
            at_ += here() == '\\' ? 2 : 1;
        step();
        at_ = std::min(at_, text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace detail_of_slices

WORK_DECL std::size_t json_depth(std::string_view text) noexcept
{
    std::size_t depth = 0;
    std::size_t deepest = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (c == '"') {
            for (++i; i < text.size() && text[i] != '"'; ++i)
                i += text[i] == '\\' ? 1 : 0;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

WORK_DECL std::vector<json_member> json_members(std::string_view text)
{
    std::vector<json_member> all;
    detail_of_slices::walker walk(text);
    walk.skip_space();
    walk.step();
    for (walk.skip_space(); !walk.at_end() && walk.here() != '}'; walk.skip_space()) {
        std::string_view const key = walk.value();
        walk.skip_space();
        walk.step();
        std::string_view const value = walk.value();
        all.push_back({key.substr(1, key.size() - 2), value});
        walk.skip_space();
        if (walk.here() == ',')
            walk.step();
    }
    return all;
}

WORK_DECL std::vector<std::string_view> json_elements(std::string_view text)
{
    std::vector<std::string_view> all;
    detail_of_slices::walker walk(text);
    walk.skip_space();
    walk.step();
    for (walk.skip_space(); !walk.at_end() && walk.here() != ']'; walk.skip_space()) {
        all.push_back(walk.value());
        walk.skip_space();
        if (walk.here() == ',')
            walk.step();
    }
    return all;
}

}  // namespace work::web
