// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { effect, signal } from "@preact/signals";

function kept(name: string, otherwise: string) {
    let first = otherwise;
    try {
        first = localStorage.getItem("work." + name) ?? otherwise;
    } catch {
        // Storage may be forbidden: then it is kept for this page alone.
    }
    const value = signal(first);
    effect(() => {
        const text = value.value;
        try {
            localStorage.setItem("work." + name, text);
        } catch {
            // As above.
        }
    });
    return value;
}

export const theme = kept("theme", "system");
export const keys_on = kept("keys", "on");
export const language_set = kept("language", "");

/// "": the browser's zone; else UTC, or a name as Europe/Berlin.
export const zone = kept("zone", "");
/// How times are shown; the other form is in their tooltips.
export const times = kept("times", "relative");

/// "live": as the server tells it; "5s": a look every 5 s; "paused": only when it is asked for.
export const refresh = kept("refresh", "live");
/// "system", or "less": nothing moves.
export const motion = kept("motion", "system");

export const themes = ["system", "light", "dark"];
export function next_theme(): void {
    theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length]!;
}

export function apply_theme(): void {
    effect(() => {
        const root = document.documentElement;
        if (theme.value === "system") delete root.dataset.theme;
        else root.dataset.theme = theme.value;
        if (motion.value === "less") root.dataset.motion = "less";
        else delete root.dataset.motion;
    });
}
