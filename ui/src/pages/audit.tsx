// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask, may_change } from "../api";
import { number } from "../format";
import { Ago, Empty, Head, View, tell_problem, use_loaded } from "../parts";
import { go, route, write_route } from "../route";
import { Table } from "../table";
import type { Audit, Entry, Filter, Operation } from "../types";
import { in_words, stop_operation, summary, verb_name } from "../acts";
import { t } from "../words";

/// The list of jobs that an operation was for.
const query_of = ({ states, ...rest }: Filter): Record<string, string> => ({
    ...(states?.length ? { state: states.join(",") } : {}),
    ...Object.fromEntries(Object.entries(rest)
        .filter(([name, value]) => value && name !== "hidden").map(([name, value]) => [name, String(value)])),
});

export function AuditPage() {
    const from = route.value.query.from;
    const loaded = use_loaded(`audit ${from}`, () => ask<Audit>("audit", { from, limit: 100 }), from ? 0 : 5000);
    const operations = use_loaded("operations", () => ask<{ operations: Operation[] }>("operations"), 5000);
    return (
        <>
            <Head title={t("Audit")} sub={t("Who did what, newest first: the last 10 000 things that people did.")} />
            <View of={loaded}>
                {(data) => data.entries.length === 0 ? (
                    <Empty><p>{t("Nobody has done anything yet: pauses, requeues, deletes and the like will be here.")}</p></Empty>
                ) : (
                    <>
                        <Table
                            caption={t("Audit")} rows={data.entries}
                            id={(entry: Entry) => `${entry.at_ms} ${entry.action} ${entry.what}`}
                            columns={[
                                { head: t("When"), cell: (entry) => <Ago ms={entry.at_ms} past /> },
                                { head: t("Who"), cell: (entry) => entry.by || "–" },
                                { head: t("Action"), cell: (entry) => <b>{entry.action}</b> },
                                { head: t("What"), kind: "main", cell: (entry) => /^[0-9A-Z]{22}$/.test(entry.what)
                                    ? <a href={write_route(["job", entry.what])}><code>{entry.what}</code></a>
                                    : <span class="cut" title={entry.what}>{entry.what}</span> },
                                { head: t("Reason"), cell: (entry) => <span class="cut" title={entry.reason}>{entry.reason || "–"}</span> },
                                { head: t("Done"), kind: "number", about: t("So many were asked for, and so many done"), cell: (entry) => `${number(entry.done)} / ${number(entry.asked)}` },
                            ]}
                        />
                        <p class="pager">
                            {from && <button onClick={() => go(["audit"])}>{t("Newest")}</button>}
                            {data.next >= 0 && <button onClick={() => go(["audit"], { from: String(data.next) })}>{t("Older")}</button>}
                        </p>
                    </>
                )}
            </View>
            {!!operations.data?.operations.length && (
                <>
                    <h2>{t("Operations of the last day")}</h2>
                    <Table
                        caption={t("Operations of the last day")} rows={operations.data.operations} id={(one) => one.id}
                        columns={[
                            { head: t("Began"), cell: (one) => <Ago ms={one.started_ms} past /> },
                            { head: t("Who"), cell: (one) => one.by || "–" },
                            { head: t("Action"), cell: (one) => <b>{verb_name(one.action)}</b> },
                            { head: t("Filter"), kind: "main", cell: (one) => <a class="cut" href={write_route(["jobs"], query_of(one.filter))}>{in_words(one.filter)}</a> },
                            { head: t("State"), cell: (one) => <span title={one.trouble}>{t(one.state)}</span> },
                            ...(may_change("operate") ? [{ head: t("Do"), kind: "act" as const, cell: (one: Operation) => (one.state === "running" || one.state === "counting")
                                && <button onClick={() => stop_operation(one.id).then(operations.again, tell_problem)}>{t("Stop")}</button> }] : []),
                            { head: t("Done"), cell: (one) => summary({ done: one.done, already: one.already ?? 0, moved_on: one.moved_on ?? 0, gone: one.gone ?? 0, active: one.active ?? 0 }) || "–" },
                        ]}
                    />
                </>
            )}
        </>
    );
}
