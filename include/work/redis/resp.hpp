// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/redis/reply.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace work::redis {

/// What a server may send before the parser gives up on it.
struct resp_limits
{
    std::size_t bulk_bytes = 64u << 20;    ///< of one string
    std::size_t line_bytes = 64u << 10;    ///< of one simple string or error
    std::size_t reply_bytes = 512u << 20;  ///< of one whole reply; at most 4 GiB
    std::size_t elements = 1u << 20;       ///< of one whole reply, nested ones included
    std::size_t depth = 32;                ///< of nested aggregates
};

/// Turns the bytes of a RESP2 or RESP3 stream into replies; does no I/O.
///
/// Bytes may come in any portions: each is looked at once. Attributes are read and dropped.
/// Streamed strings and aggregates (which no server sends) are refused.
class parser
{
public:
    WORK_DECL explicit parser(resp_limits limits = resp_limits());

    /// Room to receive into, at least `at_least` bytes; then say `commit`.
    WORK_DECL std::span<char> prepare(std::size_t at_least = 4096);
    /// `size` bytes were received into the room.
    void commit(std::size_t size) noexcept { end_ += size; }

    /// Takes the next whole reply; false if more bytes are needed.
    ///
    /// \par Errors
    /// errc::protocol if the bytes are no valid RESP or above a limit. The stream can't be used
    /// any further: every later call throws as well, until `reset()`.
    WORK_DECL bool next(reply& out);

    /// Bytes received that are not yet part of a whole reply, or not yet taken.
    std::size_t buffered() const noexcept { return end_ - begin_; }
    /// Forgets everything, as for a new connection.
    WORK_DECL void reset() noexcept;

private:
    struct frame
    {
        std::size_t remaining;  // elements still to come
        std::size_t node;
        bool attribute;
    };

    bool parse_bulk();
    bool parse_line(bool& complete);
    bool open_line(char type, std::string_view line);
    void open_bulk(char type, std::string_view line);
    bool open_aggregate(char type, std::string_view line);
    void add_text(kind type, std::size_t position, std::size_t size);
    void add_scalar(kind type, std::int64_t integer);
    detail::node& add(kind type);
    std::size_t length(std::string_view digits, std::size_t limit, char const* what);
    bool close_value() noexcept;
    void emit(reply& out);
    [[noreturn]] void fail(std::string message);

    resp_limits limits_;
    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;  // first byte of the reply being parsed
    std::size_t pos_ = 0;    // first byte not yet parsed
    std::size_t scan_ = 0;   // first byte not yet searched for the end of a line
    std::size_t end_ = 0;    // end of what was received
    bool in_bulk_ = false;   // the header of a string was read, its bytes come next
    kind bulk_type_ = kind::bulk_string;
    std::size_t bulk_size_ = 0;
    bool has_text_ = false;
    std::vector<detail::node> nodes_;
    std::vector<frame> stack_;
    std::string failure_;
};

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/resp.ipp>
#endif
