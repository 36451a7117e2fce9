// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/pages.mjs
// The pages of a queue, a pool and names, the charts, times and zones: what they show is what the
// API says, and their buttons do what they say.
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { give_figures, names, stats } from "./fixtures.mjs";
import { becomes, open_browser, patience, pause, redis, reporter, server, steps } from "./support.mjs";

const store = await redis();
const at = await server({ on: store.url });
const browser = await open_browser();
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", timezoneId: "Europe/Berlin" });
await give_figures(context);
const page = await context.newPage();
page.setDefaultTimeout(patience);
page.on("pageerror", (e) => { throw e; });
const { step, end } = steps("pages", () => page);
const open = async (hash) => {
    await page.goto("about:blank");
    await page.goto(at.address + hash);
    await page.waitForSelector("main h1");
};
const button = (name) => page.getByRole("button", { name, exact: true });
const enqueue = async (more = {}) => (await at.api("POST", "jobs", { name: "mail", args: [1], ...more })).id;
const rows = () => page.locator("tbody tr:not(.space)").count();

await step("a queue's page has its jobs by state, its lists and its pause", async () => {
    for (let i = 0; i < 3; ++i) await enqueue({ queue: "post" });
    await enqueue({ name: "letter", queue: "post" });
    await enqueue({ queue: "elsewhere" });
    const dead = await enqueue({ queue: "post", in_ms: 3_600_000 });
    await at.api("POST", `job/kill?id=${dead}`, {});
    await open("#/queues");
    await page.getByRole("link", { name: "post", exact: true }).click();
    await page.locator("h1", { hasText: "post" }).waitFor();
    await becomes(rows, 4);
    const tab = (name) => page.locator("nav.tabs a", { hasText: name });
    await tab("dead").click();
    await page.getByText(dead).waitFor();
    await becomes(rows, 1);
    await tab("Statistics").click();
    await page.getByRole("link", { name: "letter", exact: true }).waitFor();
    await becomes(rows, 2);
    await tab("Settings").click();
    await button("Pause…").last().click();
    await page.getByLabel("Reason").fill("moving");
    await button("Pause").last().click();
    await becomes(async () => (await at.api("GET", "queue?queue=post")).paused?.reason ?? "", "moving");
    await page.getByText("moving").first().waitFor();
    await button("Resume").first().click();
    await becomes(async () => (await at.api("GET", "queue?queue=post")).paused, null);
    await open("#/queue/nobody-stored-here");
    await page.getByText("No job has been pending in the queue").waitFor();
});

await step("a queue's jobs can be filtered and acted on within it", async () => {
    await open("#/queue/post?tab=pending");
    await page.getByLabel("Value").fill("letter");
    await page.keyboard.press("Enter");
    await becomes(rows, 1);
    assert.match(page.url(), /name=letter/);
    await page.locator("tbody input").first().check();
    await button("Cancel…").click();
    await button("Cancel 1 job").click();
    await becomes(async () => (await at.api("GET", "jobs?state=pending&queue=post")).jobs.length, 3);
    // The row stays where it is, with what it became, until somebody looks again.
    const row = page.locator("tbody tr.faded");
    await row.getByText("cancelled").waitFor();
    assert.equal(await rows(), 1);
    assert.ok(await row.locator("input").isDisabled());
    assert.equal(await page.getByText("1 job selected").count(), 0);
    await button("Look again").click();
    await page.getByText("No job matches").waitFor();
    await button("Clear the filter").click();
    await becomes(rows, 3);
});

await step("a queue says at which limit its jobs wait, a job who holds the slot, and a limit who it is", async () => {
    await at.api("PUT", "limits/bank", { slots: 1, names: ["pay"] });
    await at.api("PUT", "pools/payers", { job_types: [{ name: "pay" }], concurrency: 4, name: "payers", host: "h", pid: 8, lease_ms: 60_000 });
    const ids = [];
    for (let i = 0; i < 2; ++i) ids.push(await enqueue({ name: "pay" }));
    const { jobs } = await at.api("POST", "pools/payers/claim", { number: 1, want: 2, wait_ms: 0 });
    assert.deepEqual(jobs.map((one) => one.id), [ids[0]]);
    await open("#/limits");
    const row = page.locator("tbody tr", { hasText: "bank" });
    await row.getByText("1/1").waitFor();
    await open("#/queues?q=pay");
    await page.getByText("waits at bank").waitFor();
    await open("#/queue/pay");
    await page.getByText("Jobs of it wait at a limit that is full:").waitFor();
    await page.locator("p.box").getByRole("link", { name: "bank" }).click();
    await page.locator("h1", { hasText: "bank" }).waitFor();
    await page.getByRole("link", { name: "pay", exact: true }).first().waitFor();
    await page.getByRole("link", { name: ids[0] }).waitFor();
    await open(`#/job/${ids[1]}`);
    const why = page.locator("#why");
    await why.getByRole("link", { name: ids[0] }).waitFor();
    await why.getByRole("link", { name: '"bank"' }).click();
    await page.locator("h1", { hasText: "bank" }).waitFor();
    await at.api("DELETE", "limits/bank");
    await page.locator("p", { hasText: "There is no limit" }).waitFor();
    await at.api("POST", `job/cancel?id=${ids[1]}`, {});
    const report = reporter(at.api, "payers");
    await report({ outcomes: [{ id: ids[0], fence: jobs[0].fence, outcome: "complete" }] });
    report.end();
    await at.api("DELETE", "pools/payers");
});

const pool = "press-1-abc";
const claims = { number: 0 };
await step("a pool's page has its running jobs, oldest first, with what they checked in", async () => {
    await at.api("PUT", `pools/${pool}`, {
        job_types: [{ name: "print" }], concurrency: 4, name: "press", host: "h", pid: 7, language: "python", lease_ms: 60_000,
    });
    const report = reporter(at.api, pool);
    const ids = [];
    for (let i = 0; i < 3; ++i) {
        ids.push(await enqueue({ name: "print", ...(i === 0 ? { timeout_ms: 1000 } : {}) }));
        const { jobs } = await at.api("POST", `pools/${pool}/claim`, { number: ++claims.number, want: 1 });
        assert.equal(jobs[0].id, ids[i]);
        claims[ids[i]] = jobs[0].fence;
        await pause(20);
    }
    await report({ checkins: [{ id: ids[0], fence: claims[ids[0]], message: "page 3 of 4", percent: 75 }] });
    await open("#/pools");
    await page.getByRole("link", { name: "press", exact: true }).click();
    await becomes(rows, 3);
    const first = page.locator("tbody tr").first();
    assert.match(await first.textContent(), new RegExp(ids[0]));
    await page.getByText("page 3 of 4").waitFor();
    await page.getByText("75 %").waitFor();
    // Only the first one may run for no more than a second.
    await page.getByTitle("longer than its timeout of 1.0 s").waitFor();
    assert.equal(await page.getByTitle("longer than its timeout of 1.0 s").count(), 1);
    await report({ checkins: [{ id: ids[0], fence: claims[ids[0]], message: "page 4 of 4", percent: 100 }] });
    await page.getByText("page 4 of 4").waitFor();
    await button("Quiet…").click();
    await button("Quiet").last().click();
    await becomes(async () => (await at.api("POST", `pools/${pool}/claim`, { number: ++claims.number, want: 1 })).state, "quiet");
    await report({ outcomes: ids.map((id) => ({ id, fence: claims[id], outcome: "complete" })) });
    await page.getByText("It runs nothing now.").waitFor();
    report.end();
    await open("#/pool/none-such");
    await page.getByText("No pool of this name").waitFor();
});

await step("names have what runs, what is kept of them, and their pause", async () => {
    await open("#/names");
    const row = page.locator("tr", { has: page.getByRole("link", { name: "mail", exact: true }) });
    await row.waitFor();
    // Of billing there are figures alone, of mail there is what waits now.
    await page.locator("tr", { hasText: "billing" }).getByText("840").waitFor();
    await becomes(() => row.textContent(), (text) => /mail.*4/.test(text));
    await page.getByRole("button", { name: /^Failed/ }).click();
    await becomes(() => page.locator("tbody tr").first().textContent(), (text) => text.startsWith("billing"));
    await row.getByRole("link").first().click();
    await page.locator("h1", { hasText: "mail" }).waitFor();
    await button("Pause this name…").click();
    await button("Pause").click();
    await becomes(async () => (await at.api("GET", "queues")).paused.some((one) => one.name === "mail"), true);
    await button("Resume").click();
    await becomes(async () => (await at.api("GET", "queues")).paused.length, 0);
    // One of which nothing is kept has no bars, and no complaint.
    await open("#/names?name=report");
    await page.getByText("There are no figures of this time.").first().waitFor();
    await open("#/names?name=billing");
    await page.getByText("How long they ran").waitFor();
    const times = names().names.find((one) => one.name === "billing").run.buckets.reduce((a, b) => a + b, 0);
    await page.getByText(`${times.toLocaleString("en-GB")} times`).waitFor();
});

await step("charts have their figures in a table, gaps, one crosshair, and the theme's colours", async () => {
    await open("#/overview?range=8h");
    const chart = page.locator("section.chart", { hasText: "Done and failed" });
    await chart.locator("path.line").first().waitFor();
    const { points } = stats("8h");
    await chart.getByText("As a table").click();
    await becomes(() => chart.locator("tbody tr").count(), (n) => Math.abs(n - points.length) <= 1);
    // A gap parts the line; it does not go down to 0.
    const d = await chart.locator(".t-ok path.line").first().getAttribute("d");
    assert.equal(d.match(/M/g).length, 2, d);
    assert.match(await chart.locator(".t-ok path.line.open").getAttribute("d"), /^M/);
    const plot = await chart.locator(".plot").boundingBox();
    await page.mouse.move(plot.x + plot.width / 3, plot.y + 60);
    await becomes(() => page.locator("line.cross").count(), 3);
    const stroke = () => chart.locator(".t-ok path.line").first().evaluate((line) => getComputedStyle(line).stroke);
    const light = await stroke();
    await page.keyboard.press("t");
    await page.keyboard.press("t");
    await becomes(() => page.evaluate(() => document.documentElement.dataset.theme), "dark");
    assert.notEqual(await stroke(), light);
    await page.setViewportSize({ width: 360, height: 800 });
    await becomes(async () => Number(await chart.locator(".plot svg").getAttribute("width")) <= 330, true);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole("link", { name: "90 d" }).click();
    await becomes(() => page.url(), (url) => url.includes("range=90d"));
    await page.keyboard.press("t");
});

await step("where the server keeps no figures the page shows what it saw", async () => {
    const plain = await browser.newContext({ locale: "en-GB" });
    await plain.route(/api\/v1\/$/, async (route) => {
        const answer = await route.fetch();
        const told = await answer.json();
        told.features = told.features.filter((one) => one !== "histories");
        await route.fulfill({ response: answer, json: told });
    });
    await plain.route(/api\/v1\/stats/, () => assert.fail("it asks for what the server has not"));
    const other = await plain.newPage();
    await other.goto(at.address);
    await other.getByText("as this page saw them").waitFor();
    await other.getByText("Pending and active").waitFor();
    await other.goto(at.address + "#/names");
    await other.getByText("This server keeps no figures of the past").waitFor();
    await other.getByRole("link", { name: "mail", exact: true }).waitFor();
    await plain.close();
});

await step("tags lead to the jobs that have them, from a row, a job's page and the search", async () => {
    const id = await enqueue({ name: "newsletter", tags: ["vip", "eu west/1"], in_ms: 3_600_000 });
    await enqueue({ name: "other", tags: ["vip"], in_ms: 3_600_000 });
    await open("#/jobs?name=newsletter");
    await page.locator("tbody").getByRole("link", { name: "vip" }).click();
    await becomes(() => page.url(), (url) => /name=newsletter/.test(url) && /tag=vip/.test(url));
    await becomes(rows, 1);
    await open(`#/job/${id}`);
    await page.getByRole("link", { name: "vip", exact: true }).click();
    await becomes(rows, 2);
    await page.locator("#search").fill("tag:eu west/1");
    await page.keyboard.press("Enter");
    await page.getByText(id).waitFor();
    await becomes(rows, 1);
    await page.getByRole("button", { name: /^Tag: eu west\/1/ }).waitFor();
});

await step("times are relative or absolute, in the zone that is chosen", async () => {
    const id = await enqueue({ in_ms: 3_600_000 });
    const { created_ms } = await at.api("GET", `job?id=${id}`);
    const created = () => page.locator("dl div", { hasText: "Created" }).locator("time");
    const clock = (zone) => new Date(created_ms).toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
    await open(`#/job/${id}`);
    await becomes(() => created().textContent(), (text) => /ago|now/.test(text));
    assert.match(await created().getAttribute("title"), new RegExp(`${clock("Europe/Berlin")}.*CE`));
    await open("#/settings");
    await page.getByLabel("Times are shown as").selectOption("absolute");
    await page.locator("label", { hasText: /^Zone/ }).locator("select").selectOption("UTC");
    await open(`#/job/${id}`);
    await becomes(() => created().textContent(), (text) => text.includes(clock("UTC")) && text.includes("UTC"));
    assert.match(await created().getAttribute("title"), /ago|now/);
    await open("#/settings");
    await page.locator("label", { hasText: /^Zone/ }).locator("select").selectOption("other");
    await page.getByLabel("Its name").fill("Mars/Olympus");
    await page.getByText("knows no zone “Mars/Olympus”").waitFor();
    await page.getByLabel("Its name").fill("Asia/Kathmandu");
    await page.getByText("Times are of Asia/Kathmandu").waitFor();
    await open(`#/job/${id}`);
    await becomes(() => created().textContent(), (text) => text.includes(clock("Asia/Kathmandu")));
    await page.evaluate(() => localStorage.clear());
});

await step("German is fetched by who wants it, once, and shown without the page loaded anew", async () => {
    const plain = await browser.newContext({ locale: "en-GB" });
    const other = await plain.newPage();
    const fetched = [];
    const wrong = [];
    other.on("console", (one) => { if (one.type() === "error") wrong.push(one.text()); });
    other.on("response", (one) => { if (/german/.test(one.url())) fetched.push(one); });
    await other.goto(at.address + "#/settings");
    await other.getByRole("heading", { name: "Settings" }).waitFor();
    assert.equal(fetched.length, 0, "nobody has asked for it");
    await other.evaluate(() => { globalThis.still_here = true; });
    await other.getByLabel("Language").selectOption("de");
    await other.getByRole("heading", { name: "Einstellungen" }).waitFor();
    assert.equal(await other.evaluate(() => document.documentElement.lang), "de");
    await other.getByLabel("Sprache").selectOption("en");
    await other.getByRole("heading", { name: "Settings" }).waitFor();
    await other.getByLabel("Language").selectOption("de");
    await other.getByRole("heading", { name: "Einstellungen" }).waitFor();
    assert.ok(await other.evaluate(() => globalThis.still_here), "the page was not loaded anew");
    assert.equal(fetched.length, 1);
    assert.match(fetched[0].headers()["cache-control"], /immutable/);
    assert.equal(fetched[0].headers()["content-encoding"], "gzip");
    // One that begins in German never shows English first.
    await other.addInitScript(() => {
        globalThis.titles = new Set();
        new MutationObserver(() => {
            const title = document.querySelector("main h1")?.textContent;
            if (title) globalThis.titles.add(title);
        }).observe(document, { childList: true, subtree: true, characterData: true });
    });
    await other.goto("about:blank");
    await other.goto(at.address + "#/queues");
    await becomes(() => other.locator("nav a", { hasText: "Übersicht" }).count(), 1);
    await other.goto(at.address + "#/settings");
    await other.getByRole("heading", { name: "Einstellungen" }).waitFor();
    assert.ok(!(await other.evaluate(() => [...globalThis.titles])).includes("Settings"));
    assert.deepEqual(wrong, []);
    await plain.close();
});

await step("hostile names are text, wherever they stand", async () => {
    const hostile = `<img src=x onerror=alert(1)>../%2F "'&\u202e😀`;
    page.on("dialog", () => assert.fail("a script of a name ran"));
    const answer = await fetch(`${at.address}api/v1/jobs`, {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ name: hostile, args: [hostile], queue: hostile, tags: ["<b>"] }),
    });
    // What a name may hold is the API's to say: either it is stored and shown as it is, or refused.
    const name = answer.ok ? hostile : "a".repeat(60) + "._-:@";
    if (!answer.ok) await enqueue({ name, queue: name, args: [hostile], tags: ["<b>"] });
    for (const hash of ["#/queues", "#/names", "#/jobs", `#/names?name=${encodeURIComponent(name)}`,
        ...["pending", "statistics", "settings"].map((tab) => `#/queue/${encodeURIComponent(name)}?tab=${tab}`),
        `#/queue/${encodeURIComponent(hostile)}`, `#/pool/${encodeURIComponent(hostile)}`, `#/names?name=${encodeURIComponent(hostile)}`,
        `#/overview?range=${encodeURIComponent(hostile)}`, `#/queue/${encodeURIComponent(name)}?tab=${encodeURIComponent(hostile)}`]) {
        await open(hash);
        await pause(150);
        assert.equal(await page.locator("main img").count(), 0);
        for (const width of [360, 1280]) {
            await page.setViewportSize({ width, height: 900 });
            assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${hash} scrolls sideways at ${width}`);
        }
    }
    await open("#/jobs?queue=" + encodeURIComponent(name));
    await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
});

await step("names without an end are cut or broken where they stand, and turn nothing around", async () => {
    const long = "a_name_that_somebody_made_of_a_class_and_its_namespaces_".repeat(3).slice(0, 128);
    const turned = "\u202eabc مرحبا";
    const of_pool = { job_types: [{ name: long, queue: long }], name: long.slice(0, 100), host: `${long.slice(0, 60)}.example`, pid: 9, lease_ms: 60_000 };
    await at.api("PUT", "pools/long", of_pool);
    for (let i = 0; i < 2; ++i) await enqueue({ name: long, queue: long, tags: [long.slice(0, 64)] });
    const { jobs } = await at.api("POST", "pools/long/claim", { number: 1, want: 1, wait_ms: 0 });
    const [failed] = jobs;
    await at.api("POST", "pools/long/report", { number: 1, outcomes: [
        { id: failed.id, fence: failed.fence, outcome: "fail", type: `${long}::`.repeat(2).slice(0, 128), message: `${long}\n${long}`, fatal: true },
    ] });
    const killed = await enqueue({ name: long, queue: long, in_ms: 3_600_000 });
    await at.api("POST", `job/kill?id=${killed}`, { reason: `${turned} ${long}` });
    const { id: flow } = await at.api("POST", "flows", { name: long.slice(0, 100), jobs: [
        { key: "a", name: long, args: [], in_ms: 3_600_000 }, { key: "b", name: long, args: [], after: [{ key: "a" }] },
    ] });
    await at.api("POST", `queue/pause?queue=${long}`, { reason: `${turned} ${long.slice(0, 100)}` });
    for (const hash of ["#/", "#/queues", `#/queue/${long}`, "#/jobs?state=dead", `#/job/${failed.id}`, `#/job/${killed}`, `#/flow/${flow}`, "#/flows", "#/failures", "#/pools", "#/pool/long", "#/audit"]) {
        await open(hash);
        // What is loaded has come when it names the thing.
        if (hash !== "#/audit") await page.locator(":is(h1, td, .rows li)", { hasText: long.slice(0, 40) }).first().waitFor();
        for (const width of [360, 1280, 1400]) {
            await page.setViewportSize({ width, height: 900 });
            assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${hash} scrolls sideways at ${width}`);
        }
    }
    await open(`#/queue/${long}`);
    const said = await page.locator("p.box", { hasText: "paused" }).first().innerText();
    assert.ok(said.includes(`“\u2068${turned}`), said);
    await at.api("POST", `queue/resume?queue=${long}`, {});
    await at.api("DELETE", "pools/long");
});

await step("below a prefix, behind a proxy, all is the same and live", async () => {
    const proxy = createServer((asked, answered) => {
        if (!asked.url.startsWith("/ops/work/")) return answered.writeHead(404).end();
        const to = new URL(asked.url.slice("/ops/work".length), at.address);
        const headers = { ...asked.headers, host: to.host };
        if (headers.origin) headers.origin = to.origin;
        const on = request(to, { method: asked.method, headers }, (got) => { answered.writeHead(got.statusCode, got.headers); got.pipe(answered); });
        on.on("error", () => answered.destroy());
        answered.on("close", () => on.destroy());
        asked.pipe(on);
    }).listen(0, "127.0.0.1");
    await new Promise((ready) => proxy.once("listening", ready));
    const plain = await browser.newContext({ locale: "en-GB" });
    const other = await plain.newPage();
    const missed = [];
    other.on("response", (one) => { if (one.status() >= 400) missed.push(one.url()); });
    await other.goto(`http://127.0.0.1:${proxy.address().port}/ops/work/#/queue/post`);
    await becomes(() => other.locator("button.live").innerText(), (text) => text.includes("live"));
    await becomes(() => other.locator("tbody tr").count(), 3);
    await other.getByRole("button", { name: "Pause…" }).click();
    await other.getByRole("button", { name: "Pause", exact: true }).click();
    await becomes(async () => (await at.api("GET", "queue?queue=post")).paused !== null, true);
    assert.deepEqual(missed, []);
    await plain.close();
    proxy.close();
});

await browser.close();
await at.stop();
await store.stop();
end();
