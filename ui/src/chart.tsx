// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useEffect, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { duration, moment, number, ticks } from "./format";
import { t } from "./words";

export interface Line {
    name: string;
    tone: string;
    /// One for each period; null: there are no figures, which is not 0.
    values: (number | null)[];
    shape?: "solid" | "dashed" | "dotted";
}

/// The period that the pointer is on, in whichever chart: all of the page show theirs there.
const cross = signal<number | null>(null);

const pad = { left: 46, right: 10, top: 8, bottom: 20 };
const height = 168;
/// Round times in ms, for an axis that grows tenfold.
const round_ms = [1, 10, 100, 1e3, 1e4, 6e4, 6e5, 3.6e6, 3.6e7, 3.456e8, 3.456e9];

interface Scale { of: (value: number) => number; marks: { value: number; text: string }[] }

function linear(top: number, low: number, high: number): Scale {
    const rough = (top || 1) / 3;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough)!;
    const end = Math.max(step, Math.ceil((top || 1) / step - 1e-9) * step);
    const marks = [];
    for (let value = 0; value <= end * 1.001; value += step) marks.push({ value, text: number(Number(value.toPrecision(6))) });
    return { of: (value) => low - (value / end) * (low - high), marks };
}

function logarithmic(all: number[], low: number, high: number): Scale {
    const least = Math.max(0.5, Math.min(...all));
    const most = Math.max(...all, 2);
    const from = [...round_ms].reverse().find((one) => one <= least) ?? 0.5;
    const to = round_ms.find((one) => one >= most && one > from) ?? most;
    const span = Math.log(to / from);
    return {
        of: (value) => low - (Math.log(Math.max(value, from) / from) / span) * (low - high),
        marks: round_ms.filter((one) => one >= from && one <= to).map((value) => ({ value, text: duration(value).replace(/\.0 /, " ") })),
    };
}

/// The parts of a line between its gaps, as paths; what reaches the newest period apart.
function paths(values: (number | null)[], x: (i: number) => number, y: (v: number) => number) {
    let whole = "";
    let newest = "";
    const alone: number[] = [];
    const last = values.length - 1;
    const at = (i: number) => `${x(i).toFixed(1)},${y(values[i]!).toFixed(1)}`;
    values.forEach((value, i) => {
        if (value === null) return;
        const before = i > 0 && values[i - 1] !== null;
        if (i === last) {
            if (before) newest = `M${at(i - 1)}L${at(i)}`;
            else alone.push(i);
        } else {
            whole += (before ? "L" : "M") + at(i);
            if (!before && values[i + 1] === null) alone.push(i);
        }
    });
    return { whole, newest, alone };
}

export function use_width(): [preact.RefObject<HTMLDivElement | null>, number] {
    const box = useRef<HTMLDivElement>(null);
    const [width, set] = useState(0);
    useEffect(() => {
        const watch = new ResizeObserver(([one]) => set(Math.floor(one!.contentRect.width)));
        watch.observe(box.current!);
        return () => watch.disconnect();
    }, []);
    return [box, width];
}

export function Chart({ title, at, step_ms, lines, times = false, newest_open = true, sub }: {
    title: string;
    /// The beginning of each period.
    at: number[];
    step_ms: number;
    lines: Line[];
    /// Values are ms, on an axis that grows tenfold.
    times?: boolean;
    /// The last period goes on: it is drawn dashed.
    newest_open?: boolean;
    sub?: ComponentChildren;
}) {
    const [box, width] = use_width();
    const [open, set_open] = useState(false);
    const all = lines.flatMap((line) => line.values).filter((value) => value !== null);
    const text = (value: number | null | undefined) => value === null || value === undefined ? "–" : times ? duration(value) : number(value);
    const right = Math.max(pad.left + 1, width - pad.right);
    const from = at[0] ?? 0;
    const to = at[at.length - 1] ?? 1;
    const x_of = (ms: number) => pad.left + ((ms - from) / Math.max(1, to - from)) * (right - pad.left);
    const low = height - pad.bottom;
    const scale = times ? logarithmic(all, low, pad.top) : linear(Math.max(0, ...all), low, pad.top);
    const pointed = cross.value === null ? -1 : at.indexOf(at.reduce((best, one) => Math.abs(one - cross.value!) < Math.abs(best - cross.value!) ? one : best, at[0] ?? 0));
    const shown = pointed >= 0 ? pointed : at.length - (newest_open ? 2 : 1);
    const point = (e: PointerEvent) => {
        const within = (e.currentTarget as SVGElement).getBoundingClientRect();
        cross.value = from + ((e.clientX - within.left - pad.left) / (right - pad.left)) * (to - from);
    };
    return (
        <section class="card chart">
            <div class="row"><h2>{title}</h2>{sub && <span class="muted">{sub}</span>}</div>
            <div ref={box} class="plot">
                {width > 0 && (
                    <svg width={width} height={height} aria-hidden="true" onPointerMove={point} onPointerLeave={() => (cross.value = null)}>
                        {scale.marks.map((mark) => (
                            <g key={mark.value}>
                                <line class="grid" x1={pad.left} x2={right} y1={scale.of(mark.value)} y2={scale.of(mark.value)} />
                                <text class="axis" x={pad.left - 6} y={scale.of(mark.value) + 4} text-anchor="end">{mark.text}</text>
                            </g>
                        ))}
                        {ticks(from, to, Math.max(2, Math.floor(width / 80))).map((tick) => (
                            <text class="axis" key={tick.at} x={Math.min(x_of(tick.at), right - 16)} y={height - 4} text-anchor="middle">{tick.text}</text>
                        ))}
                        {all.length > 0 && lines.map((line) => {
                            const of = paths(newest_open ? line.values : [...line.values, null], (i) => x_of(at[i]!), scale.of);
                            return (
                                <g class={`t-${line.tone} ${line.shape ?? "solid"}`} key={line.name}>
                                    <path class="line" d={of.whole} />
                                    <path class="line open" d={of.newest} />
                                    {of.alone.map((i) => <circle key={i} cx={x_of(at[i]!)} cy={scale.of(line.values[i]!)} r="2" />)}
                                    {pointed >= 0 && line.values[pointed] !== null && <circle cx={x_of(at[pointed]!)} cy={scale.of(line.values[pointed]!)} r="3.5" />}
                                </g>
                            );
                        })}
                        {pointed >= 0 && <line class="cross" x1={x_of(at[pointed]!)} x2={x_of(at[pointed]!)} y1={pad.top} y2={low} />}
                    </svg>
                )}
                {all.length === 0 && <p class="muted none">{t("There are no figures of this time.")}</p>}
            </div>
            <p class="legend">
                {lines.map((line) => (
                    <span key={line.name}>
                        <svg class={`swatch t-${line.tone} ${line.shape ?? "solid"}`} width="22" height="8" aria-hidden="true"><path class="line" d="M0,4H22" /></svg> {line.name} <b>{text(line.values[shown])}</b>
                    </span>
                ))}
                {at[shown] !== undefined && <span class="muted">{moment(at[shown]!, step_ms)}</span>}
            </p>
            <details open={open} onToggle={(e) => set_open((e.currentTarget as HTMLDetailsElement).open)}>
                <summary>{t("As a table")}</summary>
                {open && (
                    <div class="scroll" tabIndex={0} role="region" aria-label={title}>
                        <table>
                            <thead><tr><th scope="col">{t("When")}</th>{lines.map((line) => <th scope="col" class="number" key={line.name}>{line.name}</th>)}</tr></thead>
                            <tbody>
                                {at.map((ms, i) => ({ ms, i })).reverse().filter(({ i }) => lines.some((line) => line.values[i] !== null)).map(({ ms, i }) => (
                                    <tr key={ms}><td>{moment(ms, step_ms)}</td>{lines.map((line) => <td class="number" key={line.name}>{text(line.values[i])}</td>)}</tr>
                                ))}
                            </tbody>
                        </table>
                    </div>
                )}
            </details>
        </section>
    );
}

/// Times by how long they took: bar k has those below 2^k ms, the last one everything beyond.
export const Histogram = (of: { title: string; buckets: number[]; tone: string }) =>
    of.buckets.some((n) => n > 0) ? <Bars {...of} /> : (
        <section class="card chart"><h2>{of.title}</h2><p class="muted">{t("There are no figures of this time.")}</p></section>
    );

function Bars({ title, buckets, tone }: { title: string; buckets: number[]; tone: string }) {
    const [box, width] = use_width();
    const last = buckets.length - 1;
    const used = buckets.map((n, k) => ({ n, k })).filter((one) => one.n > 0);
    const from = Math.max(0, used[0]!.k - 1);
    const to = Math.min(last, used[used.length - 1]!.k + 1);
    const bars = buckets.slice(from, to + 1);
    const top = Math.max(...bars);
    const sum = buckets.reduce((a, b) => a + b, 0);
    const up_to = (k: number) => k === last ? t("more") : `< ${duration(2 ** k).replace(/\.0 /, " ")}`;
    const w = (width - 8) / bars.length;
    const h = height - pad.bottom - pad.top;
    const every = Math.max(1, Math.ceil(bars.length / Math.max(2, Math.floor(width / 64))));
    return (
        <section class="card chart">
            <div class="row"><h2>{title}</h2><span class="muted">{t("{n} times", { n: number(sum) })}</span></div>
            <div ref={box} class="plot">
                {width > 0 && (
                    <svg width={width} height={height} class={"t-" + tone} aria-hidden="true">
                        {bars.map((n, i) => {
                            const tall = n ? Math.max(2, (n / top) * h) : 0;
                            return <rect key={i} x={4 + i * w + 1} y={pad.top + h - tall} width={Math.max(1, w - 2)} height={tall}><title>{`${up_to(from + i)}: ${number(n)}`}</title></rect>;
                        })}
                        <line class="grid" x1="4" x2={width - 4} y1={pad.top + h} y2={pad.top + h} />
                        {bars.map((_, i) => i % every === 0 && <text class="axis" key={i} x={4 + (i + 0.5) * w} y={height - 4} text-anchor="middle">{up_to(from + i)}</text>)}
                    </svg>
                )}
            </div>
            <details>
                <summary>{t("As a table")}</summary>
                <div class="scroll" tabIndex={0} role="region" aria-label={title}>
                    <table>
                        <thead><tr><th scope="col">{t("Took")}</th><th scope="col" class="number">{t("Jobs")}</th><th scope="col" class="number">%</th></tr></thead>
                        <tbody>{used.map(({ n, k }) => <tr key={k}><td>{up_to(k)}</td><td class="number">{number(n)}</td><td class="number">{number(Math.round((n / sum) * 1000) / 10)}</td></tr>)}</tbody>
                    </table>
                </div>
            </details>
        </section>
    );
}
