// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/envelope_parts.hpp>

#include <charconv>

namespace work {
namespace detail {

inline std::string_view first_line_of(std::string_view envelope) noexcept
{
    return envelope.substr(0, envelope.find('\n'));
}

// At most `most` bytes, without the first bytes of a character that would be cut in two.
inline std::string_view cut_text(std::string_view text, std::size_t most) noexcept
{
    if (text.size() <= most)
        return text;
    std::size_t end = most;
    while (end > most - 3 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u)
        --end;
    return text.substr(0, end);
}

inline std::string cut_body(std::string_view body)
{
    std::size_t const line = body.find('\n');
    std::string cut(cut_text(body.substr(0, line), head_part_bytes));
    if (line != body.npos)
        cut.append(1, '\n').append(cut_text(body.substr(line + 1), head_part_bytes));
    return cut;
}

}  // namespace detail

WORK_DECL bool is_large_envelope(std::string_view envelope) noexcept
{
    return envelope.size() > max_whole_envelope && envelope[0] == envelope_version &&
           envelope.find('\n') != envelope.npos && envelope.find('\n') > envelope_list_offset;
}

WORK_DECL bool has_body_apart(std::string_view envelope) noexcept
{
    return envelope.size() > envelope_list_offset && envelope[0] >= envelope_version &&
           envelope[0] <= '9' && envelope[1] == ' ' &&
           has_envelope_flag(envelope, envelope_flags::body_apart);
}

WORK_DECL std::int64_t stated_body_bytes(std::string_view envelope) noexcept
{
    std::string_view const line = detail::first_line_of(envelope);
    std::size_t const at = line.rfind(" b=");
    std::int64_t bytes = -1;
    if (at != line.npos)
        std::from_chars(line.data() + at + 3, line.data() + line.size(), bytes);
    return bytes;
}

WORK_DECL std::int64_t stored_bytes_of(std::string_view envelope) noexcept
{
    auto const own = static_cast<std::int64_t>(envelope.size());
    if (!has_body_apart(envelope))
        return own;
    std::int64_t const body = stated_body_bytes(envelope);
    return body < 0 ? own : own + body;
}

WORK_DECL std::string_view body_of(std::string_view envelope) noexcept
{
    std::size_t const line = envelope.find('\n');
    return line == envelope.npos ? std::string_view() : envelope.substr(line + 1);
}

WORK_DECL std::string make_head(std::string_view envelope)
{
    std::string_view const body = body_of(envelope);
    std::string head(detail::first_line_of(envelope));
    set_envelope_flag(head, envelope_flags::body_apart);
    head.append(" b=").append(std::to_string(body.size())).append(1, '\n');
    return head.append(detail::cut_body(body));
}

WORK_DECL std::string whole_envelope(std::string_view head, std::string_view body)
{
    std::string_view const line = detail::first_line_of(head);
    std::string whole;
    whole.reserve(line.size() + 1 + body.size());
    return whole.append(line).append(1, '\n').append(body);
}

WORK_DECL std::string shortened_envelope(std::string_view envelope)
{
    std::string_view const body = body_of(envelope);
    std::string const cut = detail::cut_body(body);
    if (has_body_apart(envelope) || cut.size() == body.size())
        return std::string(envelope);
    std::string head(detail::first_line_of(envelope));
    head.append(" b=").append(std::to_string(body.size())).append(1, '\n');
    return head.append(cut);
}

}  // namespace work
