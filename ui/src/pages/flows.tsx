// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useMemo, useState } from "preact/hooks";
import { ask, may_change, post } from "../api";
import { ask_first } from "../dialog";
import { extent, graph_of, left_of, line_of, node_size, states_by_weight, top_of } from "../flow_graph";
import { number } from "../format";
import { Ago, Badge, Empty, Head, Meter, View, copy, tell, use_loaded } from "../parts";
import { go, route, write_route } from "../route";
import { shapes } from "../shapes";
import { Table } from "../table";
import type { Flow, FlowInfo, FlowJob, FlowJobState, Flows } from "../types";
import { t } from "../words";

const path = (id: string) => `flows/${encodeURIComponent(id)}`;
const rows_a_page = 50;

const tones: Record<FlowInfo["state"], string> = { storing: "waiting", running: "active", ended: "completed", aborted: "dead" };
const FlowState = ({ of }: { of: FlowInfo["state"] }) => <span class={"badge s-" + tones[of]}>{t(of)}</span>;

export function FlowsPage() {
    const from = Number(route.value.query.from ?? 0) || 0;
    const loaded = use_loaded(`flows ${from}`, () => ask<Flows>("flows", { from, limit: rows_a_page }), 2000);
    return (
        <>
            <Head title={t("Flows")} sub={t("Jobs that need each other: each waits until those before it have ended.")} />
            <View of={loaded}>
                {(data) => data.flows.length === 0 ? (
                    <Empty><p>{t("There are no flows: work flow start FILE stores one, as work::flow does.")}</p></Empty>
                ) : (
                    <>
                        <Table
                            caption={t("Flows")} rows={data.flows} id={(one: FlowInfo) => one.id}
                            columns={[
                                { head: t("Flow"), kind: "main", cell: (one) => (
                                    <>
                                        <a href={write_route(["flow", one.id])} class="cut tall">{one.name || one.id}</a>
                                        {one.name && <small class="muted cut block"><code>{one.id}</code></small>}
                                    </>
                                ) },
                                { head: t("State"), cell: (one) => <FlowState of={one.state} /> },
                                { head: t("Ended"), cell: (one) => <Done of={one} /> },
                                { head: t("Began"), cell: (one) => <Ago ms={one.created_ms} past /> },
                            ]}
                        />
                        <p class="pager">
                            {from > 0 && <button onClick={() => go(["flows"])}>{t("Newest")}</button>}
                            {from + data.flows.length < data.of && <button onClick={() => go(["flows"], { from: String(from + data.flows.length) })}>{t("Older")}</button>}
                            {(from > 0 || data.flows.length < data.of) && <span class="muted">{t("{n} of {of}", { n: `${number(from + 1)}–${number(from + data.flows.length)}`, of: number(data.of) })}</span>}
                        </p>
                    </>
                )}
            </View>
        </>
    );
}

/// How many of its jobs have ended.
const Done = ({ of }: { of: FlowInfo }) => (
    <span class="meter">
        <Meter value={of.jobs - of.left} max={of.jobs} label={t("Ended")} />
        <span>{number(of.jobs - of.left)} / {number(of.jobs)}</span>
    </span>
);

const ask_cancel = (of: FlowInfo, after: () => void) => ask_first({
    title: t("Cancel {name}?", { name: of.name || of.id }), button: t("Cancel"), dangerous: true,
    body: <p>{t("They will not run. Those that run are told to end.")} ({number(of.left)})</p>,
    inputs: [{ name: "reason", label: t("Reason") }],
    act: async (values) => {
        const { done, asked } = await post<{ done: number; asked: number }>(`${path(of.id)}/cancel`, { reason: values.reason ?? "" });
        tell(`${t("Cancel")}: ${number(done)} / ${number(asked)}`);
        after();
    },
});

export function FlowPage() {
    const id = route.value.parts[1] ?? "";
    // Of a large one less often, so that looking costs the broker little.
    const [every_ms, set_every_ms] = useState(1000);
    const loaded = use_loaded(`flow ${id}`, async () => {
        const seen = await ask<Flow>(path(id));
        set_every_ms(seen.jobs.length > 1000 ? 10_000 : 1000);
        return seen;
    }, every_ms);
    const found = loaded.data;
    const flow = found?.flow;
    return (
        <>
            <Head
                title={flow?.name || t("Flow")}
                sub={<>{flow && <FlowState of={flow.state} />} <code class="id">{id}</code> <button class="link" onClick={() => copy(id, "Id")}>{t("Copy")}</button> · <a href={write_route(["flows"])}>{t("Flows")}</a></>}
            >
                {flow && flow.left > 0 && may_change("operate") && <button class="danger" onClick={() => ask_cancel(flow, loaded.again)}>{t("Cancel")}…</button>}
            </Head>
            <View of={loaded}>
                {(data) => (
                    <>
                        <p class="flow-sum">
                            <Done of={data.flow} /> · <Ago ms={data.flow.created_ms} past />
                            {states_by_weight.filter((state) => data.counts[state] > 0).map((state) => (
                                <span key={state} class={"badge s-" + state}>{number(data.counts[state])} {t(state)}</span>
                            ))}
                        </p>
                        <Drawing jobs={data.jobs} />
                        <Jobs jobs={data.jobs} />
                    </>
                )}
            </View>
        </>
    );
}

const counted = (counts: [FlowJobState, number][]) => counts.map(([state, n]) => `${number(n)} ${t(state)}`).join(", ");
const cut = (text: string, most: number): string => ([...text].length > most ? [...text].slice(0, most - 1).join("") + "…" : text);

/// The same stands in the table, for those who see no pictures and for keyboards.
function Drawing({ jobs }: { jobs: FlowJob[] }) {
    const graph = useMemo(() => graph_of(jobs), [jobs]);
    const { width, height } = extent(graph);
    if (!jobs.length) return null;
    const places = new Set(graph.nodes.map((node) => `${node.layer} ${node.row}`));
    const taken = (layer: number, row: number) => places.has(`${layer} ${row}`);
    return (
        <div class="graph" tabIndex={0} role="group" aria-label={t("The flow, drawn from left to right; the table below says the same")}>
            <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
                {graph.edges.map(([from, to]) => (
                    <path key={`${from} ${to}`} class={"edge" + (graph.nodes[from]!.state === "completed" ? " over" : "")} d={line_of(graph.nodes[from]!, graph.nodes[to]!, taken)} />
                ))}
                {graph.nodes.map((node, i) => {
                    const layer = t("layer {n}", { n: node.first === node.last ? node.first : `${node.first}–${node.last}` });
                    const box = (
                        <>
                            <rect x={left_of(node)} y={top_of(node)} width={node_size.width} height={node_size.height} rx={6} />
                            <text x={left_of(node) + 10} y={top_of(node) + 18}>{cut(graph.whole ? node.name : `${number(node.jobs)} × ${node.name || layer}`, 21)}</text>
                            <text x={left_of(node) + 10} y={top_of(node) + 35} class="state">{shapes[node.state]} {cut(graph.whole ? t(node.state) : counted(node.counts), 23)}</text>
                            <title>{graph.whole ? node.name : `${layer}: ${counted(node.counts)}`}</title>
                        </>
                    );
                    return node.id
                        ? <a key={i} href={write_route(["job", node.id])} tabindex={-1} class={"s-" + node.state}>{box}</a>
                        : <g key={i} class={"s-" + node.state}>{box}</g>;
                })}
            </svg>
        </div>
    );
}

const shown_needs = 3;

function Jobs({ jobs }: { jobs: FlowJob[] }) {
    const names = new Map(jobs.map((job) => [job.id, job.name]));
    return (
        <Table
            caption={t("Its jobs, each below those that it needs")} rows={jobs} id={(one: FlowJob) => one.id}
            columns={[
                { head: t("Job"), kind: "main", cell: (one) => (
                    <>
                        <a class="cut tall" href={write_route(["job", one.id])}>{one.name}</a>
                        <small class="muted cut block"><code>{one.id}</code></small>
                    </>
                ) },
                { head: t("State"), cell: (one) => <Badge state={one.state} /> },
                { head: t("Queue"), cell: (one) => <a class="cut" href={write_route(["queue", one.queue])}>{one.queue}</a> },
                { head: t("Needs"), kind: "wide", cell: (one) => one.needs.length === 0 ? <span class="muted">–</span> : (
                    <>
                        {one.needs.slice(0, shown_needs).map((id) => <a key={id} class="chip" href={write_route(["job", id])} title={id}><span class="cut">{names.get(id) ?? id}</span></a>)}
                        {one.needs.length > shown_needs && <span class="muted">{t("and {n} more", { n: number(one.needs.length - shown_needs) })}</span>}
                    </>
                ) },
            ]}
        />
    );
}
