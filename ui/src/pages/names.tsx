// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask, may_change } from "../api";
import { Histogram } from "../chart";
import { duration, number } from "../format";
import { snapshot } from "../live";
import { Count, Empty, Head, ProblemBox, Spark, View, use_loaded } from "../parts";
import { go, route, write_route } from "../route";
import { Figures, Ranges, keeps_figures, names_at_most, ranges, use_names } from "../stats";
import { Table } from "../table";
import type { NameStats, Queues, Spread } from "../types";
import { t } from "../words";
import { ask_pause, pause_words, resume } from "./queues";

const span_ms: Record<string, number> = { "15m": 9e5, "1h": 3.6e6, "8h": 2.88e7, "3d": 2.592e8, "90d": 7.776e9 };
const lists_at_most = 200;

interface Named extends NameStats { active: number; pending: number; paused: boolean }

/// Names with what is kept of them and what is so now.
function use_rows(range: string) {
    const kept = use_names(range);
    const queues = use_loaded("names of queues", () => ask<Queues>("queues", { limit: lists_at_most }), 5000);
    const rows = new Map<string, Named>();
    const row = (name: string): Named => {
        const found = rows.get(name) ?? { name, done: 0, failed: 0, wait: null, run: null, active: 0, pending: 0, paused: false };
        rows.set(name, found);
        return found;
    };
    for (const one of kept.data?.names ?? []) Object.assign(row(one.name), one);
    for (const queue of queues.data?.queues ?? [])
        for (const list of queue.lists) {
            const one = row(list.name);
            one.active += list.active;
            one.pending += list.pending;
            if (!keeps_figures.value) {
                one.done += list.processed;
                one.failed += list.failed;
            }
        }
    for (const one of queues.data?.paused ?? []) if (one.kind === "name") row(one.name).paused = true;
    for (const one of snapshot.value?.in_flight ?? []) row(one.name).active = Math.max(row(one.name).active, one.active);
    return { rows: [...rows.values()], kept, queues };
}

const p = (spread: Spread | null, which: "p50_ms" | "p99_ms") =>
    spread?.count ? duration(spread[which]) : <span class="muted">–</span>;

const sorts: Record<string, (row: Named) => number> = {
    active: (row) => row.active, pending: (row) => row.pending, done: (row) => row.done, failed: (row) => row.failed,
    wait: (row) => row.wait?.count ? row.wait.p99_ms : -1, run: (row) => row.run?.count ? row.run.p99_ms : -1,
};

export function NamesPage() {
    const { name, range: asked = "1h" } = route.value.query;
    const range = ranges.includes(asked) ? asked : "1h";
    return name !== undefined ? <NamePage name={name} range={range} /> : <NamesList range={range} />;
}

function NamesList({ range }: { range: string }) {
    const { q = "", sort = "done" } = route.value.query;
    const { rows, kept, queues } = use_rows(range);
    const figures = keeps_figures.value;
    const to = (query: Record<string, string>) => go(["names"], { range: range === "1h" ? "" : range, q, sort: sort === "done" ? "" : sort, ...query }, true);
    const by = (what: string) => ({ sort: () => to({ sort: what === "done" ? "" : what }), sorted: sort === what ? "descending" as const : undefined });
    const value = sorts[sort] ?? sorts.done!;
    const shown = rows.filter((row) => row.name.includes(q)).sort((a, b) => value(b) - value(a) || (a.name < b.name ? -1 : 1));
    const per = (row: Named) => row.done / ((span_ms[range] ?? 3.6e6) / 1000);
    return (
        <>
            <Head title={t("Names")} sub={t("{n} of {of}", { n: number(shown.length), of: number(rows.length) })} />
            <form class="filters" onSubmit={(e) => e.preventDefault()}>
                <label>
                    <span>{t("Filter")}</span>
                    <input value={q} placeholder={t("part of a name")} autocomplete="off" spellcheck={false} onInput={(e) => to({ q: e.currentTarget.value })} />
                </label>
                {figures && <Ranges range={range} to={(one) => write_route(["names"], { range: one, q, sort: sort === "done" ? "" : sort })} />}
            </form>
            {kept.problem && <ProblemBox problem={kept.problem} again={kept.again} />}
            {!figures && <p class="muted">{t("This server keeps no figures of the past: done and failed are since there are figures.")}</p>}
            <View of={queues}>
                {(data) => shown.length === 0 ? (
                    <Empty>{q ? <p>{t("None of {n} names has “{q}” in it.", { n: number(rows.length), q })} <button class="link" onClick={() => to({ q: "" })}>{t("Clear the filter")}</button></p>
                              : <p>{t("There is no name yet: one comes with its first job.")}</p>}</Empty>
                ) : (
                    <>
                        <Table
                            caption={t("Names")} rows={shown} id={(row) => row.name}
                            columns={[
                                { head: t("Job name"), kind: "main", cell: (row) => (
                                    <>
                                        <a class="cut" href={write_route(["names"], { name: row.name, range: range === "1h" ? "" : range })}>{row.name}</a>
                                        {row.paused && <small class="warn"> ❚❚ {t("paused")}</small>}
                                    </>
                                ) },
                                { head: t("In flight"), kind: "number", ...by("active"), cell: (row) => <a class="quiet" href={write_route(["jobs"], { state: "active", name: row.name })}><Count n={row.active} tone="t-active" /></a> },
                                { head: t("Pending"), kind: "number", ...by("pending"), cell: (row) => <a class="quiet" href={write_route(["jobs"], { state: "pending", name: row.name })}><Count n={row.pending} tone="t-pending" /></a> },
                                ...(figures ? [{ head: t("Done /s"), kind: "number" as const, ...by("done"), about: t("Jobs that ended, a second, over the whole range"), cell: (row: Named) => rate(per(row)) }]
                                            : [{ head: t("Ended"), kind: "number" as const, ...by("done"), cell: (row: Named) => <Count n={row.done} /> }]),
                                { head: t("Failed"), kind: "number", ...by("failed"), about: t("Attempts that failed"), cell: (row) => <Count n={row.failed} tone="t-dead" /> },
                                ...(figures ? [
                                    { head: t("Wait") + " p99", kind: "number" as const, ...by("wait"), cell: (row: Named) => p(row.wait, "p99_ms") },
                                    { head: t("Run") + " p50", kind: "number" as const, cell: (row: Named) => p(row.run, "p50_ms") },
                                    { head: t("Run") + " p99", kind: "number" as const, ...by("run"), cell: (row: Named) => p(row.run, "p99_ms") },
                                    { head: t("Run times"), cell: (row: Named) => <Spark values={row.run?.count ? row.run.buckets ?? [] : []} tone="scheduled" /> },
                                ] : []),
                            ]}
                        />
                        {kept.data?.names.length === names_at_most && <p class="muted">{t("Figures are of the {n} names with most jobs.", { n: names_at_most })}</p>}
                        {data.next && <p class="muted">{t("In flight and pending are of the first {n} queues.", { n: lists_at_most })}</p>}
                    </>
                )}
            </View>
        </>
    );
}

const rate = (n: number) =>
    n === 0 ? <span class="muted">0</span> : number(n);

function NamePage({ name, range }: { name: string; range: string }) {
    const { rows, kept, queues } = use_rows(range);
    const row = rows.find((one) => one.name === name);
    const paused = queues.data?.paused.find((one) => one.kind === "name" && one.name === name);
    const here = queues.data?.queues.filter((queue) => queue.lists.some((list) => list.name === name)) ?? [];
    const jobs = (state: string) => write_route(["jobs"], { state, name });
    const again = () => queues.again();
    return (
        <>
            <Head title={name} sub={<><a href={write_route(["names"])}>{t("Names")}</a>{row && <> · {t("{pending} pending, {active} active", { pending: number(row.pending), active: number(row.active) })}</>}</>}>
                {may_change("operate") && (paused
                    ? <button class="primary" onClick={() => resume("name", name, again)}>{t("Resume")}</button>
                    : <button onClick={() => ask_pause("name", name, again)}>{t("Pause this name…")}</button>)}
            </Head>
            {paused && <p class="box warns"><b>❚❚ {t("paused")}</b> {t("is paused in all queues")} {pause_words(paused)}</p>}
            <p class="chips">
                {["pending", "active", "waiting", "scheduled", "retry", "dead"].map((state) => <a class="chip" key={state} href={jobs(state)}>{t(state)}</a>)}
                {here.map((queue) => <a class="chip" key={queue.queue} href={write_route(["queue", queue.queue])}>{t("Queue")} <b class="cut">{queue.queue}</b></a>)}
            </p>
            {!keeps_figures.value
                ? <p class="muted">{t("This server keeps no figures of the past: done and failed are since there are figures.")}</p>
                : <Ranges range={range} to={(one) => write_route(["names"], { name, range: one })} />}
            {kept.problem && <ProblemBox problem={kept.problem} again={kept.again} />}
            <Figures range={range} name={name} />
            {row && (row.wait?.buckets || row.run?.buckets) && (
                <div class="columns charts">
                    {row.wait?.buckets && <Histogram title={t("How long they waited")} buckets={row.wait.buckets} tone="pending" />}
                    {row.run?.buckets && <Histogram title={t("How long they ran")} buckets={row.run.buckets} tone="scheduled" />}
                </div>
            )}
            {!keeps_figures.value && row && (
                <dl class="card">
                    <div><dt>{t("Ended")}</dt><dd>{number(row.done)}</dd></div>
                    <div><dt>{t("Failed")}</dt><dd>{number(row.failed)}</dd></div>
                </dl>
            )}
        </>
    );
}
