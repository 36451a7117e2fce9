// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/json_path.hpp>
#include <work/values/text.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <new>
#include <optional>
#include <string>

namespace work {
namespace detail {

/// Builds the document, as boost::json::parser does, but with doubles that are exact: its own
/// (before Boost 1.83 the only way) may be off by one in the last place.
struct args_handler
{
    using error_code = boost::json::error_code;
    using string_view = boost::json::string_view;

    static constexpr std::size_t max_object_size = boost::json::object::max_size();
    static constexpr std::size_t max_array_size = boost::json::array::max_size();
    static constexpr std::size_t max_key_size = boost::json::string::max_size();
    static constexpr std::size_t max_string_size = boost::json::string::max_size();

    explicit args_handler(unsigned char* buffer, std::size_t size)
        : stack(boost::json::storage_ptr(), buffer, size)
    {}

    boost::json::value_stack stack;
    bool out_of_range = false;

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }
    bool on_object_end(std::size_t n, error_code&) { return stack.push_object(n), true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t n, error_code&) { return stack.push_array(n), true; }
    bool on_key_part(string_view s, std::size_t, error_code&) { return stack.push_chars(s), true; }
    bool on_key(string_view s, std::size_t, error_code&) { return stack.push_key(s), true; }
    bool on_string_part(string_view s, std::size_t, error_code&)
    {
        return stack.push_chars(s), true;
    }
    bool on_string(string_view s, std::size_t, error_code&) { return stack.push_string(s), true; }
    bool on_number_part(string_view, error_code&) { return true; }
    bool on_int64(std::int64_t i, string_view, error_code&) { return stack.push_int64(i), true; }
    bool on_uint64(std::uint64_t u, string_view, error_code&) { return stack.push_uint64(u), true; }
    bool on_double(double approximate, string_view text, error_code& ec)
    {
        double value = approximate;
        auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
        // Too small is zero; too large is no number that anyone could mean.
        if (fault == std::errc::result_out_of_range && std::abs(approximate) > 1) {
            out_of_range = true;
            ec = boost::json::error::exponent_overflow;
            return false;
        }
        stack.push_double(fault == std::errc() ? value : 0.0);
        return true;
    }
    bool on_bool(bool b, error_code&) { return stack.push_bool(b), true; }
    bool on_null(error_code&) { return stack.push_null(), true; }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }
};

inline boost::json::parse_options args_parse_options()
{
    boost::json::parse_options options;
    options.max_depth = max_args_depth;
    return options;
}

}  // namespace detail

struct args_parser::impl
{
    static constexpr std::size_t document_size = 4096;
    static constexpr std::size_t stack_size = 2048;

    alignas(16) unsigned char document_buffer[document_size];
    alignas(16) unsigned char stack_buffer[stack_size];
    std::optional<boost::json::monotonic_resource> document;
    boost::json::basic_parser<detail::args_handler> parser{
        detail::args_parse_options(),
        stack_buffer,
        stack_size
    };
    boost::json::array none;
    std::optional<boost::json::value> value;

    void clear() noexcept
    {
        // What a failed parse left must go before the memory it lives in.
        parser.reset();
        parser.handler().stack.reset();
        value.reset();
        document.reset();
    }

    // Made anew each time: release() alone would keep the size of the next block, which doubles
    // with each, until after some dozens of large documents no block could be allocated.
    boost::json::storage_ptr new_document() noexcept
    {
        clear();
        return &document.emplace(document_buffer, document_size);
    }
};

WORK_DECL args_parser::args_parser() : impl_(std::make_unique<impl>()) {}
WORK_DECL args_parser::~args_parser() = default;
WORK_DECL args_parser::args_parser(args_parser&&) noexcept = default;
WORK_DECL args_parser& args_parser::operator=(args_parser&&) noexcept = default;

WORK_DECL void args_parser::clear() noexcept
{
    impl_->clear();
}

WORK_DECL boost::json::value const& args_parser::parse(
    std::string_view text,
    std::string_view subject
)
{
    impl& self = *impl_;
    boost::json::storage_ptr const storage = self.new_document();
    if (text.empty())
        return self.value.emplace(boost::json::array_kind, storage);

    auto& handler = self.parser.handler();
    handler.stack.reset(storage);
    boost::json::error_code ec;
    std::size_t read = self.parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && read < text.size())
        ec = boost::json::error::extra_data;
    if (ec) {
        std::string message = subject.empty() ? "" : std::string(subject) + ": ";
        message += "arguments are not JSON: ";
        message +=
            ec == boost::json::error::too_deep ? "nesting deeper than 512 levels" : ec.message();
        message += " at byte " + std::to_string(read);
        if (read < text.size())
            message += ", before " + detail::quote(text.substr(read), 24);
        self.clear();
        throw error(errc::invalid_arguments, std::move(message));
    }
    return self.value.emplace(handler.stack.release());
}

}  // namespace work
