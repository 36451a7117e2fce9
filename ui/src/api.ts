// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { signal } from "@preact/signals";
import type { Root } from "./types";

/// What the server said no with; `detail` is a sentence that says what to do.
export class Problem extends Error {
    constructor(
        readonly status: number,
        readonly slug: string,
        detail: string,
        readonly body: Record<string, unknown> = {},
    ) {
        super(detail);
    }
}

/// Who one is here, and what one may. Null before the server has said so.
export const root = signal<Root | null>(null);
/// The server knows this browser no more: what it said. Nothing is asked any more until somebody
/// signs in, since each request would make the browser ask for the password.
export const expired = signal<Problem | null>(null);
export const may = (right: string): boolean => root.value?.rights.includes(right) ?? false;
export const in_production = (): boolean => root.value?.environment?.toLowerCase() === "production";
export const may_change = (right: string): boolean =>
    may(right) && root.value?.read_only === false;

/// Addresses are relative to the page, so that they hold below any prefix.
export const address = (path: string, query: Record<string, string | number | undefined> = {}) => {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
        if (value !== undefined && value !== "") asked.set(name, String(value));
    const text = asked.toString();
    return `api/v1/${path}${text ? "?" + text : ""}`;
};

interface Asked {
    method?: string;
    body?: unknown;
    headers?: Record<string, string>;
    signal?: AbortSignal;
}

/// How many changes are on their way to the server.
export const changing = signal(0);
const on_their_way = new Map<string, Promise<unknown>>();

/// A change that is on its way is not sent again by whoever presses twice: both get the one answer.
export function ask<T>(path: string, query: Record<string, string | number | undefined> = {}, how: Asked = {}): Promise<T> {
    if (!how.method || how.method === "GET") return send<T>(path, query, how);
    const what = JSON.stringify([how.method, path, query, how.body]);
    const found = on_their_way.get(what);
    if (found) return found as Promise<T>;
    const mine = send<T>(path, query, how).finally(() => {
        on_their_way.delete(what);
        --changing.value;
    });
    on_their_way.set(what, mine);
    ++changing.value;
    return mine;
}

async function send<T>(
    path: string,
    query: Record<string, string | number | undefined>,
    { method = "GET", body, headers = {}, signal }: Asked,
): Promise<T> {
    if (expired.value) throw expired.value;
    let answer: Response;
    try {
        answer = await fetch(address(path, query), {
            method,
            signal,
            headers: {
                Accept: "application/json",
                ...(body === undefined ? {} : { "Content-Type": "application/json" }),
                ...headers,
            },
            body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
        });
    } catch (e) {
        if ((e as Error).name === "AbortError") throw e;
        throw new Problem(0, "no-server", "The server does not answer.");
    }
    const text = await answer.text();
    let read: any = null;
    try {
        read = text ? JSON.parse(text) : null;
    } catch {
        throw new Problem(answer.status, "no-json", `The answer (${answer.status}) is no JSON.`);
    }
    if (answer.ok) return read as T;
    const problem = new Problem(
        answer.status,
        String(read?.type ?? "").replace("urn:work:", ""),
        read?.detail ?? `The server answered ${answer.status}.`,
        read ?? {},
    );
    if (answer.status === 401 && root.value) expired.value = problem;
    throw problem;
}

export const post = <T>(path: string, body: unknown = {}, query = {}) =>
    ask<T>(path, query, { method: "POST", body });
