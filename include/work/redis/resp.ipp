// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/resp.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace work::redis {

WORK_DECL parser::parser(resp_limits limits) : limits_(limits)
{
    constexpr std::size_t four_gib = 0xffff'ffffu;
    limits_.reply_bytes = std::min(limits_.reply_bytes, four_gib);
    limits_.elements = std::min(limits_.elements, four_gib - 1);
}

WORK_DECL std::span<char> parser::prepare(std::size_t at_least)
{
    if (capacity_ - end_ < at_least) {
        std::size_t const used = end_ - begin_;
        if (begin_ > 0 && used <= capacity_ / 2 && capacity_ - used >= at_least) {
            std::memmove(buffer_.get(), buffer_.get() + begin_, used);
        } else {
            // Doubling keeps the copying linear, however small the portions are.
            std::size_t const grown =
                std::max({capacity_ * 2, used + at_least, std::size_t(16 * 1024)});
            auto bigger = std::make_unique_for_overwrite<char[]>(grown);
            if (used > 0)
                std::memcpy(bigger.get(), buffer_.get() + begin_, used);
            buffer_ = std::move(bigger);
            capacity_ = grown;
        }
        pos_ -= begin_;
        scan_ -= begin_;
        begin_ = 0;
        end_ = used;
    }
    return {buffer_.get() + end_, capacity_ - end_};
}

WORK_DECL bool parser::next(reply& out)
{
    if (!failure_.empty())
        throw error(errc::protocol, failure_);
    for (;;) {
        bool complete = false;
        if (in_bulk_) {
            if (!parse_bulk())
                return false;
            complete = true;
        } else if (!parse_line(complete)) {
            return false;
        }
        if (pos_ - begin_ > limits_.reply_bytes)
            fail(
                "a reply is larger than the limit of " + std::to_string(limits_.reply_bytes) +
                " bytes"
            );
        if (complete && close_value()) {
            emit(out);
            return true;
        }
    }
}

WORK_DECL void parser::reset() noexcept
{
    begin_ = pos_ = scan_ = end_ = 0;
    in_bulk_ = has_text_ = false;
    nodes_.clear();
    stack_.clear();
    failure_.clear();
}

WORK_DECL bool parser::parse_bulk()
{
    if (end_ - pos_ < bulk_size_ + 2)
        return false;
    char const* const text = buffer_.get() + pos_;
    if (text[bulk_size_] != '\r' || text[bulk_size_ + 1] != '\n')
        fail("a string of " + std::to_string(bulk_size_) + " bytes does not end with a line end");
    if (bulk_type_ == kind::verbatim) {
        if (bulk_size_ < 4 || text[3] != ':')
            fail("a verbatim string has no format in front");
        add_text(bulk_type_, pos_ + 4, bulk_size_ - 4);
    } else {
        add_text(bulk_type_, pos_, bulk_size_);
    }
    pos_ += bulk_size_ + 2;
    scan_ = pos_;
    in_bulk_ = false;
    return true;
}

/// Reads one line; `complete` says whether a value ended with it.
WORK_DECL bool parser::parse_line(bool& complete)
{
    if (pos_ == end_)
        return false;
    char const* const data = buffer_.get();
    char const type = data[pos_];
    constexpr std::string_view types = "+-:$*_#,(!=%~>|";
    if (type == '\0' || types.find(type) == std::string_view::npos)
        fail(
            "the byte " + std::to_string(static_cast<unsigned char>(type)) +
            " starts no type of RESP; is this a Redis server?"
        );
    std::size_t const from = std::max(scan_, pos_ + 1);
    auto const* cr = from < end_
                         ? static_cast<char const*>(std::memchr(data + from, '\r', end_ - from))
                         : nullptr;
    std::size_t const stop = cr ? static_cast<std::size_t>(cr - data) : end_;
    if (stop - pos_ > limits_.line_bytes)
        fail("a line is longer than the limit of " + std::to_string(limits_.line_bytes) + " bytes");
    if (!cr || stop + 1 == end_) {
        scan_ = stop;
        return false;
    }
    if (data[stop + 1] != '\n')
        fail("a line has a carriage return in the middle");
    std::string_view const line(data + pos_ + 1, stop - pos_ - 1);
    complete = open_line(type, line);
    pos_ = stop + 2;
    scan_ = pos_;
    return true;
}

/// Takes the line apart; true if the value is complete with it.
WORK_DECL bool parser::open_line(char type, std::string_view line)
{
    switch (type) {
    case '+':
    case '-':
        add_text(type == '+' ? kind::simple_string : kind::simple_error, pos_ + 1, line.size());
        return true;
    case ':': {
        std::string_view digits = line;
        if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-')
            digits.remove_prefix(1);
        std::int64_t integer = 0;
        auto const [end, ec] =
            std::from_chars(digits.data(), digits.data() + digits.size(), integer);
        if (ec != std::errc() || end != digits.data() + digits.size())
            fail("an integer is not a whole number of 64 bits");
        add_scalar(kind::integer, integer);
        return true;
    }
    case '_':
        if (!line.empty())
            fail("a null has something in it");
        add_scalar(kind::null, 0);
        return true;
    case '#':
        if (line != "t" && line != "f")
            fail("a boolean is neither t nor f");
        add_scalar(kind::boolean, line == "t" ? 1 : 0);
        return true;
    case ',': {
        double ignored = 0;
        std::string_view digits = line;
        if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-')
            digits.remove_prefix(1);
        auto const [end, ec] =
            std::from_chars(digits.data(), digits.data() + digits.size(), ignored);
        // A number too large or too small for a double is still a number.
        if ((ec != std::errc() && ec != std::errc::result_out_of_range) ||
            end != digits.data() + digits.size())
            fail("a double is not a number");
        add_text(kind::number, pos_ + 1 + (line.size() - digits.size()), digits.size());
        return true;
    }
    case '(': {
        std::size_t const sign = !line.empty() && (line[0] == '-' || line[0] == '+') ? 1 : 0;
        if (line.size() == sign ||
            line.find_first_not_of("0123456789", sign) != std::string_view::npos)
            fail("a big number has something else than digits");
        add_text(kind::big_number, pos_ + 1, line.size());
        return true;
    }
    case '$':
    case '!':
    case '=':
        if (type == '$' && line == "-1") {
            add_scalar(kind::null, 0);
            return true;
        }
        open_bulk(type, line);
        return false;
    default: return open_aggregate(type, line);
    }
}

WORK_DECL void parser::open_bulk(char type, std::string_view line)
{
    bulk_size_ = length(line, limits_.bulk_bytes, "a string");
    if (pos_ - begin_ + bulk_size_ > limits_.reply_bytes)
        fail(
            "a reply is larger than the limit of " + std::to_string(limits_.reply_bytes) + " bytes"
        );
    bulk_type_ = type == '$' ? kind::bulk_string : type == '!' ? kind::blob_error : kind::verbatim;
    in_bulk_ = true;
}

WORK_DECL bool parser::open_aggregate(char type, std::string_view line)
{
    if (type == '*' && line == "-1") {
        add_scalar(kind::null, 0);
        return true;
    }
    if (type == '>' && !stack_.empty())
        fail("a push stands inside of another reply");
    bool const pairs = type == '%' || type == '|';
    std::size_t count = length(line, limits_.elements / (pairs ? 2 : 1), "an aggregate");
    count *= pairs ? 2 : 1;
    if (count + nodes_.size() >= limits_.elements)
        fail(
            "a reply has more than the limit of " + std::to_string(limits_.elements) + " elements"
        );
    if (type == '|') {
        if (count == 0)
            return false;
    } else {
        detail::node& opened =
            add(type == '*'   ? kind::array
                : type == '%' ? kind::map
                : type == '~' ? kind::set
                              : kind::push);
        opened.size = static_cast<std::uint32_t>(count);
        if (count == 0)
            return true;
    }
    if (stack_.size() >= limits_.depth)
        fail("a reply is nested deeper than the limit of " + std::to_string(limits_.depth));
    stack_.push_back({count, type == '|' ? nodes_.size() : nodes_.size() - 1, type == '|'});
    return false;
}

WORK_DECL detail::node& parser::add(kind type)
{
    if (nodes_.size() >= limits_.elements)
        fail(
            "a reply has more than the limit of " + std::to_string(limits_.elements) + " elements"
        );
    detail::node& added = nodes_.emplace_back();
    added.type = type;
    return added;
}

WORK_DECL void parser::add_text(kind type, std::size_t position, std::size_t size)
{
    std::size_t const offset = position - begin_;
    if (offset + size > limits_.reply_bytes)
        fail(
            "a reply is larger than the limit of " + std::to_string(limits_.reply_bytes) + " bytes"
        );
    detail::node& added = add(type);
    added.offset = static_cast<std::uint32_t>(offset);
    added.size = static_cast<std::uint32_t>(size);
    has_text_ = true;
}

WORK_DECL void parser::add_scalar(kind type, std::int64_t integer)
{
    add(type).integer = integer;
}

WORK_DECL std::size_t parser::length(std::string_view digits, std::size_t limit, char const* what)
{
    if (digits == "?")
        fail(std::string(what) + " is streamed, which is not supported");
    std::size_t result = 0;
    auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
    if ((ec != std::errc() && ec != std::errc::result_out_of_range) ||
        end != digits.data() + digits.size() || digits.empty())
        fail("the length of " + std::string(what) + " is not a whole number");
    if (ec == std::errc::result_out_of_range || result > limit)
        fail(
            "the length of " + std::string(what) + " is above the limit of " + std::to_string(limit)
        );
    return result;
}

/// A value ended, and perhaps the aggregates around it; true if that was the whole reply.
WORK_DECL bool parser::close_value() noexcept
{
    while (!stack_.empty()) {
        frame& top = stack_.back();
        if (--top.remaining > 0)
            return false;
        bool const attribute = top.attribute;
        if (attribute)
            nodes_.resize(top.node);
        else
            nodes_[top.node].extent = static_cast<std::uint32_t>(nodes_.size() - top.node);
        stack_.pop_back();
        // An attribute is no value of its own: the one it describes follows.
        if (attribute)
            return false;
    }
    return true;
}

WORK_DECL void parser::emit(reply& out)
{
    if (nodes_.size() == 1 && !has_text_) {
        out.block_.reset();
        out.scalar_ = nodes_.front();
    } else {
        std::size_t const head = nodes_.size() * sizeof(detail::node);
        std::size_t const body = has_text_ ? pos_ - begin_ : 0;
        out.block_ = std::make_unique_for_overwrite<std::byte[]>(head + body);
        std::memcpy(out.block_.get(), nodes_.data(), head);
        if (body > 0)
            std::memcpy(out.block_.get() + head, buffer_.get() + begin_, body);
    }
    nodes_.clear();
    has_text_ = false;
    begin_ = pos_;
    if (begin_ == end_) {
        begin_ = pos_ = scan_ = end_ = 0;
        // One large reply should not hold its memory for ever.
        if (capacity_ > (1u << 20)) {
            buffer_.reset();
            capacity_ = 0;
        }
    }
    if (nodes_.capacity() > (1u << 15))
        std::vector<detail::node>().swap(nodes_);
}

WORK_DECL void parser::fail(std::string message)
{
    failure_ = "the server sent bytes that are no valid RESP: " + message;
    throw error(errc::protocol, failure_);
}

}  // namespace work::redis
