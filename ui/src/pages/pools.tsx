// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask, may_change, post } from "../api";
import { ask_first } from "../dialog";
import { bytes, duration, micros, number } from "../format";
import { now } from "../live";
import { Ago, Empty, Head, Meter, View, tell, use_loaded } from "../parts";
import { write_route } from "../route";
import { Table } from "../table";
import type { Blocked, Pool, Pools } from "../types";
import { t } from "../words";

type Order = "quiet" | "resume" | "stop";

export function give(order: Order, pool: Pool, after: () => void): void {
    const words: Record<Order, [string, string, string]> = {
        quiet: [t("Quiet {pool}?", { pool: pool.pool }), t("Quiet"), t("It claims no more jobs, until it is resumed. Those that run go on.")],
        resume: [t("Resume {pool}?", { pool: pool.pool }), t("Resume"), t("It claims jobs again.")],
        stop: [t("Stop {pool}?", { pool: pool.pool }), t("Stop"), t("It ends as on SIGTERM: what it runs may end, what does not is given back. Nothing here starts it again.")],
    };
    const [title, button, body] = words[order];
    ask_first({
        title, button, dangerous: order === "stop",
        body: <><p>{body}</p><p class="muted">{pool.host}:{pool.pid} · {t("{n} of {of} workers busy", { n: number(pool.busy), of: number(pool.concurrency) })}</p></>,
        inputs: order !== "stop" ? [] : [
            { name: "grace_ms", label: t("What runs may go on for"), options: [["", t("as long as the pool has it")], ["0", t("not at all")], ["5000", "5 s"], ["60000", "1 min"], ["600000", "10 min"]] },
        ],
        act: async ({ grace_ms }) => {
            const { code } = await post<{ code: string }>(`pool/${order}`, grace_ms ? { grace_ms: Number(grace_ms) } : {}, { pool: pool.pool });
            tell(code === "already" ? t("{pool} was told so already, and has not heard it yet", { pool: pool.pool })
                                    : t("{pool} is told; it hears it within a heartbeat", { pool: pool.pool }));
            after();
        },
    });
}

/// Pools of this library do not say it.
export const language_of = (pool: Pool): string => pool.language || "c++";

const BlockedBy = ({ of }: { of: Blocked }) => (
    <small class="bad block">
        {t("its thread is blocked for {n}", { n: duration(of.blocked_ms) })}{" "}
        {of.job
            ? <>{t("in job")} <a href={write_route(["job", of.job])}><code>{of.job}</code></a> ({of.name})</>
            : t("in one of {n} jobs that had waited for something before", { n: number(of.jobs) })}
    </small>
);

export const PoolState = ({ pool }: { pool: Pool }) => (
    <>
        <span class={"badge " + (pool.trouble || pool.stalled > 0 || pool.loop_lag_ms > 1000 ? "s-dead" : pool.state === "running" ? "s-active" : "s-retry")}>{t(pool.state)}</span>
        {pool.trouble && <small class="bad block">{pool.trouble}</small>}
        {pool.stalled > 0 && <small class="bad block">{t("{n} jobs that should have ended do not", { n: number(pool.stalled) })}</small>}
        {pool.blocked ? <BlockedBy of={pool.blocked} />
            : pool.loop_lag_ms > 1000 && <small class="bad block">{t("its thread is blocked for {n}", { n: duration(pool.loop_lag_ms) })}</small>}
    </>
);

export function PoolsPage() {
    const loaded = use_loaded("pools", () => ask<Pools>("pools"), 2000);
    const operate = may_change("operate");
    const destroy = may_change("destroy");
    return (
        <>
            <Head title={t("Pools")} sub={loaded.data && t("{n} alive, {busy} of {workers} workers busy", {
                n: number(loaded.data.of),
                busy: number(loaded.data.pools.reduce((sum, one) => sum + one.busy, 0)),
                workers: number(loaded.data.pools.reduce((sum, one) => sum + one.concurrency, 0)),
            })} />
            <View of={loaded}>
                {(data) => data.pools.length === 0 ? (
                    <Empty><p>{t("No worker pool showed a sign of life in the last 15 s. Jobs wait until one does.")}</p></Empty>
                ) : (
                    <Table
                        caption={t("Pools")} rows={data.pools} id={(pool) => pool.pool}
                        columns={[
                            { head: t("Pool"), kind: "main", cell: (pool) => (
                                <>
                                    <a href={write_route(["pool", pool.pool])} class="cut">{pool.name || pool.pool}</a>
                                    <small class="muted cut block">{pool.host}:{pool.pid} · {language_of(pool)}</small>
                                </>
                            ) },
                            { head: t("State"), cell: (pool) => <PoolState pool={pool} /> },
                            { head: t("Busy"), kind: "number", cell: (pool) => (
                                <span class="meter">{number(pool.busy)}/{number(pool.concurrency)} <Meter value={pool.busy} max={pool.concurrency} label={t("{n} of {of} workers busy", { n: pool.busy, of: pool.concurrency })} /></span>
                            ) },
                            { head: t("Oldest job"), kind: "number", cell: (pool) => pool.oldest ? <span title={pool.oldest.name || undefined}>{duration(Math.max(0, now.value - pool.oldest.since_ms))}</span> : "–" },
                            { head: t("Heartbeat"), cell: (pool) => <Ago ms={pool.heartbeat_at_ms} past /> },
                            { head: t("Up for"), kind: "number", cell: (pool) => duration(now.value - pool.started_at_ms) },
                            { head: t("Memory"), kind: "number", cell: (pool) => pool.rss_kb ? bytes(pool.rss_kb * 1024) : "–" },
                            { head: t("Round trip"), kind: "number", cell: (pool) => pool.round_trip_us ? micros(pool.round_trip_us) : "–" },
                            { head: t("Names"), cell: (pool) => <span class="cut" title={pool.job_names.join(", ")}>{pool.job_names.join(", ")}</span> },
                            ...(operate ? [{
                                head: t("Do"), kind: "act" as const, cell: (pool: Pool) => (
                                    <span class="buttons">
                                        {pool.state === "running"
                                            ? <button onClick={() => give("quiet", pool, loaded.again)} aria-label={t("Quiet {pool}?", { pool: pool.pool })}>{t("Quiet")}</button>
                                            : <button onClick={() => give("resume", pool, loaded.again)} aria-label={t("Resume {pool}?", { pool: pool.pool })}>{t("Resume")}</button>}
                                        {destroy && <button onClick={() => give("stop", pool, loaded.again)} aria-label={t("Stop {pool}?", { pool: pool.pool })}>{t("Stop…")}</button>}
                                    </span>
                                ),
                            }] : []),
                        ]}
                    />
                )}
            </View>
            {loaded.data && loaded.data.gone.length > 0 && <>
                <h2>{t("Gone in the last 15 minutes")}</h2>
                <Table
                    caption={t("Gone in the last 15 minutes")} rows={loaded.data.gone} id={(pool) => pool.pool}
                    columns={[
                        { head: t("Pool"), kind: "main", cell: (pool) => (
                            <>
                                <span class="cut">{pool.name || pool.pool}</span>
                                <small class="muted cut block">{pool.host}:{pool.pid} · {pool.language || "c++"}</small>
                            </>
                        ) },
                        { head: t("Last seen"), cell: (pool) => <Ago ms={pool.heartbeat_at_ms} past /> },
                        { head: t("Was"), cell: (pool) => t(pool.state) },
                        { head: t("Was up for"), cell: (pool) => duration(pool.heartbeat_at_ms - pool.started_at_ms) },
                    ]}
                />
                <p class="muted">{t("As far as this server was looked at meanwhile.")}</p>
            </>}
        </>
    );
}
