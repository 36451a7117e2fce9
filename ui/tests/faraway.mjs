// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/faraway.mjs
// A server that is far away: 300 ms to it, and 300 ms back. Pages say that they wait, nothing that is
// pressed twice is done twice, and what comes late is not taken for what was asked for since.
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { becomes, open_browser, patience, pause, redis, server, steps } from "./support.mjs";

const far_ms = 300;
const store = await redis();
const at = await server({ on: store.url });
/// What was sent to change something.
let sent = [];
/// What is shown while an answer is on its way is looked at for as long as that takes.
let gate = Promise.resolve();
async function meanwhile(act, look) {
    let release;
    gate = new Promise((done) => { release = done; });
    try {
        await act();
        await look();
    } finally {
        release();
    }
}
const proxy = createServer((asked, answered) => {
    const parts = [];
    asked.on("data", (part) => parts.push(part));
    asked.on("end", () => setTimeout(async () => {
        const body = Buffer.concat(parts);
        if (asked.method !== "GET") sent.push(`${asked.method} ${asked.url.split("api/v1/")[1]} ${body}`);
        if (asked.url.includes("api/v1/")) await gate;
        const to = new URL(asked.url, at.address);
        const headers = { ...asked.headers, host: to.host };
        if (headers.origin) headers.origin = to.origin;
        const on = request(to, { method: asked.method, headers }, (got) => {
            const later = (act) => setTimeout(act, far_ms);
            later(() => { answered.writeHead(got.statusCode, got.headers); answered.flushHeaders(); });
            got.on("data", (part) => later(() => answered.write(part)));
            got.on("end", () => later(() => answered.end()));
        });
        on.on("error", () => answered.destroy());
        answered.on("close", () => on.destroy());
        on.end(body);
    }, far_ms));
}).listen(0, "127.0.0.1");
await new Promise((ready) => proxy.once("listening", ready));
const far = `http://127.0.0.1:${proxy.address().port}/`;
const browser = await open_browser();
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" })).newPage();
page.setDefaultTimeout(patience);
page.on("pageerror", (e) => { throw e; });
const { step, end } = steps("faraway", () => page);
const open = async (hash) => {
    await page.goto("about:blank");
    await page.goto(far + hash);
    await page.waitForSelector("header.top");
    sent = [];
};
const button = (name) => page.getByRole("button", { name, exact: true });
const enqueue = async (more = {}) => (await at.api("POST", "jobs", { name: "mail", args: [1], in_ms: 3_600_000, ...more })).id;

await step("while the first answer is on its way the page says that it waits for the server", async () => {
    await meanwhile(() => page.goto(far), () => page.getByText("Waiting for the server…").waitFor());
    await page.waitForSelector("header.top");
    await page.getByText("Waiting for the server…").waitFor({ state: "detached" });
    await becomes(() => page.locator("button.live").innerText(), (text) => text.includes("live"));
});

await step("each page shows that it loads, and nothing empty before it is known to be", async () => {
    await enqueue();
    await open("#/settings");
    for (const name of ["Queues", "Jobs", "Failures", "Pools", "Cron", "Flows", "Limits", "Names", "Tracked", "Audit"]) {
        await meanwhile(() => page.locator("nav a", { hasText: new RegExp(`^${name}$`) }).click(), async () => {
            await page.locator(".skeleton").first().waitFor();
            assert.equal(await page.locator(".empty").count(), 0, `${name} says that there is nothing before it knows`);
        });
        await page.waitForFunction(() => !document.querySelector(".skeleton"));
    }
});

await step("a button that is pressed twice does it once", async () => {
    const id = await enqueue();
    await open(`#/job/${id}`);
    await button("Track").waitFor();
    await meanwhile(() => button("Track").dblclick(), () => page.getByText("Waiting for the server…").waitFor());
    await button("Tracked").waitFor();
    assert.deepEqual(sent.map((one) => one.split(" ")[0]), ["POST"]);
    assert.equal((await at.api("GET", "tracked")).tracked.length, 1);
});

await step("a dialog that is sent twice does it once, and says that it works on it", async () => {
    const id = await enqueue();
    await open(`#/job/${id}`);
    await button("Kill…").click();
    const twice = () => page.locator("dialog form").evaluate((form) => { form.requestSubmit(); form.requestSubmit(); });
    await meanwhile(twice, () => page.getByText("Working…").waitFor());
    await page.locator("dialog").waitFor({ state: "detached" });
    await becomes(() => page.locator("h1 + .sub .badge").textContent(), (text) => /dead/.test(text));
    assert.equal(sent.length, 1, sent.join("; "));
    const job = await at.api("GET", `job?id=${id}`);
    assert.equal(job.history.length, 1, "it was killed once");
});

await step("a queue that is resumed twice is resumed once", async () => {
    await at.api("POST", "queue/pause?queue=mail", { reason: "moving" });
    await open("#/queue/mail");
    const resume = button("Resume").first();
    await resume.evaluate((one) => { one.click(); one.click(); });
    await becomes(async () => (await at.api("GET", "queue?queue=mail")).paused, null);
    await button("Pause…").first().waitFor();
    assert.equal(sent.length, 1, sent.join("; "));
});

await step("an edited job is sent once", async () => {
    const id = await enqueue();
    await open(`#/job/${id}`);
    await button("Edit…").click();
    await page.locator("[name=priority]").fill("7");
    await page.locator("section.edit form").evaluate((form) => { form.requestSubmit(); form.requestSubmit(); });
    await page.getByText("The job is changed").waitFor();
    assert.equal(sent.length, 1, sent.join("; "));
    assert.equal((await at.api("GET", `job?id=${id}`)).priority, 7);
});

await step("an entry of cron is made once", async () => {
    await open("#/crons");
    await button("New entry…").click();
    for (const [name, text] of [["name", "far"], ["spec", "@daily"], ["job", "mail"]]) await page.locator(`form [name=${name}]`).fill(text);
    const twice = () => page.locator("section.edit form").evaluate((form) => { form.requestSubmit(); form.requestSubmit(); });
    await meanwhile(twice, () => page.getByText("Working…").waitFor());
    await page.getByRole("heading", { name: "far", exact: true }).waitFor();
    assert.equal(sent.filter((one) => one.startsWith("PUT")).length, 1, sent.join("; "));
    assert.equal(await page.getByRole("alert").count(), 0);
});

await step("of two filters in a row the later one is shown, whichever answer comes last", async () => {
    const letter = await enqueue({ name: "letter" });
    await open("#/jobs");
    await page.evaluate(() => { location.hash = "#/jobs?name=mail"; });
    await pause(100);
    await page.evaluate(() => { location.hash = "#/jobs?name=letter"; });
    await page.getByText(letter).waitFor();
    await pause(1000);
    assert.equal(await page.locator("tbody tr").count(), 1);
});

proxy.closeAllConnections();
proxy.close();
await browser.close();
await at.stop();
await store.stop();
end();
