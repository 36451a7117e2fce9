// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { language, t } from "./words";

/// 12 408, with the narrow space that the language has for it.
export const number = (n: number): string =>
    n.toLocaleString(language.value, { maximumFractionDigits: n < 10 && n % 1 ? 1 : 0 });

/// Two units at most: 4 m 12 s.
export function duration(ms: number): string {
    if (!(ms > 0)) ms = 0;
    if (ms < 1000) return `${Math.round(ms)} ms`;
    const s = ms / 1000;
    if (s < 10) return `${(Math.floor(s * 10) / 10).toFixed(1)} s`;
    const parts: [number, string][] = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];
    const at = parts.findIndex(([size]) => s >= size);
    const [size, unit] = parts[at]!;
    const text = `${Math.floor(s / size)} ${unit}`;
    const next = parts[at + 1];
    if (!next) return text;
    const rest = Math.floor((s % size) / next[0]);
    return rest ? `${text} ${rest} ${next[1]}` : text;
}

export const micros = (us: number): string =>
    us < 1000 ? `${us} µs` : us < 10_000 ? `${(us / 1000).toFixed(1)} ms` : duration(us / 1000);

export function bytes(n: number): string {
    const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let at = 0;
    while (n >= 1024 && at < 4) { n /= 1024; ++at; }
    return `${at && n < 10 ? n.toFixed(1) : Math.round(n)} ${units[at]}`;
}

export const relative = (ms: number, now: number): string =>
    ms > now ? t("in {n}", { n: duration(ms - now) }) : t("{n} ago", { n: duration(now - ms) });

export const absolute = (ms: number): string =>
    new Date(ms).toLocaleString(language.value, {
        year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
        second: "2-digit", timeZoneName: "short",
    });

/// What is stored, with line breaks between its parts, and not one character of a number or text
/// changed: parsing it would round 9007199254740993.
export function indented(json: string): string {
    let out = "";
    let depth = 0;
    let within = false;
    for (let i = 0; i < json.length; ++i) {
        const c = json[i]!;
        if (within) {
            out += c;
            if (c === "\\") out += json[++i] ?? "";
            else if (c === '"') within = false;
        } else if (c === '"') {
            within = true;
            out += c;
        } else if (c === "{" || c === "[") {
            const end = c === "{" ? "}" : "]";
            let next = i + 1;
            while (next < json.length && /\s/.test(json[next]!)) ++next;
            if (json[next] === end) {
                out += c + end;
                i = next;
            } else out += c + "\n" + "  ".repeat(++depth);
        } else if (c === "}" || c === "]") out += "\n" + "  ".repeat(--depth > 0 ? depth : (depth = 0)) + c;
        else if (c === ",") out += ",\n" + "  ".repeat(depth);
        else if (c === ":") out += ": ";
        else if (!/\s/.test(c)) out += c;
    }
    return out;
}
