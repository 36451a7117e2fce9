// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/head.hpp>
#include <work/web/impl/session.hpp>
#include <work/web/problem.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

// The one file that knows Boost.Beast: it reads bodies, as one reader more of the head as well.
namespace work::web {

struct body_reader::impl
{
    boost::beast::http::request_parser<boost::beast::http::string_body> parser;
    std::size_t limit = 0;

    /// How much of the text was taken.
    std::size_t put(std::string_view text)
    {
        boost::system::error_code ec;
        std::size_t const used = parser.put(boost::asio::buffer(text.data(), text.size()), ec);
        if (ec == boost::beast::http::error::body_limit)
            throw problem(
                413,
                "too-large",
                "The body is larger than " + std::to_string(limit) + " bytes."
            )
                .closing();
        if (ec && ec != boost::beast::http::error::need_more)
            throw problem(400, "bad-request", "The request can't be read: " + ec.message() + ".")
                .closing();
        return used;
    }
};

WORK_DECL body_reader::body_reader(std::string_view head, std::size_t limit)
    : impl_(std::make_unique<impl>())
{
    impl_->limit = limit;
    impl_->parser.header_limit(static_cast<std::uint32_t>(head.size() + 1));
    impl_->parser.body_limit(limit);
    impl_->parser.eager(true);
    impl_->put(head);
    if (!impl_->parser.is_header_done())
        throw problem(400, "bad-request", "The head can't be read.").closing();
}

WORK_DECL body_reader::~body_reader() = default;

WORK_DECL void body_reader::take(std::string& buffer)
{
    while (!buffer.empty() && !done()) {
        std::size_t const used = impl_->put(buffer);
        buffer.erase(0, used);
        if (used == 0) {
            // A chunk's line, or a field behind the last chunk, without end.
            if (buffer.size() > 8192)
                throw problem(400, "bad-request", "A chunk's line is too long.").closing();
            return;
        }
    }
}

WORK_DECL bool body_reader::done() const
{
    return impl_->parser.is_done();
}

WORK_DECL std::string body_reader::body()
{
    return std::move(impl_->parser.get().body());
}

}  // namespace work::web
