// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstddef>
#include <string>
#include <termios.h>
#include <vector>

#include "top/frame.hpp"

namespace work::tool::top {

/// The terminal, with a picture on it and without echo. What it was before comes back at the end,
/// while the program is suspended, and after an exception.
class screen
{
public:
    /// Errors: errc::invalid_option: stdin and stdout are no terminal.
    explicit screen(boost::asio::any_io_executor on);
    screen(screen const&) = delete;
    screen& operator=(screen const&) = delete;
    ~screen();

    void draw(std::vector<line> const& lines);
    /// As Ctrl-Z does elsewhere; returns when the program goes on.
    void suspend();
    /// What is typed.
    boost::asio::posix::stream_descriptor& keys() { return keys_; }

private:
    void enter();
    void leave() noexcept;

    boost::asio::posix::stream_descriptor keys_;
    ::termios before_{};
    bool colour_;
};

}  // namespace work::tool::top
