// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/questions.mjs
// What somebody asks who has never seen the page, and finds by what is written on it, from the
// overview, with four clicks at most: why is this job not running, which queue is slow, who paused
// billing, how are these 17 run again and only these.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { keys_of } from "./raw.mjs";
import { becomes, open_browser, patience, redis, reporter, scratch, server, steps, token } from "./support.mjs";

const store = await redis();
const keys = await keys_of(store.port, "shop");
const file = `${scratch}/people`;
const people = { ada: await token("ada", "admin"), eve: await token("eve", "operator") };
writeFileSync(file, Object.values(people).map((one) => one.line + "\n").join(""), { mode: 0o600 });
const bearer = (who) => ({ Authorization: `Bearer ${people[who].secret}` });
const at = await server({ on: store.url, ns: "shop", args: ["--tokens", file], headers: bearer("ada") });

// A shop with some trouble.
const pool = "till-1";
const names = ["billing", "mail", "resize"];
await at.api("PUT", `pools/${pool}`, { job_types: names.map((name) => ({ name })), concurrency: 50, name: "till", host: "h", pid: 7, lease_ms: 120_000 });
const enqueue = async (jobs) => (await at.api("POST", "jobs/bulk", { jobs })).results.map((one) => one.id);
const some = (n, job) => Array.from({ length: n }, () => ({ args: [], ...job }));
const report = reporter(at.api, pool);
let claims = 0;
/// Runs so many of a name, which end as `outcome` says.
async function run(name, n, outcome) {
    const ids = await enqueue(some(n, { name }));
    const left = new Set(ids);
    while (left.size) {
        const { jobs } = await at.api("POST", `pools/${pool}/claim`, { number: ++claims, want: 50 });
        await report({ outcomes: jobs.map(({ id, fence }) => ({ id, fence, ...outcome })) });
        for (const { id } of jobs) left.delete(id);
    }
    return ids;
}
const fails = (type) => ({ outcome: "fail", type, message: "no answer in 30 s", fatal: true });
const these = await run("billing", 17, fails("gateway::timeout"));
const others = [...(await run("billing", 6, fails("card::refused"))), ...(await run("mail", 4, fails("smtp::refused")))];
await run("mail", 30, { outcome: "complete" });
await at.api("POST", "name/pause?name=resize", {});
await enqueue(some(300, { name: "resize" }));
await at.api("POST", "name/resume?name=resize", {});
const [legacy] = await enqueue(some(3, { name: "import_legacy", queue: "legacy" }));
await at.api("POST", "queue/pause?queue=billing", { reason: "the gateway is down" });
await enqueue(some(40, { name: "billing" }));
await enqueue(some(2, { name: "mail" }));

const browser = await open_browser();
let page;
let clicks = 0;
const { step, end } = steps("questions", () => page);
/// A link, button or heading by what is written on it, for eyes as for screen readers.
const click = async (role, name) => {
    ++clicks;
    const found = page.getByRole(role, { name, exact: typeof name === "string" });
    await found.first().waitFor();
    assert.ok(await found.first().isVisible());
    await found.first().click();
};
const asks = (question, find) => step(question, async () => {
    await page?.context().close();
    page = await (await browser.newContext({
        locale: "en-GB", viewport: { width: 1280, height: 900 }, httpCredentials: { username: "eve", password: people.eve.secret },
    })).newPage();
    page.setDefaultTimeout(patience);
    page.on("pageerror", (e) => { throw e; });
    await page.goto(at.address);
    await page.getByText("Oldest waiting").waitFor();
    clicks = 0;
    await find();
    assert.ok(clicks <= 4, `${clicks} clicks`);
    console.log(`questions: ${question} ${clicks} clicks`);
});
const main = () => page.locator("main").innerText();

await asks("Why is this job not running? (by its id)", async () => {
    await page.getByRole("searchbox").or(page.getByRole("search").getByRole("textbox")).first().fill(legacy);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Why it does not run now" }).waitFor();
    assert.match(await page.locator("#why li").first().innerText(), /pool/);
});
await asks("Why is this job not running? (from what waits)", async () => {
    // The overview says it beside the queue.
    await page.locator("li", { hasText: "legacy" }).getByText("no pool").waitFor();
    await click("link", "Queues");
    await click("button", "Explain legacy");
    await page.getByRole("heading", { name: "Why it does not run now" }).waitFor();
    assert.match(await page.locator("#why li").first().innerText(), /pool/);
});
await asks("Which queue is slow?", async () => {
    await click("link", "Queues");
    await click("button", /^Oldest/);
    await becomes(async () => (await page.locator("tbody tr").first().innerText()).split("\n")[0], "resize");
    await click("link", "resize");
    await page.getByText(/300 pending/).waitFor();
});
await asks("Who paused billing?", async () => {
    await page.locator("li", { hasText: "billing" }).getByText("paused by ada").waitFor();
    await click("link", "Queues");
    const row = page.locator("tr", { has: page.getByRole("link", { name: "billing", exact: true }) });
    await row.getByText("by ada, “the gateway is down”").waitFor();
});
await asks("How are these 17 run again, and only these?", async () => {
    await click("link", "Failures");
    await click("link", "gateway::timeout");
    await page.getByText("17 found").waitFor();
    ++clicks;
    await page.getByLabel("All that match").selectOption({ label: "Requeue" });
    await page.getByRole("button", { name: "Requeue 17 jobs" }).waitFor();
    assert.match(await page.getByRole("dialog").innerText(), /gateway::timeout/);
    await click("button", "Requeue 17 jobs");
    await page.getByText("done 17").waitFor();
    // Those, and no other: as Redis has it.
    const stand = await Promise.all([...these, ...others].map((id) => keys.state_of(id)));
    assert.deepEqual(stand, [...these.map(() => "pending"), ...others.map(() => "dead")]);
});
await asks("Who ran them again?", async () => {
    await click("link", "Audit");
    await page.locator("tr", { hasText: "requeue" }).first().waitFor();
    assert.match(await main(), /eve/);
    assert.match(await main(), /gateway::timeout/);
});

report.end();
await page?.context().close();
await browser.close();
keys.close();
await at.stop();
await store.stop();
end();
