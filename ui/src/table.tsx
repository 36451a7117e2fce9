// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "./words";

export interface Column<R> {
    head: string;
    cell: (row: R) => ComponentChildren;
    /// Where rows are cards, `main` is its head, `act` stands beside that, and `wide` is a line.
    kind?: "number" | "text" | "main" | "wide" | "act";
    about?: string;
    sort?: () => void;
    sorted?: "ascending" | "descending";
}

export interface Chosen {
    ids: Set<string>;
    toggle: (id: string) => void;
    all: (on: boolean) => void;
}

/// Of longer tables no more rows than that are in the document.
const most_rows = 60;

/// Which rows of many are in the document: those that are seen, and some around them. All rows are
/// of one height, that of the first.
function use_window(body: RefObject<HTMLTableSectionElement | null>, count: number, at?: number, seen?: (from: number, to: number) => void) {
    const all = count <= most_rows;
    const [from, set_from] = useState(0);
    const [height, set_height] = useState(0);
    const told = useRef(seen);
    told.current = seen;
    const first = all ? 0 : Math.max(0, Math.min(from, count - most_rows));
    const last = all ? count : Math.min(count, first + most_rows);
    useLayoutEffect(() => {
        const row = body.current?.querySelector<HTMLElement>("tr:not(.space)");
        if (row && row.offsetHeight && Math.abs(row.offsetHeight - height) >= 1) set_height(row.offsetHeight);
    });
    useEffect(() => {
        if (!height || (all && !seen)) return;
        let due = 0;
        const look = () => {
            due = 0;
            if (!body.current) return;
            const top = body.current.getBoundingClientRect().top;
            const begin = Math.floor(-top / height);
            const rows = Math.ceil(innerHeight / height);
            set_from(Math.max(0, begin - Math.max(4, Math.floor((most_rows - rows) / 2))));
            told.current?.(Math.max(0, begin), Math.min(count, begin + rows));
        };
        const later = () => { due ||= requestAnimationFrame(look); };
        look();
        addEventListener("scroll", later, { passive: true });
        addEventListener("resize", later);
        return () => {
            cancelAnimationFrame(due);
            removeEventListener("scroll", later);
            removeEventListener("resize", later);
        };
    }, [all, count, height, !seen]);
    useEffect(() => {
        if (at === undefined || at < 0 || !body.current || !height) return;
        const top = body.current.getBoundingClientRect().top + at * height;
        if (top < 64) scrollBy(0, top - 64);
        else if (top + height > innerHeight - 64) scrollBy(0, top + height - innerHeight + 64);
    }, [at]);
    return { from: first, to: last, above: first * height, below: (count - last) * height };
}

const Space = ({ px }: { px: number }) =>
    px > 0 ? (
        <tr class="space" aria-hidden="true" ref={(row) => { if (row) row.style.height = `${px}px`; }}><td /></tr>
    ) : null;

/// A table that becomes a list of cards where it is narrow. `at`: the row that the keys are on.
export function Table<R>(with_: {
    caption: string;
    columns: Column<R>[];
    rows: R[];
    id: (row: R) => string;
    label?: (row: R) => string;
    chosen?: Chosen;
    at?: number;
    faded?: (row: R) => boolean;
    /// The rows that are seen, and the first behind them; called when they change.
    seen?: (from: number, to: number) => void;
}) {
    const { caption, columns, rows, id, chosen, at, faded } = with_;
    const label = with_.label ?? id;
    const body = useRef<HTMLTableSectionElement>(null);
    const at_once = use_window(body, rows.length, at, with_.seen);
    const on = chosen ? rows.filter((row) => chosen.ids.has(id(row))).length : 0;
    return (
        <table role="table" aria-rowcount={rows.length + 1}>
            <caption class="hidden">{caption}</caption>
            <thead role="rowgroup">
                <tr role="row">
                    {chosen && (
                        <th role="columnheader" scope="col" class="tick">
                            <input
                                type="checkbox"
                                aria-label={t("All on this page")}
                                checked={on > 0 && on === rows.length}
                                ref={(box) => { if (box) box.indeterminate = on > 0 && on < rows.length; }}
                                onChange={(e) => chosen.all(e.currentTarget.checked)}
                            />
                        </th>
                    )}
                    {columns.map((one) => (
                        <th
                            role="columnheader" scope="col" class={one.kind ?? "text"} title={one.about}
                            aria-sort={one.sort ? one.sorted ?? "none" : undefined}
                        >
                            {one.sort ? (
                                <button class="link" onClick={one.sort}>
                                    {one.head}
                                    <span aria-hidden="true">{one.sorted ? (one.sorted === "ascending" ? " ▴" : " ▾") : ""}</span>
                                </button>
                            ) : (
                                one.head
                            )}
                        </th>
                    ))}
                </tr>
            </thead>
            <tbody role="rowgroup" ref={body}>
                <Space px={at_once.above} />
                {rows.slice(at_once.from, at_once.to).map((row, k) => (
                    <tr
                        role="row" key={id(row)} aria-rowindex={at_once.from + k + 2}
                        class={(at === at_once.from + k ? "at " : "") + (faded?.(row) ? "faded" : "")}
                        aria-selected={chosen ? chosen.ids.has(id(row)) : undefined}
                    >
                        {chosen && (
                            <td role="cell" class="tick">
                                <input
                                    type="checkbox" checked={chosen.ids.has(id(row))} disabled={faded?.(row)}
                                    aria-label={label(row)} onChange={() => chosen.toggle(id(row))}
                                />
                            </td>
                        )}
                        {columns.map((one) => (
                            <td role="cell" class={one.kind ?? "text"} data-label={one.head}>{one.cell(row)}</td>
                        ))}
                    </tr>
                ))}
                <Space px={at_once.below} />
            </tbody>
        </table>
    );
}
