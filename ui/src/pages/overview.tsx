// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask } from "../api";
import { duration, number } from "../format";
import { history_of, now, snapshot } from "../live";
import { Ago, Count, Empty, Head, Skeleton, Spark, use_loaded } from "../parts";
import { write_route } from "../route";
import type { Failures, Snapshot } from "../types";
import { t } from "../words";

interface Tile { text: string; value: string; about: string; tone: string; to?: string; of?: (one: Snapshot) => number }

export function Overview() {
    const one = snapshot.value;
    const failing = use_loaded("failing", () => ask<Failures>("failures", { limit: 8 }), 5000);
    if (!one) return <><Head title={t("Overview")} /><Skeleton /></>;
    const all = one.totals;
    const jobs = (state: string) => write_route(["jobs"], { state });
    const quiet = all.pending + all.active + all.retry + all.scheduled === 0;
    const waiting = one.queues.filter((queue) => queue.pending > 0)
        .sort((a, b) => (a.oldest_ms || Infinity) - (b.oldest_ms || Infinity)).slice(0, 8);
    const oldest = waiting.find((queue) => !queue.paused && queue.oldest_ms > 0);
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
        { text: t("Ended /s"), value: number(one.rates.processed_per_s), tone: "ok", of: (s) => s.rates.processed_per_s,
          about: t("Jobs that ended in a second, over the last {n}.", { n: duration(one.rates.over_ms) }) },
        { text: t("Oldest"), value: oldest ? duration(now.value - oldest.oldest_ms) : "–", tone: "warn", to: write_route(["queues"], { sort: "oldest" }),
          about: t("How long the job at the head of a list waits, of queues that are not paused.") },
    ];
    const more: [string, string, number][] = [
        ["suspect", t("suspect"), all.suspect], ["set_aside", t("set aside"), all.set_aside],
    ];
    return (
        <>
            <Head
                title={t("Overview")}
                sub={
                    quiet
                        ? t("Nothing waits. {pools} pools, {workers} workers are ready.", { pools: number(one.pools.pools), workers: number(one.pools.workers) })
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
            <div class="columns">
                <Rates />
                <section class="card">
                    <h2>{t("Oldest waiting")}</h2>
                    {waiting.length === 0 ? <p class="muted">{t("Nothing waits.")}</p> : (
                        <ul class="rows">
                            {waiting.map((queue) => (
                                <li key={queue.queue}>
                                    <a class="cut" href={write_route(["queues"], { q: queue.queue })}>{queue.queue}</a>
                                    <span>{number(queue.pending)}</span>
                                    <b>{queue.paused ? <span class="badge">{t("paused")}</span> : queue.oldest_ms ? duration(now.value - queue.oldest_ms) : "–"}</b>
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
                                    <Ago ms={group.last_ms} />
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
                                    <a class="cut" href={write_route(["jobs"], { state: "active", name: flight.name })}>{flight.name}</a>
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

/// What ended and failed each second, as this tab saw it: shapes differ besides colours.
function Rates() {
    const seen = history_of.value;
    const w = 600;
    const h = 120;
    const span = Math.max(60, seen.length);
    const top = Math.max(1, ...seen.map((one) => one.rates.processed_per_s), ...seen.map((one) => one.rates.failed_per_s));
    const line = (of: (one: Snapshot) => number) =>
        seen.map((one, i) => `${((i + span - seen.length) / (span - 1) * w).toFixed(1)},${(h - 2 - (of(one) / top) * (h - 6)).toFixed(1)}`).join(" ");
    const last = seen[seen.length - 1];
    return (
        <section class="card wide">
            <h2>{t("Ended and failed in a second")}</h2>
            <svg class="chart" viewBox={`0 0 ${w} ${h}`} preserveAspectRatio="none" aria-hidden="true">
                <line x1="0" x2={w} y1={h - 2} y2={h - 2} />
                <polyline class="t-ok" points={line((one) => one.rates.processed_per_s)} />
                <polyline class="t-dead dashed" points={line((one) => one.rates.failed_per_s)} />
            </svg>
            <p class="legend">
                <span class="t-ok">━ {t("ended")} {number(last?.rates.processed_per_s ?? 0)}</span>
                <span class="t-dead">┅ {t("failed")} {number(last?.rates.failed_per_s ?? 0)}</span>
                <span class="muted">{t("top {n} · the last {span}, as this page saw them", { n: number(top), span: duration(span * 1000) })}</span>
            </p>
            <details>
                <summary>{t("As a table")}</summary>
                <div class="scroll" tabIndex={0} role="region" aria-label={t("Ended and failed in a second")}>
                    <table>
                        <thead><tr><th scope="col">{t("When")}</th><th scope="col" class="number">{t("ended")}</th><th scope="col" class="number">{t("failed")}</th></tr></thead>
                        <tbody>
                            {seen.filter((_, i) => (seen.length - 1 - i) % 10 === 0).reverse().map((one) => (
                                <tr key={one.number}><td><Ago ms={one.now_ms} /></td><td class="number">{number(one.rates.processed_per_s)}</td><td class="number">{number(one.rates.failed_per_s)}</td></tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            </details>
        </section>
    );
}

const FirstPool = () => (
    <Empty>
        <p>{t("No worker pool has run here yet. These lines make one:")}</p>
        <pre tabIndex={0}>{'work::worker_pool pool{client};\npool.on("send_email", [](std::string to) { /* … */ });\nco_await pool.run();'}</pre>
    </Empty>
);
