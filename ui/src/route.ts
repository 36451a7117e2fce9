// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { computed, signal } from "@preact/signals";

/// Where one is: #/jobs?state=dead. What follows # never reaches a server or a proxy's log.
export interface Route {
    parts: string[];
    query: Record<string, string>;
}

export function read_route(hash: string): Route {
    const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
    const parts = path.split("/").filter(Boolean).map((part) => {
        try {
            return decodeURIComponent(part);
        } catch {
            return part;
        }
    });
    return { parts, query: Object.fromEntries(new URLSearchParams(query)) };
}

export function write_route(parts: string[], query: Record<string, string | undefined> = {}): string {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value) asked.set(name, value);
    const text = asked.toString();
    return "#/" + parts.map(encodeURIComponent).join("/") + (text ? "?" + text : "");
}

const hash = signal(typeof location === "undefined" ? "" : location.hash);
export const route = computed(() => read_route(hash.value));
export const page = computed(() => route.value.parts[0] ?? "overview");

export function follow_hash(): void {
    addEventListener("hashchange", () => {
        hash.value = location.hash;
        scrollTo(0, 0);
    });
}

/// `replace`: Back leads to what was before, as for each letter of a filter.
export function go(parts: string[], query: Record<string, string | undefined> = {}, replace = false): void {
    const to = write_route(parts, query);
    if (to === location.hash) return;
    if (replace) {
        history.replaceState(null, "", to);
        hash.value = to;
    } else location.hash = to;
}
