// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/task.hpp>
#include <work/web/request.hpp>
#include <work/web/response.hpp>
#include <work/web/router.hpp>
#include <work/web/service.hpp>

#include <string_view>

namespace work::web {

// One function a route, by resource: routes/*.ipp. routes/table.ipp is the table, of which each
// *_table.ipp appends a family.
WORK_DECL task<web_response> show_root(service& at, web_request const& request);
WORK_DECL task<web_response> show_openapi(service& at, web_request const& request);
WORK_DECL task<web_response> show_plain(service& at, web_request const& request);
/// Whether the caller is a browser, and there is a web UI for it.
/// \par Errors `problem` 406 not-acceptable
WORK_DECL bool goes_to_ui(service const& at, web_request const& request);
/// There, to one of its pages.
WORK_DECL web_response to_ui(std::string_view route);
WORK_DECL task<web_response> show_front(service& at, web_request const& request);
WORK_DECL task<web_response> show_ui_file(service& at, web_request const& request);
WORK_DECL task<web_response> show_style(service& at, web_request const& request);
WORK_DECL task<web_response> requeue_ticked(service& at, web_request const& request);
WORK_DECL task<web_response> list_worker_pools(service& at, web_request const& request);
WORK_DECL task<web_response> list_busy_workers(service& at, web_request const& request);
WORK_DECL task<web_response> list_job_queues(service& at, web_request const& request);
WORK_DECL task<web_response> list_pending(service& at, web_request const& request);
WORK_DECL task<web_response> list_scheduled(service& at, web_request const& request);
WORK_DECL task<web_response> list_retry(service& at, web_request const& request);
WORK_DECL task<web_response> list_dead(service& at, web_request const& request);
WORK_DECL task<web_response> retry_dead_job(service& at, web_request const& request);
WORK_DECL task<web_response> delete_dead_job(service& at, web_request const& request);
WORK_DECL task<web_response> retry_all_dead_jobs(service& at, web_request const& request);
WORK_DECL task<web_response> delete_all_dead_jobs(service& at, web_request const& request);
WORK_DECL task<web_response> show_live(service& at, web_request const& request);
WORK_DECL task<web_response> show_ready(service& at, web_request const& request);
WORK_DECL task<web_response> show_snapshot(service& at, web_request const& request);
WORK_DECL task<web_response> stream_events(service& at, web_request const& request);
WORK_DECL task<web_response> show_metrics(service& at, web_request const& request);
WORK_DECL task<web_response> show_broker(service& at, web_request const& request);
WORK_DECL task<web_response> show_doctor(service& at, web_request const& request);
WORK_DECL task<web_response> show_stats(service& at, web_request const& request);
WORK_DECL task<web_response> list_name_stats(service& at, web_request const& request);
WORK_DECL task<web_response> list_queue_stats(service& at, web_request const& request);
WORK_DECL task<web_response> list_queues(service& at, web_request const& request);
WORK_DECL task<web_response> show_queue(service& at, web_request const& request);
WORK_DECL task<web_response> remove_queue(service& at, web_request const& request);
WORK_DECL task<web_response> pause_queue(service& at, web_request const& request);
WORK_DECL task<web_response> resume_queue(service& at, web_request const& request);
WORK_DECL task<web_response> pause_name(service& at, web_request const& request);
WORK_DECL task<web_response> resume_name(service& at, web_request const& request);
WORK_DECL task<web_response> list_crons(service& at, web_request const& request);
WORK_DECL task<web_response> show_cron(service& at, web_request const& request);
WORK_DECL task<web_response> put_cron(service& at, web_request const& request);
WORK_DECL task<web_response> delete_cron(service& at, web_request const& request);
WORK_DECL task<web_response> pause_cron(service& at, web_request const& request);
WORK_DECL task<web_response> resume_cron(service& at, web_request const& request);
WORK_DECL task<web_response> run_cron(service& at, web_request const& request);
WORK_DECL task<web_response> show_cron_times(service& at, web_request const& request);
WORK_DECL task<web_response> list_limits(service& at, web_request const& request);
WORK_DECL task<web_response> show_limit(service& at, web_request const& request);
WORK_DECL task<web_response> put_limit_there(service& at, web_request const& request);
WORK_DECL task<web_response> delete_limit(service& at, web_request const& request);
WORK_DECL task<web_response> list_bounds(service& at, web_request const& request);
WORK_DECL task<web_response> show_bound(service& at, web_request const& request);
WORK_DECL task<web_response> put_bound_there(service& at, web_request const& request);
WORK_DECL task<web_response> delete_bound(service& at, web_request const& request);
WORK_DECL task<web_response> list_flows(service& at, web_request const& request);
WORK_DECL task<web_response> show_flow(service& at, web_request const& request);
WORK_DECL task<web_response> start_flow(service& at, web_request const& request);
WORK_DECL task<web_response> cancel_flow(service& at, web_request const& request);
WORK_DECL task<web_response> show_given(service& at, web_request const& request);
WORK_DECL task<web_response> list_pools(service& at, web_request const& request);
WORK_DECL task<web_response> show_pool(service& at, web_request const& request);
WORK_DECL task<web_response> quiet_pool(service& at, web_request const& request);
WORK_DECL task<web_response> resume_pool(service& at, web_request const& request);
WORK_DECL task<web_response> stop_pool(service& at, web_request const& request);
WORK_DECL task<web_response> show_job(service& at, web_request const& request);
WORK_DECL task<web_response> download_args(service& at, web_request const& request);
WORK_DECL task<web_response> download_result(service& at, web_request const& request);
WORK_DECL task<web_response> wait_for_job(service& at, web_request const& request);
WORK_DECL task<web_response> show_logs(service& at, web_request const& request);
WORK_DECL task<web_response> explain_one(service& at, web_request const& request);
WORK_DECL task<web_response> list_tracked(service& at, web_request const& request);
WORK_DECL task<web_response> track_job(service& at, web_request const& request);
WORK_DECL task<web_response> untrack_job(service& at, web_request const& request);
WORK_DECL task<web_response> cancel_job(service& at, web_request const& request);
WORK_DECL task<web_response> requeue_job(service& at, web_request const& request);
WORK_DECL task<web_response> kill_job(service& at, web_request const& request);
WORK_DECL task<web_response> delete_job(service& at, web_request const& request);
WORK_DECL task<web_response> move_job(service& at, web_request const& request);
WORK_DECL task<web_response> edit_job(service& at, web_request const& request);
WORK_DECL task<web_response> act_on_jobs(service& at, web_request const& request);
WORK_DECL task<web_response> start_operation(service& at, web_request const& request);
WORK_DECL task<web_response> start_repair(service& at, web_request const& request);
WORK_DECL task<web_response> list_operations(service& at, web_request const& request);
WORK_DECL task<web_response> show_operation(service& at, web_request const& request);
WORK_DECL task<web_response> stop_operation(service& at, web_request const& request);
WORK_DECL task<web_response> list_failures(service& at, web_request const& request);
WORK_DECL task<web_response> list_audit(service& at, web_request const& request);
WORK_DECL task<web_response> list_jobs(service& at, web_request const& request);
WORK_DECL task<web_response> enqueue_job(service& at, web_request const& request);
WORK_DECL task<web_response> enqueue_jobs(service& at, web_request const& request);
WORK_DECL task<web_response> register_worker(service& at, web_request const& request);
WORK_DECL task<web_response> leave_worker(service& at, web_request const& request);
WORK_DECL task<web_response> claim_jobs(service& at, web_request const& request);
WORK_DECL task<web_response> report_jobs(service& at, web_request const& request);
WORK_DECL task<web_response> complete_job(service& at, web_request const& request);
WORK_DECL task<web_response> fail_job(service& at, web_request const& request);
WORK_DECL task<web_response> snooze_job(service& at, web_request const& request);
WORK_DECL task<web_response> discard_job(service& at, web_request const& request);
WORK_DECL task<web_response> release_job(service& at, web_request const& request);
WORK_DECL task<web_response> go_on_with_job(service& at, web_request const& request);
WORK_DECL task<web_response> add_job_logs(service& at, web_request const& request);
WORK_DECL task<web_response> extend_job(service& at, web_request const& request);
WORK_DECL task<web_response> check_in_job(service& at, web_request const& request);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/routes/actions.ipp>
#include <work/web/routes/bounds.ipp>
#include <work/web/routes/broker.ipp>
#include <work/web/routes/crons.ipp>
#include <work/web/routes/download.ipp>
#include <work/web/routes/edit.ipp>
#include <work/web/routes/enqueue.ipp>
#include <work/web/routes/events.ipp>
#include <work/web/routes/failures.ipp>
#include <work/web/routes/flows.ipp>
#include <work/web/routes/founders.ipp>
#include <work/web/routes/founders_acts.ipp>
#include <work/web/routes/jobs.ipp>
#include <work/web/routes/limits.ipp>
#include <work/web/routes/list.ipp>
#include <work/web/routes/metrics.ipp>
#include <work/web/routes/operations.ipp>
#include <work/web/routes/orders.ipp>
#include <work/web/routes/pauses.ipp>
#include <work/web/routes/plain.ipp>
#include <work/web/routes/queues.ipp>
#include <work/web/routes/root.ipp>
#include <work/web/routes/stats.ipp>
#include <work/web/routes/table.ipp>
#include <work/web/routes/tracked.ipp>
#include <work/web/routes/ui.ipp>
#include <work/web/routes/workers.ipp>
#include <work/web/routes/workers_claim.ipp>
#include <work/web/routes/workers_report.ipp>
#include <work/web/sampler.ipp>
#endif
