// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { signal } from "@preact/signals";
import { ask } from "./api";
import { stop_operation, summary, verb_name } from "./acts";
import { number } from "./format";
import { tell_problem } from "./parts";
import type { Operation } from "./types";
import { t } from "./words";

/// The operation that this tab began; leaving the page stops nothing.
const watched = signal<Operation | null>(null);
const under_way = (of: Operation) => of.state === "counting" || of.state === "running";

export async function watch_operation(first: Operation, after: () => void): Promise<void> {
    watched.value = first;
    let one = first;
    while (under_way(one) && watched.value?.id === one.id) {
        await new Promise((go_on) => setTimeout(go_on, 500));
        try {
            one = await ask<Operation>(`operations/${encodeURIComponent(one.id)}`);
            if (watched.value?.id === one.id) watched.value = one;
        } catch {
            // The server is away for a moment: the operation has its state in Redis.
        }
    }
    after();
}

export function OperationBar() {
    const one = watched.value;
    if (!one) return null;
    const all = one.matched || one.of || 0;
    const done = one.done + (one.already ?? 0) + (one.moved_on ?? 0) + (one.gone ?? 0) + (one.active ?? 0);
    const words: Record<string, string> = {
        counting: t("counting"), running: t("running"), done: t("done"), stopped: t("stopped"),
        refused: t("refused"), failed: t("failed"), interrupted: t("interrupted"),
    };
    return (
        <section class={"box operation " + (one.trouble ? "bad" : "")} aria-label={t("Operation")}>
            <strong>{verb_name(one.action)}: {words[one.state] ?? one.state}</strong>
            {under_way(one) && <progress max={all || undefined} value={all ? done : undefined} aria-label={t("Progress")} />}
            <span>
                {under_way(one)
                    ? t("{n} of {of}", { n: number(done), of: all ? number(all) : "?" })
                    : summary({
                          done: one.done, already: one.already ?? 0, active: one.active ?? 0,
                          gone: one.gone ?? 0, moved_on: one.moved_on ?? 0,
                          unreadable: one.unreadable ?? 0,
                      }) || t("nothing was touched")}
            </span>
            {one.trouble && <span>{one.trouble}</span>}
            {under_way(one) ? (
                <button onClick={() => stop_operation(one.id).catch(tell_problem)}>{t("Stop")}</button>
            ) : (
                <button onClick={() => (watched.value = null)}>{t("Close")}</button>
            )}
        </section>
    );
}
