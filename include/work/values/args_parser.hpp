// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <boost/json/value.hpp>

#include <memory>
#include <string_view>

namespace work {

/// Parses JSON arguments into a buffer it uses again, so that small ones cost no allocation.
///
/// Parsing and decoding don't suspend, so one parser serves a whole event loop. Numbers read back
/// exactly; an integer past 64 bits becomes a double, which no integer parameter accepts.
///
/// Lifetimes: a parsed value lives until the next `parse`, `clear` or the parser's end.
/// Thread safety: none.
class args_parser
{
public:
    WORK_DECL args_parser();
    WORK_DECL ~args_parser();
    WORK_DECL args_parser(args_parser&&) noexcept;
    WORK_DECL args_parser& operator=(args_parser&&) noexcept;

    /// Parses one JSON text; empty text is no arguments, `[]`.
    ///
    /// Errors: `errc::invalid_arguments` with the offset and the reason; among the reasons is
    /// nesting deeper than `max_args_depth`. `subject` is whose arguments they are, for the
    /// message.
    WORK_DECL boost::json::value const& parse(std::string_view text, std::string_view subject = {});

    /// Gives back the memory that a large document took.
    WORK_DECL void clear() noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/args_parser.ipp>
#endif
