// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/recount.mjs
// The numbers on every page, and what stands in Redis at the same moment, counted from its raw keys:
// before and after the page was read, and compared where nothing has moved in between.
import assert from "node:assert/strict";
import { isDeepStrictEqual as same } from "node:util";
import { keys_of } from "./raw.mjs";
import { becomes, open_browser, patience, pause, redis, reporter, server, steps, work } from "./support.mjs";

const ns = "recount";
const store = await redis();
const keys = await keys_of(store.port, ns);
const at = await server({ on: store.url, ns });

// The jobs of a shop for a while, and what is left of them; then what that has none of.
await work(["fake", "--redis", store.url, "--ns", ns, "--rate", "40/s", "--fail", "9%", "--for", "12s"]);
const hand = (n, more) => at.api("POST", "jobs/bulk", { jobs: Array.from({ length: n }, (_, i) => ({ name: "hand", args: { n: i }, ...more })) })
    .then((got) => got.results.map((one) => one.id));
const act = (action, ids) => at.api("POST", "jobs/actions", { action, ids });
// The last ones of their list: what is gone from its front hides from the server who waits longest there.
const [gone, also, ...moved] = (await hand(9, {})).slice(-4);
await act("cancel", [gone]);
await act("kill", [also]);
await act("move", moved);
await hand(4, { priority: 30 });
await hand(3, { queue: "aside", in_ms: 36_000_000 });
await act("kill", (await hand(5, { queue: "aside", in_ms: 36_000_000 })).slice(0, 2));
await at.api("POST", "queue/pause?queue=aside", { reason: "to be counted" });
const pool = "counter-1";
await at.api("PUT", `pools/${pool}`, { job_types: [{ name: "print" }], concurrency: 7, name: "counter", host: "h", pid: 9, lease_ms: 600_000 });
await hand(2, { name: "print", queue: "late", in_ms: 1500 });
await hand(7, { name: "print", queue: "paper" });
// One a claim: a pool counts as busy with all jobs of a claim until the last of them is reported.
const claimed = [];
for (let number = 1; number <= 6; ++number) claimed.push((await at.api("POST", `pools/${pool}/claim`, { number, want: 1 })).jobs[0]);
// A pool that says nothing is taken for dead.
const report = reporter(at.api, pool);
await report({
    outcomes: [
        { id: claimed[0].id, fence: claimed[0].fence, outcome: "complete" },
        { id: claimed[1].id, fence: claimed[1].fence, outcome: "fail", type: "paper::jam", message: "jam", fatal: true },
        { id: claimed[2].id, fence: claimed[2].fence, outcome: "fail", type: "paper::out", message: "none left", retry_in_ms: 36_000_000 },
    ],
});

// What runs is counted, and is all that may.
await at.api("PUT", "limits/press", { slots: 3, names: ["print"] });
await at.api("PUT", "limits/idle", { slots: 7, queues: ["nowhere"] });
await at.api("POST", `pools/${pool}/claim`, { number: 7, want: 1, wait_ms: 0 });

// Two that find no room.
await at.api("PUT", "bounds/hand", { most: 1 });
await fetch(`${at.address}api/v1/jobs/bulk`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ jobs: [{ name: "hand", args: [] }, { name: "hand", args: [] }] }),
});

const pairs = (flat) => Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]));
/// As keys have it: every byte that is not plain is %XX.
const split_list = (list) => {
    const [queue, name = queue] = list.split(":").map(decodeURIComponent);
    return { queue, name };
};
const first_line = (record) => record.split("\n")[0].split(" ");

/// All that there is, of one moment.
async function count() {
    const all = await keys.names("*");
    const like = (begin) => all.filter((name) => name.startsWith(begin)).map((name) => name.slice(begin.length));
    const commands = [];
    const asked = [];
    const ask = (what, ...command) => { commands.push(command); asked.push(what); };
    for (const list of like("list:")) ask(["list", list], "LRANGE", keys.key(`list:${list}`), 0, -1);
    for (const list of like("prio:")) ask(["prio", list], "ZRANGE", keys.key(`prio:${list}`), 0, -1);
    for (const list of like("side:")) ask(["side", list], "HGETALL", keys.key(`side:${list}`));
    for (const part of like("jobs:")) ask(["jobs", part], "HGETALL", keys.key(`jobs:${part}`));
    for (const claim of like("claim:")) ask(["claim", claim], "GET", keys.key(`claim:${claim}`));
    for (const claim of like("left:")) ask(["left", claim], "SMEMBERS", keys.key(`left:${claim}`));
    for (const part of like("failures:")) ask(["failures", part], "HGETALL", keys.key(`failures:${part}`));
    for (const state of ["waiting", "scheduled", "retry", "dead"]) ask(["set", state], "ZRANGE", keys.key(state), 0, -1);
    for (const limit of like("limit:")) {
        ask(["limit", limit], "HGETALL", keys.key(`limit:${limit}`));
        ask(["held", limit], "HLEN", keys.key(`held:${limit}`));
        ask(["waits", limit], "ZCARD", keys.key(`waits:${limit}`));
    }
    for (const queue of like("bound:")) ask(["bound", queue], "HGETALL", keys.key(`bound:${queue}`));
    for (const home of like("status:")) ask(["status", home], "GET", keys.key(`status:${home}`));
    ask(["stats", "all"], "HGETALL", keys.key("stats"));
    ask(["stats", "today"], "HGETALL", keys.key(`stats:${Math.floor(Date.now() / 86_400_000)}`));
    ask(["audit", ""], "LRANGE", keys.key("audit"), 0, -1);
    ask(["set_aside", ""], "HLEN", keys.key("set_aside"));
    const got = await keys.many(commands);
    const of = (kind) => got.map((value, i) => [asked[i], value]).filter(([[one]]) => one === kind).map(([[, name], value]) => [name, value]);

    const records = Object.assign({}, ...of("jobs").map(([, flat]) => pairs(flat)));
    const lists = {};
    const list_of = (name) => (lists[name] ??= { ...split_list(name), pending: 0, active: 0, ended: 0, failed: 0, oldest_ms: 0 });
    const ghosts = Object.fromEntries(of("side").map(([list, flat]) => [list, pairs(flat)]));
    // Since it fell due, if it was stored for later.
    const due = (id) => {
        const words = first_line(records[id]);
        return Number(words.find((word) => word.startsWith("d="))?.slice(2) ?? words[3]);
    };
    for (const [list, ids] of of("list")) {
        const left = { ...ghosts[list] };
        const real = ids.filter((id) => !(Number(left[id] ?? 0) > 0 && left[id]--));
        list_of(list).pending += real.length;
        if (real.length) list_of(list).oldest_ms = due(real[0]);
    }
    for (const [list, ids] of of("prio")) {
        const one = list_of(list);
        one.pending += ids.length;
        // Of those with priorities the one that is taken first, if it waits for longer.
        one.oldest_ms = Math.min(one.oldest_ms || Infinity, due(ids[0]));
    }
    const running = {};
    for (const [claim, text] of of("claim")) {
        const left = new Set(of("left").find(([n]) => n === claim)?.[1] ?? []);
        const [head, ids] = text.split("\n");
        for (const id of ids.split(",").filter(Boolean))
            if (records[id] && !left.has(id)) {
                list_of(first_line(records[id])[4]).active += 1;
                (running[head.split(" ")[0]] ??= []).push(id);
            }
    }
    for (const [what, n] of Object.entries(pairs(of("stats").find(([name]) => name === "all")[1]))) {
        const [list, kind] = what.split(" ");
        if (list !== "*") list_of(list)[kind === "processed" ? "ended" : "failed"] += Number(n);
    }
    const today = pairs(of("stats").find(([name]) => name === "today")[1]);
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const today_of = (kind) => sum(Object.entries(today).filter(([what]) => what.endsWith(" " + kind)).map(([, n]) => Number(n)));
    const sets = Object.fromEntries(of("set").map(([state, ids]) => [state, ids.filter((id) => !id.includes(" ")).sort()]));
    const failed = Object.assign({}, ...of("failures").map(([, flat]) => pairs(flat)));
    const errors = Object.fromEntries(
        Object.entries(failed).map(([id, lines]) => [id, lines.split("\n").map((line) => JSON.parse(line))]));
    const pools = of("status").filter(([, text]) => text).flatMap(([, text]) => text[0] === "{" ? [text] : text.split("\n").filter((part) => part.includes('{"pool"')).map((part) => part.slice(part.indexOf("{"), part.lastIndexOf("}") + 1))).map((text) => JSON.parse(text));
    const all_lists = Object.values(lists);
    const by = (which) => {
        const found = {};
        for (const one of all_lists) {
            const to = (found[one[which]] ??= { pending: 0, active: 0, ended: 0, failed: 0, oldest_ms: 0 });
            for (const part of ["pending", "active", "ended", "failed"]) to[part] += one[part];
            if (one.oldest_ms) to.oldest_ms = to.oldest_ms ? Math.min(to.oldest_ms, one.oldest_ms) : one.oldest_ms;
        }
        return found;
    };
    return {
        records, sets, errors, running, queues: by("queue"), names: by("name"), lists: all_lists,
        pending: sum(all_lists.map((one) => one.pending)), active: sum(all_lists.map((one) => one.active)),
        set_aside: of("set_aside")[0][1], ended_today: today_of("processed"), failed_today: today_of("failed"),
        pools: pools.map((one) => ({ pool: one.pool, concurrency: one.concurrency })),
        limits: Object.fromEntries(of("limit").map(([name, flat]) => [name, {
            slots: Number(pairs(flat).slots), held: of("held").find(([one]) => one === name)[1], waiting: of("waits").find(([one]) => one === name)[1],
        }])),
        bounds: Object.fromEntries(of("bound").map(([queue, flat]) => [queue, { refused: Number(pairs(flat).refused ?? 0), dropped: Number(pairs(flat).dropped ?? 0) }])),
        audit: of("audit")[0][1].map((line) => JSON.parse(line)),
    };
}

const browser = await open_browser();
const page = await (await browser.newContext({ locale: "en-GB", viewport: { width: 1600, height: 1000 } })).newPage();
page.setDefaultTimeout(patience);
page.on("pageerror", (e) => { throw e; });
const { step, end } = steps("recount", () => page);
const open = async (hash) => {
    await page.goto("about:blank");
    await page.goto(at.address + hash);
    await page.waitForSelector("main h1");
};
const digits = (text) => Number((text ?? "").replace(/[^\d.]/g, "") || "0");
/// The rows of the table of a page: what stands in each column, by its head.
const table = (nth = 0) => page.locator("main table[role=table]").nth(nth).evaluate((one) => [...one.tBodies[0].rows].filter((row) => !row.classList.contains("space")).map((row) =>
    Object.fromEntries([...row.cells].filter((cell) => cell.dataset.label).map((cell) => [cell.dataset.label, {
        text: cell.innerText, first: cell.querySelector("a")?.textContent ?? cell.innerText, at: cell.querySelector("time")?.dateTime ?? "",
    }]))));
/// What is shown is what is counted, at a moment in which nothing moved.
const agrees = (what, shown, counted) => step(what, async () => {
    let now;
    const by = Date.now() + patience;
    do {
        const before = counted(await count());
        const seen = await shown().catch((e) => String(e));
        now = { seen, before, after: counted(await count()) };
        if (same(now.before, now.after) && same(now.seen, now.after)) return;
        await pause(300);
    } while (Date.now() < by);
    assert.deepEqual(now.seen, now.after);
});
const each = (of, make) => Object.fromEntries(Object.entries(of).map(([name, one]) => [name, make(one, name)]).sort());

await open("#/");
const tile = (name) => page.locator("a.tile", { hasText: name }).locator(".value").textContent();
await agrees("the tiles of the overview", async () => ({
    pending: digits(await tile("Pending")), active: (await tile("Active")).replace(/\s/g, ""), retry: digits(await tile("Retry")),
    dead: digits(await tile("Dead")), scheduled: digits(await tile("Scheduled")),
    today: (await page.locator(".head .sub").textContent()).match(/\d[\d,]*/g).map(digits),
}), (real) => ({
    pending: real.pending, active: `${real.active}/${real.pools.reduce((n, one) => n + one.concurrency, 0)}`, retry: real.sets.retry.length,
    dead: real.sets.dead.length, scheduled: real.sets.scheduled.length, today: [real.ended_today, real.failed_today],
}));
const card = (name) => page.locator("section.card", { hasText: name }).locator("li").evaluateAll((all) => all.map((one) => [one.querySelector("a").textContent, ...[...one.querySelectorAll("span")].map((part) => part.textContent)]));
await agrees("what waits and what runs, on the overview", async () => ({
    waits: Object.fromEntries((await card("Oldest waiting")).map(([name, ...words]) => [name, digits(words.at(-1))]).sort()),
    runs: Object.fromEntries((await card("In flight")).map(([name, ...words]) => [name, digits(words.at(-1))])),
}), (real) => ({
    // The eight that wait longest.
    waits: Object.fromEntries(Object.entries(real.queues).filter(([, one]) => one.pending).sort(([, a], [, b]) => a.oldest_ms - b.oldest_ms).slice(0, 8)
        .map(([name, one]) => [name, one.pending]).sort()),
    runs: Object.fromEntries(Object.entries(real.names).filter(([, one]) => one.active).map(([name, one]) => [name, one.active])),
}));

await open("#/queues");
await agrees("each queue of the list", async () => each(Object.fromEntries((await table()).map((row) => [row.Queue.first, row])), (row) => ({
    pending: digits(row.Pending.text), active: digits(row.Active.text), ended: digits(row.Ended.text), failed: digits(row.Failed.text),
})), (real) => each({ ...real.queues, aside: real.queues.aside }, (one) => ({ pending: one?.pending ?? 0, active: one?.active ?? 0, ended: one?.ended ?? 0, failed: one?.failed ?? 0 })));
await agrees("since when the oldest of each queue waits", async () => Object.fromEntries((await table()).map((row) => [row.Queue.first, Date.parse(row.Oldest.at) || 0]).sort()),
    (real) => Object.fromEntries(Object.entries({ aside: { oldest_ms: 0 }, ...real.queues }).map(([name, one]) => [name, one.oldest_ms]).sort()));

for (const queue of ["hand", "media", "paper"]) {
    await open(`#/queue/${queue}?tab=statistics`);
    await agrees(`the lists of the queue ${queue}`, async () => each(Object.fromEntries((await table()).map((row) => [row["Job name"].first, row])), (row) => ({
        pending: digits(row.Pending.text), active: digits(row.Active.text), ended: digits(row.Ended.text), failed: digits(row.Failed.text),
    })), (real) => each(Object.fromEntries(real.lists.filter((one) => one.queue === queue).map((one) => [one.name, one])), ({ pending, active, ended, failed }) => ({ pending, active, ended, failed })));
}

await open("#/names");
await agrees("what runs and waits of each name", async () => each(Object.fromEntries((await table()).map((row) => [row["Job name"].first, row])), (row) => [digits(row["In flight"].text), digits(row.Pending.text)]),
    (real) => each(real.names, (one) => [one.active, one.pending]));

await open("#/jobs");
const tab = (state) => page.locator("nav.tabs a", { hasText: new RegExp(`^${state} `) }).locator("span").textContent();
await agrees("how many jobs are in each state", async () => ({
    pending: digits(await tab("pending")), active: digits(await tab("active")), scheduled: digits(await tab("scheduled")),
    retry: digits(await tab("retry")), dead: digits(await tab("dead")), set_aside: digits(await tab("set aside")), waiting: digits(await tab("waiting")),
}), (real) => ({
    pending: real.pending, active: real.active, scheduled: real.sets.scheduled.length, retry: real.sets.retry.length,
    dead: real.sets.dead.length, set_aside: real.set_aside, waiting: real.sets.waiting.length,
}));
const ids = () => page.locator("tbody tr:not(.space) code").evaluateAll((all) => all.map((one) => one.textContent).filter((text) => /^[0-9A-Z]{22}$/.test(text)).sort());
for (const state of ["dead", "retry", "scheduled", "active"])
    await agrees(`which jobs are ${state}`, async () => {
        await open(`#/jobs?state=${state}`);
        await page.getByText(/ found · /).waitFor();
        const found = digits((await page.locator(".found span").first().textContent()).split("found")[0]);
        return { found, ids: (await ids()).length === Math.min(found, 60) ? found > 60 ? "more than are in the document" : await ids() : "others" };
    }, (real) => {
        const all = state === "active" ? Object.values(real.running).flat().sort() : real.sets[state];
        return { found: all.length, ids: all.length > 60 ? "more than are in the document" : all };
    });

const last_type = (real, id) => real.errors[id]?.at(-1)?.type;
const group = (real, of) => {
    const all = {};
    for (const state of ["retry", "dead"])
        for (const id of real.sets[state]) {
            const what = of(id);
            if (what === undefined) continue;
            const one = (all[what] ??= { retry: 0, dead: 0, last_ms: 0 });
            ++one[state];
            one.last_ms = Math.max(one.last_ms, real.errors[id].at(-1).at_ms);
        }
    return each(all, (one) => [one.retry + one.dead, one.retry, one.dead, one.last_ms]);
};
const shown_groups = async (head) => each(Object.fromEntries((await table()).map((row) => [row[head].first, row])), (row) => [digits(row.Count.text), digits(row.Retry.text), digits(row.Dead.text), Date.parse(row.Last.at)]);
await open("#/failures");
await agrees("failures by type", () => shown_groups("Type"), (real) => group(real, (id) => last_type(real, id)));
await open("#/failures?by=name");
await agrees("failures by name", () => shown_groups("Job name"), (real) => group(real, (id) => (last_type(real, id) === undefined ? undefined : split_list(first_line(real.records[id])[4]).name)));

await open("#/pools");
await agrees("pools and their workers", async () => ({
    said: (await page.locator(".head .sub").textContent()).match(/\d+/g).map(Number),
    busy: Object.fromEntries((await table()).map((row) => [row.Pool.first, row.Busy.text.trim()])),
}), (real) => {
    const busy = real.running[pool]?.length ?? 0;
    return { said: [real.pools.length, busy, real.pools.reduce((n, one) => n + one.concurrency, 0)], busy: { counter: `${busy}/7` } };
});
await open(`#/pool/${pool}`);
await agrees("the jobs that a pool runs", ids, (real) => [...real.running[pool]].sort());

await open("#/limits");
await agrees("limits, who holds their slots and what waits", async () => Object.fromEntries((await table()).map((row) => {
    const [held, slots] = row.Held.text.trim().split("/").map(Number);
    return [row.Name.first, { slots, held, waiting: Number(row.Waiting.text) }];
})), (real) => real.limits);

await open("#/queue/hand?tab=settings");
const figure = (name) => page.locator("#bound dl div", { hasText: name }).locator("dd").textContent().then(digits);
await agrees("what waits in a queue that is bounded, and what found no room", async () => ({
    pending: await figure("Pending"), refused: await figure("Refused"), dropped: await figure("Cancelled for others"),
}), (real) => ({ pending: real.queues.hand.pending, ...real.bounds.hand }));

await open("#/audit");
await agrees("the audit", async () => (await table()).map((row) => [row.Action.text, row.Done.text.replace(/\s/g, "")]),
    (real) => real.audit.map((one) => [one.action, `${one.done}/${one.asked}`]));

await step("tracked jobs, each and by state", async () => {
    const ids = [gone, also, ...moved, ...claimed.map((one) => one.id)];
    for (const id of ids) await at.api("POST", `job/track?id=${id}`, {});
    await open("#/tracked");
    const badges = () => page.locator(".flow-sum .badge").evaluateAll((all) => all.map((one) => one.textContent.trim()));
    const real = {};
    for (const id of await keys.ask("HKEYS", keys.key("tracked"))) real[id] = (await keys.state_of(id)).replace("done", "completed");
    assert.deepEqual(Object.keys(real).sort(), [...ids].sort());
    const sums = {};
    for (const state of Object.values(real)) sums[state] = (sums[state] ?? 0) + 1;
    assert.ok(Object.keys(sums).length >= 4, JSON.stringify(sums));
    const shown = async () => Object.fromEntries(await page.locator("tbody tr").evaluateAll((all) =>
        all.map((row) => [row.querySelector("code").textContent, row.querySelector(".badge").textContent.split(" ")[1]])));
    await becomes(shown, (now) => same(now, real)).catch(async () => assert.deepEqual(await shown(), real));
    assert.deepEqual(Object.fromEntries((await badges()).map((text) => [text.split(" ")[1], digits(text.split(" ")[0])])), sums);
});

await step("a job's page: its arguments byte for byte, its failures", async () => {
    const real = await count();
    const id = claimed[2].id;
    await open(`#/job/${id}`);
    const [, , ...args] = real.records[id].split("\n");
    await page.locator("pre[aria-label=Arguments]").waitFor();
    assert.equal(await page.locator("pre[aria-label=Arguments]").textContent(), args.join("\n"));
    const rows = await table();
    assert.deepEqual(rows.map((row) => [digits(row.Attempt.text), row.Type.text]), [...real.errors[id]].reverse().map((one) => [one.attempt, one.type]));
    assert.match(await page.locator("dl div", { hasText: "Failed attempts" }).textContent(), new RegExp(`Failed attempts${Number(first_line(real.records[id])[2])}`));
});

await step("what Redis is", async () => {
    const info = Object.fromEntries((await keys.ask("INFO")).split("\r\n").map((line) => line.split(":")));
    await open("#/broker");
    const line = (name) => page.locator("main dl div", { hasText: name }).first().locator("dd").textContent();
    assert.match(await line("Kind"), new RegExp(info.redis_version.replaceAll(".", "\\.")));
    assert.match(await line("When it is full"), new RegExp(info.maxmemory_policy));
    const unit = { bytes: 1, KiB: 1 << 10, MiB: 1 << 20, GiB: 1 << 30 };
    const [n, of] = (await line("Used")).split(" ");
    assert.ok(Math.abs(Number(n) * unit[of] - Number(info.used_memory)) < 0.15 * Number(info.used_memory), `${n} ${of}, and it is ${info.used_memory}`);
});

/// What is kept of a series, minute by minute: 48 numbers of histograms, then how much was done and failed.
async function minutes(series) {
    const all = [];
    for (const name of (await keys.names(`hist:${series}:1m:*`))) {
        const [bytes] = await keys.many([["GET", keys.key(name)]], { bytes: true });
        const numbers = (from, n) => Array.from({ length: n }, (_, k) => bytes.readUInt32BE(from + 4 * k));
        all.push({ at_ms: Number(name.split(":").at(-1)) * 60_000, wait: numbers(0, 24), run: numbers(96, 24), done: bytes.readUInt32BE(208), failed: bytes.readUInt32BE(212) });
    }
    return all.sort((a, b) => b.at_ms - a.at_ms);
}
const sum_of = (all, what) => all.reduce((n, one) => n + (Array.isArray(one[what]) ? one[what].reduce((a, b) => a + b, 0) : one[what]), 0);
await step("the figures of a name", async () => {
    const kept = await minutes("send_email");
    assert.ok(sum_of(kept, "done") > 0, "there is something to count");
    await open("#/names");
    const row = (await table()).find((one) => one["Job name"].first === "send_email");
    assert.equal(digits(row.Failed.text), sum_of(kept, "failed"));
    const shown = (n) => n.toLocaleString("en-GB", { maximumSignificantDigits: 2 });
    assert.equal(row["Done /s"].text.trim(), shown(sum_of(kept, "done") / 3600));
    await open("#/names?name=send_email");
    for (const [title, what] of [["How long they waited", "wait"], ["How long they ran", "run"]]) {
        const chart = page.locator("section.chart", { hasText: title });
        assert.equal(digits((await chart.locator(".muted").first().textContent()).split(" times")[0]), sum_of(kept, what));
        await chart.getByText("As a table").click();
        const bars = await chart.locator("tbody tr").evaluateAll((all) => all.map((one) => one.cells[1].textContent));
        const added = Array.from({ length: 24 }, (_, k) => kept.reduce((n, one) => n + one[what][k], 0)).filter((n) => n > 0);
        assert.deepEqual(bars.map(digits), added);
    }
});
await step("the chart of what was done and failed", async () => {
    // The newest period is divided by what has passed of it: until it is over.
    const newest = (await minutes("{all"))[0].at_ms;
    await pause(Math.max(0, newest + 61_000 - Date.now()));
    await open("#/overview?range=15m");
    const chart = page.locator("section.chart", { hasText: "Done and failed" });
    await chart.getByText("As a table").click();
    await chart.locator("tbody tr").first().waitFor();
    const rows = await chart.locator("tbody tr").evaluateAll((all) => all.map((one) => [...one.cells].slice(1).map((cell) => cell.textContent)));
    const a_second = (n) => {
        const value = n / 60;
        return value.toLocaleString("en-GB", value % 1 === 0 || value >= 10 ? { maximumFractionDigits: 0 } : value < 1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 1 });
    };
    assert.deepEqual(rows, (await minutes("{all")).map((one) => [a_second(one.done), a_second(one.failed)]));
});

report.end();
await browser.close();
keys.close();
await at.stop();
await store.stop();
end();
