// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask, may_change } from "../api";
import { ask_first } from "../dialog";
import { duration, number } from "../format";
import { now } from "../live";
import { Age, Ago, Count, Empty, Head, ProblemBox, tell, use_loaded } from "../parts";
import { go, route, write_route } from "../route";
import { Figures, Ranges, keeps_figures, ranges } from "../stats";
import { Table } from "../table";
import type { List, Place, Queue, State } from "../types";
import { t } from "../words";
import { BoundCard, is_full } from "./bounds";
import { JobList } from "./jobs";
import { LimitLink, LimitLinks } from "./limits";
import { ask_pause, pause_words, resume } from "./queues";

const tabs: State[] = ["pending", "active", "waiting", "scheduled", "retry", "dead"];
/// Of which a queue's own figures are known.
const counted = ["pending", "active"] as const;

const unused: Queue = { queue: "", pending: 0, active: 0, processed: 0, failed: 0, oldest_ms: 0, paused: null, lists: [], limited: [], waits_at: [], bound: null };

export function QueuePage() {
    const name = route.value.parts[1] ?? "";
    const { tab = "pending", ...query } = route.value.query;
    const loaded = use_loaded(`queue ${name}`, () => ask<Queue>("queue", { queue: name }), 2000);
    const unknown = loaded.problem?.slug === "no-such-queue";
    const queue: Queue | null = unknown ? { ...unused, queue: name } : loaded.data;
    const operate = may_change("operate");
    const here = (to: string) => write_route(["queue", name], { tab: to === "pending" ? "" : to });
    return (
        <>
            <Head
                title={name}
                sub={queue && (
                    <>
                        {t("{pending} pending, {active} active", { pending: number(queue.pending), active: number(queue.active) })}
                        {queue.oldest_ms > 0 && <> · {t("oldest waits {age}", { age: duration(now.value - queue.oldest_ms) })}</>}
                        {" · "}<a href={write_route(["queues"])}>{t("Queues")}</a>
                    </>
                )}
            >
                {operate && queue && (queue.paused
                    ? <button class="primary" onClick={() => resume("queue", name, loaded.again)}>{t("Resume")}</button>
                    : <button onClick={() => ask_pause("queue", name, loaded.again)}>{t("Pause…")}</button>)}
                {may_change("destroy") && queue && !unknown && queue.pending + queue.active === 0
                    && <button class="danger" onClick={() => ask_forget(name)}>{t("Forget…")}</button>}
            </Head>
            {queue?.paused && <Paused queue={queue} />}
            {queue && queue.waits_at.length > 0 && <p class="box warns">{t("Jobs of it wait at a limit that is full:")} <LimitLinks names={queue.waits_at} /></p>}
            {queue && is_full(queue) && <p class="box warns">{t("It is full: no more than {n} may wait.", { n: number(queue.bound!.most) })} <a href={here("settings")}>{t("Settings")}</a></p>}
            {unknown && <p class="box">{t("No job has been pending in the queue {name} yet: its jobs wait for a time, ended, or there are none.", { name })}</p>}
            {loaded.problem && !unknown && <ProblemBox problem={loaded.problem} again={loaded.again} />}
                <nav class="tabs" aria-label={t("Parts of the queue")}>
                    {tabs.map((state) => (
                        <a href={here(state)} key={state} aria-current={tab === state ? "true" : undefined}>
                            {t(state)} {queue && counted.includes(state as "pending") && <span class="muted">{number(queue[state as "pending"])}</span>}
                            {queue && <PlaceCount of={queue[state as "dead"] as Place | undefined} />}
                        </a>
                    ))}
                    <a href={here("statistics")} aria-current={tab === "statistics" ? "true" : undefined}>{t("Statistics")}</a>
                    <a href={here("settings")} aria-current={tab === "settings" ? "true" : undefined}>{t("Settings")}</a>
                </nav>
                {tab === "statistics" ? queue && <Statistics queue={queue} />
                : tab === "settings" ? queue && <Settings queue={queue} again={loaded.again} />
                : (
                    <JobList
                        key={`${name} ${tab}`} query={{ ...query, queue: name, state: tab }} fixed={["state", "queue"]}
                        to={({ state: _, queue: __, ...change }) => go(["queue", name], { tab, ...query, ...change })}
                    />
                )}
        </>
    );
}

/// What is there, or who serves it, is said in the dialog, which stays then.
const ask_forget = (name: string): void => ask_first({
    title: t("Forget the queue {name}?", { name }), button: t("Forget"), dangerous: true,
    body: <p>{t("Its row, its pause and its figures go. It must be empty, and no pool may have handlers for its jobs. A job that is stored there later makes it anew.")}</p>,
    act: async () => {
        await ask("queue", { queue: name }, { method: "DELETE" });
        tell(t("The queue {name} is forgotten", { name }));
        go(["queues"]);
    },
});

/// Of states that are not kept by queue: so many of the first thousand are of this one.
const PlaceCount = ({ of }: { of: Place | undefined }) => of?.scanned === undefined ? null : (
    <span class="muted" title={of.scanned < of.of ? t("of the first {n} of {of} that were looked at", { n: number(of.scanned), of: number(of.of) }) : undefined}>
        {number(of.count)}{of.scanned < of.of && "+"}
    </span>
);

const Paused = ({ queue }: { queue: Queue }) => (
    <p class="box warns">
        <b>❚❚ {t("paused")}</b> {pause_words(queue.paused!)} <Ago ms={queue.paused!.since_ms} />
        {queue.paused!.until_ms > 0 && <>, {t("goes on")} <Ago ms={queue.paused!.until_ms} /></>}
    </p>
);

/// Its lists: one for each job name.
function Statistics({ queue }: { queue: Queue }) {
    const { range: asked = "1h" } = route.value.query;
    const range = ranges.includes(asked) ? asked : "1h";
    return (
        <>
            {keeps_figures.value && <Ranges range={range} to={(one) => write_route(["queue", queue.queue], { tab: "statistics", range: one })} />}
            {keeps_figures.value && <Figures range={range} queue={queue.queue} oldest_ms={queue.paused ? 0 : queue.oldest_ms} />}
            <Lists queue={queue} />
        </>
    );
}

const Lists = ({ queue }: { queue: Queue }) => queue.lists.length === 0 ? (
    <Empty><p>{t("There is no list yet: one comes with its first job that is due.")}</p></Empty>
) : (
    <Table
        caption={t("Lists of the queue, by job name")} rows={queue.lists} id={(list: List) => list.name}
        columns={[
            { head: t("Job name"), kind: "main", cell: (list) => (
                <>
                    <a class="cut" href={write_route(["names"], { name: list.name })}>{list.name}</a>
                    {list.paused && <small class="warn"> ❚❚ {t("paused")}</small>}
                    {list.waits_at && <small class="warn"> {t("waits at {limit}", { limit: list.waits_at })}</small>}
                </>
            ) },
            { head: t("Pending"), kind: "number", cell: (list) => <Count n={list.pending} tone="t-pending" /> },
            { head: t("Active"), kind: "number", cell: (list) => <Count n={list.active} tone="t-active" /> },
            { head: t("Oldest"), kind: "number", about: t("How long the job at the head of its lists waits"), cell: (list) => <Age since={list.oldest_ms} /> },
            { head: t("Ended"), kind: "number", about: t("Jobs that ended, since there are figures"), cell: (list) => <Count n={list.processed} /> },
            { head: t("Failed"), kind: "number", about: t("Attempts that failed"), cell: (list) => <Count n={list.failed} tone="t-dead" /> },
            { head: t("Of them failed"), kind: "number", about: t("Failed attempts of all that ended or failed"), cell: (list) => {
                const all = list.processed + list.failed;
                return all ? `${number(Math.round((list.failed / all) * 1000) / 10)} %` : <span class="muted">–</span>;
            } },
        ]}
    />
);

function Settings({ queue, again }: { queue: Queue; again: () => void }) {
    const operate = may_change("operate");
    return (
        <div class="columns">
            <section class="card">
                <h2>{t("Pause")}</h2>
                {queue.paused ? <Paused queue={queue} /> : <p>{t("It runs: its jobs are claimed as they are due.")}</p>}
                {operate ? (queue.paused
                    ? <button class="primary" onClick={() => resume("queue", queue.queue, again)}>{t("Resume")}</button>
                    : <button onClick={() => ask_pause("queue", queue.queue, again)}>{t("Pause…")}</button>)
                    : <p class="muted">{t("To pause it needs the right {right}.", { right: "operate" })}</p>}
            </section>
            <BoundCard queue={queue} again={again} />
            {queue.limited.length > 0 && (
                <section class="card">
                    <h2>{t("Limits")}</h2>
                    <p class="muted">{t("So many of its jobs run at a time, with those of other queues that they are for.")}</p>
                    <ul class="rows">
                        {queue.limited.map((name) => (
                            <li key={name}>
                                <LimitLink name={name} />
                                {queue.waits_at.includes(name) && <small class="warn">{t("it is full")}</small>}
                            </li>
                        ))}
                    </ul>
                </section>
            )}
            {queue.lists.length > 0 && (
                <section class="card">
                    <h2>{t("Names in it")}</h2>
                    <p class="muted">{t("A name can be paused in all of its queues.")}</p>
                    <ul class="rows">
                        {queue.lists.map((list) => (
                            <li key={list.name}>
                                <a class="cut" href={write_route(["names"], { name: list.name })}>{list.name}</a>
                                {operate && (list.paused && !queue.paused
                                    ? <button onClick={() => resume("name", list.name, again)} aria-label={t("Resume {name}", { name: list.name })}>{t("Resume")}</button>
                                    : <button onClick={() => ask_pause("name", list.name, again)} aria-label={t("Pause {name}", { name: list.name })}>{t("Pause…")}</button>)}
                            </li>
                        ))}
                    </ul>
                </section>
            )}
        </div>
    );
}
