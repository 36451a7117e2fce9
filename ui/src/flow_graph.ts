// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Where the jobs of a flow stand when it is drawn: in layers from left to right, each behind those
// that it needs.
import type { FlowJob, FlowJobState } from "./types";

export const most_nodes = 200;
export const node_size = { width: 168, height: 44, right: 56, below: 14 };

export interface GraphNode {
    id: string;  // of its job; of a layer ""
    name: string; state: FlowJobState; layer: number; row: number;
    jobs: number; counts: [FlowJobState, number][];
    /// The layers that it stands for, counted from 1.
    first: number; last: number;
}
export interface Graph {
    nodes: GraphNode[]; edges: [number, number][]; layers: number; rows: number;
    whole: boolean;  // each node is one job
}

/// What a node of many jobs is shown as: what most needs to be seen comes first.
export const states_by_weight: FlowJobState[] = [
    "dead", "set_aside", "suspect", "retry", "active", "pending", "scheduled", "waiting", "cancelled", "unknown", "completed",
];

/// The longest path to each. Jobs stand behind those that they need.
export function layers_of(jobs: FlowJob[]): number[] {
    const places = new Map(jobs.map((job, i) => [job.id, i]));
    const layers: number[] = [];
    jobs.forEach((job, i) => {
        const needs = job.needs.map((id) => places.get(id)).filter((at): at is number => at !== undefined && at < i);
        layers[i] = needs.length ? Math.max(...needs.map((at) => layers[at]!)) + 1 : 0;
    });
    return layers;
}

const counted = (jobs: FlowJob[]): [FlowJobState, number][] => {
    const sums = new Map<FlowJobState, number>();
    for (const job of jobs) sums.set(job.state, (sums.get(job.state) ?? 0) + 1);
    return states_by_weight.filter((state) => sums.has(state)).map((state) => [state, sums.get(state)!]);
};

export function graph_of(jobs: FlowJob[]): Graph {
    const layers = layers_of(jobs);
    const depth = jobs.length ? layers.reduce((a, b) => Math.max(a, b), 0) + 1 : 0;
    return jobs.length > most_nodes ? by_layer(jobs, layers, depth) : by_job(jobs, layers, depth);
}

function by_job(jobs: FlowJob[], layers: number[], depth: number): Graph {
    const places = new Map(jobs.map((job, i) => [job.id, i]));
    const columns: number[][] = Array.from({ length: depth }, () => []);
    layers.forEach((layer, i) => columns[layer]!.push(i));
    const rows: number[] = [];
    for (const column of columns) {
        // Beside those that they need, so that lines cross little.
        const wish = new Map(column.map((i, at) => {
            const needs = jobs[i]!.needs.map((id) => places.get(id)).filter((one): one is number => one !== undefined && rows[one] !== undefined);
            return [i, needs.length ? needs.reduce((sum, one) => sum + rows[one]!, 0) / needs.length : at];
        }));
        column.sort((a, b) => wish.get(a)! - wish.get(b)! || a - b);
        column.forEach((i, row) => { rows[i] = row; });
    }
    const edges: [number, number][] = [];
    jobs.forEach((job, i) => {
        for (const id of job.needs) {
            const from = places.get(id);
            if (from !== undefined && from < i) edges.push([from, i]);
        }
    });
    return {
        nodes: jobs.map((job, i) => ({
            id: job.id, name: job.name, state: job.state, layer: layers[i]!, row: rows[i]!, jobs: 1,
            counts: [[job.state, 1]], first: layers[i]! + 1, last: layers[i]! + 1,
        })),
        edges, layers: depth, rows: columns.reduce((most, column) => Math.max(most, column.length), 0), whole: true,
    };
}

/// A node a layer, or a few layers where there are too many.
function by_layer(jobs: FlowJob[], layers: number[], depth: number): Graph {
    const groups = Math.min(depth, most_nodes);
    const group_of = (layer: number) => Math.floor((layer * groups) / depth);
    const within: FlowJob[][] = Array.from({ length: groups }, () => []);
    jobs.forEach((job, i) => within[group_of(layers[i]!)]!.push(job));
    const nodes = within.map((some, group) => {
        const mine = layers.filter((layer) => group_of(layer) === group);
        const counts = counted(some);
        const names = new Set(some.map((job) => job.name));
        return {
            id: "", name: names.size === 1 ? [...names][0]! : "", state: counts[0]![0], layer: group, row: 0,
            jobs: some.length, counts, first: mine.reduce((a, b) => Math.min(a, b)) + 1, last: mine.reduce((a, b) => Math.max(a, b)) + 1,
        };
    });
    return { nodes, edges: nodes.slice(1).map((_, i) => [i, i + 1]), layers: groups, rows: 1, whole: false };
}

export const left_of = (node: GraphNode): number => node.layer * (node_size.width + node_size.right) + 4;
export const top_of = (node: GraphNode): number => node.row * (node_size.height + node_size.below) + 4;
export const extent = (graph: Graph): { width: number; height: number } => ({
    width: Math.max(1, graph.layers) * (node_size.width + node_size.right) - node_size.right + 8,
    height: Math.max(1, graph.rows) * (node_size.height + node_size.below) - node_size.below + 8,
});
/// A line over several layers keeps to the row of one of its ends where nothing stands in it, so that it
/// does not run below what is between. `taken`: something stands there.
export function line_of(from: GraphNode, to: GraphNode, taken: (layer: number, row: number) => boolean = () => true): string {
    const x1 = left_of(from) + node_size.width;
    const y1 = top_of(from) + node_size.height / 2;
    const x2 = left_of(to);
    const y2 = top_of(to) + node_size.height / 2;
    const between = Array.from({ length: Math.max(0, to.layer - from.layer - 1) }, (_, i) => from.layer + 1 + i);
    const gap = node_size.right;
    const half = gap / 2;
    if (between.length && from.row !== to.row) {
        if (!between.some((layer) => taken(layer, from.row)))
            return `M${x1} ${y1}H${x2 - gap}C${x2 - half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}`;
        if (!between.some((layer) => taken(layer, to.row)))
            return `M${x1} ${y1}C${x1 + half} ${y1} ${x1 + half} ${y2} ${x1 + gap} ${y2}H${x2}`;
    }
    const bend = Math.min(gap, (x2 - x1) / 2);
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
