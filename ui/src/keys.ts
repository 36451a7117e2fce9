// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useEffect } from "preact/hooks";
import { is_asking } from "./dialog";
import { pause, paused } from "./live";
import { go } from "./route";
import { keys_on, next_theme } from "./settings";

export const page_keys: Record<string, string> = {
    o: "overview", q: "queues", j: "jobs", f: "failures", p: "pools", c: "crons", l: "limits", n: "names", b: "broker", a: "audit",
    s: "settings", t: "tracked", w: "flows",
};
/// What the page that is shown does with a key.
export const here: { act: ((key: string) => boolean) | null } = { act: null };

export function use_keys(): void {
    useEffect(() => {
        let gone = 0;
        const down = (e: KeyboardEvent) => {
            const on = e.target as HTMLElement;
            if (keys_on.value !== "on" || e.ctrlKey || e.metaKey || e.altKey || is_asking()) return;
            if (on.closest("input:not([type=checkbox]),textarea,select")) {
                if (e.key === "Escape") on.blur();
                return;
            }
            const done = () => e.preventDefault();
            if (gone && Date.now() - gone < 1500 && page_keys[e.key]) {
                gone = 0;
                done();
                go([page_keys[e.key]!]);
                return;
            }
            gone = 0;
            if (e.key === "g") gone = Date.now();
            else if (e.key === "/") { done(); document.getElementById("search")?.focus(); }
            else if (e.key === "?") { done(); go(["help"]); }
            else if (e.key === "t") next_theme();
            else if (e.key === "p") pause(!paused.value);
            else if (here.act?.(e.key)) done();
        };
        addEventListener("keydown", down);
        return () => removeEventListener("keydown", down);
    }, []);
}

/// Keys of a page, while it is shown.
export function use_page_keys(act: (key: string) => boolean): void {
    useEffect(() => {
        here.act = act;
        return () => { if (here.act === act) here.act = null; };
    });
}
