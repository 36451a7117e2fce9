// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What the API answers; docs/http-api.md and /api/v1/openapi.json say what each member means.
export type State =
    | "pending" | "active" | "scheduled" | "retry" | "dead" | "suspect"
    | "set_aside" | "completed" | "cancelled" | "waiting";
export const states: State[] = [
    "pending", "active", "waiting", "scheduled", "retry", "dead", "suspect", "set_aside", "completed",
    "cancelled",
];
export type Verb = "requeue" | "cancel" | "kill" | "delete" | "move";

export interface Root {
    work: string; ns: string; now_ms: number; user: string; roles: string[]; rights: string[];
    read_only: boolean; environment?: string; trace_url?: string; features: string[]; limits: Record<string, number>;
}
export interface Totals {
    pending: number; active: number; suspect: number; scheduled: number; retry: number;
    dead: number; set_aside: number; waiting: number; processed: number; failed: number; processed_today: number;
    failed_today: number; queues: number;
}
export interface Snapshot {
    now_ms: number; number: number; totals: Totals;
    rates: { over_ms: number; processed_per_s: number; failed_per_s: number };
    queues: { queue: string; pending: number; active: number; oldest_ms: number; paused: boolean }[];
    in_flight: { name: string; active: number; since_ms: number; stalled: number }[];
    oldest_ms: number; unserved: string[];
    oldest: { queue: string; pending: number; oldest_ms: number; paused: boolean; by: string; served: boolean }[];
    pools: { pools: number; workers: number; busy: number; not_running: number; troubled: number; stalled: number };
    age_ms: number; away_since_ms: number;
}
export interface Pause {
    kind: "queue" | "name"; name: string; by: string; reason: string; since_ms: number;
    until_ms: number;
}
export interface List {
    name: string; pending: number; active: number; processed: number; failed: number;
    oldest_ms: number; paused: boolean; limited: string[]; waits_at: string;
}
export interface Queue extends Omit<List, "name" | "paused" | "waits_at"> {
    queue: string; paused: Pause | null; lists: List[]; waits_at: string[]; bound: QueueBound | null;
    waiting?: Place; scheduled?: Place; retry?: Place; dead?: Place; rate?: number | null;
}
/// What becomes of more jobs while as many wait as may.
export type WhenFull = "refuse" | "wait" | "drop_oldest";
export interface QueueBound { most: number; full: WhenFull }
export interface Bound extends QueueBound {
    queue: string; who: string; at_ms: number; pending: number; refused: number; dropped: number; full_at_ms: number;
}
/// Jobs of a queue, of those of all queues that were looked at.
export interface Place { count: number; scanned: number; of: number }
export interface Queues { queues: Queue[]; paused: Pause[]; of: number; next: string | null; now_ms: number }
export interface Failure {
    attempt: number; type: string; message: string | null; at_ms: number; wait_ms: number | null;
    run_ms: number | null; pool: string;
}
export interface Ended {
    outcome: string; at_ms: number; run_us: number; attempt: number; pool: string; reason: string;
    by: string;
}
export interface Row {
    id: string; name: string; queue: string; state: State; when_ms: number; created_ms: number;
    failed_attempts: number; priority: number; tags: string[]; args: string | null;
    args_bytes: number; failure: Failure | null; ended: Ended | null; fence: number; pool: string;
    unreadable: string | null; hidden?: boolean;
}
export interface Jobs {
    jobs: Row[]; next: string | null; scanned: number; of: number; skipped: boolean; now_ms: number;
}
export interface Job {
    id: string; state: State; now_ms: number; when_ms: number; name: string; queue: string;
    created_ms: number; priority: number; failed_attempts: number; snoozes: number; stages?: number; args_version?: number;
    bound?: Bonds | null;
    unique: { digest: string | null; until: "started" | "succeeded" | "ended" | "time" } | null;
    options: Record<string, unknown> | null; args: string | null; cut_from: number; fence: number;
    pool: string; progress: { message: string; percent: number | null } | null;
    ended: Ended | null; result: string | null; failures: Failure[]; history: PastAction[]; version: string | null;
    unreadable: string | null; bytes: string | null; etag: string; can: Verb[]; tracked?: boolean; hidden?: boolean;
}
/// A job that somebody tracks: where it is or, when nothing is kept of it any more, as what it ended.
export interface TrackedJob {
    id: string; name: string; queue: string; state: FlowJobState; there: boolean; ended_ms: number; since_ms: number; by: string;
}
/// Of all that are tracked: how many, in which states, how far apart the server reads them, and when it did.
export interface TrackedSum { of: number; states: Partial<Record<FlowJobState, number>>; pace_ms: number; now_ms: number }
export interface Tracked extends TrackedSum { tracked: TrackedJob[]; next: string | null }
/// Those that are otherwise than they were told last, and those that are tracked no more.
export interface TrackedNews extends TrackedSum { changed: TrackedJob[]; gone: string[] }
/// What binds a job to a flow, or to jobs that it needs or that need it; of each at most 100.
export interface Bonds {
    flow: string; needed: number;
    waits_for: { id: string; otherwise: "cancel" | "run" | "wait"; as: string }[]; waits_for_count: number;
    needed_by: string[]; needed_by_count: number;
    given: { from: string; state: string; result: string | null; reason: string; hidden?: boolean }[];
}
export interface FlowInfo {
    id: string; name: string; state: "storing" | "running" | "ended" | "aborted"; created_ms: number;
    committed_ms: number; jobs: number; left: number;
}
export interface Flows { of: number; flows: FlowInfo[]; now_ms: number }
/// `unknown`: it was deleted, or ended and was not kept.
export type FlowJobState = State | "unknown";
export interface FlowJob { id: string; name: string; queue: string; state: FlowJobState; needs: string[] }
export interface Flow { flow: FlowInfo; counts: Record<FlowJobState, number>; jobs: FlowJob[]; now_ms: number }
/// What a limit is for.
export interface LimitScope { queues: string[]; names: string[] }
/// Of those who hold a slot, and of lists that wait, up to five are named.
export interface Limit extends LimitScope {
    name: string; slots: number; held: number; waiting: number; by: "hand" | "pool"; who: string; at_ms: number;
    holders: string[]; waiters: string[];
}
export interface Limits { limits: Limit[]; of: number; next: string | null; now_ms: number }
/// What somebody did to a job.
export interface PastAction { action: string; what: string; by: string; reason: string; was: State; at_ms: number }
export interface Explanation {
    reasons: {
        gate: string; sentence: string; since_ms: number; until_ms: number;
        values: Record<string, number>;
    }[];
    runnable_by: string[]; ahead: number;
}
export interface JobLog {
    lines: { at_ms: number; attempt: number; number: number; text: string | null }[]; lost: number;
}
export interface Group {
    type: string; name: string; count: number; retry: number; dead: number; first_ms: number;
    last_ms: number; sample_id: string; sample_message: string | null; names: string[];
}
export interface Failures { groups: Group[]; scanned: number; of: number; whole: boolean; now_ms: number }
export interface Pool {
    pool: string; name: string; host: string; pid: number; state: string; started_at_ms: number;
    heartbeat_at_ms: number; concurrency: number; busy: number; rss_kb: number;
    round_trip_us: number; lease_ms?: number; trouble: string; job_names: string[]; loop_lag_ms: number;
    language: string; in_flight: Running[]; oldest: { id: string; name: string; since_ms: number } | null;
    stalled: number; blocked: Blocked | null;
}
/// A handler keeps the pool's thread; `job` is "" where it is one of `jobs`.
export interface Blocked { blocked_ms: number; job: string; name: string; since_ms: number; jobs: number }
/// Of one name; "": the names beyond the first 32.
export interface Running { name: string; jobs: number; oldest: string; since_ms: number; stalled: number }
export interface GonePool {
    pool: string; name: string; host: string; pid: number; language: string; state: string;
    started_at_ms: number; heartbeat_at_ms: number;
}
export interface Pools { pools: Pool[]; of: number; gone: GonePool[]; now_ms: number }
export interface Figures { samples: number; p50_us: number; p99_us: number }
export interface Broker {
    verdict: string; sentence: string; place: string; now_ms: number;
    server: { kind: string; version: string; role: string; uptime_s: number; persistence: string };
    memory: { bytes: number; limit_bytes: number; policy: string };
    clients: { count: number; limit: number; blocked: number };
    commands_per_s: number;
    scripts: { calls: number; mean_us: number; p50_us: number; p99_us: number };
    wait: Figures; round_trip: Figures;
    links: {
        name: string; connected: boolean; commands: number; reconnects: number; waiting: number;
        wait: Figures; round_trip: Figures;
    }[];
}
export interface Finding { check: string; level: string; sentence: string; runbook: string }
export interface Entry {
    at_ms: number; by: string; action: string; what: string; reason: string; asked: number;
    done: number;
}
export interface Audit { entries: Entry[]; next: number; now_ms: number }
export interface Filter {
    states?: State[]; queue?: string; name?: string; pool?: string; tag?: string; failure?: string;
    message?: string; args?: string; since_ms?: number; until_ms?: number; min_attempt?: number;
}
export interface Operation {
    id: string; action: Verb; state: string; filter: Filter; matched: number; done: number;
    scanned?: number; of?: number; already?: number; active?: number; gone?: number;
    moved_on?: number; unreadable?: number; trouble?: string; by?: string; started_ms: number;
    ended_ms: number;
}
export interface Count { matched: number; scanned: number; of: number; whole: boolean; samples: Row[]; now_ms: number }
export interface Spread { count: number; p50_ms: number; p95_ms: number; p99_ms: number; buckets?: number[] }
export interface Point { at_ms: number; done: number; failed: number; wait: Spread | null; run: Spread | null }
export interface Series { now_ms: number; from_ms: number; step_ms: number; points: Point[] }
export interface NameStats { name: string; done: number; failed: number; wait: Spread | null; run: Spread | null }
export interface QueuesStats { now_ms: number; queues: (Omit<NameStats, "name"> & { queue: string })[] }
export interface NamesStats { now_ms: number; names: NameStats[] }
