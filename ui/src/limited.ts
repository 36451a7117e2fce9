// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import type { LimitScope, Queue } from "./types";

/// The queue and the job name of a list, as limits name those that wait: `mail`, or `slow:mail`.
export function names_of_list(list: string): { queue: string; name: string } {
    const read = (part: string) => {
        try {
            return decodeURIComponent(part);
        } catch {
            return part;
        }
    };
    const colon = list.indexOf(":");
    return colon < 0 ? { queue: read(list), name: read(list) } : { queue: read(list.slice(0, colon)), name: read(list.slice(colon + 1)) };
}

/// What a field for several names holds: they stand between commas.
export const split_names = (text: string): string[] =>
    [...new Set(text.split(",").map((one) => one.trim()).filter(Boolean))];

export interface Touched { lists: number; pending: number; active: number }

/// How much there is now of what a limit is for.
export function touched_by({ queues, names }: LimitScope, all: Queue[]): Touched {
    const sum: Touched = { lists: 0, pending: 0, active: 0 };
    for (const queue of all)
        for (const list of queue.lists)
            if (queues.includes(queue.queue) || names.includes(list.name)) {
                ++sum.lists;
                sum.pending += list.pending;
                sum.active += list.active;
            }
    return sum;
}

/// The parts of a sentence of `explain`: text, ids of jobs, and the limit that it names.
export function sentence_parts(gate: string, sentence: string): { text: string; job?: string; limit?: string }[] {
    const parts: { text: string; job?: string; limit?: string }[] = [];
    let rest = sentence;
    const quoted = gate === "limit" ? /^limit ("(?:[^"\\]|\\.)*")/.exec(rest) : null;
    if (quoted) {
        let limit: string | undefined;
        try {
            limit = JSON.parse(quoted[1]!) as string;
        } catch {
            limit = undefined;
        }
        parts.push({ text: "limit " }, limit === undefined ? { text: quoted[1]! } : { text: quoted[1]!, limit });
        rest = rest.slice(quoted[0].length);
    }
    if (gate !== "limit") return [{ text: sentence }];
    for (const piece of rest.split(/\b([0-9A-Z]{22})\b/)) {
        if (!piece) continue;
        parts.push(/^[0-9A-Z]{22}$/.test(piece) ? { text: piece, job: piece } : { text: piece });
    }
    return parts;
}
