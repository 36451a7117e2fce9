// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { zone } from "./settings";
import { locale, t } from "./words";

/// Making a formatter takes far longer than using it.
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
function once<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
    let found = made.get(key);
    if (!found) made.set(key, (found = make()));
    return found as T;
}
const written = (ms: number, kind: string, options: Intl.DateTimeFormatOptions): string =>
    once(`${locale.value} ${shown_zone()} ${kind}`, () =>
        new Intl.DateTimeFormat(locale.value, { timeZone: shown_zone(), hourCycle: "h23", ...options })).format(ms);

/// 12 408, with the narrow space that the language has for it; 1.5; 0.014.
export function number(n: number): string {
    const small = n % 1 !== 0 && Math.abs(n) < 10;
    const how: Intl.NumberFormatOptions = !small ? { maximumFractionDigits: 0 }
        : Math.abs(n) < 1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 1 };
    return once(`${locale.value} ${JSON.stringify(how)}`, () => new Intl.NumberFormat(locale.value, how)).format(n);
}

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
    Math.abs(ms - now) < 1000 ? t("now") : ms > now ? t("in {n}", { n: duration(ms - now) }) : t("{n} ago", { n: duration(now - ms) });

/// A name that the browser knows as a zone.
const known = new Map<string, boolean>();
export function is_zone(name: string): boolean {
    let is = known.get(name);
    if (is === undefined) {
        try {
            new Intl.DateTimeFormat("en", { timeZone: name });
            is = name !== "";
        } catch {
            is = false;
        }
        known.set(name, is);
    }
    return is;
}
const shown_zone = (): string | undefined => (is_zone(zone.value) ? zone.value : undefined);
export const zone_name = (): string =>
    shown_zone() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

/// With the zone, as that of each time that is shown.
export const absolute = (ms: number): string =>
    written(ms, "absolute", {
        year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
        second: "2-digit", timeZoneName: "short",
    });

/// What a clock in the zone shows more than one in UTC.
function ahead_ms(ms: number): number {
    const parts = once(`parts ${shown_zone()}`, () => new Intl.DateTimeFormat("en", {
        timeZone: shown_zone(), hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
        hour: "numeric", minute: "numeric", second: "numeric",
    })).formatToParts(ms);
    const at = (type: string) => Number(parts.find((one) => one.type === type)?.value);
    const there = Date.UTC(at("year"), at("month") - 1, at("day"), at("hour"), at("minute"), at("second"));
    return there - Math.floor(ms / 1000) * 1000;
}

const spans = [60, 120, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800, 1209600];
/// Round times of the zone between two, no more than `most`, and what to write at each.
export function ticks(from: number, to: number, most: number): { at: number; text: string }[] {
    const ms = (spans.find((s) => (to - from) / 1000 / s <= most) ?? 2419200) * 1000;
    const ahead = ahead_ms(to);
    const all = [];
    for (let at = Math.ceil((from + ahead) / ms) * ms - ahead; at <= to; at += ms)
        all.push({ at, text: tick_text(at, ms) });
    return all;
}
function tick_text(at: number, ms: number): string {
    const midnight = (at + ahead_ms(at)) % 86_400_000 === 0;
    return ms >= 86_400_000 || midnight
        ? written(at, "day", { day: "numeric", month: "short" })
        : written(at, "clock", { hour: "2-digit", minute: "2-digit" });
}
/// A moment of a chart: as exact as its periods are.
export const moment = (ms: number, step_ms: number): string =>
    written(ms, `moment ${step_ms >= 86_400_000} ${step_ms < 60_000}`, {
        day: "numeric", month: "short",
        ...(step_ms >= 86_400_000 ? {} : { hour: "2-digit", minute: "2-digit" }),
        ...(step_ms < 60_000 ? { second: "2-digit" } : {}),
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

/// By the clocks of a zone, as of a cron entry.
export const in_zone = (ms: number, zone: string): string => {
    try {
        return new Intl.DateTimeFormat("sv-SE", {
            timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
        }).format(ms);
    } catch {
        return new Date(ms).toISOString();
    }
};
