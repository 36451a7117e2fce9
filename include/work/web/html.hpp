// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/web/request.hpp>
#include <work/web/response.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// Text as it may stand in HTML, also within an attribute's quotes: valid UTF-8, control and bidi
/// characters escaped as in a log line, and no character that HTML takes for its own.
WORK_DECL std::string html_text(std::string_view text);

/// Whether the caller would rather have a page than JSON: a browser says so, nothing else does.
/// Errors: `problem` 406 not-acceptable: neither is taken
WORK_DECL bool wants_html(web_request const& request);

struct html_cell
{
    std::string text;
    std::string href{};  ///< relative; "": no link
    bool number = false;
};

/// A page without script, whose style is a file of its own. All texts are escaped here.
class html_page
{
public:
    WORK_DECL html_page(std::string_view title, std::string_view ns);

    WORK_DECL void heading(std::string_view text);
    /// `warns`: it is what to look at first.
    WORK_DECL void paragraph(std::string_view text, bool warns = false);
    WORK_DECL void link(std::string_view text, std::string_view href);
    WORK_DECL void table(
        std::vector<std::string> const& columns,
        std::vector<std::vector<html_cell>> const& rows
    );
    /// A form whose button sends the boxes that are ticked; the first cell of a row is its value.
    WORK_DECL void form(
        std::string_view action,
        std::string_view button,
        std::vector<std::string> const& columns,
        std::vector<std::vector<html_cell>> const& rows
    );
    WORK_DECL web_response answer() const;

private:
    WORK_DECL void row(std::vector<html_cell> const& cells, std::size_t from);

    std::string body_;
};

/// The style of all pages.
WORK_DECL std::string_view plain_style() noexcept;

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/html.ipp>
#endif
