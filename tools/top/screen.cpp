// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "top/screen.hpp"

#include <work/error.hpp>

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

#include "terminal.hpp"

namespace work::tool::top {
namespace {

std::string_view colour_of(style how)
{
    switch (how) {
    case style::plain: return "";
    case style::strong: return "\x1b[1m";
    case style::faint: return "\x1b[2m";
    case style::good: return "\x1b[32m";
    case style::warning: return "\x1b[33m";
    case style::bad: return "\x1b[31m";
    case style::chosen: return "\x1b[7m";
    }
    return "";
}

void write_all(std::string_view text) noexcept
{
    // lint-allow(raw-output): lines of frame() are printable; the rest are our sequences
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

// Opened anew: that it does not block is said of what was opened, and the shell shares what it
// gave.
int open_terminal()
{
    char const* const name = ::isatty(STDIN_FILENO) == 1 ? ::ttyname(STDIN_FILENO) : nullptr;
    if (name == nullptr || !output_is_terminal())
        throw error(
            errc::invalid_option,
            "work top needs a terminal; work top --once prints one picture without"
        );
    int const fd = ::open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        throw error(errc::invalid_option, std::string(name) + " can't be opened");
    return fd;
}

}  // namespace

screen::screen(boost::asio::any_io_executor on)
    : keys_(on, open_terminal()),
      colour_(output_has_colour())
{
    ::tcgetattr(STDIN_FILENO, &before_);
    enter();
}

screen::~screen()
{
    leave();
}

void screen::enter()
{
    ::termios raw = before_;
    raw.c_lflag &= ~static_cast<::tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~static_cast<::tcflag_t>(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    // The other screen, without a cursor.
    write_all("\x1b[?1049h\x1b[?25l\x1b[2J");
}

void screen::leave() noexcept
{
    write_all("\x1b[0m\x1b[?25h\x1b[?1049l");
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

void screen::draw(std::vector<line> const& lines)
{
    // The cursor goes from line to line: nothing is cleared that is written again, so nothing
    // flickers.
    std::string text = "\x1b[H";
    for (std::size_t i = 0; i != lines.size(); ++i) {
        std::string_view const colour = colour_ ? colour_of(lines[i].how) : "";
        text.append(i == 0 ? "" : "\r\n").append(colour).append(lines[i].text);
        text.append(colour.empty() ? "" : "\x1b[0m").append("\x1b[K");
    }
    write_all(text.append("\x1b[J"));
}

void screen::suspend()
{
    leave();
    std::raise(SIGSTOP);
    enter();
}

}  // namespace work::tool::top
