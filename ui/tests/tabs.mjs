// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/tabs.mjs
// Eight tabs at once: all live, one stream at the server, whoever holds it.
import assert from "node:assert/strict";
import { becomes, open_browser, patience, pause, quiet, redis, server, steps } from "./support.mjs";

const store = await redis();
const at = await server({ on: store.url });
const browser = await open_browser();
const context = await browser.newContext({ locale: "en-GB" });
const { step, end } = steps("tabs");
const pending = (page) => page.locator("a.tile", { hasText: "Pending" }).locator(".value").textContent();
const live = (page) => page.locator("button.live").innerText();
/// A stream that was closed is met by the server with what it writes next.
const streams = () => at.metric("work_http_streams");
const add = (n) => at.api("POST", "jobs/bulk", { jobs: Array.from({ length: n }, () => ({ name: "mail", args: [] })) });
/// As the browser has it when another tab is looked at.
const hide = (page, hidden) => page.evaluate((to) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => to });
    document.dispatchEvent(new Event("visibilitychange"));
}, hidden);
const open = async (to = context, hash = "") => {
    const page = await to.newPage();
    page.on("pageerror", (e) => { throw e; });
    await page.goto(at.address + hash);
    await page.waitForSelector("main h1");
    return page;
};

let tabs = [];
await step("eight tabs are live over one stream", async () => {
    for (let i = 0; i < 8; ++i) tabs.push(await open());
    await becomes(streams, 1);
    await add(3);
    for (const page of tabs) {
        await becomes(() => pending(page), "3");
        await becomes(() => live(page), (text) => text.includes("live"));
    }
    await becomes(streams, 1);
});

await step("it goes on when the holder is closed", async () => {
    // The first tab asked for the lock first.
    await tabs.shift().close();
    await becomes(streams, 1);
    await add(4);
    for (const page of tabs) await becomes(() => pending(page), "7");
    await becomes(streams, 1);
});

await step("a hidden tab lets go, and all hidden need no stream", async () => {
    await hide(tabs[0], true);
    await becomes(streams, 1);
    await add(1);
    for (const page of tabs.slice(1)) await becomes(() => pending(page), "8");
    assert.equal(await pending(tabs[0]), "7");
    for (const page of tabs) await hide(page, true);
    await becomes(streams, 0);
    for (const page of tabs) await hide(page, false);
    await becomes(streams, 1);
    for (const page of tabs) await becomes(() => pending(page), "8");
});

await step("jobs that tabs follow come over the one stream", async () => {
    const ids = [];
    for (const page of tabs.slice(0, 3)) {
        const { id } = await at.api("POST", "jobs", { name: "followed", args: [], in_ms: 3_600_000 });
        ids.push(id);
        await page.goto(`${at.address}#/job/${id}`);
        await page.locator(".head .badge", { hasText: "scheduled" }).waitFor();
    }
    let asked = 0;
    for (const page of tabs.slice(0, 3))
        page.on("request", (one) => { if (/api\/v1\/snapshot/.test(one.url())) ++asked; });
    // What a page asks for while it begins to follow is over.
    await quiet(() => asked);
    asked = 0;
    for (const id of ids) await at.api("POST", `job/kill?id=${id}`, {});
    for (const page of tabs.slice(0, 3)) await page.locator(".head .badge", { hasText: "dead" }).waitFor();
    await becomes(streams, 1);
    assert.equal(asked, 0, "a tab asked for itself");
});

await step("a paused picture takes no part", async () => {
    const [page] = tabs.slice(-1);
    await page.goto(at.address + "#/");
    await page.locator("button.live").click();
    const before = await pending(page);
    await add(1);
    await becomes(() => pending(tabs[5]), String(Number(before) + 1));
    assert.equal(await pending(page), before);
    await page.locator("button.live").click();
    await becomes(() => pending(page), String(Number(before) + 1));
});

await step("without Web Locks each tab looks every 5 s", async () => {
    for (const page of tabs) await page.close();
    await becomes(streams, 0);
    const plain = await browser.newContext({ locale: "en-GB" });
    await plain.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined }));
    const pages = [await open(plain), await open(plain)];
    let asked = 0;
    const from = Date.now();
    pages[0].on("request", (one) => { if (/api\/v1\/snapshot/.test(one.url())) ++asked; });
    await add(2);
    for (const page of pages) await becomes(() => pending(page), "11", patience);
    await becomes(() => live(pages[0]), (text) => text.includes("every 5 s"));
    await pause(5500);
    await becomes(() => asked, (n) => n >= 1);
    const most = (Date.now() - from) / 5000 + 2;
    assert.ok(asked <= most, `it asked ${asked} times, and may ${most}`);
    await becomes(streams, 0);
    const { id } = await at.api("POST", "jobs", { name: "followed", args: [], in_ms: 3_600_000 });
    await pages[0].goto(`${at.address}#/job/${id}`);
    await pages[0].locator(".head .badge", { hasText: "scheduled" }).waitFor();
    await at.api("POST", `job/kill?id=${id}`, {});
    await pages[0].locator(".head .badge", { hasText: "dead" }).waitFor({ timeout: patience });
    await plain.close();
});

await browser.close();
await at.stop();
await store.stop();
end();
