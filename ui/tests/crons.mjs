// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/crons.mjs
// Cron entries made and changed in the page: what stands in Redis then, byte for byte, and what is left
// alone.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { keys_of } from "./raw.mjs";
import { becomes, open_browser, patience, redis, scratch, server, steps, token } from "./support.mjs";

const store = await redis();
const at = await server({ on: store.url, args: ["--no-cron"] });
const keys = await keys_of(store.port, "ui");
const browser = await open_browser();
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" })).newPage();
page.setDefaultTimeout(patience);
page.on("pageerror", (e) => { throw e; });
const { step, end } = steps("crons", () => page);
const open = async (hash) => {
    await page.goto("about:blank");
    await page.goto(at.address + hash);
    await page.waitForSelector("main h1");
};
const button = (name) => page.getByRole("button", { name, exact: true });
const field = (name) => page.locator("form").getByLabel(name, { exact: true });
/// What is kept of an entry: its revision and times, when it is due, and its job.
const kept = async (name) => {
    const value = await keys.ask("HGET", keys.key("crons"), name);
    if (value === null) return null;
    const [head, plan, ...job] = value.split("\n");
    return { revision: Number(head.split(" ")[0]), plan: JSON.parse(plan), job: job.join("\n") };
};

await step("an entry is made, and what is typed is explained meanwhile", async () => {
    await open("#/crons");
    await button("New entry…").click();
    await field("Name").fill("nightly");
    await field("When").fill("0 25 * * *");
    await page.getByText(/hour/).first().waitFor();
    await field("When").fill("0 3 * * 1");
    await field("Zone").fill("Europe/Berlin");
    await becomes(() => page.locator("form [role=status]").textContent(), (text) => /at 03:00 on Monday: \d{4}-\d\d-\d\d 03:00:00/.test(text));
    await field("Job name").fill("report");
    await page.locator('[name=args]').fill('{"n":9007199254740993, "eur":12.50}');
    await button("Make the entry").click();
    await page.getByRole("heading", { name: "nightly" }).waitFor();
    const made = await kept("nightly");
    assert.deepEqual([made.plan.spec, made.plan.zone, made.plan.missed], ["0 3 * * 1", "Europe/Berlin", "one"]);
    assert.ok(made.job.includes('{"n":9007199254740993, "eur":12.50}'), made.job);
});

await step("one that is there already is not overwritten by a new one", async () => {
    await open("#/crons");
    await button("New entry…").click();
    for (const [name, text] of [["Name", "nightly"], ["When", "@daily"], ["Job name", "other"]]) await field(name).fill(text);
    await button("Make the entry").click();
    await page.getByText("There is an entry nightly already.").waitFor();
    assert.equal((await kept("nightly")).plan.spec, "0 3 * * 1");
});

await step("an entry is changed, and what the form has not stays", async () => {
    const body = { spec: "0 3 * * *", zone: "Europe/Berlin", missed: "skip", overlap: "skip", name: "report", queue: "slow", args: [1.10], max_attempts: 4, priority: 3, tags: ["finance"], headers: { a: "b" }, timeout_ms: 5000 };
    await at.api("PUT", "crons/full", body);
    const before = await kept("full");
    await open("#/cron/full");
    await button("Edit…").click();
    await button("Change the entry").click();
    await page.getByText("Nothing was to be changed").waitFor();
    assert.deepEqual(await kept("full"), before, "as it was sent it is as it was");
    await button("Edit…").click();
    await field("When").fill("30 4 * * *");
    await page.locator("[name=missed]").selectOption("all");
    await field("Of those at most").fill("7");
    await page.locator("[name=overlap]").selectOption("allow");
    await field("Queue").fill("slower");
    await button("Change the entry").click();
    await page.getByText("The entry full is changed").waitFor();
    const { cron } = await at.api("GET", "crons/full");
    assert.deepEqual([cron.spec, cron.missed, cron.most_missed, cron.overlap, cron.queue, cron.args], ["30 4 * * *", "all", 7, "allow", "slower", "[1.1]"]);
    assert.deepEqual(cron.options, { priority: 3, max_attempts: 4, timeout_ms: 5000, headers: { a: "b" }, tags: ["finance"] });
    await page.getByText("30 4 * * *").first().waitFor();
});

await step("what somebody else changed meanwhile is left as it is", async () => {
    await open("#/cron/nightly");
    await button("Edit…").click();
    await at.api("PUT", "crons/nightly", { spec: "0 5 * * *", name: "report", args: [] });
    await field("When").fill("0 6 * * *");
    await button("Change the entry").click();
    await page.getByText("The entry was changed since it was looked at").waitFor();
    assert.equal((await kept("nightly")).plan.spec, "0 5 * * *");
});

await step("a spec that can't be is refused with its sentence, and the form stays", async () => {
    await open("#/cron/nightly");
    await button("Edit…").click();
    await field("When").fill("every day");
    await button("Change the entry").click();
    await page.locator("form [role=alert]").waitFor();
    assert.equal(await field("When").inputValue(), "every day");
    assert.equal((await kept("nightly")).plan.spec, "0 5 * * *");
    await button("Back").click();
    await becomes(() => page.locator("form.edit, section.edit").count(), 0);
});

await step("an entry is run, paused, resumed and deleted", async () => {
    await open("#/cron/nightly");
    await button("Run now…").click();
    await button("Run now").click();
    await page.getByText(/Job cron:nightly\S+ is enqueued/).waitFor();
    await page.getByText("when somebody wanted it").waitFor();
    await becomes(async () => (await at.api("GET", "jobs?name=report&state=pending")).jobs.length, 1);
    await button("Pause…").click();
    await button("Pause").click();
    await becomes(async () => (await at.api("GET", "crons/nightly")).cron.paused, true);
    await button("Resume…").click();
    await button("Resume").click();
    await becomes(async () => (await at.api("GET", "crons/nightly")).cron.paused, false);
    await button("Delete…").click();
    await button("Delete").click();
    await becomes(() => kept("nightly"), null);
});

await step("who may not schedule, or not see arguments, is offered no form", async () => {
    const people = { op: await token("op", "operator"), root: await token("root", "admin") };
    const file = join(scratch, "cron-tokens");
    writeFileSync(file, Object.values(people).map((one) => one.line + "\n").join(""), { mode: 0o600 });
    for (const [who, args] of [["op", []], ["root", ["--hide-args"]]]) {
        const headers = { Authorization: `Bearer ${people[who].secret}` };
        const guarded = await server({ on: store.url, args: ["--tokens", file, ...args], headers });
        const theirs = await (await browser.newContext({ locale: "en-GB", extraHTTPHeaders: headers })).newPage();
        await theirs.goto(guarded.address + "#/cron/full");
        await theirs.getByRole("button", { name: "Run now…" }).waitFor();
        assert.equal(await theirs.getByRole("button", { name: "Edit…" }).count(), 0, who);
        await theirs.context().close();
        await guarded.stop();
    }
});

keys.close();
await browser.close();
await at.stop();
await store.stop();
end();
