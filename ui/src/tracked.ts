// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { shapes } from "./shapes";
import type { FlowJobState, Tracked, TrackedJob, TrackedNews, TrackedSum } from "./types";

/// News that was not known yet when `than` was answered.
export const newer = (news: TrackedNews[], than: Tracked): TrackedNews[] => news.filter((one) => one.now_ms > than.now_ms);

const first = (a: TrackedJob, b: TrackedJob) => b.since_ms - a.since_ms || (a.id < b.id ? -1 : 1);

/// What was asked for, and what became of it since: the last one tracked first. Where there are more behind
/// them, those are left out.
export function merged(asked: Tracked, news: TrackedNews[]): TrackedJob[] {
    const all = new Map(asked.tracked.map((one) => [one.id, one]));
    const last = asked.next === null ? undefined : asked.tracked[asked.tracked.length - 1];
    for (const part of newer(news, asked)) {
        for (const one of part.changed) if (!last || first(one, last) <= 0) all.set(one.id, one);
        for (const id of part.gone) all.delete(id);
    }
    return [...all.values()].sort(first);
}

/// What is known last of all of them.
export const sum_of = (asked: Tracked, news: TrackedNews[]): TrackedSum =>
    newer(news, asked).reduce<TrackedSum>((last, one) => one.now_ms >= last.now_ms ? one : last, asked);

/// How many there are in each state that there is.
export const by_state = ({ states }: TrackedSum): [FlowJobState, number][] =>
    (Object.keys(shapes) as FlowJobState[]).filter((state) => states[state]).map((state) => [state, states[state]!]);

/// The first so many of them, page after page.
export async function first_tracked(count: number, ask_page: (limit: number, cursor?: string) => Promise<Tracked>): Promise<Tracked> {
    let all = await ask_page(Math.min(count, 200));
    while (all.next && all.tracked.length < count) {
        const page = await ask_page(Math.min(count - all.tracked.length, 200), all.next);
        // What became of the first ones since is told as news.
        all = { ...page, now_ms: all.now_ms, tracked: [...all.tracked, ...page.tracked] };
    }
    return all;
}
