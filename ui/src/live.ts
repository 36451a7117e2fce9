// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { computed, signal } from "@preact/signals";
import { ask, expired } from "./api";
import type { Problem } from "./api";
import { Relay } from "./relay";
import type { News } from "./relay";
import { refresh } from "./settings";
import type { Job, Snapshot, TrackedNews } from "./types";

export const snapshot = signal<Snapshot | null>(null);
/// The last five minutes as this tab saw them, a second each.
export const history_of = signal<Snapshot[]>([]);
export const paused = signal(refresh.peek() === "paused");
/// Some tab of this browser has the stream.
export const connected = signal(false);
/// By the server's clock, so that ages hold on a machine whose own is wrong.
export const now = signal(Date.now());
/// How old what is shown is.
export const age_ms = computed(() =>
    snapshot.value ? Math.max(0, now.value - snapshot.value.now_ms) : 0,
);
/// Jobs that a page follows, by id: as they are now, or null when they are gone.
export const followed = signal<Record<string, Job | null>>({});
/// What became of tracked jobs, while a page follows them: as far as it is newer than what that page
/// asked for last.
export const tracked_news = signal<TrackedNews[]>([]);
/// The stream brings it.
export const brings_tracked = signal(false);
/// How often the server has come back: what was asked of it at first may be otherwise by now.
export const revived = signal(0);

/// Jobs that are asked for one by one in a round.
const looks_at_once = 4;

let skew = 0;
let heard = 0;
let asked = 0;
let asked_job = 0;
let ticked = Date.now();
let was_down = false;
let ids_followed: string[] = [];
const relay = new Relay(on_news);
export const shares_stream = relay.shares;
/// The setting asks for less than the stream, or the browser can't share one.
const streams = (): boolean => relay.shares && refresh.peek() !== "5s";
export const poll_ms = (): number => (relay.holds ? 2000 : 5000);

export function take(given: Omit<Snapshot, "age_ms" | "away_since_ms"> & Partial<Snapshot>): void {
    const one: Snapshot = { age_ms: 0, away_since_ms: 0, ...given };
    skew = one.now_ms + one.age_ms - Date.now();
    now.value = Date.now() + skew;
    const known = history_of.value[history_of.value.length - 1];
    if (!known || known.now_ms !== one.now_ms)
        history_of.value = [...history_of.value.slice(-299), one];
    snapshot.value = one;
}

function on_news(news: News): void {
    if (paused.value || document.hidden) return;
    if (news.kind === "state") {
        if (news.open && was_down) ++revived.value;
        was_down = !news.open;
        connected.value = news.open;
        brings_tracked.value = news.open && !!news.tracked;
        return;
    }
    heard = Date.now();
    connected.value = true;
    if (news.kind === "snapshot") take(news.of);
    else if (news.kind === "job") followed.value = { ...followed.value, [news.of.id]: news.of };
    else if (news.kind === "tracked") tracked_news.value = [...tracked_news.value, news.of];
    else if (news.kind === "gone") followed.value = { ...followed.value, [news.id]: null };
    else if (snapshot.value) snapshot.value = { ...snapshot.value, away_since_ms: news.since_ms };
    else void look();
}

async function look(): Promise<void> {
    asked = Date.now();
    try {
        const found = await ask<Snapshot>("snapshot");
        if (paused.value && snapshot.value) return;
        take(found);
        if (relay.holds) relay.tell({ kind: "snapshot", of: found });
    } catch {
        // The age that is shown grows; the next look may find it.
    }
}

/// Where the stream does not bring the jobs that are followed.
async function look_at_job(id: string): Promise<void> {
    asked_job = Date.now();
    const still = () => ids_followed.includes(id);
    try {
        const job = await ask<Job>("job", { id });
        if (still()) followed.value = { ...followed.value, [id]: job };
    } catch (e) {
        if ((e as Problem).slug === "no-such-job" && still())
            followed.value = { ...followed.value, [id]: null };
    }
}

function tick(): void {
    const here = Date.now();
    const slept = here - ticked > 10_000;
    ticked = here;
    if (paused.value || document.hidden) return;
    now.value = here + skew;
    if (expired.value) {
        relay.leave();
        return;
    }
    const silent = here - heard;
    // After a sleep the connection may be dead, and nobody says so.
    if (relay.holds && (slept || silent > 45_000)) {
        heard = here;
        relay.reopen();
    }
    const patience = !streams() ? 0 : relay.holds && !relay.open ? 2000 : 10_000;
    if ((slept || silent >= patience) && here - asked >= poll_ms()) void look();
    if (here - asked_job >= (streams() ? 2000 : 5000)) {
        const told = connected.value && silent < 10_000;
        const missing = ids_followed.filter((id) => !told || !relay.brings(id));
        for (const id of missing.slice(0, looks_at_once)) void look_at_job(id);
    }
    relay.remind();
}

function settle(): void {
    if (paused.value || document.hidden) {
        relay.leave();
        connected.value = brings_tracked.value = false;
        // One that begins as paused shows what there is then.
        if (!snapshot.value) void look();
        return;
    }
    if (Date.now() - asked > 1000) void look();
    if (streams()) relay.join();
    else {
        relay.leave();
        connected.value = brings_tracked.value = false;
    }
}

/// The stream brings these jobs, too.
export function follow_all(ids: string[]): void {
    const known = followed.value;
    followed.value = Object.fromEntries(ids.filter((id) => id in known).map((id) => [id, known[id]!]));
    ids_followed = ids;
    asked_job = Date.now();
    relay.want(ids);
}
/// This one alone; "": none.
export const follow = (id: string): void => follow_all(id ? [id] : []);

/// The stream brings what becomes of tracked jobs, too.
export function follow_tracked(on: boolean): void {
    tracked_news.value = [];
    relay.want_tracked(on);
}

export function pause(on: boolean): void {
    paused.value = on;
    settle();
}
/// How often is looked, from now on and when this browser comes again.
export function set_refresh(to: string): void {
    refresh.value = to;
    pause(to === "paused");
}

export function start(): void {
    setInterval(tick, 1000);
    document.addEventListener("visibilitychange", settle);
    addEventListener("pagehide", () => relay.leave());
    addEventListener("pageshow", (e) => { if (e.persisted) settle(); });
    settle();
}
