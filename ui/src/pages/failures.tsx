// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask } from "../api";
import { number } from "../format";
import { Ago, Count, Empty, Head, View, use_loaded } from "../parts";
import { go, route, write_route } from "../route";
import { Table } from "../table";
import type { Failures, Group } from "../types";
import { t } from "../words";

export function FailuresPage() {
    const { by = "type", state = "" } = route.value.query;
    const loaded = use_loaded(`failures ${by} ${state}`, () => ask<Failures>("failures", { by, state, scan: 10000 }), 5000);
    const to = (query: Record<string, string>) => go(["failures"], { by: by === "type" ? "" : by, state, ...query }, true);
    const jobs = (group: Group, of: string) =>
        write_route(["jobs"], { state: of, ...(by === "name" ? { name: group.name } : { failure: group.type }) });
    return (
        <>
            <Head
                title={t("Failures")}
                sub={loaded.data && (loaded.data.whole ? t("All of {n} retrying and dead jobs.", { n: number(loaded.data.scanned) })
                    : t("{n} of {of} retrying and dead jobs were looked at.", { n: number(loaded.data.scanned), of: loaded.data.of < 0 ? "?" : number(loaded.data.of) }))}
            />
            <form class="filters" onSubmit={(e) => e.preventDefault()}>
                <label><span>{t("Put together")}</span>
                    <select value={by} onChange={(e) => to({ by: e.currentTarget.value })}>
                        <option value="type">{t("by type of failure")}</option>
                        <option value="name">{t("by job name")}</option>
                    </select>
                </label>
                <label><span>{t("State")}</span>
                    <select value={state} onChange={(e) => to({ state: e.currentTarget.value })}>
                        <option value="">{t("retry and dead")}</option>
                        <option value="retry">{t("retry")}</option>
                        <option value="dead">{t("dead")}</option>
                    </select>
                </label>
            </form>
            <View of={loaded}>
                {(data) => data.groups.length === 0 ? (
                    <Empty><p>{state ? <>{t("No job in this state has failed.")} <button class="link" onClick={() => to({ state: "" })}>{t("Clear the filter")}</button></> : t("Nothing has failed: no job waits for another attempt, and none is dead.")}</p></Empty>
                ) : (
                    <Table
                        caption={t("Failures")} rows={data.groups} id={(group) => by === "name" ? group.name : group.type}
                        columns={[
                            { head: by === "name" ? t("Job name") : t("Type"), kind: "main", cell: (group) => (
                                <>
                                    <a href={jobs(group, "retry,dead")} class="cut">{(by === "name" ? group.name : group.type) || t("(no type)")}</a>
                                    <small class="muted cut block" title={group.sample_message ?? ""}>{group.sample_message ?? t("hidden")}</small>
                                </>
                            ) },
                            { head: t("Count"), kind: "number", cell: (group) => <Count n={group.count} /> },
                            { head: t("Retry"), kind: "number", cell: (group) => <a class="quiet" href={jobs(group, "retry")}><Count n={group.retry} tone="t-retry" /></a> },
                            { head: t("Dead"), kind: "number", cell: (group) => <a class="quiet" href={jobs(group, "dead")}><Count n={group.dead} tone="t-dead" /></a> },
                            { head: t("Names"), cell: (group) => <span class="cut" title={group.names.join(", ")}>{group.names.join(", ")}</span> },
                            { head: t("First"), cell: (group) => <Ago ms={group.first_ms} past /> },
                            { head: t("Last"), cell: (group) => <Ago ms={group.last_ms} past /> },
                            { head: t("One of them"), cell: (group) => <a href={write_route(["job", group.sample_id])}><code>…{group.sample_id.slice(-6)}</code></a> },
                        ]}
                    />
                )}
            </View>
        </>
    );
}
