// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: tools/ui/show.sh PROGRAM node tests/walk.mjs
// Walks every page of a server that runs, in two themes and three widths: no complaint of the
// browser, none of axe, nothing that scrolls sideways, no answer that takes long. PICTURES=FOLDER keeps
// a picture of each view, WIDTHS=360,1440 are other widths.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { give_figures } from "./fixtures.mjs";
import { becomes, note_requests, open_browser, patience, pictures, too_slow } from "./support.mjs";

const address = process.env.UI_ADDRESS;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = [360, 768, 1440];

const jobs = async (query) =>
    (await (await fetch(`${address}api/v1/jobs?${query}`)).json()).jobs.map((job) => job.id);
// Some have failed by then, and of those some are dead.
await becomes(async () => (await jobs("state=retry&limit=5")).length, (n) => n >= 4);
for (const id of (await jobs("state=retry&limit=2")))
    await fetch(`${address}api/v1/job/kill?id=${id}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
// It stays as it is, whatever else ends meanwhile.
const [failed] = await jobs("state=dead&limit=1");
const pool = (await (await fetch(`${address}api/v1/pools`)).json()).pools[0]?.pool;
for (const [name, body] of Object.entries({
    nightly: { spec: "0 3 * * *", zone: "Europe/Berlin", name: "report", args: { of: "yesterday" } },
    "every-second": { spec: "* * * * * *", name: "tick", args: [], overlap: "skip" },
    "paused.entry": { spec: "@hourly", name: "sweep", args: [], paused: true },
})) {
    const answer = await fetch(`${address}api/v1/crons/${encodeURIComponent(name)}`, {
        method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`cron ${name}: ${await answer.text()}`);
}
const flow = (named, jobs) => fetch(`${address}api/v1/flows`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: named, jobs }),
}).then((answer) => answer.json());
// They wait for a job that is due later, so that nothing of them is in a queue.
const gate = { key: "gate", name: "wait_for_the_evening", args: [], in_ms: 36_000_000 };
const album = await flow("album", [
    gate,
    ...["a", "b", "c"].map((key) => ({ key, name: "fetch_page_of_the_album", args: [key], after: [{ key: "gate" }] })),
    { key: "count", name: "count_words", args: [], after: [{ key: "a" }, { key: "b" }, { key: "c" }] },
    { key: "index", name: "index", args: [], after: [{ key: "a" }] },
    { key: "tell", name: "tell", args: [], after: [{ key: "count", otherwise: "run", as: "words" }, { key: "index" }] },
]);
const large = await flow("large", [gate, ...Array.from({ length: 255 }, (_, i) => (
    { key: `${i}`, name: i % 8 ? "part" : "begin", args: [], after: [{ key: i % 8 ? `${i - 1}` : "gate" }] }
))]);
for (const [name, body] of Object.entries({
    bank: { slots: 3, names: ["charge_card", "refund_card"], queues: ["billing"] },
    shut: { slots: 0, names: ["wait_at_a_limit_with_a_long_name"] },
    "name:send_email": { slots: 50 },
})) {
    const answer = await fetch(`${address}api/v1/limit?limit=${encodeURIComponent(name)}`, {
        method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`limit ${name}: ${await answer.text()}`);
}
const bounded = await fetch(`${address}api/v1/bounds/charge_card`, {
    method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ most: 1_000_000, full: "drop_oldest" }),
});
if (!bounded.ok) throw new Error(`bound: ${await bounded.text()}`);
for (const id of [...(await jobs("limit=3&state=retry,dead")), ...(await jobs("limit=3")), album.jobs[0].id])
    await fetch(`${address}api/v1/job/track?id=${encodeURIComponent(id)}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
// What is tracked is known for longer than the walk takes, also when it ends.
const other = (await (await fetch(`${address}api/v1/tracked`)).json()).tracked.find((one) => one.state !== "dead")?.id;
const tagged = await fetch(`${address}api/v1/jobs`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "tagged", args: [], in_ms: 36_000_000, tags: ["vip", "import", "a-long-tag-of-somebody-who-likes-them-long", "fourth"] }),
}).then((answer) => answer.json());
const pages = {
    tracked: "#/tracked",
    "jobs-tagged": "#/jobs?tag=vip",
    "job-tagged": `#/job/${tagged.id}`,
    limits: "#/limits",
    limit: "#/limit/bank",
    "limit-of-a-name": `#/limit/${encodeURIComponent("name:send_email")}`,
    "limit-none": "#/limit/none-such",
    flows: "#/flows",
    flow: `#/flow/${album.id}`,
    "flow-large": `#/flow/${large.id}`,
    "flow-none": "#/flow/none-such",
    "job-of-flow": `#/job/${album.jobs.find((one) => one.key === "tell").id}`,
    crons: "#/crons",
    cron: "#/cron/nightly",
    "cron-paused": `#/cron/${encodeURIComponent("paused.entry")}`,
    "cron-none": "#/cron/none-such",
    overview: "#/",
    queues: "#/queues",
    "queues-filtered-empty": "#/queues?q=nothing-is-named-so",
    jobs: "#/jobs",
    "jobs-dead": "#/jobs?state=dead",
    "jobs-filtered": "#/jobs?state=pending&name=send_email",
    "jobs-none": "#/jobs?name=nothing-is-named-so",
    ...(failed ? { job: `#/job/${encodeURIComponent(failed)}` } : {}),
    ...(other ? { "job-other": `#/job/${encodeURIComponent(other)}` } : {}),
    "job-gone": "#/job/0000000000000000000000",
    failures: "#/failures",
    "failures-by-name": "#/failures?by=name",
    pools: "#/pools",
    queue: "#/queue/send_email?tab=dead",
    "queue-statistics": "#/queue/media?tab=statistics",
    "queue-settings": "#/queue/charge_card?tab=settings",
    "queue-none": "#/queue/nobody-stored-here",
    ...(pool ? { pool: `#/pool/${encodeURIComponent(pool)}` } : {}),
    "pool-none": "#/pool/none-such",
    names: "#/names",
    name: "#/names?name=billing",
    "overview-days": "#/overview?range=90d",
    "overview-live": "#/overview?range=live",
    settings: "#/settings",
    broker: "#/broker",
    audit: "#/audit",
    help: "#/help",
    "no-page": "#/nowhere",
};

const browser = await open_browser();
const wrong = [];
const asked = [];
let seen = 0;
/// What a page asked for when it was opened is there.
async function settled(page) {
    await page.waitForTimeout(200);
    await page.waitForFunction(() => !document.querySelector(".skeleton"), null, { timeout: patience });
    await page.waitForTimeout(100);
}
/// Nothing to complain about in what is shown now; and a picture of it.
async function look(page, name, theme, width) {
    const where = `${name} ${theme} ${width}`;
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) wrong.push(`${where}: it scrolls sideways by ${wide} px`);
    // What lies below the head or a bar is no target there.
    await page.evaluate(() => scrollTo(0, 0));
    if (!(await page.evaluate(() => !!globalThis.axe))) await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }));
    for (const one of violations)
        wrong.push(`${where}: axe ${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join("; ")}`);
    if (pictures) await page.screenshot({ path: `${pictures}/${name}-${theme}-${width}.png`, fullPage: false });
    ++seen;
}

async function walk(theme) {
    for (const width of (process.env.WIDTHS?.split(",").map(Number) ?? widths)) {
        const context = await browser.newContext({
            viewport: { width, height: 900 }, colorScheme: theme, locale: "en-GB", bypassCSP: false,
        });
        // Of a server that has just begun there are no figures of the past.
        await give_figures(context);
        const page = await context.newPage();
        page.setDefaultTimeout(patience);
        const complaints = [];
        note_requests(page, asked);
        page.on("console", (one) => {
            // What is not there is asked for on purpose.
            if (one.type() === "error" && !/0000000000000000000000|nobody-stored-here|none-such/.test(one.location().url))
                complaints.push(`${one.text()} ${one.location().url}`);
        });
        page.on("pageerror", (e) => complaints.push(String(e)));
        await page.goto(address);
        for (const [name, hash] of Object.entries(pages)) {
            await page.evaluate((to) => { location.hash = to; }, hash);
            await page.waitForSelector("main h1");
            await settled(page);
            await look(page, name, theme, width);
        }
        const go = async (hash) => {
            await page.evaluate((to) => { location.hash = to; }, hash);
            await settled(page);
        };
        await go("#/queues");
        await page.locator("tbody button").first().click();
        await look(page, "dialog", theme, width);
        await page.keyboard.press("Escape");
        await go("#/limits");
        await page.getByRole("button", { name: "New limit…" }).click();
        await look(page, "dialog-limit", theme, width);
        await page.keyboard.press("Escape");
        await go("#/queue/charge_card?tab=settings");
        await page.locator("#bound").getByRole("button", { name: "Change…" }).click();
        await look(page, "dialog-bound", theme, width);
        await page.keyboard.press("Escape");
        await go("#/cron/nightly");
        await page.getByRole("button", { name: "Edit…" }).click();
        await settled(page);
        await look(page, "form-cron", theme, width);
        await page.getByRole("button", { name: "Back" }).click();
        if (failed) {
            await go("#/jobs?state=retry,dead");
            for (const row of [0, 1]) await page.locator("tbody input").nth(row).check();
            await look(page, "selected", theme, width);
            await page.locator(".bulk button").first().click();
            await look(page, "dialog-bulk", theme, width);
            await page.keyboard.press("Escape");
        }
        for (const one of new Set(complaints)) wrong.push(`${theme} ${width}: ${one}`);
        await context.close();
    }
}
/// As wide as a phone at 400 %, as the least of a table, and as a wall: nothing scrolls sideways; and all of it in German.
async function stretch() {
    const context = await browser.newContext({ viewport: { width: 320, height: 700 }, locale: "de-DE" });
    await give_figures(context);
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    page.on("pageerror", (e) => wrong.push(String(e)));
    await page.goto(address);
    for (const [name, hash] of Object.entries(pages)) {
        await page.evaluate((to) => { location.hash = to; }, hash);
        await page.waitForSelector("main h1");
        await settled(page);
        for (const width of [320, 1280, 3840]) {
            await page.setViewportSize({ width, height: 900 });
            await page.waitForTimeout(60);
            if (width === 320) await look(page, `${name}-de`, "light", width);
            else if ((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) > 0) wrong.push(`${name} de ${width}: it scrolls sideways`);
        }
    }
    await context.close();
}
// All at once: most of the time is waiting.
await Promise.all([walk("light"), walk("dark"), stretch()]);
wrong.push(...(await too_slow(address, asked)));
await browser.close();
for (const one of [...new Set(wrong)]) console.error(`walk: ${one}`);
console.log(`walk: ${seen} views, ${asked.length} requests, ${wrong.length} complaints`);
process.exit(wrong.length ? 1 : 0);
