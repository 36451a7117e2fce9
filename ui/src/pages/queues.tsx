// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useState } from "preact/hooks";
import { ask, may_change, post } from "../api";
import { ask_first } from "../dialog";
import { number } from "../format";
import { history_of, snapshot } from "../live";
import { Age, Ago, Count, Empty, Head, Spark, Table, View, tell, tell_problem, use_loaded } from "../parts";
import { go, route, write_route } from "../route";
import type { Pause, Queue, Queues } from "../types";
import { t } from "../words";

export const pause_words = (one: Pause): string =>
    `${one.by ? t("by {by}", { by: one.by }) : ""}${one.reason ? `, “${one.reason}”` : ""}`;

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

export function QueuesPage() {
    const { q = "", sort = "name", cursor } = route.value.query;
    const [typed, set_typed] = useState(q);
    const loaded = use_loaded(
        `queues ${q} ${sort} ${cursor}`,
        () => ask<Queues>("queues", { q, sort, cursor, limit: 50 }), 2000,
    );
    const to = (query: Record<string, string | undefined>, replace = true) =>
        go(["queues"], { q, sort: sort === "name" ? "" : sort, ...query }, replace);
    const sorts = (name: string) => ({
        sort: () => to({ sort: name === "name" ? "" : name, cursor: "" }),
        sorted: sort === name ? ((name === "pending" ? "descending" : "ascending") as "ascending") : undefined,
    });
    const operate = may_change("operate");
    const live = (name: string) => history_of.value.slice(-60).map((one) => one.queues.find((queue) => queue.queue === name)?.pending ?? 0);
    return (
        <>
            <Head title={t("Queues")} sub={loaded.data && t("{n} of {of}", { n: number(loaded.data.queues.length), of: number(loaded.data.of) })} />
            <form class="filters" onSubmit={(e) => e.preventDefault()}>
                <label>
                    <span>{t("Filter")}</span>
                    <input
                        value={typed} placeholder={t("part of a name")} autocomplete="off" spellcheck={false}
                        onInput={(e) => { set_typed(e.currentTarget.value); to({ q: e.currentTarget.value, cursor: "" }); }}
                    />
                </label>
                <label>
                    <span>{t("Sort")}</span>
                    <select value={sort} onChange={(e) => to({ sort: e.currentTarget.value, cursor: "" })}>
                        <option value="name">{t("by name")}</option>
                        <option value="pending">{t("most pending first")}</option>
                        <option value="oldest">{t("oldest first")}</option>
                    </select>
                </label>
            </form>
            <View of={loaded}>
                {(data) => {
                    const names = data.paused.filter((one) => one.kind === "name");
                    return (
                        <>
                            {names.map((one) => (
                                <p class="box warns row" key={one.name}>
                                    <span><b>⏸ {one.name}</b> {t("is paused in all queues")} {pause_words(one)} <Ago ms={one.since_ms} /></span>
                                    {operate && <button onClick={() => resume("name", one.name, loaded.again)}>{t("Resume")}</button>}
                                </p>
                            ))}
                            {data.queues.length === 0 ? (
                                <Empty>
                                    {q ? <p>{t("None of {n} queues has “{q}” in its name.", { n: number(data.of), q })} <button class="link" onClick={() => { set_typed(""); to({ q: "" }); }}>{t("Clear the filter")}</button></p>
                                       : <p>{t("There is no queue yet: one comes with its first job.")}</p>}
                                </Empty>
                            ) : (
                                <Table
                                    caption={t("Queues")} rows={data.queues} id={(queue) => queue.queue}
                                    columns={[
                                        { head: t("Queue"), kind: "main", ...sorts("name"), cell: (queue) => <NameOf queue={queue} /> },
                                        { head: t("Pending"), kind: "number", ...sorts("pending"), cell: (queue) => <a class="quiet" href={write_route(["jobs"], { state: "pending", queue: queue.queue })}><Count n={queue.pending} tone="t-pending" /></a> },
                                        { head: t("1 min"), kind: "text", cell: (queue) => snapshot.value?.queues.some((one) => one.queue === queue.queue) ? <Spark values={live(queue.queue)} tone="pending" /> : "" },
                                        { head: t("Active"), kind: "number", cell: (queue) => <a class="quiet" href={write_route(["jobs"], { state: "active", queue: queue.queue })}><Count n={queue.active} tone="t-active" /></a> },
                                        { head: t("Oldest"), kind: "number", about: t("How long the job at the head of its lists waits"), ...sorts("oldest"), cell: (queue) => <Age since={queue.oldest_ms} /> },
                                        { head: t("Ended"), kind: "number", about: t("Jobs that ended, since there are figures"), cell: (queue) => <Count n={queue.processed} /> },
                                        { head: t("Failed"), kind: "number", about: t("Attempts that failed"), cell: (queue) => <Count n={queue.failed} tone="t-dead" /> },
                                        ...(operate ? [{
                                            head: t("Do"), cell: (queue: Queue) => queue.paused
                                                ? <button onClick={() => resume("queue", queue.queue, loaded.again)} aria-label={t("Resume {name}", { name: queue.queue })}>{t("Resume")}</button>
                                                : <button onClick={() => ask_pause("queue", queue.queue, loaded.again)} aria-label={t("Pause {name}", { name: queue.queue })}>{t("Pause")}</button>,
                                        }] : []),
                                    ]}
                                />
                            )}
                            <p class="pager">
                                {cursor && <button onClick={() => to({ cursor: "" }, false)}>{t("First page")}</button>}
                                {data.next && <button onClick={() => to({ cursor: data.next! }, false)}>{t("Next page")}</button>}
                            </p>
                        </>
                    );
                }}
            </View>
        </>
    );
}

function NameOf({ queue }: { queue: Queue }) {
    const others = queue.lists.filter((list) => list.name !== queue.queue);
    return (
        <>
            <a href={write_route(["jobs"], { queue: queue.queue })} class="cut">{queue.queue}</a>
            {queue.paused && (
                <small class="warn"> ⏸ {t("paused")} {pause_words(queue.paused)}
                    {queue.paused.until_ms > 0 && <>, {t("goes on")} <Ago ms={queue.paused.until_ms} /></>}
                </small>
            )}
            {others.length > 0 && <small class="muted cut block" title={queue.lists.map((list) => list.name).join(", ")}>{queue.lists.slice(0, 4).map((list) => `${list.name} ${number(list.pending)}`).join(" · ")}{queue.lists.length > 4 ? " …" : ""}</small>}
        </>
    );
}
