// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask, may_change } from "../api";
import { ask_first, plural } from "../dialog";
import { number } from "../format";
import { Ago, Count, ProblemBox, tell, use_loaded } from "../parts";
import type { Bound, Queue, QueueBound, WhenFull } from "../types";
import { t } from "../words";

const ways: WhenFull[] = ["refuse", "wait", "drop_oldest"];

const becomes = (full: WhenFull): string => full === "refuse" ? t("more are refused")
    : full === "wait" ? t("producers of more wait for room") : t("the oldest are cancelled for more");

const bound_words = ({ most, full }: QueueBound): string => t("At most {n} may wait: {what}.", { n: number(most), what: becomes(full) });

export const is_full = (queue: Queue): boolean => queue.bound !== null && queue.pending >= queue.bound.most;

function most_of(text: string): number {
    const most = Number(text);
    if (!/^\d+$/.test(text.trim()) || most < 1 || most > 1_000_000_000)
        throw new Error(t("How many may wait is a whole number from 1 to 1,000,000,000, and not {text}.", { text }));
    return most;
}

/// What it will do, before it is done.
function confirm(queue: Queue, bound: QueueBound, after: () => void): void {
    const over = queue.pending - bound.most;
    ask_first({
        title: t("Let at most {n} wait in {name}?", { n: number(bound.most), name: queue.queue }), button: t("Set it"),
        body: (
            <>
                <p>{t("While so many wait, {what}. {n} wait now.", { what: becomes(bound.full), n: number(queue.pending) })}</p>
                {over > 0 && <p class="warn">{bound.full === "drop_oldest"
                    ? t("When the next comes, the oldest are cancelled until it fits: {n}.", { n: plural(over + 1) })
                    : t("It is full from now on. What waits already stays.")}</p>}
                {bound.full === "wait" && <p>{t("Producers over HTTP are told to come again: 429.")}</p>}
            </>
        ),
        act: async () => {
            await ask("bound", { queue: queue.queue }, { method: "PUT", body: bound });
            tell(t("The queue {name} is bounded", { name: queue.queue }));
            after();
        },
    });
}

const ask_bound = (queue: Queue, after: () => void): void => ask_first({
    title: t("How many jobs may wait in {name}?", { name: queue.queue }), button: t("Go on"),
    body: <p>{t("What runs does not wait, nor what is due later. It holds for what producers store from then on.")}</p>,
    inputs: [
        { name: "most", label: t("At most"), value: queue.bound ? String(queue.bound.most) : "", needed: true },
        {
            name: "full", label: t("While so many wait"),
            options: [...ways].sort((a, b) => Number(b === queue.bound?.full) - Number(a === queue.bound?.full)).map((one) => [one, becomes(one)]),
        },
    ],
    act: async (values) => confirm(queue, { most: most_of(values.most!), full: values.full as WhenFull }, after),
});

const ask_unbound = (queue: Queue, after: () => void): void => ask_first({
    title: t("Remove the bound of {name}?", { name: queue.queue }), button: t("Remove"), dangerous: true,
    body: <p>{t("Any number of jobs may wait there then: producers are told no more that they are too fast.")}</p>,
    act: async () => {
        await ask("bound", { queue: queue.queue }, { method: "DELETE" });
        tell(t("The bound of {name} is removed", { name: queue.queue }));
        after();
    },
});

function Figures({ queue }: { queue: string }) {
    const { data, problem, again } = use_loaded(`bound ${queue}`, () => ask<{ bound: Bound }>("bound", { queue }), 2000);
    if (problem && problem.slug !== "no-such-bound") return <ProblemBox problem={problem} again={again} />;
    return data && (
        <dl>
            <div><dt>{t("Pending")}</dt><dd><Count n={data.bound.pending} tone="t-pending" /></dd></div>
            <div><dt>{t("Refused")}</dt><dd><Count n={data.bound.refused} tone="warn" /></dd></div>
            <div><dt>{t("Cancelled for others")}</dt><dd><Count n={data.bound.dropped} tone="warn" /></dd></div>
            <div><dt>{t("Full last")}</dt><dd>{data.bound.full_at_ms ? <Ago ms={data.bound.full_at_ms} past /> : t("never")}</dd></div>
            <div><dt>{t("Set by")}</dt><dd><span class="cut">{data.bound.who || "–"}</span> <Ago ms={data.bound.at_ms} past /></dd></div>
        </dl>
    );
}

export function BoundCard({ queue, again }: { queue: Queue; again: () => void }) {
    const may = may_change("limit");
    return (
        <section class="card" id="bound">
            <h2>{t("Bound")}</h2>
            <p>
                {queue.bound ? bound_words(queue.bound) : t("Any number of jobs may wait.")}
                {is_full(queue) && <span class="warn"> {t("It is full.")}</span>}
            </p>
            {queue.bound && <Figures queue={queue.queue} />}
            {may ? (
                <p class="buttons">
                    <button onClick={() => ask_bound(queue, again)}>{queue.bound ? t("Change…") : t("Bound it…")}</button>
                    {queue.bound && <button class="danger" onClick={() => ask_unbound(queue, again)}>{t("Remove…")}</button>}
                </p>
            ) : <p class="muted">{t("To change it needs the right {right}.", { right: "limit" })}</p>}
        </section>
    );
}
