// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What the browser tests share: private servers of Redis and of `work`, a browser, and steps that
// say what failed. WORK_PROGRAM names the program, CHROMIUM another browser, PICTURES a folder for
// pictures.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/// How long is waited for what is to come: far longer than it takes, also where others keep the machine
/// busy. It is waited out only by what fails.
export const patience = 60_000;
export const pause = (ms) => new Promise((go_on) => setTimeout(go_on, ms));
export const pictures = process.env.PICTURES ?? "";
if (pictures) mkdirSync(pictures, { recursive: true });
export const scratch = mkdtempSync(join(tmpdir(), "work-ui-"));
const children = new Set();
process.on("exit", () => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(scratch, { recursive: true, force: true });
});
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => process.exit(130));

function begin(program, args) {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    child.said = "";
    child.stderr.on("data", (text) => { child.said = (child.said + text).slice(-4000); });
    children.add(child);
    child.ended = new Promise((done) => child.on("exit", (code) => { children.delete(child); done(code); }));
    return child;
}
async function end(child) {
    child.kill("SIGTERM");
    await child.ended;
}
/// One that no connection is given as its own: so it is free also for a server that comes back.
const free_port = async () => {
    for (;;) {
        const port = 20_000 + Math.floor(Math.random() * 12_000);
        const free = await new Promise((found) => {
            const one = createServer().on("error", () => found(false));
            one.listen(port, "127.0.0.1", () => one.close(() => found(true)));
        });
        if (free) return port;
    }
};
/// Until `what` answers `wanted`, or what passes `wanted`.
export async function becomes(what, wanted, patience_ms = patience) {
    const fits = typeof wanted === "function" ? wanted : (got) => got === wanted;
    const by = Date.now() + patience_ms;
    let last;
    do {
        last = await what();
        if (fits(last)) return last;
        await pause(100);
    } while (Date.now() < by);
    assert.fail(`it is ${JSON.stringify(last)}, and should be ${typeof wanted === "function" ? wanted : JSON.stringify(wanted)}`);
}

/// A private Redis that can be stopped and started with what it had.
export async function redis() {
    const port = await free_port();
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes",
        "--dir", scratch, "--appenddirname", `r${port}`, "--loglevel", "warning"];
    const one = {
        url: `redis://127.0.0.1:${port}`, port,
        async start() {
            one.child = begin("redis-server", args);
            await becomes(async () => {
                const cli = spawn("redis-cli", ["-p", String(port), "ping"], { stdio: "ignore" });
                return new Promise((done) => cli.on("exit", done));
            }, 0);
        },
        stop: () => end(one.child),
    };
    await one.start();
    return one;
}

const program = process.env.WORK_PROGRAM ?? "../build/dev/tools/work";
/// A command of the program: what it wrote.
export const work = (args, input) => {
    const run = promisify(execFile)(program, args);
    run.child.stdin.end(input ?? "");
    return run;
};
/// A token of a role: its line for --tokens, and itself.
export async function token(name, role) {
    const { stdout, stderr } = await work(["token", name, "--role", role]);
    return { line: stdout.trim(), secret: /work_\w+/.exec(stderr)[0] };
}

/// `work server`; with `port`, on that one again.
export async function server({ on, ns = "ui", args = [], port, headers = {} }) {
    port ??= await free_port();
    const child = begin(program,
        ["server", "--redis", on, "--ns", ns, "--listen", `127.0.0.1:${port}`, ...args]);
    const address = `http://127.0.0.1:${port}/`;
    await becomes(async () => {
        if (child.exitCode !== null) assert.fail(child.said);
        return fetch(`${address}healthz/live`, { headers }).then((got) => got.ok, () => false);
    }, true);
    const api = async (method, path, body) => {
        const answer = await fetch(`${address}api/v1/${path}`, {
            method, headers: { ...headers, "Content-Type": "application/json" },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        return answer.status === 404 ? null : answer.json();
    };
    const metric = async (name) => {
        const text = await (await fetch(`${address}metrics`, { headers })).text();
        return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
    };
    return { address, port, api, metric, stop: () => end(child) };
}

export const open_browser = () =>
    chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    });

/// Until nothing more was counted for a while: what had begun is over, however long it took.
export async function quiet(count, for_ms = 2000) {
    for (let last = -1; last !== count();) {
        last = count();
        await pause(for_ms);
    }
}

/// How many times as long anything may take: on a machine that has other things to do, times are looked at
/// for what hangs alone.
export const slowness = Number(process.env.UI_SLOWNESS ?? 1);
/// No answer of the API is to take longer, on a page of any size.
export const most_ms = 300 * slowness;
/// What may take longer is shown when it comes, and nothing else waits for it: each with its bound.
export const slow = [
    { path: /^doctor/, ms: 5000, why: "looks at every list and pool by itself, whoever else has just looked" },
    { path: /^jobs\?.*(args|message)=/, ms: 1500, why: "a part of a search: as many jobs as took 150 ms the part before; each is shown as it comes" },
];
export const limit_of = (path) => (slow.find((one) => one.path.test(path))?.ms ?? 300) * slowness;

/// Notes each answer of the API to a page, but streams: how long it took, and how large it was.
export function note_requests(page, into) {
    page.on("requestfinished", async (one) => {
        if (!/api\/v1\/(?!events)/.test(one.url())) return;
        const sizes = await one.sizes().catch(() => null);
        into.push({
            method: one.method(), path: one.url().split("api/v1/")[1], ms: one.timing().responseEnd,
            bytes: sizes?.responseBodySize ?? 0,
        });
    });
}

/// Those that take longer than they may. The machine may have been busy with something else: each is
/// asked again by itself, a few times, and counts if it never comes in time.
export async function too_slow(address, seen, headers = {}) {
    const found = [];
    const asked = new Map();
    for (const one of seen)
        if (one.method === "GET" && one.ms > limit_of(one.path)) asked.set(one.path, Math.max(one.ms, asked.get(one.path) ?? 0));
    for (const [path, first] of asked) {
        let best = Infinity;
        for (let i = 0; i < 8 && best > limit_of(path); ++i) {
            await pause(i * 100);
            const from = performance.now();
            await (await fetch(`${address}api/v1/${path}`, { headers })).arrayBuffer();
            best = Math.min(best, performance.now() - from);
        }
        if (best > limit_of(path)) found.push(`${path}: ${Math.round(first)} ms, and alone ${Math.round(best)} ms; it may take ${limit_of(path)}`);
    }
    return found;
}

/// Says of a pool over HTTP that it lives, beside what else it reports: one after the other, each with the
/// number that follows.
export function reporter(api, pool) {
    let number = 0;
    let last = Promise.resolve();
    const report = (more) => {
        const body = { number: ++number, outcomes: [], ...more };
        const one = last.then(() => api("POST", `pools/${pool}/report`, body));
        last = one.catch(() => {});
        return one;
    };
    const timer = setInterval(() => void report({}).catch(() => {}), 3000);
    report.end = () => clearInterval(timer);
    return report;
}

/// Runs steps one after the other; one that fails says so, and the next is tried.
export function steps(name, picture_of = () => undefined) {
    let done = 0;
    let failed = 0;
    const begun = Date.now();
    return {
        async step(what, act) {
            const from = Date.now();
            try {
                await act();
                ++done;
                if (process.env.VERBOSE) console.log(`${name}: ${what} (${Date.now() - from} ms)`);
            } catch (e) {
                console.error(`${name}: ${what}: ${e.stack ?? e.message}`);
                if (pictures)
                    await picture_of()?.screenshot({ path: join(pictures, `failed-${name}-${failed}.png`) }).catch(() => {});
                ++failed;
                process.exitCode = 1;
            }
        },
        end() {
            console.log(`${name}: ${done} of ${done + failed} done, ${Math.round((Date.now() - begun) / 1000)} s`);
        },
    };
}
