// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useState } from "preact/hooks";
import { CronForm, cron_path } from "./cron_form";
import { ask, may_change, post } from "../api";
import type { CronEntry } from "../cron_body";
import { ask_first } from "../dialog";
import { in_zone, indented, number } from "../format";
import { Ago, Empty, Head, View, tell, use_loaded } from "../parts";
import { go, route, write_route } from "../route";
import { Table } from "../table";
import { t } from "../words";

interface CronFired {
    at_ms: number; due_ms: number; end: "fired" | "known" | "overlapped"; job: string; jobs: number;
    missed: number; by: string;
}
interface Crons { crons: CronEntry[]; now_ms: number }
interface Cron { cron: CronEntry; history: CronFired[]; now_ms: number }

const path = cron_path;

const State = ({ of }: { of: CronEntry }) =>
    of.fault ? <span class="badge s-dead" title={of.fault}>{t("not to be read")}</span>
        : of.paused ? <span class="badge s-retry">{t("paused")}</span>
            : <span class="badge s-scheduled">{t("waits")}</span>;

const Actions = ({ of, after }: { of: CronEntry; after: () => void }) => (
    <>
        {may_change("operate") && <button onClick={() => ask_first({
            title: t("Run {name} now?", { name: of.name }), button: t("Run now"),
            body: <p>{t("Its job {job} is enqueued once, beside those that are due.", { job: of.job })}</p>,
            act: async () => {
                const { job } = await post<{ job: string }>(`${path(of.name)}/trigger`);
                tell(t("Job {id} is enqueued", { id: job }));
                after();
            },
        })}>{t("Run now…")}</button>}{" "}
        {may_change("operate") && <button onClick={() => ask_first({
            title: of.paused ? t("Resume {name}?", { name: of.name }) : t("Pause {name}?", { name: of.name }),
            button: of.paused ? t("Resume") : t("Pause"),
            body: <p>{of.paused ? t("It is due again from now on; what it missed meanwhile is not made up for.")
                : t("It is not due until it is resumed.")}</p>,
            act: async () => {
                await post(`${path(of.name)}/${of.paused ? "resume" : "pause"}`);
                after();
            },
        })}>{of.paused ? t("Resume…") : t("Pause…")}</button>}
    </>
);

const remove = (of: CronEntry) => ask_first({
    title: t("Delete {name}?", { name: of.name }), button: t("Delete"), dangerous: true,
    body: <p>{t("It is not due any more, and what it fired is forgotten. Jobs that it enqueued stay.")}</p>,
    act: async () => {
        await ask(path(of.name), {}, { method: "DELETE" });
        tell(t("{name} is deleted", { name: of.name }));
        go(["crons"]);
    },
});

export function CronsPage() {
    const loaded = use_loaded("crons", () => ask<Crons>("crons"), 5000);
    const [making, set_making] = useState(false);
    return (
        <>
            <Head title={t("Cron")} sub={t("Jobs that are enqueued at times of the clock, each time once, whoever fires them.")}>
                {may_change("schedule") && !making && <button onClick={() => set_making(true)}>{t("New entry…")}</button>}
            </Head>
            {making && <CronForm of={null} close={() => set_making(false)} after={(name) => go(["cron", name])} />}
            <View of={loaded}>
                {(data) => data.crons.length === 0 ? (
                    <Empty><p>{t("There are no cron entries: work cron put nightly '0 3 * * *' report makes one.")}</p></Empty>
                ) : (
                    <Table
                        caption={t("Cron")} rows={data.crons} id={(one) => one.name}
                        columns={[
                            { head: t("Name"), kind: "main", cell: (one) => (
                                <>
                                    <a href={write_route(["cron", one.name])} class="cut tall">{one.name}</a>
                                    <small class="muted cut block">{one.words || one.fault}</small>
                                </>
                            ) },
                            { head: t("State"), cell: (one) => <State of={one} /> },
                            { head: t("When"), cell: (one) => <><code>{one.spec}</code> <small class="muted block">{one.zone}</small></> },
                            { head: t("Job"), cell: (one) => <a href={write_route(["jobs"], { name: one.job })} class="cut">{one.job}</a> },
                            { head: t("Next"), cell: (one) => one.paused || !one.next_ms ? "–" : <Ago ms={one.next_ms} /> },
                            { head: t("Fired"), cell: (one) => one.fired_ms ? <Ago ms={one.fired_ms} past /> : "–" },
                        ]}
                    />
                )}
            </View>
        </>
    );
}

const missed_words = (of: CronEntry): string =>
    of.missed === "skip" ? t("times that were missed are left out")
        : of.missed === "one" ? t("of times that were missed one is made up for")
            : t("up to {n} times that were missed are made up for", { n: number(of.most_missed) });

export function CronPage() {
    const name = route.value.parts[1] ?? "";
    const loaded = use_loaded(`cron ${name}`, () => ask<Cron>(path(name)), 5000);
    const ends: Record<CronFired["end"], string> = {
        fired: t("fired"), known: t("fired before by another"), overlapped: t("left out: the last one had not ended"),
    };
    const found = loaded.data?.cron;
    const [editing, set_editing] = useState(false);
    // Arguments that are hidden can't be sent back.
    const editable = found && found.args !== null && !found.fault && may_change("schedule");
    return (
        <>
        <Head title={name} sub={found?.words}>
            {found && <Actions of={found} after={loaded.again} />}
            {editable && !editing && <button onClick={() => set_editing(true)}>{t("Edit…")}</button>}
            {found && may_change("schedule") && <button class="danger" onClick={() => remove(found)}>{t("Delete…")}</button>}
        </Head>
        {editable && editing && <CronForm of={found} close={() => set_editing(false)} after={loaded.again} />}
        <View of={loaded}>
            {({ cron, history }) => (
                <>
                    {cron.fault && <p class="bad">{cron.fault}</p>}
                    <div class="columns">
                        <section class="card">
                            <h2>{t("What it is")}</h2>
                            <dl>
                                <div><dt>{t("State")}</dt><dd><State of={cron} /></dd></div>
                                <div><dt>{t("When")}</dt><dd><code>{cron.spec}</code> {cron.zone}</dd></div>
                                <div><dt>{t("Job")}</dt><dd><a href={write_route(["jobs"], { name: cron.job })}>{cron.job}</a>{cron.queue && cron.queue !== cron.job && ` (${cron.queue})`}</dd></div>
                                <div><dt>{t("Missed")}</dt><dd>{missed_words(cron)}</dd></div>
                                {cron.overlap === "skip" && <div><dt>{t("Overlap")}</dt><dd>{t("not while its last job has not ended")}</dd></div>}
                                {cron.args && <div><dt>{t("Arguments")}</dt><dd><pre tabIndex={0}>{indented(cron.args)}</pre></dd></div>}
                            </dl>
                        </section>
                        <section class="card">
                            <h2>{t("Next times")}</h2>
                            {cron.paused || !cron.upcoming.length ? <p class="muted">{t("None while it is paused.")}</p> : (
                                <ol>{cron.upcoming.map((ms) => <li key={ms}><Ago ms={ms} /> <small class="muted">{in_zone(ms, cron.zone)}</small></li>)}</ol>
                            )}
                        </section>
                    </div>
                    <h2>{t("When it fired")}</h2>
                    {history.length === 0 ? <Empty><p>{t("It has not fired yet.")}</p></Empty> : (
                        <Table
                            caption={t("When it fired")} rows={history} id={(one: CronFired) => `${one.due_ms} ${one.at_ms}`}
                            columns={[
                                { head: t("Due"), kind: "main", cell: (one) => one.due_ms ? <>{in_zone(one.due_ms, cron.zone)}</> : <span class="muted">{t("when somebody wanted it")}</span> },
                                { head: t("Fired"), cell: (one) => <Ago ms={one.at_ms} past /> },
                                { head: t("What came of it"), cell: (one) => ends[one.end] },
                                { head: t("Job"), cell: (one) => one.job ? <a href={write_route(["job", one.job])} class="cut"><code>{one.job}</code></a> : "–" },
                                { head: t("Missed before"), kind: "number", cell: (one) => number(one.missed) },
                                { head: t("By"), cell: (one) => <span class="cut">{one.by || "–"}</span> },
                            ]}
                        />
                    )}
                </>
            )}
        </View>
        </>
    );
}
