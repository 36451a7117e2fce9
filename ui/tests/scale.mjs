// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/scale.mjs
// 10 000 queues and 100 000 jobs (UI_JOBS=1000000: so many): what is in the document stays small,
// nothing is asked for that takes long, and what is selected or new is not lost on the way.
import assert from "node:assert/strict";
import { becomes, most_ms, note_requests, open_browser, patience, pause, redis, server, slow, slowness, steps, too_slow } from "./support.mjs";

const queues = 10_000;
const jobs = Number(process.env.UI_JOBS ?? 100_000);
const most_rows = 60;
const store = await redis();
const at = await server({ on: store.url, ns: "scale" });
const begun = Date.now();
const bulk = async (all) => {
    const { results } = await at.api("POST", "jobs/bulk", { jobs: all });
    assert.ok(results.every((one) => one.code === "stored"), JSON.stringify(results.find((one) => one.code !== "stored")));
    return results.map((one) => one.id);
};
/// Four requests at a time, of 1 000 jobs each.
async function fill(n, job) {
    let next = 0;
    await Promise.all(Array.from({ length: 4 }, async () => {
        while (next < n) {
            const from = next;
            next += 1000;
            await bulk(Array.from({ length: Math.min(1000, n - from) }, (_, i) => job(from + i)));
        }
    }));
}
const queue_name = (i) => `q${String(i).padStart(5, "0")}`;
await fill(queues, (i) => ({ name: "small", args: [i], queue: queue_name(i) }));
await fill(jobs - queues, (i) => ({ name: "big", args: { number: i, who: `user-${i}@example.com` }, queue: "zz-big" }));
console.log(`scale: ${jobs} jobs in ${queues + 1} queues stored in ${Math.round((Date.now() - begun) / 1000)} s`);

const browser = await open_browser();
let page;
let asked = [];
/// Of all pages before.
const seen = [];
const { step, end } = steps("scale", () => page);
const open = async (hash, width = 1280) => {
    await page?.context().close();
    page = await (await browser.newContext({ locale: "en-GB", viewport: { width, height: 900 } })).newPage();
    page.setDefaultTimeout(patience);
    page.on("pageerror", (e) => { throw e; });
    seen.push(...asked);
    asked = [];
    note_requests(page, asked);
    await page.goto(at.address + hash);
    await page.waitForSelector("main h1");
};
const rows = () => page.locator("tbody tr:not(.space)").count();
const scroll = (to) => page.evaluate((y) => scrollTo(0, y === "end" ? document.documentElement.scrollHeight : y), to);
/// What is in the middle of the window is a row, not the space of those that are not there.
const covered = () => page.evaluate(() => !!document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest("tbody tr:not(.space)"));

const opened_with = [["#/", "Oldest waiting"], ["#/queues", "q00000"], ["#/jobs?state=pending", "Waits since"], ["#/queue/zz-big", "big"], ["#/names", "small"], ["#/failures", "retrying and dead jobs"]];
for (const [hash, wait_for] of opened_with)
    await step(`${hash} opens with few requests, none of them long or large`, async () => {
        await open(hash);
        await page.getByText(wait_for).first().waitFor();
        // What it asks for again while it is looked at does not count.
        const opened = new Set(asked.map((one) => one.path));
        await pause(1500);
        assert.ok(opened.size <= 6, `${opened.size} requests: ${[...opened].join(" ")}`);
        assert.ok(await rows() <= most_rows);
        for (const one of asked) assert.ok(one.bytes <= 65_536, `${one.path}: ${one.bytes} bytes`);
    });

await step("all queues are reached by scrolling, and no more rows are in the document", async () => {
    await open("#/queues");
    await becomes(rows, (n) => n > 20);
    const by = Date.now() + 4 * patience;
    let known = 0;
    let least = Infinity;
    while (known < queues + 1 && Date.now() < by) {
        await scroll("end");
        await pause(60);
        known = Number(await page.locator("table").getAttribute("aria-rowcount")) - 1;
        const n = await rows();
        assert.ok(n <= most_rows, `${n} rows in the document`);
        least = Math.min(least, n);
    }
    assert.equal(known, queues + 1);
    await scroll("end");
    await page.getByRole("link", { name: "zz-big", exact: true }).waitFor();
    await scroll(0);
    await page.getByRole("link", { name: queue_name(0), exact: true }).waitFor();
    assert.ok(await covered());
    // What is seen is looked at again, wherever that is.
    await scroll("end");
    await page.getByRole("link", { name: "zz-big", exact: true }).waitFor();
    await bulk([{ name: "big", args: [], queue: "zz-big" }]);
    const row = page.locator("tr", { has: page.getByRole("link", { name: "zz-big", exact: true }) });
    await becomes(() => row.locator("td.number").first().textContent(), (jobs - queues + 1).toLocaleString("en-GB"), patience);
});

for (const width of [1280, 360])
    await step(`a long list of jobs at ${width} px is scrolled, selected and walked by keys`, async () => {
        await open("#/jobs?state=pending", width);
        await becomes(rows, (n) => n >= 50);
        await page.locator("tbody input").first().check();
        // As far as somebody scrolls, so much is asked for.
        const known = await becomes(async () => {
            await scroll("end");
            assert.ok(await rows() <= most_rows);
            return Number(await page.locator("table").getAttribute("aria-rowcount")) - 1;
        }, (n) => n > 300);
        await page.getByText("1 job selected").waitFor();
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        for (const part of [0.2, 0.5, 0.8]) {
            await scroll(Math.round(height * part));
            await becomes(covered, true);
        }
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
        await scroll(0);
        for (let i = 0; i < 90; ++i) await page.keyboard.press("j");
        const here = page.locator("tbody tr.at");
        await becomes(() => here.getAttribute("aria-rowindex"), "91");
        // It is scrolled to after it was drawn.
        await becomes(() => here.boundingBox(), (box) => box.y >= 0 && box.y + box.height <= 900);
        assert.ok(known > 0);
    });

await step("jobs that come wait behind a button, and nothing moves", async () => {
    const dead = async (n) => {
        const ids = await bulk(Array.from({ length: n }, () => ({ name: "late", args: [], in_ms: 3_600_000 })));
        await at.api("POST", "jobs/actions", { action: "kill", ids });
        return ids;
    };
    await dead(3);
    await open("#/jobs?state=dead");
    await becomes(rows, 3);
    const first = () => page.locator("tbody tr").first().innerText();
    const before = (await first()).split("\n")[0];
    const id = await page.locator("tbody tr code").first().textContent();
    await dead(14);
    await page.getByRole("button", { name: "14 newer ▲" }).waitFor({ timeout: patience });
    assert.equal(await rows(), 3);
    assert.equal((await first()).split("\n")[0], before);
    assert.equal(await page.locator("tbody tr code").first().textContent(), id);
    await page.getByRole("button", { name: "14 newer ▲" }).click();
    await becomes(rows, 17);
    await page.getByRole("button", { name: "Look again" }).waitFor();
});

await step("a search through all says how far it is", async () => {
    await open(`#/jobs?state=pending&args=user-${Math.min(jobs - queues, 60_000) - 7}%40`);
    await page.getByText(/ found · .* looked at/).waitFor();
    const by = Date.now() + 4 * patience;
    while ((await rows()) === 0 && Date.now() < by) {
        const more = page.locator(".found button.link", { hasText: "Go on" });
        if (await more.count()) await more.click().catch(() => {});
        await pause(200);
    }
    assert.equal(await rows(), 1);
});

await step("a second of watching costs the tab little", async () => {
    await open("#/queues?sort=pending");
    await becomes(rows, (n) => n > 20);
    const cdp = await page.context().newCDPSession(page);
    // Of the processor, whatever else runs there.
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    const spent = async () => {
        const { metrics } = await cdp.send("Performance.getMetrics");
        const of = (name) => metrics.find((one) => one.name === name).value;
        return { ms: (of("ScriptDuration") + of("LayoutDuration") + of("RecalcStyleDuration")) * 1000, heap: of("JSHeapUsedSize") };
    };
    const from = await spent();
    await pause(8000);
    const to = await spent();
    const each = (to.ms - from.ms) / 8;
    console.log(`scale: a second costs the tab ${each.toFixed(1)} ms; its heap has ${Math.round(to.heap / 1e6)} MB`);
    // Who shares a core and its caches with others needs more of it for the same.
    assert.ok(each < 40 * Math.min(slowness, 3), `${each} ms a second`);
    assert.ok(to.heap < 40e6, `${to.heap} bytes`);
});

seen.push(...asked);
const ordered = seen.map((one) => one.ms).sort((a, b) => a - b);
const parts = new Map();
for (const one of seen) {
    const part = one.path.split("?")[0];
    parts.set(part, [...(parts.get(part) ?? []), one.ms]);
}
for (const [part, all] of parts) {
    all.sort((a, b) => a - b);
    console.log(`scale: ${part || "(root)"}: ${all.length} requests, half within ${Math.round(all[all.length >> 1])} ms, all within ${Math.round(all[all.length - 1])} ms`);
}
const worst = [...seen].sort((a, b) => b.ms - a.ms)[0];
console.log(`scale: ${seen.length} requests, half within ${Math.round(ordered[ordered.length >> 1])} ms, 95 of 100 within ${Math.round(ordered[Math.floor(ordered.length * 0.95)])} ms, the slowest ${Math.round(worst.ms)} ms (${worst.path.slice(0, 60)})`);
await step(`each request is answered within ${most_ms} ms, but those with a bound of their own`, async () => {
    assert.deepEqual(await too_slow(at.address, seen), []);
});
// Who looks when nobody has looked for a second reads all lists. Optimized (`make ui`) that takes 60 to
// 240 ms; the bound is for a program that was built to be debugged, on a machine that has other things to do.
const first_look_ms = Number(process.env.UI_FIRST_LOOK_MS ?? 4000) * slowness;
await step(`the first look at ${queues} queues is answered within ${first_look_ms} ms`, async () => {
    for (const path of ["queues?limit=100", "queue?queue=zz-big", "stats"]) {
        const took = [];
        for (let i = 0; i < 5; ++i) {
            await pause(1300);
            const from = performance.now();
            await (await fetch(`${at.address}api/v1/${path}`)).arrayBuffer();
            took.push(Math.round(performance.now() - from));
        }
        console.log(`scale: the first look of ${path}: ${took.join(" ")} ms`);
        assert.ok(Math.min(...took) <= first_look_ms, took.join(" "));
    }
});
await step("no page waits for what may take longer", async () => {
    await page?.context().close();
    page = await (await browser.newContext({ locale: "en-GB" })).newPage();
    page.setDefaultTimeout(patience);
    let held = 0;
    const held_back = [];
    for (const one of slow)
        await page.route((url) => one.path.test(url.pathname.split("api/v1/")[1] ?? ""), (route) => { ++held; held_back.push(route); });
    for (const [hash, wait_for] of opened_with) {
        await page.goto("about:blank");
        await page.goto(at.address + hash);
        await page.getByText(wait_for).first().waitFor();
        assert.equal(await page.locator(".skeleton").count(), 0);
    }
    assert.ok(held > 0, "nothing was held back");
    for (const route of held_back) await route.abort().catch(() => {});
});
await page?.context().close();
await browser.close();
await at.stop();
await store.stop();
end();
