// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useEffect, useRef, useState } from "preact/hooks";
import { act_on, act_on_all, can_do, touches, verb_name, verbs } from "../acts";
import type { Became } from "../acts";
import { Problem, ask, may, may_change } from "../api";
import { ask_pause } from "./queues";
import { plural } from "../dialog";
import { bytes, number } from "../format";
import { use_page_keys } from "../keys";
import { snapshot } from "../live";
import { Ago, Badge, Empty, Head, ProblemBox, Skeleton, copy, tell, tell_problem, use_loaded } from "../parts";
import { go, route, write_route } from "../route";
import { save_jobs } from "../save";
import { track, tracks } from "../star";
import { Table } from "../table";
import type { Filter, Jobs, Row, State, Verb } from "../types";
import { states } from "../types";
import { t } from "../words";

const fields = ["name", "queue", "failure", "tag", "pool", "message", "args", "min_attempt"] as const;
const names: Record<(typeof fields)[number], () => string> = {
    name: () => t("Job name"), queue: () => t("Queue"), failure: () => t("Failure type"),
    tag: () => t("Tag"), pool: () => t("Pool"), message: () => t("In the failure's message"),
    args: () => t("In the arguments"), min_attempt: () => t("Attempts failed, at least"),
};
const most_tracked_at_once = 20;
const enough = 50;
const patience_ms = 5000;
/// How long one request of a search is to take.
const wanted_ms = 150;

interface Found {
    rows: Row[]; scanned: number; of: number; next: string | null; now_ms: number; searching: boolean;
    problem: Problem | null;
}
const nothing: Found = { rows: [], scanned: 0, of: -1, next: null, now_ms: 0, searching: true, problem: null };

/// Looks on, part by part, until enough are found, 5 s have passed or it is told to stop.
function use_search(query: Record<string, string>) {
    const [found, set] = useState<Found>(nothing);
    const control = useRef<AbortController | null>(null);
    const key = JSON.stringify(query);
    const search = async (before: Found) => {
        control.current?.abort();
        const mine = (control.current = new AbortController());
        let now: Found = { ...before, searching: true, problem: null };
        const goal = before.rows.length + (before.scanned === 0 ? enough : 2 * enough);
        const until = Date.now() + patience_ms;
        let first = before.scanned === 0;
        // As many as are looked at in a fraction of a second, which depends on what is stored: many short
        // lists take longer than a long one.
        let scan = 250;
        set(now);
        try {
            do {
                const begun = performance.now();
                const part = await ask<Jobs>(
                    "jobs",
                    { ...query, limit: goal - now.rows.length, scan, cursor: now.next ?? undefined },
                    { signal: mine.signal },
                );
                scan = Math.round(Math.max(100, Math.min(10_000, 2 * scan, (scan * wanted_ms) / (performance.now() - begun))));
                const known = new Set(now.rows.map((row) => row.id));
                now = {
                    ...now,
                    rows: [...now.rows, ...part.jobs.filter((row) => !known.has(row.id))],
                    scanned: now.scanned + part.scanned,
                    of: first ? part.of : now.of,
                    next: part.next,
                    now_ms: first ? part.now_ms : now.now_ms,
                };
                first = false;
                if (!mine.signal.aborted) set(now);
            } while (now.next !== null && now.rows.length < goal && Date.now() < until && !mine.signal.aborted);
        } catch (e) {
            if (mine.signal.aborted) return;
            now = { ...now, problem: e instanceof Problem ? e : new Problem(0, "fault", (e as Error).message) };
        }
        if (!mine.signal.aborted) set({ ...now, searching: false });
    };
    useEffect(() => {
        void search(nothing);
        return () => control.current?.abort();
    }, [key]);
    return {
        found,
        again: () => void search(nothing),
        go_on: () => void search(found),
        stop: () => { control.current?.abort(); set((now) => ({ ...now, searching: false })); },
    };
}

async function track_all(ids: string[]): Promise<void> {
    try {
        await track(ids);
        tell(t("{jobs} tracked: the page Tracked shows what becomes of them", { jobs: plural(ids.length) }));
    } catch (e) {
        tell_problem(e);
    }
}

const counted: Partial<Record<State, "pending" | "active" | "scheduled" | "retry" | "dead" | "suspect" | "set_aside" | "waiting">> = {
    pending: "pending", active: "active", scheduled: "scheduled", retry: "retry", dead: "dead",
    suspect: "suspect", set_aside: "set_aside", waiting: "waiting",
};

/// `when_ms` of one that runs is the end of its lease; its fence is when it was claimed.
const since = (row: Row): number =>
    row.state === "active" || row.state === "suspect" ? Math.floor(row.fence / 1000)
    : row.state === "pending" ? row.created_ms : row.when_ms || row.ended?.at_ms || row.created_ms;

/// Those of the first page of the same question that are not in the list yet; looked for every 5 s.
function use_newer(query: Record<string, string>, found: Found): number {
    const known = useRef(found);
    known.current = found;
    const looked = use_loaded(`newer ${JSON.stringify(query)} ${found.now_ms}`, async () => {
        if (known.current.searching || known.current.now_ms === 0) return 0;
        const first = await ask<Jobs>("jobs", { ...query, limit: enough, scan: 1000 });
        const ids = new Set(known.current.rows.map((row) => row.id));
        return first.jobs.filter((row) => !ids.has(row.id)).length;
    }, 5000, 5000);
    return looked.data ?? 0;
}

/// Jobs of a question, to be filtered further and acted on. `fixed`: what the page they are on says
/// already.
export function JobList({ query, fixed, to }: {
    query: Record<string, string>;
    fixed: string[];
    to: (change: Record<string, string>) => void;
}) {
    const { found, again: search_again, go_on, stop } = use_search(query);
    const newer = use_newer(query, found);
    const [chosen, set_chosen] = useState<Set<string>>(new Set());
    /// What became of rows that were acted on: they stay where they are until the next refresh.
    const [became, set_became] = useState<Map<string, Became>>(new Map());
    const again = () => {
        set_became(new Map());
        search_again();
    };
    const [at, set_at] = useState(-1);
    const [slow, set_slow] = useState(false);
    const key = JSON.stringify(query);
    useEffect(() => {
        set_chosen(new Set());
        set_became(new Map());
        set_at(-1);
    }, [key]);
    useEffect(() => {
        set_slow(false);
        const timer = setTimeout(() => set_slow(true), 150);
        return () => clearTimeout(timer);
    }, [key]);
    const picked = (query.state ?? "").split(",").filter(Boolean) as State[];
    const filtered = Object.keys(query).some((name) => !fixed.includes(name) && query[name]);
    const rows = found.rows;
    const selection = rows.filter((row) => chosen.has(row.id) && !became.has(row.id));
    const acted = (results: Became[]) => {
        set_chosen(new Set());
        set_became((old) => new Map([...old, ...results.filter((one) => one.code !== "active").map((one): [string, Became] => [one.id, one])]));
    };
    const after = () => {
        set_chosen(new Set());
        again();
    };
    const toggle = (id: string) => set_chosen((old) => {
        const next = new Set(old);
        if (!next.delete(id)) next.add(id);
        return next;
    });
    // Keys may come faster than the page is drawn.
    const here = useRef(at);
    here.current = at;
    use_page_keys((k) => {
        const row = rows[here.current];
        if (k === "j" || k === "k") set_at((here.current = Math.max(0, Math.min(rows.length - 1, here.current + (k === "j" ? 1 : -1)))));
        else if (k === "x" && row && !became.has(row.id)) toggle(row.id);
        else if ((k === "Enter" || k === "e") && row) go(["job", row.id]);
        else if ((k === "r" || k === "d") && (selection.length || (row && !became.has(row.id)))) {
            const verb: Verb = k === "r" ? "requeue" : "delete";
            if (can_do(verb)) act_on(verb, selection.length ? selection : [row!], found.now_ms, acted);
        } else if (k === "Escape") set_chosen(new Set());
        else return false;
        return true;
    });
    const filter: Filter = {
        ...(picked.length ? { states: picked } : {}),
        ...Object.fromEntries(fields.filter((name) => query[name] && name !== "min_attempt").map((name) => [name, query[name]])),
        ...(query.since_ms ? { since_ms: Number(query.since_ms) } : {}),
        ...(query.until_ms ? { until_ms: Number(query.until_ms) } : {}),
        ...(query.min_attempt ? { min_attempt: Number(query.min_attempt) } : {}),
    };
    const failing = picked.length === 0 || picked.some((state) => state === "retry" || state === "dead");
    const when = picked.length === 1 ? ({ pending: t("Waits since"), active: t("Runs since"), scheduled: t("Due"), retry: t("Next attempt"), dead: t("Died"), completed: t("Ended"), cancelled: t("Ended"), suspect: t("Since"), set_aside: t("Since"), waiting: t("Waits since") } as Record<State, string>)[picked[0]!] : t("Since, or due");
    return (
        <>
            <Filters query={query} fixed={fixed} to={to} />
            <div class="row found">
                <span class="muted"><Progress found={found} stop={stop} go_on={go_on} /></span>
                <button class={newer > 0 ? "newer" : ""} onClick={() => { again(); scrollTo(0, 0); }}>
                    {newer > 0 ? t("{n} newer ▲", { n: newer >= enough ? `${enough}+` : number(newer) }) : t("Look again")}
                </button>
            </div>
            {picked.includes("completed") && <p class="muted">{t("Completed jobs are a sample: those that end with a result or a reason, and up to 10 a second of each list.")}</p>}
            {found.problem && <ProblemBox problem={found.problem} again={again} />}
            {rows.length === 0 && !found.problem && (found.searching ? slow && <Skeleton /> : (
                <Empty>
                    {filtered || picked.length ? (
                        <>
                            <p>{picked.length === 1 && !filtered && !found.next ? t("No job is in this state now.") : t("No job matches; {n} were looked at.", { n: number(found.scanned) })}</p>
                            <p>{found.next && <button onClick={go_on}>{t("Go on")}</button>} {filtered && <button class="link" onClick={() => to(Object.fromEntries(Object.keys(query).filter((name) => !fixed.includes(name)).map((name) => [name, ""])))}>{t("Clear the filter")}</button>}</p>
                        </>
                    ) : <p>{t("There are no jobs. They come with the first enqueue.")}</p>}
                </Empty>
            ))}
            {rows.length > 0 && (
                <Table
                    caption={t("Jobs")} rows={rows} id={(row) => row.id} label={(row) => `${row.name} ${row.id}`} at={at}
                    seen={(_, end) => { if (end >= rows.length - 5 && found.next && !found.searching && !found.problem) go_on(); }}
                    faded={(row) => became.has(row.id)}
                    chosen={{ ids: chosen, toggle, all: (on) => set_chosen(new Set(on ? rows.map((row) => row.id).filter((id) => !became.has(id)) : [])) }}
                    columns={[
                        { head: t("Name"), kind: "main", cell: (row) => (
                            <>
                                <a href={write_route(["job", row.id])} class="cut">{row.name || t("(unreadable)")}</a>
                                {became.has(row.id) && <Fate of={became.get(row.id)!} />}
                                <small class="muted block cut"><code>{row.id}</code>{row.tags.map((tag) => <span key={tag}> · <a class="tag" href={write_route(["jobs"], { ...query, tag })} title={t("Jobs with the tag {tag}", { tag })}>{tag}</a></span>)}</small>
                            </>
                        ) },
                        ...(picked.length === 1 ? [] : [{ head: t("State"), cell: (row: Row) => <Badge state={row.state} /> }]),
                        ...(fixed.includes("queue") ? [] : [{ head: t("Queue"), cell: (row: Row) => row.queue === row.name ? <span class="muted" title={row.queue}>=</span> : <span class="cut">{row.queue}</span> }]),
                        { head: when, cell: (row) => <Ago ms={since(row)} /> },
                        ...(failing ? [
                            { head: t("Failed"), kind: "number" as const, cell: (row: Row) => row.failed_attempts ? number(row.failed_attempts) : <span class="muted">0</span> },
                            { head: t("Failure"), kind: "wide" as const, cell: (row: Row) => row.failure ? <span class="cut" title={`${row.failure.type}: ${row.failure.message ?? ""}`}><b>{row.failure.type}</b> {row.failure.message === null ? t("hidden") : row.failure.message.split("\n")[0]}</span> : row.ended?.reason ? <span class="cut">{row.ended.reason}</span> : <span class="muted">–</span> },
                        ] : [{ head: t("Created"), cell: (row: Row) => <Ago ms={row.created_ms} past /> }]),
                        { head: t("Arguments"), kind: "wide", cell: (row) => row.args === null ? <span class="muted">{t("hidden")}</span> : <code class="cut" title={bytes(row.args_bytes)}>{row.args}</code> },
                    ]}
                />
            )}
            {rows.length > 0 && found.next && !found.searching && <p class="pager"><button onClick={go_on}>{t("Go on")}</button></p>}
            {selection.length > 0 && (
                <div class="bulk" role="region" aria-label={t("What is selected")}>
                    <strong>{t("{jobs} selected", { jobs: plural(selection.length) })}</strong>
                    {verbs.filter(can_do).map((verb) => {
                        const n = selection.filter((row) => touches[verb].includes(row.state)).length;
                        return n > 0 && (
                            <button key={verb} class={verb === "delete" ? "danger" : ""} onClick={() => act_on(verb, selection, found.now_ms, acted)}>
                                {n === selection.length ? `${verb_name(verb)}…` : `${verb_name(verb)}… ${number(n)}`}
                            </button>
                        );
                    })}
                    <button onClick={() => copy(selection.map((row) => row.id).join("\n"), t("Ids"))}>{t("Copy ids")}</button>
                    {may("see_args") && <button onClick={() => void save_jobs(selection.map((row) => row.id)).catch(tell_problem)}>{t("Download")}</button>}
                    {tracks() && may_change("operate") && selection.length <= most_tracked_at_once && <button onClick={() => void track_all(selection.map((row) => row.id))}>☆ {t("Track")}</button>}
                    <All filter={filter} after={after} />
                    <button class="plain" onClick={() => set_chosen(new Set())}><span aria-hidden="true">×</span><span class="hidden">{t("Nothing selected")}</span></button>
                </div>
            )}
            {rows.length > 0 && selection.length === 0 && verbs.some(can_do) && <p class="after-table muted"><All filter={filter} after={after} /></p>}
            {found.searching && rows.length > 0 && <p class="hidden" role="status">{t("Searching")}</p>}
        </>
    );
}

export function JobsPage() {
    const query = { ...route.value.query };
    const to = (change: Record<string, string>) => go(["jobs"], { ...query, ...change });
    const picked = (query.state ?? "").split(",");
    const totals = snapshot.value?.totals;
    return (
        <>
            <Head title={t("Jobs")}>
                {query.name && may_change("operate") && (
                    <button onClick={() => ask_pause("name", query.name!, () => {})}>{t("Pause this name…")}</button>
                )}
            </Head>
            <nav class="tabs" aria-label={t("State")}>
                <a href={write_route(["jobs"], { ...query, state: "" })} aria-current={picked[0] === "" ? "true" : undefined}>{t("all")}</a>
                {states.map((state) => (
                    <a href={write_route(["jobs"], { ...query, state })} aria-current={picked.includes(state) ? "true" : undefined} key={state}>
                        {t(state)} {totals && counted[state] && <span class="muted">{number(totals[counted[state]!])}</span>}
                    </a>
                ))}
            </nav>
            <JobList query={query} fixed={["state"]} to={to} />
        </>
    );
}

/// As the answer had it: its new state, or that it is no more.
const Fate = ({ of }: { of: Became }) => (
    <span class="became"> → {of.state ? <Badge state={of.state} /> : <span class="badge s-completed">{t("gone")}</span>}</span>
);

/// All that match, wherever they are: the server counts and acts.
function All({ filter, after }: { filter: Filter; after: () => void }) {
    const [busy, set_busy] = useState(false);
    const fits = verbs.filter(can_do).filter((verb) => !filter.states?.length || filter.states.some((state) => touches[verb].includes(state)));
    if (!fits.length) return null;
    return (
        <select
            aria-label={t("All that match")} value="" disabled={busy}
            onChange={async (e) => {
                const verb = e.currentTarget.value as Verb;
                e.currentTarget.value = "";
                if (!verb) return;
                set_busy(true);
                await act_on_all(verb, filter, after);
                set_busy(false);
            }}
        >
            <option value="">{busy ? t("counting…") : t("All that match…")}</option>
            {fits.map((verb) => <option value={verb}>{verb_name(verb)}</option>)}
        </select>
    );
}

function Progress({ found, stop, go_on }: { found: Found; stop: () => void; go_on: () => void }) {
    return (
        <>
            {found.of >= 0
                ? t("{n} found · {m} of {of} looked at", { n: number(found.rows.length), m: number(found.scanned), of: number(Math.max(found.of, found.scanned)) })
                : t("{n} found · {m} looked at", { n: number(found.rows.length), m: number(found.scanned) })}
            {found.searching && found.scanned > 0 && (
                <> <progress max={found.of > 0 ? found.of : undefined} value={found.of > 0 ? found.scanned : undefined} aria-label={t("Searching")} /> <button class="link" onClick={stop}>{t("Stop")}</button></>
            )}
            {!found.searching && found.next && found.scanned > 0 && <> <button class="link" onClick={go_on}>{t("Go on")}</button></>}
        </>
    );
}

function Filters({ query, fixed, to }: { query: Record<string, string>; fixed: string[]; to: (change: Record<string, string>) => void }) {
    const set = fields.filter((name) => query[name] && !fixed.includes(name));
    const more = (["since_ms", "until_ms"] as const).filter((name) => query[name]);
    const [kind, set_kind] = useState<(typeof fields)[number]>("name");
    const send = (e: Event) => {
        e.preventDefault();
        const box = (e.currentTarget as HTMLFormElement).elements.namedItem("value") as HTMLInputElement;
        if (!box.value) return;
        to({ [kind]: box.value });
        box.value = "";
    };
    return (
        <form class="filters" onSubmit={send}>
            {[...set, ...more].map((name) => (
                <button type="button" class="chip" key={name} onClick={() => to({ [name]: "" })} title={t("Take it out")}>
                    {name in names ? names[name as "name"]() : t(name)}: <b class="cut">{query[name]}</b> <span aria-hidden="true">×</span>
                </button>
            ))}
            <label><span class="hidden">{t("Filter by")}</span>
                <select value={kind} onChange={(e) => set_kind(e.currentTarget.value as "name")}>
                    {fields.filter((name) => !fixed.includes(name)).map((name) => <option value={name}>{names[name]()}</option>)}
                </select>
            </label>
            <label><span class="hidden">{t("Value")}</span><input name="value" inputMode={kind === "min_attempt" ? "numeric" : "text"} pattern={kind === "min_attempt" ? "[0-9]{1,4}" : undefined} autocomplete="off" spellcheck={false} placeholder={t("value, then Enter")} /></label>
            <button>{t("Add")}</button>
        </form>
    );
}
