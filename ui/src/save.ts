// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { signal } from "@preact/signals";
import { ask } from "./api";
import { plural } from "./dialog";
import { download, tell } from "./parts";
import type { Filter, Job, Jobs } from "./types";
import { t } from "./words";

/// So many jobs are saved at most: they are held by this page until they are.
export const most_saved = 10_000;
/// How many are read so far, while it goes on.
export const saving = signal<number | null>(null);

/// A job as POST /jobs and `work enqueue --jsonl` take it, with its arguments byte for byte.
export function line_of(job: Job): string {
    const { tags, ...options } = job.options ?? {};
    const rest = {
        queue: job.queue, priority: job.priority, ...(Array.isArray(tags) ? { tags } : {}), ...options,
        ...(job.state === "scheduled" ? { at_ms: job.when_ms } : {}),
    };
    const known = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined && value !== 0);
    return `{"id":${JSON.stringify(job.id)},"name":${JSON.stringify(job.name)},"args":${job.args}` +
        known.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`).join("") + "}\n";
}

async function lines_of(ids: string[]): Promise<string[]> {
    const lines: string[] = [];
    // A few at once: each is one short script.
    for (let i = 0; i < ids.length; i += 4) {
        const part = await Promise.all(ids.slice(i, i + 4).map((id) =>
            ask<Job>("job", { id }).catch((e) => {
                if (e.slug === "no-such-job") return null;
                throw e;
            })));
        for (const job of part) if (job && job.args !== null && !job.unreadable) lines.push(line_of(job));
        saving.value = (saving.value ?? 0) + part.length;
    }
    return lines;
}

/// Those jobs, or those of a filter, as a file that `work enqueue --jsonl` takes.
export async function save_jobs(which: string[] | Filter): Promise<void> {
    if (saving.value !== null) return;
    saving.value = 0;
    try {
        const lines: string[] = [];
        if (Array.isArray(which)) lines.push(...(await lines_of(which)));
        else {
            const { states, ...rest } = which;
            let cursor: string | undefined;
            do {
                const page: Jobs = await ask<Jobs>("jobs", {
                    ...rest as Record<string, string>, state: states?.join(","), limit: 100, scan: 10_000, cursor,
                });
                lines.push(...(await lines_of(page.jobs.map((row) => row.id))));
                cursor = page.next ?? undefined;
            } while (cursor && lines.length < most_saved);
            if (cursor) tell(t("These are the first {jobs}: more are not saved at once.", { jobs: plural(lines.length) }), true);
        }
        download("jobs.jsonl", lines.join(""), "application/x-ndjson");
        tell(t("{jobs} downloaded", { jobs: plural(lines.length) }));
    } finally {
        saving.value = null;
    }
}
