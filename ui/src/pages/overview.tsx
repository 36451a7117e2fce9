// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask } from "../api";
import { Chart } from "../chart";
import { duration, number, relative } from "../format";
import { history_of, now, snapshot } from "../live";
import { Ago, Count, Empty, Head, Skeleton, Spark, use_loaded } from "../parts";
import type { Loaded } from "../parts";
import { route, write_route } from "../route";
import { Drawn, Figures, Ranges, keeps_figures, periods, ranges, use_series } from "../stats";
import type { Failures, Series, Snapshot } from "../types";
import { t } from "../words";

interface Tile { text: string; value: string; about: string; tone: string; to?: string; of?: (one: Snapshot) => number; spark?: number[] }

export function Overview() {
    const one = snapshot.value;
    const failing = use_loaded("failing", () => ask<Failures>("failures", { limit: 8 }), 5000);
    const series = use_series("15m", {});
    if (!one) return <><Head title={t("Overview")} /><Skeleton /></>;
    const all = one.totals;
    const jobs = (state: string) => write_route(["jobs"], { state });
    const quiet = all.pending + all.active + all.retry + all.scheduled + all.waiting === 0;
    const minutes = series.data ? periods(series.data).points : [];
    // Of the newest two: the last one may have just begun.
    const waits = minutes.map((point) => (point?.wait?.count ? point.wait.p99_ms : null));
    const wait = waits.slice(-2).filter((ms) => ms !== null).pop() ?? null;
    const done = minutes.map((point, i) => (point?.done ? i : -1)).filter((i) => i >= 0).pop();
    const last_ms = done === undefined ? 0 : Math.min(now.value, series.data!.from_ms + (done + 1) * series.data!.step_ms);
    const tiles: Tile[] = [
        { text: t("Pending"), value: number(all.pending), tone: "pending", to: jobs("pending"), of: (s) => s.totals.pending,
          about: t("Jobs in lists: due, and not begun.") },
        { text: t("Active"), value: `${number(all.active)} / ${number(one.pools.workers)}`, tone: "active", to: jobs("active"), of: (s) => s.totals.active,
          about: t("Jobs that are claimed, of the workers of pools that are alive.") },
        { text: t("Retry"), value: number(all.retry), tone: "retry", to: jobs("retry"), of: (s) => s.totals.retry,
          about: t("Jobs that failed, and wait for their next attempt.") },
        { text: t("Dead"), value: number(all.dead), tone: "dead", to: jobs("dead"), of: (s) => s.totals.dead,
          about: t("Jobs that are out of attempts, or were killed.") },
        { text: t("Scheduled"), value: number(all.scheduled), tone: "scheduled", to: jobs("scheduled"), of: (s) => s.totals.scheduled,
          about: t("Jobs that wait for their time.") },
        ...(keeps_figures.value ? [{ text: t("Wait p99"), value: wait === null ? "–" : duration(wait), tone: "text", to: write_route(["names"], { sort: "wait" }),
          spark: waits.map((ms) => ms ?? 0),
          about: t("How long jobs waited from being due to their first claim, of those claimed in the last minute or two: 99 of 100 waited less.") }] : []),
        { text: t("Ended /s"), value: number(one.rates.processed_per_s), tone: "ok", of: (s) => s.rates.processed_per_s,
          about: t("Jobs that ended in a second, over the last {n}.", { n: duration(one.rates.over_ms) }) },
        { text: t("Oldest"), value: one.oldest_ms ? duration(now.value - one.oldest_ms) : "–", tone: "warn", to: write_route(["queues"], { sort: "oldest" }),
          about: t("How long the job at the head of a list waits, of queues that are not paused.") },
    ];
    const more: [string, string, number][] = [
        ["waiting", t("waiting"), all.waiting], ["suspect", t("suspect"), all.suspect], ["set_aside", t("set aside"), all.set_aside],
    ];
    return (
        <>
            <Head
                title={t("Overview")}
                sub={
                    quiet
                        ? t("Nothing waits. {pools} pools, {workers} workers are ready.", { pools: number(one.pools.pools), workers: number(one.pools.workers) }) +
                          (last_ms ? " " + t("The last job ended {ago}.", { ago: relative(last_ms, now.value) }) : "")
                        : t("{done} jobs ended today, {failed} attempts failed.", { done: number(all.processed_today), failed: number(all.failed_today) })
                }
            />
            <div class="tiles">
                {tiles.map((tile) => {
                    const inner = (
                        <>
                            <span class="name">{tile.text}</span>
                            <span class={"value t-" + tile.tone}>{tile.value}</span>
                            {tile.of && <Spark values={history_of.value.slice(-60).map(tile.of)} tone={tile.tone} />}
                            {tile.spark && <Spark values={tile.spark} tone={tile.tone} />}
                        </>
                    );
                    return tile.to
                        ? <a class="tile" href={tile.to} title={tile.about} key={tile.text}>{inner}</a>
                        : <div class="tile" title={tile.about} key={tile.text}>{inner}</div>;
                })}
            </div>
            {more.some(([, , n]) => n > 0) && (
                <p>{more.filter(([, , n]) => n > 0).map(([state, text, n]) => <a class="after" href={jobs(state)}>{number(n)} {text}</a>)}</p>
            )}
            {one.pools.pools === 0 && all.processed === 0 && <FirstPool />}
            <Charts oldest_ms={one.oldest_ms} newest={series} />
            <div class="columns">
                <section class="card">
                    <h2>{t("Oldest waiting")}</h2>
                    {one.oldest.length === 0 ? <p class="muted">{t("Nothing waits.")}</p> : (
                        <ul class="rows">
                            {one.oldest.map((queue) => (
                                <li key={queue.queue}>
                                    <a class="cut" href={write_route(["queue", queue.queue])}>{queue.queue}</a>
                                    {queue.paused ? <span class="cut why-not">❚❚ {queue.by ? t("paused by {by}", { by: queue.by }) : t("paused")}</span>
                                        : !queue.served && <span class="bad why-not">{t("no pool")}</span>}
                                    <span>{number(queue.pending)}</span>
                                    <b>{queue.oldest_ms ? duration(now.value - queue.oldest_ms) : "–"}</b>
                                </li>
                            ))}
                        </ul>
                    )}
                </section>
                <section class="card">
                    <h2>{t("Failing now")}</h2>
                    {!failing.data?.groups.length ? <p class="muted">{failing.data ? t("No job waits for another attempt, and none is dead.") : failing.problem?.message}</p> : (
                        <ul class="rows">
                            {failing.data.groups.map((group) => (
                                <li key={group.type}>
                                    <a class="cut" href={write_route(["jobs"], { state: "retry,dead", failure: group.type })}>{group.type || t("(no type)")}</a>
                                    <span class="cut muted">{group.names.join(", ")}</span>
                                    <Count n={group.count} tone="t-dead" />
                                    <Ago ms={group.last_ms} past />
                                </li>
                            ))}
                        </ul>
                    )}
                </section>
                <section class="card">
                    <h2>{t("In flight")}</h2>
                    {one.in_flight.length === 0 ? <p class="muted">{t("No job runs.")}</p> : (
                        <ul class="rows">
                            {one.in_flight.slice(0, 8).map((flight) => (
                                <li key={flight.name}>
                                    <a class="cut" href={write_route(["names"], { name: flight.name })}>{flight.name}</a>
                                    {flight.stalled > 0 ? <span class="bad why-not">{t("{n} do not end", { n: number(flight.stalled) })}</span>
                                        : flight.since_ms > 0 && now.value - flight.since_ms >= 1000 && <span class="muted why-not">{t("oldest {n}", { n: duration(now.value - flight.since_ms) })}</span>}
                                    <Count n={flight.active} tone="t-active" />
                                </li>
                            ))}
                        </ul>
                    )}
                </section>
            </div>
        </>
    );
}

/// The last five minutes as this tab saw them.
function Live() {
    const seen = history_of.value;
    const step = 1000;
    const end = Math.floor((seen[seen.length - 1]?.now_ms ?? 0) / step) * step;
    const first = seen[0]?.now_ms ?? end;
    const n = Math.max(60, Math.min(300, Math.ceil((end - first) / step) + 1));
    const at = Array.from({ length: n }, (_, i) => end - (n - 1 - i) * step);
    const by = new Map(seen.map((one) => [Math.floor(one.now_ms / step) * step, one]));
    const values = (of: (one: Snapshot) => number) => at.map((ms, i) => {
        // Looks are a second apart, and a bit: a second without one is no gap.
        const one = by.get(ms) ?? (i > 0 && by.get(at[i - 1]!)) ?? undefined;
        return one ? of(one) : null;
    });
    return (
        <div class="columns charts">
            <Chart title={t("Ended and failed in a second")} at={at} step_ms={step} newest_open={false} lines={[
                { name: t("ended"), tone: "ok", values: values((one) => one.rates.processed_per_s) },
                { name: t("failed"), tone: "dead", values: values((one) => one.rates.failed_per_s), shape: "dashed" },
            ]} />
            <Chart title={t("Pending and active")} at={at} step_ms={step} newest_open={false} lines={[
                { name: t("pending"), tone: "pending", values: values((one) => one.totals.pending) },
                { name: t("active"), tone: "active", values: values((one) => one.totals.active), shape: "dashed" },
            ]} />
        </div>
    );
}

/// Figures that the server keeps, or what this tab has seen where it keeps none.
function Charts({ oldest_ms, newest }: { oldest_ms: number; newest: Loaded<Series | null> }) {
    const asked = route.value.query.range ?? "15m";
    const range = ranges.includes(asked) || asked === "live" ? asked : "15m";
    const here = !keeps_figures.value ? "live" : range;
    return (
        <>
            <div class="row">
                <h2 class="hidden">{t("Figures")}</h2>
                {keeps_figures.value && (
                    <Ranges range={range} more={[["live", t("live")]]} to={(one) => write_route(["overview"], { range: one })} />
                )}
                {here === "live" && <span class="muted">{t("the last 5 minutes, as this page saw them")}</span>}
            </div>
            {here === "live" ? <Live /> : range === "15m" ? <Drawn loaded={newest} oldest_ms={oldest_ms} /> : <Figures range={range} oldest_ms={oldest_ms} />}
        </>
    );
}

const FirstPool = () => (
    <Empty>
        <p>{t("No worker pool has run here yet. These lines make one:")}</p>
        <pre tabIndex={0}>{'work::worker_pool pool{client};\npool.on("send_email", [](std::string to) { /* … */ });\nco_await pool.run();'}</pre>
    </Empty>
);
