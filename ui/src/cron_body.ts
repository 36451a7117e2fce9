// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

export interface CronEntry {
    name: string; spec: string; words: string; zone: string; missed: "skip" | "one" | "all";
    most_missed: number; overlap: "allow" | "skip"; paused: boolean; paused_ms: number; next_ms: number;
    upcoming: number[]; fired_ms: number; last_job: string; revision: number; etag: string; job: string; queue: string;
    options: Record<string, unknown>; args: string | null; fault: string;
}

/// What PUT /crons takes, of the fields of the form: the whole entry, since what is left out falls back to
/// what a new one has. Arguments go as text within a string, so that no number of them is rounded.
export function cron_body(base: CronEntry | null, at: (field: string) => string): Record<string, unknown> {
    const most = Number(at("most_missed"));
    return {
        ...base?.options,
        spec: at("spec"), zone: at("zone"), missed: at("missed"), overlap: at("overlap"),
        most_missed: at("missed") === "all" && most > 0 ? most : base?.most_missed ?? 24,
        name: at("job"), args: at("args"),
        ...(at("queue") ? { queue: at("queue") } : {}),
    };
}
