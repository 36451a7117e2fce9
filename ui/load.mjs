// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node load.mjs http://127.0.0.1:5040 [jobs a second=5]
// Something to look at: stores jobs of a shop, and runs them as two worker pools over HTTP, some
// slowly, some with failures. Ends with SIGINT.
const [server = "http://127.0.0.1:5040", rate = "5"] = process.argv.slice(2);
const base = `${server}/api/v1`;
const pick = (all) => all[Math.floor(Math.random() * all.length)];
let ending = false;

async function send(method, path, body) {
    const answer = await fetch(base + path, {
        method,
        headers: { "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
}
const wait = (ms) => new Promise((go_on) => setTimeout(go_on, ms));

let invoice = 1000;
const kinds = [
    () => ({ name: "send_email", args: [pick(["ada", "bob", "eve"]) + "@example.com", "Welcome"], tags: ["mail"] }),
    () => ({ name: "billing", args: `{"invoice":9007199254740993,"number":${++invoice},"eur":12.50}`, queue: "billing", max_attempts: 3 }),
    () => ({ name: "resize", args: { image: `img-${invoice}.png`, width: pick([320, 640, 1280]) }, queue: "images" }),
    () => ({ name: "report", args: ["monthly", "Grüße, 世界"], in_ms: 60_000 + Math.floor(Math.random() * 3_600_000) }),
    () => ({ name: "newsletter", args: [], queue: "bulk", tags: ["mail", "bulk"], priority: -10 }),
];

async function produce() {
    while (!ending) {
        const jobs = Array.from({ length: Math.ceil(Number(rate)) }, () => pick(kinds)());
        await send("POST", "/jobs/bulk", { jobs }).catch((e) => console.error(String(e)));
        await wait(1000);
    }
}

/// What becomes of a job: most end, some fail.
function outcome_of(job) {
    const { id, fence } = job;
    if (job.name === "billing" && Math.random() < 0.4)
        return { id, fence, outcome: "fail", type: "gateway::timeout", message: "no answer in 30 s\n#0 charge at billing.cpp:81\n#1 run at pool.cpp:12", retry_in_ms: pick([20_000, 60_000]) };
    if (job.name === "resize" && Math.random() < 0.1)
        return { id, fence, outcome: "fail", type: "std::bad_alloc", message: "std::bad_alloc", fatal: Math.random() < 0.5 };
    return { id, fence, outcome: "complete", ...(job.name === "billing" ? { result: '{"charged":12.50}' } : {}) };
}

async function work(pool, names, language) {
    await send("PUT", `/pools/${pool}`, {
        job_types: names.map((name) => ({ name })), concurrency: 8, name: pool.replace(/-\w+$/, ""),
        host: "localhost", pid: process.pid, language, lease_ms: 30_000,
    });
    let claims = 0;
    let reports = 0;
    while (!ending) {
        const { jobs, state } = await send("POST", `/pools/${pool}/claim`, { number: ++claims, want: 4, wait_ms: 2000 });
        if (state === "stopping") return;
        if (!jobs.length) continue;
        await send("POST", `/pools/${pool}/report`, {
            number: ++reports,
            outcomes: [],
            checkins: jobs.map((job) => ({ id: job.id, fence: job.fence, message: "half way", percent: 50 })),
            logs: jobs.map((job) => ({ id: job.id, fence: job.fence, lines: [`${job.name} begins`, "half way"] })),
        });
        await wait(200 + Math.random() * 1500);
        await send("POST", `/pools/${pool}/report`, { number: ++reports, outcomes: jobs.map(outcome_of) });
    }
}

async function keep(pool, names, language) {
    while (!ending) {
        try {
            await work(`${pool}-${Math.random().toString(36).slice(2, 8)}`, names, language);
        } catch (e) {
            console.error(String(e));
            await wait(2000);
        }
    }
}
process.on("SIGINT", () => { ending = true; setTimeout(() => process.exit(0), 300); });
process.on("SIGTERM", () => process.exit(0));
await Promise.all([
    produce(),
    keep("mail-1", ["send_email", "billing"], "node"),
    keep("images-1", ["resize", "send_email"], "node"),
]);
