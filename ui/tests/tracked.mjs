// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/tracked.mjs
// Jobs that people track: the star on their pages, and the page that shows what becomes of them, live
// over the one stream of the browser.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { keys_of } from "./raw.mjs";
import { becomes, open_browser, patience, pause, redis, scratch, server, steps, token } from "./support.mjs";

const store = await redis();
const at = await server({ on: store.url });
const keys = await keys_of(store.port, "ui");
const browser = await open_browser();
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
const page = await context.newPage();
page.setDefaultTimeout(patience);
page.on("pageerror", (e) => { throw e; });
let asked = [];
page.on("request", (one) => { if (/api\/v1\/tracked/.test(one.url())) asked.push(one.url()); });
const { step, end } = steps("tracked", () => page);
const open = async (hash, on = page) => {
    await on.goto("about:blank");
    await on.goto(at.address + hash);
    await on.waitForSelector("main h1");
};
const button = (name, on = page) => on.getByRole("button", { name, exact: true });
const enqueue = async (more = {}) => (await at.api("POST", "jobs", { name: "mail", args: [1], in_ms: 3_600_000, ...more })).id;
const stored = async () => (await keys.ask("HKEYS", keys.key("tracked"))).sort();
const row = (id, on = page) => on.locator("tbody tr", { hasText: id });
const badge = (id, on = page) => row(id, on).locator(".badge").textContent();

let first;
await step("nothing is tracked, and the page says how it comes to be", async () => {
    await open("#/tracked");
    await page.getByText("No job is tracked").waitFor();
    assert.equal(await page.locator("nav a[aria-current=page]").textContent(), "Tracked");
});

await step("the star on a job's page tracks it, and tracks it no more", async () => {
    first = await enqueue();
    await open(`#/job/${first}`);
    await button("Track").click();
    await button("Tracked").waitFor();
    assert.deepEqual(await stored(), [first]);
    await button("Tracked").click();
    await button("Track").waitFor();
    assert.deepEqual(await stored(), []);
    await button("Track").click();
    await button("Tracked").waitFor();
    await open(`#/job/${first}`);
    await button("Tracked").waitFor();
});

await step("those that are selected in a list are tracked together", async () => {
    const two = [await enqueue({ queue: "post" }), await enqueue({ queue: "post" })];
    await open("#/jobs?queue=post");
    await becomes(() => page.locator("tbody tr").count(), 2);
    await page.locator("thead input").check();
    await button("☆ Track").click();
    await page.getByText("2 jobs tracked").waitFor();
    assert.deepEqual(await stored(), [first, ...two].sort());
    for (const id of two) await at.api("DELETE", `job/track?id=${id}`);
});

await step("what becomes of them is brought by the stream, also to another tab", async () => {
    const other = await context.newPage();
    await open("#/tracked");
    await open("#/tracked", other);
    for (const one of [page, other]) await becomes(() => badge(first, one), (text) => /scheduled/.test(text));
    await becomes(() => page.locator("button.live").innerText(), (text) => text.includes("live"));
    // What the page asks for while it begins to follow is over.
    do {
        asked = [];
        await pause(3000);
    } while (asked.length);
    await at.api("POST", `job/kill?id=${first}`, {});
    for (const one of [page, other]) await becomes(() => badge(first, one), (text) => /dead/.test(text));
    const late = await enqueue({ name: "letter" });
    await at.api("POST", `job/track?id=${late}`, {});
    for (const one of [page, other]) await row(late, one).waitFor();
    await at.api("POST", `job/delete?id=${first}`, {});
    // Nothing is kept of it then, but that it was tracked.
    for (const one of [page, other]) await row(first, one).getByText("not kept").waitFor();
    assert.match(await badge(first), /dead/, "as what it ended");
    assert.equal(await row(first).locator("td.main a").count(), 0, "there is no page of it any more");
    await at.api("DELETE", `job/track?id=${late}`);
    for (const one of [page, other]) await row(late, one).waitFor({ state: "detached" });
    assert.deepEqual(asked, [], "nothing was asked for: all of it was brought");
    await other.close();
});

await step("very many come page by page, and the sums are of all", async () => {
    const ids = [];
    for (let i = 0; i < 130; ++i) ids.push(await enqueue());
    for (const id of ids) await at.api("POST", `job/track?id=${id}`, {});
    await open("#/tracked");
    await page.getByText("100 of 131 tracked").waitFor();
    await page.locator(".flow-sum", { hasText: "130 scheduled" }).waitFor();
    await button("Show more").click();
    await button("Show more").waitFor({ state: "detached" });
    // What the server takes that is more than a second, it says.
    assert.equal(await page.getByText("So many are looked at every").count(), 0);
    for (const id of ids) await at.api("DELETE", `job/track?id=${id}`);
    await becomes(() => page.locator("tbody tr").count(), 1);
});

await step("a row's star tracks it no more", async () => {
    await button(`Track it no more ${first}`).click();
    await page.getByText("No job is tracked").waitFor();
    assert.deepEqual(await stored(), []);
});

await step("without streams it is asked for every 5 s", async () => {
    const id = await enqueue();
    await at.api("POST", `job/track?id=${id}`, {});
    await page.evaluate(() => localStorage.setItem("work.refresh", "5s"));
    await open("#/tracked");
    await becomes(() => badge(id), (text) => /scheduled/.test(text));
    await at.api("POST", `job/cancel?id=${id}`, {});
    await becomes(() => badge(id), (text) => /cancelled/.test(text));
    await page.evaluate(() => localStorage.clear());
});

await step("who may not act sees what is tracked, and no star to press", async () => {
    const viewer = await token("ben", "viewer");
    const file = join(scratch, "tracked-tokens");
    writeFileSync(file, viewer.line + "\n", { mode: 0o600 });
    const guarded = await server({ on: store.url, args: ["--tokens", file], headers: { Authorization: `Bearer ${viewer.secret}` } });
    const theirs = await (await browser.newContext({ locale: "en-GB", extraHTTPHeaders: { Authorization: `Bearer ${viewer.secret}` } })).newPage();
    const [id] = await stored();
    await theirs.goto(guarded.address + "#/tracked");
    await row(id, theirs).waitFor();
    assert.equal(await theirs.locator("tbody button").count(), 0);
    const another = await enqueue();
    await at.api("POST", `job/track?id=${another}`, {});
    // Another server knows of it within a second.
    await becomes(async () => (await guarded.api("GET", `job?id=${another}`)).tracked, true);
    await theirs.goto(`${guarded.address}#/job/${another}`);
    await theirs.getByText("★ tracked").waitFor();
    assert.equal(await theirs.getByRole("button", { name: /Track/ }).count(), 0);
    await theirs.context().close();
    await guarded.stop();
});

keys.close();
await browser.close();
await at.stop();
await store.stop();
end();
