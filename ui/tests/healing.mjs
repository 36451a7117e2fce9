// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/healing.mjs
// What goes wrong while somebody looks: Redis away, the server another one, the tab asleep, the
// clock wrong, the token no longer good. The page says what it shows and from when, and heals.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { becomes, open_browser, patience, pause, redis, scratch, server, steps, token } from "./support.mjs";

const store = await redis();
let at = await server({ on: store.url });
const browser = await open_browser();
let page;
const { step, end } = steps("healing", () => page);
const open = async (hash = "", options = {}) => {
    await page?.context().close();
    const context = await browser.newContext({ locale: "en-GB", ...options });
    page = await context.newPage();
    page.setDefaultTimeout(patience);
    page.on("pageerror", (e) => { throw e; });
    await page.goto(at.address + hash);
    await page.waitForSelector("main h1");
};
const live = () => page.locator("button.live").innerText();
const is_live = () => becomes(live, (text) => text.includes("live"), patience);
const pending = () => page.locator("a.tile", { hasText: "Pending" }).locator(".value").textContent();
const enqueue = (more = {}) => at.api("POST", "jobs", { name: "mail", args: [], ...more });

await step("Redis is stopped and started", async () => {
    await enqueue();
    await open();
    await is_live();
    await becomes(pending, "1");
    await store.stop();
    await page.getByText(/The broker has not answered since/).waitFor();
    assert.equal(await pending(), "1", "what was known stays");
    await becomes(live, (text) => /\d s old/.test(text), patience);
    await page.locator("nav a", { hasText: "Failures" }).click();
    await page.getByRole("alert").waitFor({ timeout: patience });
    await store.start();
    await page.getByText(/The broker has not answered since/).waitFor({ state: "detached", timeout: patience });
    await page.getByRole("alert").waitFor({ state: "detached", timeout: patience });
    await page.locator("nav a", { hasText: "Overview" }).click();
    await is_live();
    await enqueue();
    await becomes(pending, "2");
});

await step("another language is chosen while the server is away: it says so in that language, and comes with it", async () => {
    await open("#/settings");
    await is_live();
    await at.stop();
    await page.getByLabel("Language").selectOption("de");
    await page.getByText("Deutsch kann gerade nicht geladen werden").waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en", "that is what is shown");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    at = await server({ on: store.url, port: at.port });
    await page.getByRole("heading", { name: "Einstellungen" }).waitFor();
    await page.getByText("Deutsch kann gerade nicht geladen werden").waitFor({ state: "detached" });
});

await step("another version of the server has another file: the page is loaded anew for it", async () => {
    await open("#/settings");
    await page.route(/ui\/german-/, (route) => route.fulfill({ status: 404, body: "{}" }));
    await page.getByLabel("Language").selectOption("de");
    await page.getByText("Der Server hat inzwischen eine andere Version").waitFor();
    await page.unroute(/ui\/german-/);
    await page.getByRole("button", { name: "Neu laden" }).click();
    await page.getByRole("heading", { name: "Einstellungen" }).waitFor();
});

await step("the server ends, and another one has its place and other rights", async () => {
    await open("#/queue/mail");
    await page.getByRole("button", { name: "Pause…" }).waitFor();
    await is_live();
    await at.stop();
    await page.getByText(/The server does not answer/).waitFor({ timeout: patience });
    at = await server({ on: store.url, port: at.port, args: ["--read-only"] });
    await is_live();
    await page.getByText("read only").first().waitFor();
    await page.getByRole("button", { name: "Pause…" }).waitFor({ state: "detached" });
    await page.getByText(/The server does not answer/).waitFor({ state: "detached" });
    await at.stop();
    at = await server({ on: store.url, port: at.port });
    await page.getByRole("button", { name: "Pause…" }).waitFor({ timeout: patience });
});

await step("a tab sleeps, and shows what is when it wakes", async () => {
    await open();
    await is_live();
    const before = Number(await pending());
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Page.setWebLifecycleState", { state: "frozen" });
    await enqueue();
    await pause(13_000);
    await cdp.send("Page.setWebLifecycleState", { state: "active" });
    await becomes(pending, String(before + 1), patience);
    await is_live();
    await becomes(() => at.metric("work_http_streams"), 1, patience);
});

await step("ages hold where the clock is wrong", async () => {
    const { id } = await enqueue({ in_ms: 36_000_000 });
    const before = page;
    page = undefined;
    await before.context().close();
    const context = await browser.newContext({ locale: "en-GB" });
    await context.addInitScript(() => { const right = Date.now; Date.now = () => right() - 5_000_000; });
    page = await context.newPage();
    await page.goto(`${at.address}#/job/${id}`);
    const due = page.locator("dl div", { hasText: "Due" }).locator("time");
    await becomes(() => due.textContent(), (text) => /in (9|10) h/.test(text));
    await is_live();
});

await step("the token is no longer good: it is said, nothing more is asked, and one signs in again", async () => {
    await page.context().close();
    page = undefined;
    await at.stop();
    const file = `${scratch}/tokens`;
    const ada = await token("ada", "admin");
    const other = await token("other", "admin");
    writeFileSync(file, `${ada.line}\n${other.line}\n`, { mode: 0o600 });
    const basic = (secret) => ({ Authorization: `Bearer ${secret}` });
    at = await server({ on: store.url, port: at.port, args: ["--tokens", file], headers: basic(other.secret) });
    await open("", { httpCredentials: { username: "ada", password: ada.secret } });
    await is_live();
    assert.match(await page.locator(".user").textContent(), /ada/);
    writeFileSync(file, `${other.line}\n`, { mode: 0o600 });
    await page.locator("nav a", { hasText: "Queues" }).click();
    await page.getByText("You are signed in no more.").waitFor({ timeout: patience });
    await pause(1000);
    let asked = 0;
    page.on("request", (one) => { if (one.url().includes("api/v1")) ++asked; });
    await pause(6000);
    assert.equal(asked, 0, "it goes on asking");
    writeFileSync(file, `${ada.line}\n${other.line}\n`, { mode: 0o600 });
    // Until the server has looked into the file.
    await becomes(() => fetch(`${at.address}api/v1/`, { headers: basic(ada.secret) }).then((got) => got.status), 200);
    await page.getByRole("button", { name: "Sign in again" }).click();
    await is_live();
});

await page?.context().close();
await browser.close();
await at.stop();
await store.stop();
end();
