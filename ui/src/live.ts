// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { computed, signal } from "@preact/signals";
import { address, ask } from "./api";
import type { Job, Snapshot } from "./types";

export const snapshot = signal<Snapshot | null>(null);
/// The last five minutes as this tab saw them, a second each.
export const history_of = signal<Snapshot[]>([]);
export const paused = signal(false);
export const connected = signal(false);
/// By the server's clock, so that ages hold on a machine whose own is wrong.
export const now = signal(Date.now());
/// How old what is shown is.
export const age_ms = computed(() =>
    snapshot.value ? Math.max(0, now.value - snapshot.value.now_ms) : 0,
);
/// Jobs that a page follows, by id: as they are now, or null when they are gone.
export const followed = signal<Record<string, Job | null>>({});

let skew = 0;
let source: EventSource | null = null;
let poll: ReturnType<typeof setInterval> | undefined;
let topics = "snapshot";

/// Those of the stream have no age: they are of now.
export function take(given: Omit<Snapshot, "age_ms" | "away_since_ms"> & Partial<Snapshot>): void {
    const one: Snapshot = { age_ms: 0, away_since_ms: 0, ...given };
    skew = one.now_ms + one.age_ms - Date.now();
    now.value = Date.now() + skew;
    snapshot.value = one;
    history_of.value = [...history_of.value.slice(-299), one];
}

function close(): void {
    source?.close();
    source = null;
    clearInterval(poll);
    poll = undefined;
    connected.value = false;
}

async function look(): Promise<void> {
    try {
        take(await ask<Snapshot>("snapshot"));
    } catch {
        // The age that is shown grows; the next look may find it.
    }
}

function open(): void {
    close();
    if (paused.value || document.hidden) return;
    source = new EventSource(address("events", { topics }));
    source.onopen = () => {
        connected.value = true;
        clearInterval(poll);
        poll = undefined;
    };
    source.onerror = () => {
        connected.value = false;
        // EventSource gives up on an answer that is no stream; it is tried again here, and
        // meanwhile the snapshot is asked for.
        if (source?.readyState === EventSource.CLOSED) setTimeout(() => source && open(), 5000);
        poll ??= setInterval(look, 2000);
    };
    source.addEventListener("snapshot", (e) => take(JSON.parse(e.data)));
    source.addEventListener("broker", () => void look());
    source.addEventListener("job", (e) => {
        const job = JSON.parse(e.data) as Job;
        followed.value = { ...followed.value, [job.id]: job };
    });
    source.addEventListener("gone", (e) => {
        let id = e.data as string;
        try {
            const read = JSON.parse(id);
            id = typeof read === "string" ? read : read.id;
        } catch {
            // It is the id itself.
        }
        followed.value = { ...followed.value, [id]: null };
    });
}

/// The stream brings this job, too; "": none.
export function follow(id: string): void {
    const wanted = /^[^,\s]+$/.test(id) ? `snapshot,job:${id}` : "snapshot";
    followed.value = {};
    if (wanted === topics) return;
    topics = wanted;
    open();
}

export function pause(on: boolean): void {
    paused.value = on;
    open();
}

export function start(): void {
    setInterval(() => {
        if (!paused.value) now.value = Date.now() + skew;
    }, 1000);
    document.addEventListener("visibilitychange", open);
    void look();
    open();
}
