// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useEffect } from "preact/hooks";
import { ask, may_change } from "../api";
import { bytes, duration, micros, number } from "../format";
import { follow_all, followed, now } from "../live";
import { Ago, Age, Empty, Head, Meter, ProblemBox, View, use_loaded } from "../parts";
import { route, write_route } from "../route";
import { Table } from "../table";
import type { Jobs, Pool, Row, Running } from "../types";
import { t } from "../words";
import { PoolState, give, language_of } from "./pools";

const rows_at_most = 200;
/// What has run for less is over before it is read.
const told_from_ms = 1000;
/// Of so many the stream tells how far they are.
const followed_at_most = 16;

const began = (row: Row): number => Math.floor(row.fence / 1000);

const RunningTable = ({ of }: { of: Running[] }) => (
    <Table
        caption={t("What it runs, by name")} rows={of} id={(one) => one.name}
        columns={[
            { head: t("Name"), kind: "main", cell: (one) => one.name
                ? <a class="cut" href={write_route(["names"], { name: one.name })}>{one.name}</a>
                : <span class="muted">{t("other names")}</span> },
            { head: t("Running"), kind: "number", cell: (one) => number(one.jobs) },
            { head: t("Do not end"), kind: "number", cell: (one) => one.stalled > 0 ? <b class="bad">{number(one.stalled)}</b> : "–" },
            { head: t("Longest"), kind: "number", cell: (one) => one.since_ms ? <a href={write_route(["job", one.oldest])}>{duration(Math.max(0, now.value - one.since_ms))}</a> : "–" },
        ]}
    />
);

export function PoolPage() {
    const id = route.value.parts[1] ?? "";
    const loaded = use_loaded(`pool ${id}`, () => ask<Pool>("pool", { pool: id }), 2000);
    const running = use_loaded(
        `pool jobs ${id}`,
        () => ask<Jobs>("jobs", { state: "active", pool: id, limit: rows_at_most, scan: 10_000 }), 2000,
    );
    const pool = loaded.data;
    const all = [...(running.data?.jobs ?? [])].sort((a, b) => a.fence - b.fence);
    const told = all.filter((row) => now.value - began(row) >= told_from_ms);
    const ids = told.slice(0, followed_at_most).map((row) => row.id);
    useEffect(() => follow_all(ids), [ids.join()]);
    useEffect(() => () => follow_all([]), [id]);
    const gone = loaded.problem?.slug === "no-such-pool";
    const fast = all.length - told.length;
    return (
        <>
            <Head
                title={pool?.name || id}
                sub={<><code>{id}</code>{pool && <> · {pool.host}:{pool.pid} · {language_of(pool)}</>} · <a href={write_route(["pools"])}>{t("Pools")}</a></>}
            >
                {pool && may_change("operate") && (pool.state === "running"
                    ? <button onClick={() => give("quiet", pool, loaded.again)}>{t("Quiet…")}</button>
                    : <button onClick={() => give("resume", pool, loaded.again)}>{t("Resume…")}</button>)}
                {pool && may_change("destroy") && <button class="danger" onClick={() => give("stop", pool, loaded.again)}>{t("Stop…")}</button>}
            </Head>
            {gone && !pool && <Empty><p>{t("No pool of this name showed a sign of life in the last 15 s.")}</p><p><a href={write_route(["pools"])}>{t("Pools")}</a></p></Empty>}
            {gone && pool && <p class="box warns">{t("It is gone since it was looked at: it ended, or died.")}</p>}
            {loaded.problem && !gone && <ProblemBox problem={loaded.problem} again={loaded.again} />}
            {pool && (
                <div class="columns">
                    <section class="card"><h2>{t("What it is")}</h2>
                        <dl>
                            <div><dt>{t("State")}</dt><dd><PoolState pool={pool} /></dd></div>
                            <div><dt>{t("Busy")}</dt><dd>{number(pool.busy)} / {number(pool.concurrency)} <Meter value={pool.busy} max={pool.concurrency} label={t("{n} of {of} workers busy", { n: pool.busy, of: pool.concurrency })} /></dd></div>
                            <div><dt>{t("Up for")}</dt><dd>{duration(now.value - pool.started_at_ms)}</dd></div>
                            <div><dt>{t("Heartbeat")}</dt><dd><Ago ms={pool.heartbeat_at_ms} past /></dd></div>
                        </dl>
                    </section>
                    <section class="card"><h2>{t("How it does")}</h2>
                        <dl>
                            <div><dt>{t("Memory")}</dt><dd>{pool.rss_kb ? bytes(pool.rss_kb * 1024) : "–"}</dd></div>
                            <div><dt>{t("Round trip")}</dt><dd>{pool.round_trip_us ? micros(pool.round_trip_us) : "–"}</dd></div>
                            <div title={t("How long its thread has been blocked")}><dt>{t("Loop behind")}</dt><dd class={pool.loop_lag_ms > 1000 ? "bad" : ""}>{duration(pool.loop_lag_ms)}</dd></div>
                            <div><dt>{t("Lease")}</dt><dd>{pool.lease_ms ? duration(pool.lease_ms) : "–"}</dd></div>
                        </dl>
                    </section>
                    <section class="card"><h2>{t("Names that it runs")}</h2>
                        <p>{pool.job_names.map((name) => <a class="chip" key={name} href={write_route(["names"], { name })}><span class="cut">{name}</span></a>)}</p>
                    </section>
                </div>
            )}
            {pool && pool.in_flight.length > 0 && <><h2>{t("What it runs, by name")}</h2><RunningTable of={pool.in_flight} /></>}
            {!(gone && !pool) && <h2>{t("Running jobs, oldest first")}</h2>}
            {!(gone && !pool) && <View of={running}>
                {(data) => all.length === 0 ? <Empty><p>{t("It runs nothing now.")}</p></Empty> : (
                    <>
                        {told.length > 0 && <Table
                            caption={t("Running jobs, oldest first")} rows={told} id={(row) => row.id}
                            columns={[
                                { head: t("Name"), kind: "main", cell: (row) => (
                                    <>
                                        <a href={write_route(["job", row.id])} class="cut">{row.name}</a>
                                        <small class="muted block cut"><code>{row.id}</code></small>
                                    </>
                                ) },
                                { head: t("Runs for"), kind: "number", cell: (row) => {
                                    const limit = Number(followed.value[row.id]?.options?.timeout_ms ?? 0);
                                    const over = limit > 0 && now.value - began(row) > limit;
                                    return <span class={over ? "warn" : ""} title={over ? t("longer than its timeout of {limit}", { limit: duration(limit) }) : undefined}>{over && "⚠ "}<Age since={began(row)} /></span>;
                                } },
                                { head: t("Attempt"), kind: "number", cell: (row) => number(row.failed_attempts + 1) },
                                { head: t("Done so far"), cell: (row) => {
                                    const percent = followed.value[row.id]?.progress?.percent ?? null;
                                    return percent === null ? <span class="muted">–</span> : <span class="meter">{number(percent)} % <Meter value={percent} max={100} label={`${percent} %`} /></span>;
                                } },
                                { head: t("Check-in"), kind: "wide", cell: (row) => <span class="cut">{followed.value[row.id]?.progress?.message || <span class="muted">–</span>}</span> },
                                { head: t("Lease ends"), cell: (row) => <Ago ms={row.when_ms} /> },
                                { head: t("Arguments"), kind: "wide", cell: (row) => row.args === null ? <span class="muted">{t("hidden")}</span> : <code class="cut">{row.args}</code> },
                            ]}
                        />}
                        <p class="muted">
                            {fast > 0 && t("{n} more run for less than a second.", { n: number(fast) })}{" "}
                            {told.length > followed_at_most && t("Check-ins are of the {n} oldest.", { n: followed_at_most })}{" "}
                            {data.next && t("There are more than the {n} that were looked for.", { n: rows_at_most })}
                        </p>
                    </>
                )}
            </View>}
        </>
    );
}
