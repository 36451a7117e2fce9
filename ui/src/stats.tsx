// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { computed } from "@preact/signals";
import { ask, root } from "./api";
import { Chart } from "./chart";
import { duration } from "./format";
import { now } from "./live";
import { ProblemBox, use_loaded } from "./parts";
import type { Loaded } from "./parts";
import type { NamesStats, Point, QueuesStats, Series } from "./types";
import { t } from "./words";

export const ranges = ["15m", "1h", "8h", "3d", "90d"];
/// The server keeps figures of the past.
export const keeps_figures = computed(() => root.value?.features.includes("histories") ?? false);
export const names_at_most = 100;

const figures = <T,>(path: string, query: Record<string, string | number>): Promise<T | null> =>
    keeps_figures.value ? ask<T>(path, query) : Promise.resolve(null);
export const use_series = (range: string, of: { name?: string; queue?: string }) =>
    use_loaded(`series ${range} ${of.name} ${of.queue}`, () => figures<Series>("stats", { range, ...of }), 5000);
export const use_names = (range: string) =>
    use_loaded(`names ${range}`, () => figures<NamesStats>("stats/names", { range, limit: names_at_most }), 5000);

/// By queue, those of which most was done: how long their jobs waited in the last minutes.
export const use_queue_stats = (range: string) =>
    use_loaded(`queue stats ${range}`, () => figures<QueuesStats>("stats/queues", { range, limit: 500 }), 10_000);

/// Each period from the first to the newest, with its point if there is one.
export function periods({ from_ms, now_ms, step_ms, points }: Series): { at: number[]; points: (Point | null)[] } {
    const known = new Map(points.map((point) => [point.at_ms, point]));
    // Points say where periods begin; without any they begin at whole steps.
    const phase = points.length ? points[0]!.at_ms % step_ms : 0;
    const first = Math.ceil((from_ms - phase) / step_ms) * step_ms + phase;
    const at: number[] = [];
    for (let ms = Math.min(first, points[0]?.at_ms ?? first); ms <= now_ms && at.length < 2000; ms += step_ms) at.push(ms);
    return { at, points: at.map((ms) => known.get(ms) ?? null) };
}

/// How many a second; the newest period is not over yet.
export const per_second = (count: number, at_ms: number, step_ms: number, now_ms: number): number =>
    count / (Math.max(1000, Math.min(step_ms, now_ms - at_ms)) / 1000);

/// Done and failed in a second, wait and run, for all jobs or those of a name or a queue.
export function Figures({ range, name, queue, oldest_ms = 0 }: { range: string; name?: string; queue?: string; oldest_ms?: number }) {
    const loaded = use_series(range, { ...(name ? { name } : {}), ...(queue ? { queue } : {}) });
    return <Drawn loaded={loaded} oldest_ms={oldest_ms} />;
}

export function Drawn({ loaded, oldest_ms }: { loaded: Loaded<Series | null>; oldest_ms: number }) {
    const series = loaded.data;
    if (!series) return loaded.problem ? <ProblemBox problem={loaded.problem} again={loaded.again} /> : null;
    const { at, points } = periods(series);
    const step_ms = series.step_ms;
    const rate = (of: "done" | "failed") =>
        points.map((point, i) => point && per_second(point[of], at[i]!, step_ms, series.now_ms));
    const spread = (of: "wait" | "run", which: "p50_ms" | "p95_ms" | "p99_ms") =>
        points.map((point) => point?.[of]?.[which] ?? null);
    const three = (of: "wait" | "run", tone: string) => [
        { name: "p50", tone, values: spread(of, "p50_ms") },
        { name: "p95", tone, values: spread(of, "p95_ms"), shape: "dashed" as const },
        { name: "p99", tone, values: spread(of, "p99_ms"), shape: "dotted" as const },
    ];
    return (
        <>
            {loaded.problem && <ProblemBox problem={loaded.problem} again={loaded.again} />}
            <div class="columns charts">
                <Chart title={t("Done and failed in a second")} at={at} step_ms={step_ms} lines={[
                    { name: t("done"), tone: "ok", values: rate("done") },
                    { name: t("failed"), tone: "dead", values: rate("failed"), shape: "dashed" },
                ]} />
                <Chart title={t("Wait")} at={at} step_ms={step_ms} times lines={three("wait", "pending")}
                    sub={oldest_ms > 0 && t("oldest now: {age}", { age: duration(now.value - oldest_ms) })} />
                <Chart title={t("Run")} at={at} step_ms={step_ms} times lines={three("run", "scheduled")} />
            </div>
        </>
    );
}

export const Ranges = ({ range, to, more = [] }: { range: string; to: (range: string) => string; more?: [string, string][] }) => (
    <nav class="ranges" aria-label={t("How far back")}>
        {[...more, ...ranges.map((one): [string, string] => [one, one.replace(/(\d+)/, "$1 ")])].map(([one, text]) => (
            <a key={one} href={to(one)} aria-current={range === one ? "true" : undefined}>{text}</a>
        ))}
    </nav>
);
