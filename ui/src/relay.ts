// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { address } from "./api";
import type { Job, Snapshot, TrackedNews } from "./types";

export type News =
    | { kind: "snapshot"; of: Snapshot }
    | { kind: "job"; of: Job }
    | { kind: "gone"; id: string }
    | { kind: "away"; since_ms: number }
    | { kind: "tracked"; of: TrackedNews }
    | { kind: "state"; open: boolean; jobs: string[]; tracked?: boolean };
/// What tabs say to each other, besides the news.
type Word =
    | { kind: "who" }
    | { kind: "wants"; tab: string; jobs: string[]; tracked?: boolean };

const most_jobs = 16;
const forgotten_ms = 30_000;

/// One stream for all tabs of a browser, since it opens six connections to a host: the tab that has
/// the lock holds the stream, and tells the others what it brings. A tab that is hidden or closed
/// lets the lock go, and the next has it. Where there are no locks (plain http beyond this
/// machine) nobody streams.
export class Relay {
    readonly shares = typeof navigator !== "undefined" && "locks" in navigator && !!navigator.locks;
    holds = false;
    open = false;
    private readonly name = typeof location === "undefined" ? "" : `work ${location.pathname}`;
    private readonly tab = Math.random().toString(36).slice(2);
    private channel: BroadcastChannel | null = null;
    private turn: AbortController | null = null;
    private release: (() => void) | null = null;
    private source: EventSource | null = null;
    private topics = "";
    private wanted: string[] = [];
    private brought: string[] = [];
    private wants_tracked = false;
    /// The stream brings what becomes of tracked jobs.
    brings_tracked = false;
    private said = 0;
    private changing: ReturnType<typeof setTimeout> | undefined;
    /// Of other tabs, by their names; they say it again from time to time.
    private readonly wants = new Map<string, { jobs: string[]; tracked: boolean; at: number }>();

    constructor(private readonly on_news: (news: News) => void) {}

    /// Takes part: hears what the holder tells, and waits to become it.
    join(): void {
        if (!this.shares || this.turn) return;
        this.channel = new BroadcastChannel(this.name);
        this.channel.onmessage = (e) => this.hear(e.data as News | Word);
        this.say_wants();
        const mine = (this.turn = new AbortController());
        navigator.locks
            .request(this.name, { signal: mine.signal }, () =>
                new Promise<void>((release) => {
                    if (mine.signal.aborted) return release();
                    this.release = release;
                    this.holds = true;
                    this.channel?.postMessage({ kind: "who" } satisfies Word);
                    this.reopen();
                }))
            .catch(() => {
                // It left while it waited.
            });
    }

    leave(): void {
        if (!this.turn) return;
        this.channel?.postMessage({ kind: "wants", tab: this.tab, jobs: [] } satisfies Word);
        this.turn.abort();
        this.turn = null;
        this.close();
        this.holds = false;
        this.release?.();
        this.release = null;
        this.channel?.close();
        this.channel = null;
        this.wants.clear();
        this.brought = [];
        this.brings_tracked = false;
    }

    want(jobs: string[]): void {
        this.wanted = jobs;
        this.say_wants();
        this.retopic();
    }

    want_tracked(on: boolean): void {
        this.wants_tracked = on;
        this.say_wants();
        this.retopic();
    }

    /// The stream has this job among its topics.
    brings(id: string): boolean {
        return this.brought.includes(id);
    }

    /// Once in a while: a tab that was killed says nothing.
    remind(): void {
        if (Date.now() - this.said < 10_000) return;
        this.say_wants();
        if (!this.holds) return;
        for (const [tab, one] of this.wants)
            if (Date.now() - one.at > forgotten_ms) this.wants.delete(tab);
        this.retopic();
        this.tell_state();
    }

    tell(news: News): void {
        this.channel?.postMessage(news);
    }

    reopen(): void {
        this.close();
        const jobs = this.jobs_wanted();
        const tracked = this.tracked_wanted();
        this.topics = this.topics_wanted();
        const topics = ["snapshot", ...(tracked ? ["tracked"] : []), ...jobs.map((id) => "job:" + id)].join();
        const source = (this.source = new EventSource(address("events", { topics })));
        source.onopen = () => {
            this.open = true;
            this.brought = jobs;
            this.brings_tracked = tracked;
            this.tell_state();
        };
        source.onerror = () => {
            this.open = false;
            this.brought = [];
            this.brings_tracked = false;
            this.tell_state();
            // EventSource gives up on an answer that is no stream; it is tried again here.
            if (source.readyState === EventSource.CLOSED)
                setTimeout(() => { if (this.source === source) this.reopen(); }, 5000);
        };
        const on = (name: string, read: (data: string) => News) =>
            source.addEventListener(name, (e) => {
                const news = read((e as MessageEvent).data);
                this.tell(news);
                this.on_news(news);
            });
        on("snapshot", (data) => ({ kind: "snapshot", of: JSON.parse(data) as Snapshot }));
        on("job", (data) => ({ kind: "job", of: JSON.parse(data) as Job }));
        on("gone", (data) => ({ kind: "gone", id: (JSON.parse(data) as { id: string }).id }));
        on("tracked", (data) => ({ kind: "tracked", of: JSON.parse(data) as TrackedNews }));
        on("broker", (data) => ({ kind: "away", since_ms: (JSON.parse(data) as { since_ms: number }).since_ms }));
    }

    private close(): void {
        this.source?.close();
        this.source = null;
        this.open = false;
        this.topics = "";
    }

    private tracked_wanted = (): boolean => this.wants_tracked || [...this.wants.values()].some((one) => one.tracked);
    private topics_wanted = (): string => `${this.tracked_wanted()} ${this.jobs_wanted().join()}`;
    private jobs_wanted(): string[] {
        return [...this.wants.values()].flatMap((one) => one.jobs).concat(this.wanted)
            .filter((id, at, all) => /^[^,\s]+$/.test(id) && all.indexOf(id) === at).slice(-most_jobs).sort();
    }

    /// Another stream, if what it is to bring is not what this one does. A page that goes and one
    /// that comes are one change.
    private retopic(): void {
        clearTimeout(this.changing);
        this.changing = setTimeout(() => {
            if (this.holds && this.source && this.topics_wanted() !== this.topics) this.reopen();
        }, 50);
    }

    private tell_state(): void {
        const news: News = { kind: "state", open: this.open, jobs: this.brought, tracked: this.brings_tracked };
        this.tell(news);
        this.on_news(news);
    }

    private say_wants(): void {
        this.said = Date.now();
        if (!this.holds)
            this.channel?.postMessage({ kind: "wants", tab: this.tab, jobs: this.wanted, tracked: this.wants_tracked } satisfies Word);
    }

    private hear(word: News | Word): void {
        if (word.kind === "who") this.say_wants();
        else if (word.kind === "wants") {
            if (!this.holds) return;
            const known = this.wants.has(word.tab);
            this.wants.set(word.tab, { jobs: word.jobs, tracked: word.tracked ?? false, at: Date.now() });
            this.retopic();
            if (!known) this.tell_state();
        } else {
            if (word.kind === "state") {
                this.brought = word.jobs;
                this.brings_tracked = word.tracked ?? false;
            }
            this.on_news(word);
        }
    }
}
