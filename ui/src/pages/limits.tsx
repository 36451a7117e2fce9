// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import type { ComponentChildren } from "preact";
import { ask, may_change } from "../api";
import { ask_first, plural } from "../dialog";
import { number } from "../format";
import { names_of_list, sentence_parts, split_names, touched_by } from "../limited";
import type { Touched } from "../limited";
import { Ago, Count, Empty, Head, Meter, View, tell, use_loaded } from "../parts";
import { go, route, write_route } from "../route";
import { Table } from "../table";
import type { Limit, LimitScope, Limits, Queue, Queues } from "../types";
import { t } from "../words";

const rows_a_page = 200;
const set_at = (name: string, body: unknown) => ask<{ limit: Limit }>("limit", { limit: name }, { method: "PUT", body });

const Slots = ({ of }: { of: Limit }) => (
    <span class="meter">
        {number(of.held)}/{number(of.slots)}{" "}
        <Meter value={Math.min(of.held, of.slots)} max={of.slots} label={t("{n} of {of} slots held", { n: number(of.held), of: number(of.slots) })} />
    </span>
);

const Setter = ({ of }: { of: Limit }) => of.by === "pool"
    ? <span title={t("A pool said max_concurrency, and says it again when it starts")}>{t("a pool")}</span>
    : <span class="cut">{of.who || "–"}</span>;

export const LimitLink = ({ name }: { name: string }) => <a href={write_route(["limit", name])} class="cut">{name}</a>;
export const LimitLinks = ({ names }: { names: string[] }) => (
    <>{names.map((name, i) => <span key={name}>{i > 0 && ", "}<LimitLink name={name} /></span>)}</>
);

/// Why a job does not run: of a limit with links to it and to those who hold its slots.
export const Sentence = ({ gate, text }: { gate: string; text: string }) => (
    <>
        {sentence_parts(gate, text).map((part, i) => part.job ? <a href={write_route(["job", part.job])} key={i}><code>{part.job}</code></a>
            : part.limit !== undefined ? <a href={write_route(["limit", part.limit])} key={i}>{part.text}</a>
                : <span key={i}>{part.text}</span>)}
    </>
);

/// Its queues and names, as links.
const Scope = ({ of }: { of: LimitScope }) => (
    <ul class="rows">
        {of.queues.map((name) => <li key={`q ${name}`}>{t("Queue")} <a href={write_route(["queue", name])} class="cut">{name}</a></li>)}
        {of.names.map((name) => <li key={`n ${name}`}>{t("Job name")} <a href={write_route(["names"], { name })} class="cut">{name}</a></li>)}
    </ul>
);

const scope_words = ({ queues, names }: LimitScope): string => [
    ...(queues.length ? [t(queues.length === 1 ? "jobs of the queue {queues}" : "jobs of the queues {queues}", { queues: queues.join(", ") })] : []),
    ...(names.length ? [t("jobs called {names}", { names: names.join(", ") })] : []),
].join("; ");

async function all_queues(): Promise<Queue[]> {
    const all: Queue[] = [];
    for (let cursor: string | undefined, pages = 0; pages < 20; ++pages) {
        const page: Queues = await ask<Queues>("queues", { limit: 500, cursor });
        all.push(...page.queues);
        if (!page.next) break;
        cursor = page.next;
    }
    return all;
}

/// What it will touch, before it is done.
const TouchedWords = ({ of, scope, slots }: { of: Touched; scope: LimitScope; slots: number }) => (
    <>
        <p>{t("Of {what} no more than {n} will run at a time.", { what: scope_words(scope), n: number(slots) })}</p>
        <p>{t("Now {active} of them run, and {pending} wait, in {lists} lists.", { active: number(of.active), pending: number(of.pending), lists: number(of.lists) })}</p>
        {slots === 0 ? <p class="warn">{t("With 0 slots none starts any more, until somebody sets more.")}</p>
            : of.active > slots && <p>{t("What runs goes on; no other starts before enough of them have ended.")}</p>}
    </>
);

function slots_of(text: string): number {
    const slots = Number(text);
    if (!/^\d+$/.test(text.trim()) || slots > 1_000_000_000) throw new Error(t("Slots are a whole number from 0 to 1,000,000,000, and not {text}.", { text }));
    return slots;
}

async function confirm(name: string, slots: number, scope: LimitScope, body: unknown, after: () => void): Promise<void> {
    const touched = touched_by(scope, await all_queues());
    ask_first({
        title: t("Set the limit {name} to {n}?", { name, n: number(slots) }), button: t("Set it"),
        body: <TouchedWords of={touched} scope={scope} slots={slots} />,
        act: async () => {
            await set_at(name, body);
            tell(t("The limit {name} is set", { name }));
            after();
        },
    });
}

const ask_new = (after: (name: string) => void): void => ask_first({
    title: t("A new limit"), button: t("Go on"),
    body: <p>{t("So many jobs of some queues or names run at a time, in all pools together.")}</p>,
    inputs: [
        { name: "name", label: t("Name"), needed: true },
        { name: "slots", label: t("Slots"), value: "1", needed: true },
        { name: "queues", label: t("Queues"), hint: t("with commas between them") },
        { name: "names", label: t("Job names"), hint: t("with commas between them") },
    ],
    act: async (values) => {
        const name = values.name!.trim();
        const slots = slots_of(values.slots!);
        const scope = { queues: split_names(values.queues!), names: split_names(values.names!) };
        if (scope.queues.length + scope.names.length === 0) throw new Error(t("Say for which queues or names it is."));
        await confirm(name, slots, scope, { slots, ...scope }, () => after(name));
    },
});

const ask_change = (of: Limit, after: () => void): void => ask_first({
    title: t("Change the limit {name}?", { name: of.name }), button: t("Go on"),
    body: of.by === "pool" ? <p>{t("A pool set it by max_concurrency. What is set here goes first, and no pool overwrites it.")}</p> : undefined,
    inputs: [
        { name: "slots", label: t("Slots"), value: String(of.slots), needed: true },
        { name: "queues", label: t("Queues"), value: of.queues.join(", "), hint: t("with commas between them") },
        { name: "names", label: t("Job names"), value: of.names.join(", "), hint: t("with commas between them") },
    ],
    act: async (values) => {
        const slots = slots_of(values.slots!);
        const scope = { queues: split_names(values.queues!), names: split_names(values.names!) };
        await confirm(of.name, slots, scope, { slots, ...scope }, after);
    },
});

const ask_remove = (of: Limit): void => ask_first({
    title: t("Remove the limit {name}?", { name: of.name }), button: t("Remove"), dangerous: true,
    body: (
        <>
            <p>{t("{held} run under it now and go on. {waiting} lists wait for it, and wait no more, unless another limit is full.", { held: plural(of.held), waiting: number(of.waiting) })}</p>
            {of.by === "pool" && <p>{t("A pool whose handler says max_concurrency sets it again when it starts.")}</p>}
        </>
    ),
    act: async () => {
        await ask("limit", { limit: of.name }, { method: "DELETE" });
        tell(t("The limit {name} is removed", { name: of.name }));
        go(["limits"]);
    },
});

export function LimitsPage() {
    const { q = "" } = route.value.query;
    const loaded = use_loaded(`limits ${q}`, () => ask<Limits>("limits", { q, limit: rows_a_page }), 2000);
    return (
        <>
            <Head title={t("Limits")} sub={t("How many jobs of some queues and names run at a time, in all pools together.")}>
                {may_change("limit") && <button onClick={() => ask_new((name) => go(["limit", name]))}>{t("New limit…")}</button>}
            </Head>
            <View of={loaded}>
                {(data) => data.limits.length === 0 ? (
                    <Empty><p>{t("There are no limits: work limits set bank 3 --name charge makes one, or a handler's max_concurrency.")}</p></Empty>
                ) : (
                    <>
                        <Table
                            caption={t("Limits")} rows={data.limits} id={(one) => one.name}
                            columns={[
                                { head: t("Name"), kind: "main", cell: (one) => (
                                    <>
                                        <a href={write_route(["limit", one.name])} class="cut tall">{one.name}</a>
                                        <small class="muted cut block">{scope_words(one)}</small>
                                    </>
                                ) },
                                { head: t("Held"), cell: (one) => <Slots of={one} /> },
                                { head: t("Waiting"), kind: "number", about: t("Lists that wait for a slot"), cell: (one) => <Count n={one.waiting} tone="warn" /> },
                                { head: t("Set by"), cell: (one) => <Setter of={one} /> },
                                { head: t("Set"), cell: (one) => <Ago ms={one.at_ms} past /> },
                            ]}
                        />
                        {data.of > data.limits.length && <p class="muted">{t("The first {n} of {of}.", { n: number(data.limits.length), of: number(data.of) })}</p>}
                    </>
                )}
            </View>
        </>
    );
}

/// Up to five of more, and how many more there are.
const Some = ({ shown, of, title, none }: { shown: ComponentChildren[]; of: number; title: string; none: string }) => (
    <section class="card">
        <h2>{title}</h2>
        {shown.length === 0 ? <p class="muted">{none}</p> : (
            <>
                <ul class="rows">{shown.map((one, i) => <li key={i}>{one}</li>)}</ul>
                {of > shown.length && <p class="muted">{t("and {n} more", { n: number(of - shown.length) })}</p>}
            </>
        )}
    </section>
);

export function LimitPage() {
    const name = route.value.parts[1] ?? "";
    const loaded = use_loaded(`limit ${name}`, () => ask<{ limit: Limit; now_ms: number }>("limit", { limit: name }), 2000);
    const found = loaded.data?.limit;
    return (
        <>
            <Head title={name} sub={found && scope_words(found)}>
                {found && may_change("limit") && <button onClick={() => ask_change(found, loaded.again)}>{t("Change…")}</button>}
                {found && may_change("limit") && <button class="danger" onClick={() => ask_remove(found)}>{t("Remove…")}</button>}
            </Head>
            <View of={loaded}>
                {({ limit }) => (
                    <div class="columns">
                        <section class="card">
                            <h2>{t("What it is")}</h2>
                            <dl>
                                <div><dt>{t("Slots held")}</dt><dd><Slots of={limit} /></dd></div>
                                <div><dt>{t("Set by")}</dt><dd><Setter of={limit} /> <Ago ms={limit.at_ms} past /></dd></div>
                                <div><dt>{t("Lists that wait")}</dt><dd><Count n={limit.waiting} tone="warn" /></dd></div>
                                <div><dt>{t("For")}</dt><dd><Scope of={limit} /></dd></div>
                            </dl>
                        </section>
                        <Some
                            title={t("Who holds its slots")} none={t("Nobody: all of its slots are free.")} of={limit.held}
                            shown={limit.holders.map((id) => <a href={write_route(["job", id])} class="cut"><code>{id}</code></a>)}
                        />
                        <Some
                            title={t("What waits longest")} none={t("Nothing waits for a slot.")} of={limit.waiting}
                            shown={limit.waiters.map((list) => {
                                const of = names_of_list(list);
                                return (
                                    <>
                                        <a href={write_route(["queue", of.queue])} class="cut">{of.queue}</a>
                                        {of.name !== of.queue && <small class="muted"> {of.name}</small>}
                                    </>
                                );
                            })}
                        />
                    </div>
                )}
            </View>
        </>
    );
}
