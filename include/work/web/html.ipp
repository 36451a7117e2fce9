// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/printable.hpp>
#include <work/web/head.hpp>
#include <work/web/html.hpp>
#include <work/web/problem.hpp>

#include <utility>

namespace work::web {

WORK_DECL std::string html_text(std::string_view text)
{
    std::string out;
    for (char const c : printable(text)) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c; break;
        }
    }
    return out;
}

WORK_DECL bool wants_html(web_request const& request)
{
    if (!request.has("accept"))
        return false;
    std::string const accepts = lower(request.field("accept"));
    if (accepts.find("text/html") != accepts.npos)
        return true;
    for (std::string_view const json : {"application/json", "application/*", "*/*"})
        if (accepts.find(json) != accepts.npos)
            return false;
    throw problem(
        406,
        "not-acceptable",
        "This is given as application/json or text/html, and the Accept of the request takes "
        "neither."
    );
}

WORK_DECL html_page::html_page(std::string_view title, std::string_view ns)
{
    struct entry
    {
        std::string_view href, text;
    };
    static constexpr entry const entries[] = {
        {"plain", "Overview"},
        {"queues", "Queues"},
        {"worker_pools", "Worker pools"},
        {"busy_workers", "Busy workers"},
        {"jobs", "Pending"},
        {"scheduled_jobs", "Scheduled"},
        {"retry_jobs", "Retry"},
        {"dead_jobs", "Dead"}
    };
    body_ = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
    body_ += html_text(title) + " \xC2\xB7 work " + html_text(ns);
    body_ += "</title>\n<link rel=\"stylesheet\" href=\"plain.css\">\n<link rel=\"icon\" "
             "href=\"data:,\">\n</head>\n<body>\n<nav aria-label=\"Pages\">";
    for (entry const& one : entries) {
        body_.append("<a href=\"").append(one.href).append("\"");
        body_.append(one.text == title ? " aria-current=\"page\">" : ">").append(one.text);
        body_ += "</a> ";
    }
    body_ +=
        "</nav>\n<main>\n<h1>" + html_text(title) + " <small>" + html_text(ns) + "</small></h1>\n";
}

WORK_DECL void html_page::heading(std::string_view text)
{
    body_ += "<h2>" + html_text(text) + "</h2>\n";
}

WORK_DECL void html_page::paragraph(std::string_view text, bool warns)
{
    body_ += (warns ? "<p class=\"warns\">" : "<p>") + html_text(text) + "</p>\n";
}

WORK_DECL void html_page::link(std::string_view text, std::string_view href)
{
    body_ += "<p><a href=\"" + html_text(href) + "\">" + html_text(text) + "</a></p>\n";
}

WORK_DECL void html_page::row(std::vector<html_cell> const& cells, std::size_t from)
{
    for (std::size_t i = from; i < cells.size(); ++i) {
        html_cell const& one = cells[i];
        std::string const text = html_text(one.text);
        body_ += one.number ? "<td class=\"number\">" : "<td>";
        body_ +=
            one.href.empty() ? text : "<a href=\"" + html_text(one.href) + "\">" + text + "</a>";
        body_ += "</td>";
    }
    body_ += "</tr>\n";
}

WORK_DECL void html_page::table(
    std::vector<std::string> const& columns,
    std::vector<std::vector<html_cell>> const& rows
)
{
    body_ += "<div class=\"wide\"><table>\n<thead><tr>";
    for (std::string const& one : columns)
        body_ += "<th scope=\"col\">" + html_text(one) + "</th>";
    body_ += "</tr></thead>\n<tbody>\n";
    for (auto const& cells : rows) {
        body_ += "<tr>";
        row(cells, 0);
    }
    body_ += "</tbody></table></div>\n";
}

WORK_DECL void html_page::form(
    std::string_view action,
    std::string_view button,
    std::vector<std::string> const& columns,
    std::vector<std::vector<html_cell>> const& rows
)
{
    body_ += "<form method=\"post\" action=\"" + html_text(action) +
             "\">\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\"></th>";
    for (std::string const& one : columns)
        body_ += "<th scope=\"col\">" + html_text(one) + "</th>";
    body_ += "</tr></thead>\n<tbody>\n";
    for (auto const& cells : rows) {
        std::string const value = html_text(cells.at(0).text);
        body_ += "<tr><td><input type=\"checkbox\" name=\"id\" value=\"" + value +
                 "\" aria-label=\"" + value + "\"></td>";
        row(cells, 0);
    }
    body_ += "</tbody></table></div>\n<button>" + html_text(button) + "</button>\n</form>\n";
}

WORK_DECL web_response html_page::answer() const
{
    web_response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = body_ + "</main>\n</body>\n</html>\n";
    return response;
}

WORK_DECL std::string_view plain_style() noexcept
{
    return R"(:root{color-scheme:light dark;--bg:#fff;--raised:#f5f7fa;--text:#1a2029;
--muted:#56606d;--line:#d0d7e0;--accent:#0a58ca;--warn:#8a5a00}
@media(prefers-color-scheme:dark){:root{--bg:#0f1419;--raised:#182029;--text:#e8ecf1;
--muted:#9eabba;--line:#2b3541;--accent:#6cb2ff;--warn:#e5b454}}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,sans-serif}
nav{background:var(--raised);border-bottom:1px solid var(--line);padding:.5rem 1rem}
nav a{display:inline-block;padding:.2rem .5rem .2rem 0}
nav a[aria-current]{color:var(--text);text-decoration:none;font-weight:600}
main{max-width:72rem;padding:0 1rem 2rem}
a{color:var(--accent)}a:focus-visible,button:focus-visible,input:focus-visible{
outline:2px solid var(--accent);outline-offset:2px}
h1{font-size:1.5rem}h2{font-size:1.125rem;margin:2rem 0 .5rem}small{color:var(--muted);
font-weight:400}
.warns{color:var(--warn);font-weight:600}.wide{overflow-x:auto}
table{border-collapse:collapse;min-width:20rem}
th{text-align:left;color:var(--muted);font-weight:600}
th,td{padding:.25rem 1.25rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:break-word;max-width:26rem}
th{white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums}
input{width:1.5rem;height:1.5rem;margin:0}
button{margin:1rem 0;padding:.4rem 1rem;font:inherit;color:var(--bg);background:var(--accent);
border:0;border-radius:.25rem}
)";
}

}  // namespace work::web
