// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useEffect, useState } from "preact/hooks";
import { act_on, can_do, verb_name, verbs } from "../acts";
import { Problem, address, ask, may_change, root } from "../api";
import { absolute, bytes, duration, indented, micros, number } from "../format";
import { follow, followed, now } from "../live";
import { use_page_keys } from "../keys";
import { Sentence } from "./limits";
import { Star } from "../star";
import { Ago, Badge, Empty, Head, ProblemBox, View, copy, download, tell, use_loaded } from "../parts";
import { route, write_route } from "../route";
import { times } from "../settings";
import { Table } from "../table";
import type { Bonds, Explanation, Job, JobLog, Verb } from "../types";
import { isolated, t } from "../words";

const shown_chars = 65_536;
const unique_words = {
    started: "until it is started", succeeded: "until it has succeeded",
    ended: "until it has succeeded or is dead", time: "for a while from when it was stored",
} as const;

export function JobPage() {
    const id = route.value.parts[1] ?? "";
    const loaded = use_loaded(`job ${id}`, () => ask<Job>("job", { id }), 0);
    const [editing, set_editing] = useState(false);
    useEffect(() => {
        follow(id);
        return () => follow("");
    }, [id]);
    const now_is = followed.value[id];
    const gone = now_is === null || (loaded.problem?.status === 404 && loaded.problem.slug === "no-such-job");
    // Whichever is newer: what was asked for after an action may be before the stream tells of it.
    const asked = loaded.data;
    const job = now_is && (!asked || now_is.now_ms >= asked.now_ms) ? now_is : asked;
    // What may be done with it now is in the answer alone, and changes with the state.
    const can = asked && asked.state === job?.state ? asked.can.filter(can_do) : [];
    useEffect(() => {
        if (now_is && asked && now_is.state !== asked.state && now_is.now_ms >= asked.now_ms) loaded.again();
    }, [now_is?.state, asked?.state]);
    const act = (verb: (typeof verbs)[number]) => job && act_on(verb, [job], job.now_ms, loaded.again);
    use_page_keys((key) => {
        if (key === "r" && can.includes("requeue")) act("requeue");
        else if (key === "d" && can.includes("delete")) act("delete");
        else if (key === "e") document.getElementById("why")?.scrollIntoView();
        else return false;
        return true;
    });
    if (gone && !job)
        return <><Head title={t("Job")} sub={<code>{id}</code>} /><Empty><p>{t("This job is not known, or no longer: it ended, and its record is not kept.")}</p><p><a href={write_route(["jobs"])}>{t("Jobs")}</a></p></Empty></>;
    if (!job) return <><Head title={t("Job")} sub={<code>{id}</code>} /><View of={loaded}>{() => null}</View></>;
    const editable = ["waiting", "scheduled", "pending", "retry", "dead"].includes(job.state) && may_change("destroy") && !job.hidden;
    return (
        <>
            <Head
                title={job.name || t("(unreadable)")}
                sub={<><Badge state={job.state} /> <code class="id">{job.id}</code> <button class="link" onClick={() => copy(job.id, "Id")}>{t("Copy")}</button> <a href={address("job", { id })} target="_blank" rel="noreferrer">{t("Raw")}</a></>}
            >
                {can.map((verb) => <button key={verb} class={verb === "delete" ? "danger" : verb === "requeue" ? "primary" : ""} onClick={() => act(verb)}>{verb_name(verb)}…</button>)}
                {asked?.tracked !== undefined && <Star id={id} on={asked.tracked} after={loaded.again} />}
                {editable && <button onClick={() => set_editing(true)}>{t("Edit…")}</button>}
            </Head>
            {gone && <p class="box warns">{t("It is gone since it was looked at: it ended or was deleted.")}</p>}
            {loaded.problem && !gone && <ProblemBox problem={loaded.problem} again={loaded.again} />}
            {editing && <Edit job={loaded.data ?? job} close={() => set_editing(false)} after={loaded.again} />}
            <Path job={job} />
            <Why id={id} state={job.state} />
            <div class="columns">
                <section class="card">
                    <h2>{t("What it is")}</h2>
                    <dl>
                        <div><dt>{t("Queue")}</dt><dd><a href={write_route(["queue", job.queue])}>{job.queue}</a></dd></div>
                        <div><dt>{t("Created")}</dt><dd><Ago ms={job.created_ms} past /></dd></div>
                        {job.when_ms > 0 && job.state !== "active" && job.state !== "suspect" && <div><dt>{job.state === "scheduled" ? t("Due") : job.state === "retry" ? t("Next attempt") : t("In this state since")}</dt><dd><Ago ms={job.when_ms} /></dd></div>}
                        {job.fence > 0 && job.state === "active" && <div><dt>{t("Claimed")}</dt><dd><Ago ms={Math.floor(job.fence / 1000)} /></dd></div>}
                        {job.priority !== 0 && <div><dt>{t("Priority")}</dt><dd>{job.priority}</dd></div>}
                        <div><dt>{t("Failed attempts")}</dt><dd>{number(job.failed_attempts)}{job.options?.max_attempts ? ` / ${job.options.max_attempts}` : ""}</dd></div>
                        {!!job.stages && <div><dt>{t("Stages before")}</dt><dd>{number(job.stages)}</dd></div>}
                        {(job.args_version ?? 1) > 1 && <div><dt>{t("Version of the arguments")}</dt><dd>{number(job.args_version!)}</dd></div>}
                        {job.unique && <div><dt>{t("Unique")}</dt><dd>{t(unique_words[job.unique.until])} {job.unique.digest && <code class="cut" title={t("Of its key")}>{job.unique.digest.slice(0, 8)}</code>}</dd></div>}
                        {job.snoozes > 0 && <div><dt>{t("Snoozes")}</dt><dd>{number(job.snoozes)}</dd></div>}
                        {job.pool && <div><dt>{t("Pool")}</dt><dd><a href={write_route(["pool", job.pool])} class="cut">{job.pool}</a></dd></div>}
                        {job.ended && <>
                            <div><dt>{t("Ended")}</dt><dd>{t(job.ended.outcome)} <Ago ms={job.ended.at_ms} past />{job.ended.run_us > 0 && `, ${t("ran {n}", { n: micros(job.ended.run_us) })}`}</dd></div>
                            {job.ended.reason && <div><dt>{t("Reason")}</dt><dd>{isolated(job.ended.reason)}{job.ended.by && ` (${job.ended.by})`}</dd></div>}
                        </>}
                        {trace_of(job) && <div><dt>{t("Trace")}</dt><dd><a href={trace_of(job)!} target="_blank" rel="noreferrer">{t("Look at it")} ↗</a></dd></div>}
                        {Array.isArray(job.options?.tags) && <div><dt>{t("Tags")}</dt><dd>{(job.options!.tags as string[]).map((tag) => <a class="chip" href={write_route(["jobs"], { tag })}><span class="cut">{tag}</span></a>)}</dd></div>}
                    </dl>
                </section>
                {job.progress && (
                    <section class="card">
                        <h2>{t("Progress")}</h2>
                        {job.progress.percent !== null && <progress class="big" max={100} value={job.progress.percent} aria-label={t("Progress")} />}
                        <p>{job.progress.percent !== null && <b>{number(job.progress.percent)} %</b>} {job.progress.message}</p>
                    </section>
                )}
                {job.options && Object.keys(job.options).length > 0 && (
                    <section class="card"><h2>{t("Options")}</h2><pre tabIndex={0} aria-label={t("Options")}>{JSON.stringify(job.options, null, 2)}</pre></section>
                )}
            </div>
            {job.bound && <BoundTo bound={job.bound} />}
            <Failed job={job} />
            <History job={job} />
            <Text title={t("Arguments")} text={job.args} name={job.id + "-args.json"} hidden={job.hidden} />
            {job.result !== "" && <Text title={t("Result")} text={job.result} name={job.id + "-result.json"} hidden={job.hidden} />}
            {job.unreadable && <section class="card"><h2>{t("It can't be read")}</h2><p class="bad">{job.unreadable}</p>{job.bytes && <pre tabIndex={0}>{job.bytes}</pre>}</section>}
            <Log id={id} />
        </>
    );
}

/// Where the trace is looked at that it was enqueued in.
export function trace_of(job: Job): string | null {
    const parent = (job.options?.headers as Record<string, unknown> | undefined)?.traceparent;
    const id = typeof parent === "string" ? /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(parent)?.[1] : undefined;
    const where = root.value?.trace_url;
    return id && where ? where.split("{trace_id}").join(id) : null;
}

const job_links = (ids: string[], of: number) => (
    <>
        {ids.map((id) => <a class="chip" key={id} href={write_route(["job", id])}><code>{id}</code></a>)}
        {of > ids.length && <span class="muted">{t("and {n} more", { n: number(of - ids.length) })}</span>}
    </>
);
const else_words: Record<string, string> = { run: "runs whatever becomes of it", wait: "waits while it is dead" };

/// Its flow, the jobs that it waits for and that wait for it, and what it was given.
function BoundTo({ bound }: { bound: Bonds }) {
    return (
        <section class="card bound">
            <h2>{t("What binds it")}</h2>
            <dl>
                {bound.flow && <div><dt>{t("Flow")}</dt><dd><a class="cut" href={write_route(["flow", bound.flow])}><code>{bound.flow}</code></a></dd></div>}
                {bound.waits_for.length > 0 && <div><dt>{t("Waits for")}</dt><dd>
                    {bound.waits_for.map((one) => (
                        <span class="block" key={one.id}>
                            <a class="chip" href={write_route(["job", one.id])}><code>{one.id}</code></a>
                            {one.as && <> {t("as {name}", { name: one.as })}</>}
                            {else_words[one.otherwise] && <small class="muted"> {t(else_words[one.otherwise]!)}</small>}
                        </span>
                    ))}
                    {bound.waits_for_count > bound.waits_for.length && <span class="muted">{t("and {n} more", { n: number(bound.waits_for_count - bound.waits_for.length) })}</span>}
                </dd></div>}
                {bound.needed_by.length > 0 && <div><dt>{t("Needed by")}</dt><dd>{job_links(bound.needed_by, bound.needed_by_count)}</dd></div>}
            </dl>
            {bound.given.length > 0 && (
                <Table
                    caption={t("What it was given")} rows={bound.given} id={(one) => one.from}
                    columns={[
                        { head: t("From"), kind: "main", cell: (one) => <code class="cut">{one.from}</code> },
                        { head: t("State"), cell: (one) => t(one.state) },
                        { head: t("Result"), kind: "wide", cell: (one) => one.hidden ? <span class="muted">{t("hidden")}</span> : <span class="wrap">{one.result || one.reason || "–"}</span> },
                    ]}
                />
            )}
        </section>
    );
}

/// What people did to it, the last first.
const History = ({ job }: { job: Job }) => !job.history?.length ? null : (
    <>
        <h2>{t("What people did to it")}</h2>
        <Table
            caption={t("What people did to it")} rows={[...job.history].reverse()} id={(one) => `${one.at_ms} ${one.action} ${one.was}`}
            columns={[
                { head: t("What"), kind: "main", cell: (one) => <>{one.action === "edit" ? t("edit") : verb_name(one.action as Verb)}{one.what && <small class="muted"> {one.what}</small>}</> },
                { head: t("When"), cell: (one) => <Ago ms={one.at_ms} past /> },
                { head: t("Who"), cell: (one) => <span class="cut">{one.by}</span> },
                { head: t("It was"), cell: (one) => <Badge state={one.was} /> },
                { head: t("Reason"), kind: "wide", cell: (one) => one.reason || <span class="muted">–</span> },
            ]}
        />
    </>
);

/// What it went through, as far as it is known.
function Path({ job }: { job: Job }) {
    const last = Math.max(0, ...job.failures.map((one) => one.at_ms));
    const since = job.state === "active" || job.state === "suspect" ? Math.floor(job.fence / 1000)
        : job.state === "scheduled" || job.state === "retry" ? 0
        : job.ended?.at_ms ?? (job.state === "pending" ? 0 : job.when_ms);
    return (
        <ol class="path" aria-label={t("What it went through")}>
            <li>{t("stored")} <Ago ms={job.created_ms} past /></li>
            {!!job.stages && <li>{t("stages")} ×{number(job.stages)}</li>}
            {job.snoozes > 0 && <li>{t("snoozed")} ×{number(job.snoozes)}</li>}
            {job.failed_attempts > 0 && <li class="t-retry">{t("failed")} ×{number(job.failed_attempts)} {last > 0 && <Ago ms={last} />}</li>}
            <li><Badge state={job.state} /> {since > 0 && <Ago ms={since} />}</li>
        </ol>
    );
}

/// Their sentences say when it was, and when it goes on.
const says_when = ["scheduled", "retry", "active", "lease_ended"];

/// For how long something holds a job up, and for how much longer where that is known.
function When({ since, until }: { since: number; until: number }) {
    const exact = times.value === "absolute";
    const part = (ms: number, text: string) => <> · <time dateTime={new Date(ms).toISOString()} title={exact ? undefined : absolute(ms)}>{text}</time></>;
    return (
        <span class="muted">
            {since > 0 && part(since, exact ? t("since {time}", { time: absolute(since) }) : t("for {time}", { time: duration(now.value - since) }))}
            {until > now.value && part(until, exact ? t("until {time}", { time: absolute(until) }) : t("for another {time}", { time: duration(until - now.value) }))}
        </span>
    );
}

function Why({ id, state }: { id: string; state: string }) {
    const loaded = use_loaded(`why ${id} ${state}`, () => ask<Explanation>("job/explain", { id }), 2000);
    const why = loaded.data;
    if (!why) return loaded.problem && loaded.problem.status !== 404 ? <ProblemBox problem={loaded.problem} again={loaded.again} /> : null;
    if (!why.reasons.length) return null;
    const ended = ["completed", "cancelled", "dead"].includes(state);
    return (
        <section class="card why" id="why">
            <h2>{ended ? t("What became of it") : t("Why it does not run now")}</h2>
            <ol>
                {why.reasons.map((one, i) => (
                    <li key={`${one.gate} ${i}`}>
                        <Sentence gate={one.gate} text={one.sentence} />
                        {!ended && !says_when.includes(one.gate) && <When since={one.since_ms} until={one.until_ms} />}
                    </li>
                ))}
            </ol>
            {why.ahead > 0 && <p class="muted">{t("{n} are ahead of it in its list.", { n: number(why.ahead) })}</p>}
            {why.runnable_by.length > 0 && <p class="muted">
                {t("Pools that have a handler for it:")}{" "}
                {why.runnable_by.slice(0, 5).map((pool) => <a class="chip" key={pool} href={write_route(["pool", pool])}><code class="cut">{pool}</code></a>)}
                {why.runnable_by.length > 5 && t("and {n} more", { n: number(why.runnable_by.length - 5) })}
            </p>}
        </section>
    );
}

const Failed = ({ job }: { job: Job }) =>
    job.failures.length === 0 ? null : (
        <section>
            <h2>{t("Attempts that failed")}</h2>
            <Table
                caption={t("Attempts that failed")} rows={[...job.failures].sort((a, b) => b.attempt - a.attempt)}
                id={(one) => `${one.attempt} ${one.at_ms}`}
                columns={[
                    { head: t("Attempt"), kind: "number", cell: (one) => number(one.attempt) },
                    { head: t("When"), cell: (one) => <Ago ms={one.at_ms} past /> },
                    { head: t("Waited"), kind: "number", cell: (one) => one.wait_ms === null ? "–" : duration(one.wait_ms) },
                    { head: t("Ran"), kind: "number", cell: (one) => one.run_ms === null ? "–" : duration(one.run_ms) },
                    { head: t("Pool"), cell: (one) => one.pool ? <a class="cut" href={write_route(["pool", one.pool])}><code>{one.pool}</code></a> : "–" },
                    { head: t("Type"), kind: "main", cell: (one) => <a class="cut" title={one.type} href={write_route(["jobs"], { state: "retry,dead", failure: one.type })}>{one.type}</a> },
                    { head: t("Message"), kind: "wide", cell: (one) => {
                        const [first, ...rest] = (one.message ?? t("hidden")).split("\n");
                        return rest.length === 0 ? <span class="wrap">{first}</span> : <details><summary>{first}</summary><pre tabIndex={0}>{rest.join("\n")}</pre></details>;
                    } },
                ]}
            />
        </section>
    );

/// JSON text byte for byte as it is stored; nothing is parsed that is only shown.
function Text({ title, text, name, hidden }: { title: string; text: string | null; name: string; hidden?: boolean }) {
    const [form, set_form] = useState("stored");
    if (text === null || hidden)
        return <section class="card"><h2>{title}</h2><p class="muted">{t("Hidden: this needs the right see_args.")}</p></section>;
    const cut = text.length > shown_chars;
    const body = cut ? text.slice(0, shown_chars) : text;
    return (
        <section class="card">
            <div class="row">
                <h2>{title} <small class="muted">{bytes(new TextEncoder().encode(text).length)}</small></h2>
                <span class="buttons">
                    <select aria-label={t("Form")} value={form} onChange={(e) => set_form(e.currentTarget.value)}>
                        <option value="stored">{t("as stored")}</option>
                        <option value="indented">{t("indented")}</option>
                    </select>
                    <button onClick={() => copy(text, title)}>{t("Copy")}</button>
                    <button onClick={() => download(name, text)}>{t("Download")}</button>
                </span>
            </div>
            <pre tabIndex={0} aria-label={title} class="wrap">{form === "indented" ? indented(body) : body}</pre>
            {cut && <p class="muted">{t("Cut here; the download is whole.")}</p>}
        </section>
    );
}

function Log({ id }: { id: string }) {
    const loaded = use_loaded(`log ${id}`, () => ask<JobLog>("job/logs", { id }), 2000);
    const log = loaded.data;
    if (!log) return null;
    return (
        <section class="card">
            <h2>{t("Log")}</h2>
            {log.lines.length === 0 ? <p class="muted">{t("Its handlers logged nothing.")}</p> : (
                <ol class="log" tabIndex={0} aria-label={t("Log")}>
                    {log.lost > 0 && <li class="muted">{t("{n} lines before these are lost", { n: number(log.lost) })}</li>}
                    {log.lines.map((line) => <li key={line.number}><span class="muted">{line.attempt}· <Ago ms={line.at_ms} past /></span> {line.text ?? t("hidden")}</li>)}
                </ol>
            )}
        </section>
    );
}

/// What may be changed of a job that waits. Only what differs is sent, with the tag of what was
/// seen: a job that changed meanwhile is not overwritten.
function Edit({ job, close, after }: { job: Job; close: () => void; after: () => void }) {
    const [problem, set_problem] = useState<Problem | null>(null);
    const [base] = useState(job);
    const [busy, set_busy] = useState(false);
    const send = async (e: Event) => {
        e.preventDefault();
        if (busy) return;
        const form = new FormData(e.currentTarget as HTMLFormElement);
        const at = (name: string) => String(form.get(name) ?? "");
        const parts: string[] = [];
        const add = (name: string, value: unknown) => parts.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
        // As text within a string, so that no number of it is rounded on the way.
        if (base.args !== null && at("args") !== base.args) add("args", at("args"));
        if (at("queue") !== base.queue) add("queue", at("queue"));
        if (at("priority") !== String(base.priority)) add("priority", Number(at("priority")));
        const attempts = String(base.options?.max_attempts ?? "");
        if (at("max_attempts") !== attempts) add("max_attempts", at("max_attempts") === "" ? null : Number(at("max_attempts")));
        const tags = ((base.options?.tags as string[]) ?? []).join(", ");
        if (at("tags") !== tags) add("tags", at("tags").split(",").map((one) => one.trim()).filter(Boolean));
        if (!parts.length) { close(); return; }
        set_busy(true);
        try {
            await ask("job", { id: base.id }, { method: "PATCH", body: `{${parts.join(",")}}`, headers: { "If-Match": base.etag } });
            tell(t("The job is changed"));
            close();
            after();
        } catch (e) {
            set_problem(e as Problem);
        }
        set_busy(false);
    };
    return (
        <section class="card edit">
            <h2>{t("Edit")}</h2>
            <form onSubmit={send}>
                <label class="field"><span>{t("Arguments")}</span><textarea name="args" rows={5} spellcheck={false} defaultValue={base.args ?? ""} /></label>
                <div class="filters">
                    <label class="field"><span>{t("Queue")}</span><input name="queue" defaultValue={base.queue} autocomplete="off" /></label>
                    <label class="field"><span>{t("Priority")}</span><input name="priority" type="number" min={-100} max={100} defaultValue={String(base.priority)} /></label>
                    <label class="field"><span>{t("Attempts at most")}</span><input name="max_attempts" type="number" min={1} max={1000} defaultValue={String(base.options?.max_attempts ?? "")} /></label>
                    <label class="field"><span>{t("Tags")}</span><input name="tags" defaultValue={((base.options?.tags as string[]) ?? []).join(", ")} autocomplete="off" /></label>
                </div>
                {problem && <ProblemBox problem={problem} />}
                <div class="buttons">
                    <button type="button" onClick={close}>{t("Back")}</button>
                    <button class="primary" disabled={busy}>{busy ? t("Working…") : t("Change the job")}</button>
                </div>
            </form>
        </section>
    );
}
