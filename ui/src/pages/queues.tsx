// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, expired, may_change, post } from "../api";
import type { Problem } from "../api";
import { ask_first } from "../dialog";
import { duration, number, relative } from "../format";
import { history_of, now, paused, snapshot } from "../live";
import { Age, Ago, Count, Empty, Head, ProblemBox, Skeleton, Spark, tell, tell_problem } from "../parts";
import { go, route, write_route } from "../route";
import { refresh } from "../settings";
import { keeps_figures, use_queue_stats } from "../stats";
import { Table } from "../table";
import type { Jobs, Pause, Queue, Queues, Snapshot } from "../types";
import { isolated, t } from "../words";
import { is_full } from "./bounds";

export const pause_words = (one: Pause): string =>
    `${one.by ? t("by {by}", { by: one.by }) : ""}${one.reason ? `, “${isolated(one.reason)}”` : ""}`;

export function ask_pause(kind: "queue" | "name", name: string, after: () => void): void {
    ask_first({
        title: kind === "queue" ? t("Pause the queue {name}?", { name }) : t("Pause the name {name} in all queues?", { name }),
        button: t("Pause"),
        body: <p>{t("Its jobs wait until it goes on. Those that run go on.")}</p>,
        inputs: [
            { name: "reason", label: t("Reason"), hint: t("Others see it, and who paused it") },
            { name: "for_ms", label: t("For"), options: [["", t("until it is resumed")], ["600000", "10 min"], ["3600000", "1 h"], ["28800000", "8 h"], ["86400000", "1 d"]] },
        ],
        act: async ({ reason, for_ms }) => {
            await post(`${kind}/pause`, { ...(reason ? { reason } : {}), ...(for_ms ? { for_ms: Number(for_ms) } : {}) }, { [kind]: name });
            tell(t("{name} is paused", { name }));
            after();
        },
    });
}

export async function resume(kind: "queue" | "name", name: string, after: () => void): Promise<void> {
    try {
        await post(`${kind}/resume`, {}, { [kind]: name });
        tell(t("{name} goes on", { name }));
        after();
    } catch (e) {
        tell_problem(e);
    }
}

/// What was pending in each of the busiest queues, look by look.
function pending_of(seen: Snapshot[]): Map<string, number[]> {
    const all = new Map<string, number[]>();
    seen.forEach((one, i) => {
        for (const { queue, pending } of one.queues) {
            let values = all.get(queue);
            if (!values) all.set(queue, (values = new Array(seen.length).fill(0)));
            values[i] = pending;
        }
    });
    return all;
}

const rows_a_page = 100;
const every_ms = 2000;

/// How many a second, of what was done between two looks of this tab.
const over_ms = 10_000;
function use_rates(pages: Queues[]): (queue: string) => number | null {
    const seen = useRef<Map<string, { at_ms: number; done: number }[]>>(new Map());
    for (const page of pages)
        for (const { queue, processed } of page?.queues ?? []) {
            const marks = seen.current.get(queue) ?? [];
            if (marks[marks.length - 1]?.at_ms !== page.now_ms) marks.push({ at_ms: page.now_ms, done: processed });
            while (marks.length > 2 && page.now_ms - marks[1]!.at_ms >= over_ms) marks.shift();
            seen.current.set(queue, marks);
        }
    return (queue) => {
        const marks = seen.current.get(queue);
        const [first, last] = [marks?.[0], marks?.[marks.length - 1]];
        return !first || !last || last.at_ms === first.at_ms ? null : Math.max(0, last.done - first.done) / ((last.at_ms - first.at_ms) / 1000);
    };
}

interface Found { pages: Queues[]; problem: Problem | null; slow: boolean }

/// Page after page, as far as somebody has scrolled; those that are seen are asked for again.
function use_queues(q: string, sort: string) {
    const key = `${q} ${sort}`;
    const [state, set] = useState<Found & { key: string }>({ key, pages: [], problem: null, slow: false });
    const seen = useRef({ from: 0, to: rows_a_page });
    const now = useRef(state);
    now.current = state;
    const busy = useRef(false);
    const ask_page = (cursor: string | null) =>
        ask<Queues>("queues", { q, sort, cursor: cursor ?? undefined, limit: rows_a_page });
    const [times, again] = useState(0);
    useEffect(() => {
        let ended = false;
        let timer: ReturnType<typeof setTimeout>;
        seen.current = { from: 0, to: rows_a_page };
        const late = setTimeout(() => { if (!ended) set((old) => ({ ...old, slow: true })); }, 150);
        const look = async () => {
            if ((!paused.value || now.current.pages.length === 0) && !document.hidden && !expired.value) {
                const first = Math.floor(seen.current.from / rows_a_page);
                const last = Math.floor(Math.max(0, seen.current.to - 1) / rows_a_page);
                try {
                    for (let i = first; i <= last && !ended; ++i) {
                        const pages = now.current.key === key ? now.current.pages : [];
                        if (i > 0 && !pages[i - 1]?.next) break;
                        const page = await ask_page(i > 0 ? pages[i - 1]!.next : null);
                        if (ended) return;
                        set((old) => {
                            const kept = old.key === key ? [...old.pages] : [];
                            kept[i] = page;
                            return { key, pages: kept, problem: null, slow: false };
                        });
                    }
                } catch (e) {
                    if (ended) return;
                    set((old) => ({ ...old, key, pages: old.key === key ? old.pages : [], problem: e as Problem }));
                }
                clearTimeout(late);
            }
            if (!ended) timer = setTimeout(look, refresh.value === "5s" ? 5000 : every_ms);
        };
        void look();
        return () => { ended = true; clearTimeout(timer); clearTimeout(late); };
    }, [key, times]);
    const more = async () => {
        const last = state.pages[state.pages.length - 1];
        if (!last?.next || busy.current) return;
        busy.current = true;
        try {
            const page = await ask_page(last.next);
            set((old) => old.key === key ? { ...old, pages: [...old.pages, page] } : old);
        } catch (e) {
            set((old) => ({ ...old, problem: e as Problem }));
        }
        busy.current = false;
    };
    const mine = state.key === key ? state : { ...state, pages: [] };
    // A page may have grown into the next one meanwhile.
    const rows = [...new Map(mine.pages.flatMap((page) => page.queues).map((queue) => [queue.queue, queue])).values()];
    return { ...mine, rows, seen, more, again: () => again((n) => n + 1) };
}

export function QueuesPage() {
    const waits = new Map((use_queue_stats("15m").data?.queues ?? []).map((one) => [one.queue, one.wait]));
    const { q = "", sort = "name" } = route.value.query;
    const [typed, set_typed] = useState(q);
    const found = use_queues(q, sort);
    const newest = found.pages[0];
    const last = found.pages[found.pages.length - 1];
    const to = (query: Record<string, string | undefined>) =>
        go(["queues"], { q, sort: sort === "name" ? "" : sort, ...query }, true);
    const sorts = (name: string) => ({
        sort: () => to({ sort: name === "name" ? "" : name }),
        sorted: sort === name ? ((name === "pending" || name === "rate" ? "descending" : "ascending") as "ascending") : undefined,
    });
    const operate = may_change("operate");
    const lately = pending_of(history_of.value.slice(-60));
    const busy = new Set(snapshot.value?.queues.map((one) => one.queue));
    const rate_of = use_rates(found.pages);
    const nobodys = new Set(snapshot.value?.unserved);
    return (
        <>
            <Head title={t("Queues")} sub={newest && (
                <>
                    {t("{n} of {of}", { n: number(found.rows.length), of: number(newest.of) })} · {t("as of {ago}", { ago: relative(Math.min(newest.now_ms, now.value), now.value) })}
                    {sort !== "name" && newest.of > found.rows.length && !last?.next && <> · {t("in this order the first {n} are shown", { n: number(found.rows.length) })}</>}
                </>
            )} />
            <form class="filters" onSubmit={(e) => e.preventDefault()}>
                <label>
                    <span>{t("Filter")}</span>
                    <input
                        value={typed} placeholder={t("part of a name")} autocomplete="off" spellcheck={false}
                        onInput={(e) => { set_typed(e.currentTarget.value); to({ q: e.currentTarget.value }); }}
                    />
                </label>
                <label>
                    <span>{t("Sort")}</span>
                    <select value={sort} onChange={(e) => to({ sort: e.currentTarget.value })}>
                        <option value="name">{t("by name")}</option>
                        <option value="pending">{t("most pending first")}</option>
                        <option value="oldest">{t("oldest first")}</option>
                        <option value="rate">{t("most done first")}</option>
                    </select>
                </label>
            </form>
            {found.problem && <ProblemBox problem={found.problem} again={found.again} />}
            {!newest ? !found.problem && found.slow && <Skeleton /> : (
                <>
                    {newest.paused.filter((one) => one.kind === "name").map((one) => (
                        <p class="box warns row" key={one.name}>
                            <span><b>❚❚ {one.name}</b> {t("is paused in all queues")} {pause_words(one)} <Ago ms={one.since_ms} /></span>
                            {operate && <button onClick={() => resume("name", one.name, found.again)}>{t("Resume")}</button>}
                        </p>
                    ))}
                    {found.rows.length === 0 ? (
                        <Empty>
                            {q ? <p>{t("None of {n} queues has “{q}” in its name.", { n: number(newest.of), q })} <button class="link" onClick={() => { set_typed(""); to({ q: "" }); }}>{t("Clear the filter")}</button></p>
                               : <p>{t("There is no queue yet: one comes with its first job.")}</p>}
                        </Empty>
                    ) : (
                        <Table
                            caption={t("Queues")} rows={found.rows} id={(queue) => queue.queue}
                            seen={(from, end) => {
                                found.seen.current = { from, to: end };
                                if (end >= found.rows.length - 30) void found.more();
                            }}
                            columns={[
                                { head: t("Queue"), kind: "main", ...sorts("name"), cell: (queue) => <NameOf queue={queue} nobodys={nobodys} /> },
                                { head: t("Pending"), kind: "number", ...sorts("pending"), cell: (queue) => (
                                    <>
                                        {is_full(queue) && <small class="warn" title={t("no more than {n} may wait", { n: number(queue.bound!.most) })}>{t("full")} </small>}
                                        <a class="quiet" href={write_route(["queue", queue.queue])}><Count n={queue.pending} tone="t-pending" /></a>
                                    </>
                                ) },
                                { head: t("1 min"), kind: "text", cell: (queue) => busy.has(queue.queue) ? <Spark values={lately.get(queue.queue) ?? []} tone="pending" /> : "" },
                                { head: t("Active"), kind: "number", cell: (queue) => <a class="quiet" href={write_route(["queue", queue.queue], { tab: "active" })}><Count n={queue.active} tone="t-active" /></a> },
                                { head: t("Oldest"), kind: "number", about: t("How long the job at the head of its lists waits"), ...sorts("oldest"), cell: (queue) => <Age since={queue.oldest_ms} /> },
                                { head: t("Done /s"), kind: "number", ...sorts("rate"), about: t("Jobs that ended in a second, over the last 10 s that this page saw"), cell: (queue) => { const n = rate_of(queue.queue) ?? queue.rate ?? null; return n === null ? <span class="muted">–</span> : <Count n={n} />; } },
                                ...(keeps_figures.value ? [{ head: t("Wait p99"), kind: "number" as const, about: t("How long first attempts waited in the last 15 minutes: 99 of 100 waited less"), cell: (queue: Queue) => { const wait = waits.get(queue.queue); return wait && wait.count > 0 ? duration(wait.p99_ms) : <span class="muted">–</span>; } }] : []),
                                { head: t("Ended"), kind: "number", about: t("Jobs that ended, since there are figures"), cell: (queue) => <Count n={queue.processed} /> },
                                { head: t("Failed"), kind: "number", about: t("Attempts that failed"), cell: (queue) => <Count n={queue.failed} tone="t-dead" /> },
                                ...(operate ? [{
                                    head: t("Do"), kind: "act" as const, cell: (queue: Queue) => queue.paused
                                        ? <button onClick={() => resume("queue", queue.queue, found.again)} aria-label={t("Resume {name}", { name: queue.queue })}>{t("Resume")}</button>
                                        : <button onClick={() => ask_pause("queue", queue.queue, found.again)} aria-label={t("Pause {name}", { name: queue.queue })}>{t("Pause")}</button>,
                                }] : []),
                            ]}
                        />
                    )}
                    {last?.next && <p class="pager"><button onClick={() => void found.more()}>{t("Further queues")}</button></p>}
                </>
            )}
        </>
    );
}

/// To a job that waits there: its page says why.
async function explain_one(queue: string, name: string): Promise<void> {
    try {
        const found = await ask<Jobs>("jobs", { state: "pending", queue, name, limit: 1 });
        if (found.jobs[0]) go(["job", found.jobs[0].id]);
        else tell(t("None of them waits by now"));
    } catch (e) {
        tell_problem(e);
    }
}

/// Two lines in any case, so that all rows are of one height.
function NameOf({ queue, nobodys }: { queue: Queue; nobodys: Set<string> }) {
    const unserved = queue.lists.filter((list) => list.pending > 0 && !list.paused && nobodys.has(list.name));
    const others = queue.lists.filter((list) => list.name !== queue.queue);
    const lists = queue.lists.slice(0, 4).map((list) => `${list.name} ${number(list.pending)}`).join(" · ") + (queue.lists.length > 4 ? " …" : "");
    return (
        <>
            <a href={write_route(["queue", queue.queue])} class="cut block">{queue.queue}</a>
            <small class="cut block">
                {queue.paused ? (
                    <span class="warn" title={pause_words(queue.paused)}>
                        ❚❚ {t("paused")} {pause_words(queue.paused)}
                        {queue.paused.until_ms > 0 && <>, {t("goes on")} <Ago ms={queue.paused.until_ms} /></>}
                    </span>
                ) : unserved.length > 0 ? (
                    <span class="bad" title={unserved.map((list) => list.name).join(", ")}>
                        {t("no pool serves it")} · <button class="link" onClick={() => explain_one(queue.queue, unserved[0]!.name)} aria-label={t("Explain {name}", { name: queue.queue })}>{t("Explain")}</button>
                    </span>
                ) : queue.waits_at.length > 0 ? (
                    <span class="warn">{t("waits at {limit}", { limit: queue.waits_at.join(", ") })}</span>
                ) : others.length > 0 ? <span class="muted" title={queue.lists.map((list) => list.name).join(", ")}>{lists}</span>
                  : <span aria-hidden="true">&nbsp;</span>}
            </small>
        </>
    );
}
