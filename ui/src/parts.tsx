// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { Problem, expired } from "./api";
import { absolute, duration, number, relative } from "./format";
import { now, paused } from "./live";
import { refresh, times } from "./settings";
import { shapes } from "./shapes";
import type { FlowJobState } from "./types";
import { t } from "./words";

/// What actions did, told once, to eyes and screen readers.
export const told = signal<{ text: string; bad: boolean } | null>(null);
let fading: ReturnType<typeof setTimeout> | undefined;
export function tell(text: string, bad = false): void {
    told.value = { text, bad };
    clearTimeout(fading);
    if (!bad) fading = setTimeout(() => (told.value = null), 8000);
}
export const tell_problem = (e: unknown): void => tell((e as Error).message, true);

export const Badge = ({ state }: { state: FlowJobState }) => (
    <span class={"badge s-" + state}>
        <span aria-hidden="true">{shapes[state]}</span> {t(state)}
    </span>
);

/// A time, relative or absolute as it is set; the other form is in its tooltip.
/// `past`: it has been, also where the newest look at the clock is a moment older.
export function Ago({ ms, past }: { ms: number; past?: boolean }) {
    if (!(ms > 0)) return <span class="muted">–</span>;
    const forms = [relative(past ? Math.min(ms, now.value) : ms, now.value), absolute(ms)];
    if (times.value === "absolute") forms.reverse();
    return <time dateTime={new Date(ms).toISOString()} title={forms[1]}>{forms[0]}</time>;
}
export const Age = ({ since }: { since: number }) =>
    since > 0 ? (
        <time dateTime={new Date(since).toISOString()} title={absolute(since)}>
            {duration(now.value - since)}
        </time>
    ) : (
        <span class="muted">–</span>
    );

/// 0 is quiet, so that what is there stands out.
export const Count = ({ n, tone = "" }: { n: number; tone?: string }) => (
    <span class={n === 0 ? "muted" : tone}>{number(n)}</span>
);

export interface Loaded<T> {
    data: T | null;
    problem: Problem | null;
    slow: boolean;
    again: () => void;
    set: (data: T) => void;
}

/// What `from` answers, asked again whenever `key` changes and every `every_ms`. What was there stays
/// while it is asked for, first after `first_ms`; `slow` begins after 150 ms, so that quick answers don't flicker.
export function use_loaded<T>(key: string, from: (signal: AbortSignal) => Promise<T>, every_ms = 0, first_ms = 0): Loaded<T> {
    const [state, set] = useState<{ key: string; data: T | null; problem: Problem | null }>({
        key, data: null, problem: null,
    });
    const [slow, set_slow] = useState(false);
    const [times, again] = useState(0);
    const latest = useRef(from);
    latest.current = from;
    useEffect(() => {
        const control = new AbortController();
        let timer: ReturnType<typeof setTimeout> | undefined;
        const late = setTimeout(() => set_slow(true), 150);
        const look = async () => {
            try {
                const data = await latest.current(control.signal);
                if (!control.signal.aborted) set({ key, data, problem: null });
            } catch (e) {
                if (control.signal.aborted) return;
                const problem = e instanceof Problem ? e : new Problem(0, "fault", (e as Error).message);
                set((old) => ({ key, data: old.key === key ? old.data : null, problem }));
            }
            clearTimeout(late);
            set_slow(false);
            const wait = () => {
                timer = setTimeout(() => {
                    if (paused.value || document.hidden || expired.value) wait();
                    else void look();
                }, refresh.value === "5s" ? Math.max(5000, every_ms) : every_ms);
            };
            if (every_ms && !control.signal.aborted) wait();
        };
        if (first_ms) timer = setTimeout(look, first_ms);
        else void look();
        return () => {
            control.abort();
            clearTimeout(timer);
            clearTimeout(late);
        };
    }, [key, times, every_ms]);
    const mine = state.key === key;
    return {
        data: mine ? state.data : null,
        problem: mine ? state.problem : null,
        slow,
        again: () => again((n) => n + 1),
        set: (data) => set({ key, data, problem: null }),
    };
}

/// Loading, an error, or what was loaded: with the error above it when it is of before.
export function View<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
    const { data, problem } = of;
    return (
        <>
            {problem && <ProblemBox problem={problem} again={of.again} />}
            {data !== null ? children(data) : !problem && of.slow ? <Skeleton /> : null}
        </>
    );
}

export const Skeleton = () => (
    <div class="skeleton" aria-busy="true">
        <span class="hidden">{t("Loading")}</span>
        <i /><i /><i /><i />
    </div>
);

export const ProblemBox = ({ problem, again }: { problem: Problem; again?: () => void }) => (
    <div class="box bad" role="alert">
        <p>
            <strong>
                {problem.status === 403
                    ? t("This needs a right that you have not")
                    : problem.status === 404
                      ? t("It is not there")
                      : t("That did not work")}
            </strong>
            <br />
            {problem.message}
        </p>
        <span class="buttons">
            {again && <button onClick={again}>{t("Try again")}</button>}
            <button onClick={() => copy(problem.message, t("The sentence"))}>{t("Copy")}</button>
        </span>
    </div>
);

export const Empty = ({ children }: { children: ComponentChildren }) => <div class="empty">{children}</div>;

/// A line over the last minutes. What it shows stands in words beside it.
export function Spark({ values, tone = "accent" }: { values: number[]; tone?: string }) {
    const w = 96;
    const h = 22;
    if (values.length < 2) return <svg class="spark" viewBox={`0 0 ${w} ${h}`} aria-hidden="true" />;
    const top = Math.max(...values, 1);
    const points = values
        .map((v, i) => `${((i / (values.length - 1)) * w).toFixed(1)},${(h - 2 - (v / top) * (h - 4)).toFixed(1)}`)
        .join(" ");
    return (
        <svg class={"spark t-" + tone} viewBox={`0 0 ${w} ${h}`} preserveAspectRatio="none" aria-hidden="true">
            <polyline points={points} />
        </svg>
    );
}

export const Meter = ({ value, max, label }: { value: number; max: number; label: string }) => (
    <meter min={0} max={max || 1} value={value} aria-label={label} title={label} />
);

export function Head({ title, children, sub }: { title: string | VNode; children?: ComponentChildren; sub?: ComponentChildren }) {
    return (
        <header class="head">
            <div>
                <h1 tabIndex={-1}>{title}</h1>
                {sub && <p class="muted sub">{sub}</p>}
            </div>
            {children && <div class="actions">{children}</div>}
        </header>
    );
}

export async function copy(text: string, what: string): Promise<void> {
    try {
        await navigator.clipboard.writeText(text);
        tell(t("{what} copied", { what }));
    } catch {
        tell(t("The browser did not let it be copied"), true);
    }
}

export function download(name: string, text: string, type = "application/json"): void {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
