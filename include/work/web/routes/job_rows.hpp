// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/job_page.hpp>
#include <work/task.hpp>
#include <work/web/html.hpp>
#include <work/web/service.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace work::web {

/// Rows of a page that is asked for by its number.
inline constexpr int rows_a_page = 20;
inline constexpr int most_pages = 50;

/// The page that the request asks for; 1 where it does not say.
/// Errors: `problem` 400 bad-parameter
WORK_DECL int asked_page(web_request const& request);
/// Its jobs of one state, in the order of GET /api/v1/jobs. `of`: how many there are.
/// \par Redis what stands before the page is looked at, too: at most 1 000 jobs
WORK_DECL task<job_page> read_page(service& at, job_state state, int number);

/// "3m ago", "in 3m"; "" for 0.
WORK_DECL std::string relative_time(std::int64_t at_ms, std::int64_t now_ms);
/// Where one job is shown.
WORK_DECL std::string job_link(std::string_view id);
/// Where `hide`, without what the jobs hold. The first column is the id, and what is told in
/// `when` is what the state has a time for.
WORK_DECL std::vector<std::string> job_columns(job_state state);
WORK_DECL std::vector<std::vector<html_cell>> job_cells(
    job_page const& from,
    job_state state,
    bool hide
);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/routes/job_rows.ipp>
#endif
