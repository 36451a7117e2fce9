// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/roles.mjs
// What each role is offered, a server that only reads, one that hides what jobs hold, and one in
// production.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { becomes, open_browser, patience, pause, redis, scratch, server, steps, token, work } from "./support.mjs";

const store = await redis();
const file = `${scratch}/roles`;
const tokens = {};
for (const role of ["metrics", "producer", "worker", "viewer", "operator", "admin"])
    tokens[role] = await token(role, role);
writeFileSync(file, Object.values(tokens).map((one) => one.line + "\n").join(""), { mode: 0o600 });
const headers = { Authorization: `Bearer ${tokens.admin.secret}` };
const at = await server({ on: store.url, ns: "roles", args: ["--tokens", file], headers });
const browser = await open_browser();
let page;
const { step, end } = steps("roles", () => page);
const open = async (address, hash, role) => {
    await page?.context().close();
    page = await (await browser.newContext({
        locale: "en-GB", viewport: { width: 1280, height: 900 },
        ...(role ? { httpCredentials: { username: role, password: tokens[role].secret } } : {}),
    })).newPage();
    page.setDefaultTimeout(patience);
    page.on("pageerror", (e) => { throw e; });
    await page.goto(address + hash);
    await page.waitForSelector("main h1");
};
const button = (name) => page.getByRole("button", { name, exact: true });
const here = async (name) => (await button(name).count()) > 0;
const dead = async (args = ["secret-argument"]) => {
    const { id } = await at.api("POST", "jobs", { name: "mail", args, in_ms: 3_600_000 });
    await at.api("POST", `job/kill?id=${id}`, {});
    return id;
};

await step("a viewer sees all and is offered nothing that changes", async () => {
    const id = await dead();
    await open(at.address, `#/job/${id}`, "viewer");
    await page.getByText("secret-argument").first().waitFor();
    for (const name of ["Requeue…", "Delete…", "Edit…", "Kill…"]) assert.equal(await here(name), false, name);
    await page.goto(at.address + "#/queue/mail?tab=settings");
    await page.getByText("To pause it needs the right operate.").waitFor();
    assert.equal(await here("Pause…"), false);
    await page.goto(at.address + "#/jobs?state=dead");
    await page.locator("tbody input").first().check();
    await page.getByText("1 job selected").waitFor();
    assert.equal(await here("Delete…"), false);
    await page.goto(at.address + "#/settings");
    await page.getByText("health, know, look_up, see, see_args").waitFor();
});

await step("an operator requeues and pauses, and deletes nothing", async () => {
    const id = await dead();
    await open(at.address, `#/job/${id}`, "operator");
    await button("Requeue…").waitFor();
    for (const name of ["Delete…", "Edit…"]) assert.equal(await here(name), false, name);
    await page.keyboard.press("d");
    assert.equal(await page.locator("dialog").count(), 0);
    await button("Requeue…").click();
    await button("Requeue 1 job").click();
    await becomes(async () => (await at.api("GET", `job?id=${id}`)).state, "pending");
});

for (const role of ["viewer", "operator", "admin"])
    await step(`no page asks for what a ${role} may not have, and what is offered is what the server says`, async () => {
        const id = await dead();
        await open(at.address, "#/", role);
        const refused = [];
        page.on("response", (one) => { if (one.status() === 401 || one.status() === 403) refused.push(one.url()); });
        await at.api("PUT", "limits/bank", { slots: 2, names: ["mail"] });
        const rights = (await page.evaluate(() => fetch("api/v1/").then((got) => got.json()))).rights;
        const operates = rights.includes("operate");
        const offers = async (name) => page.getByRole("button", { name }).count().then((n) => n > 0);
        for (const [hash, there] of [["#/", "Overview"], ["#/queues", "Queues"], ["#/queue/mail", "mail"], ["#/queue/mail?tab=statistics", "mail"], ["#/queue/mail?tab=settings", "mail"],
            ["#/jobs?state=dead", "Jobs"], [`#/job/${id}`, "mail"], ["#/failures", "Failures"], ["#/pools", "Pools"],
            ["#/flows", "Flows"], ["#/limits", "Limits"], ["#/limit/bank", "bank"], ["#/names", "Names"], ["#/names?name=mail", "mail"], ["#/broker", "Broker"], ["#/audit", "Audit"], ["#/settings", "Settings"]]) {
            await page.goto(at.address + hash);
            await page.getByRole("heading", { level: 1, name: there }).waitFor();
            await pause(400);
            assert.equal(await page.getByText("This needs a right that you have not").count(), 0, hash);
            if (hash === "#/queue/mail" || hash === "#/names?name=mail") await becomes(() => offers(/^Pause/), operates);
            if (hash.endsWith("tab=settings")) await becomes(() => here("Bound it…"), rights.includes("limit"));
            if (hash === "#/limits") await becomes(() => here("New limit…"), rights.includes("limit"));
            if (hash === "#/limit/bank") for (const name of ["Change…", "Remove…"]) await becomes(() => here(name), rights.includes("limit"));
            if (hash.startsWith("#/job/")) {
                const { can } = await page.evaluate((of) => fetch(`api/v1/job?id=${of}`).then((got) => got.json()), id);
                for (const [verb, name] of [["requeue", "Requeue…"], ["delete", "Delete…"], ["move", "Move…"], ["kill", "Kill…"], ["cancel", "Cancel…"]])
                    await becomes(() => here(name), can.includes(verb));
                await becomes(() => here("Edit…"), rights.includes("destroy"));
            }
            if (hash.startsWith("#/jobs")) await becomes(async () => (await page.getByLabel("All that match").count()) > 0, operates);
        }
        assert.deepEqual(refused, []);
    });

await step("an admin is offered all", async () => {
    const id = await dead();
    await open(at.address, `#/job/${id}`, "admin");
    for (const name of ["Requeue…", "Delete…", "Edit…", "Move…"]) await button(name).waitFor();
});

for (const [role, right] of [["producer", "see"], ["worker", "see"]])
    await step(`a ${role} is told which right it lacks, and finds a job by its id`, async () => {
        const id = await dead();
        await open(at.address, "#/jobs", role);
        await page.getByText(`${role} has not the right ${right}.`).waitFor();
        await page.goto(`${at.address}#/job/${id}`);
        await page.locator("h1", { hasText: "mail" }).waitFor();
        assert.equal(await here("Delete…"), false);
    });

await step("who may only read metrics gets no page, and the sentence that says why", async () => {
    await page.context().close();
    page = await (await browser.newContext({ httpCredentials: { username: "metrics", password: tokens.metrics.secret } })).newPage();
    const answer = await page.goto(at.address);
    assert.equal(answer.status(), 403);
    assert.match(await answer.text(), /has not the right know/);
});

await step("a server that only reads offers nothing that changes, to nobody", async () => {
    const only = await server({ on: store.url, ns: "roles", args: ["--read-only"] });
    await open(only.address, "#/jobs?state=dead");
    await page.getByText("read only").first().waitFor();
    await page.locator("tbody input").first().check();
    for (const name of ["Requeue…", "Delete…"]) assert.equal(await here(name), false, name);
    await page.goto(only.address + "#/queues");
    await page.getByRole("link", { name: "mail", exact: true }).waitFor();
    assert.equal(await here("Pause mail"), false);
    await only.stop();
});

await step("a server that hides what jobs hold shows and saves none of it", async () => {
    const hides = await server({ on: store.url, ns: "roles", args: ["--hide-args"] });
    await open(hides.address, "#/jobs?state=dead");
    await page.locator("tbody input").first().check();
    assert.equal(await here("Download"), false);
    assert.doesNotMatch(await page.locator("main").textContent(), /secret-argument/);
    await hides.stop();
});

await step("in production the namespace is typed before anything is destroyed, and jobs can be kept", async () => {
    const production = await server({ on: store.url, ns: "roles", args: ["--environment", "production"] });
    const id = await dead({ n: 1 });
    const exact = '{"n":9007199254740993, "eur":12.50}';
    const stored = await fetch(`${production.address}api/v1/jobs`, {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ name: "exact", args: exact, in_ms: 3_600_000, max_attempts: 7, tags: ["a"] }),
    });
    const other = (await stored.json()).id;
    await production.api("POST", `job/kill?id=${other}`, {});
    await open(production.address, `#/job/${other}`);
    assert.equal(await page.locator(".top .environment").textContent(), "production");
    // What destroys nothing asks as anywhere.
    await button("Requeue…").click();
    assert.equal(await page.getByLabel(/^Type/).count(), 0);
    assert.equal(await page.locator("dialog .environment").textContent(), "production");
    await button("Back").click();
    await button("Delete…").click();
    const go = button("Delete 1 job");
    assert.ok(await go.isDisabled());
    const file_of = page.waitForEvent("download");
    await button("Download as JSONL first").click();
    const saved = readFileSync(await (await file_of).path(), "utf8");
    assert.ok(saved.includes(`"args":${exact}`), saved);
    await page.getByLabel("Type roles to go on").fill("role");
    assert.ok(await go.isDisabled());
    await page.getByLabel("Type roles to go on").fill("roles");
    await go.click();
    await becomes(async () => (await production.api("GET", `job?id=${other}`))?.state ?? "gone", "gone");
    const { stdout } = await work(["enqueue", "--jsonl", "-", "--redis", store.url, "--ns", "roles"], saved);
    assert.match(stdout, new RegExp(other));
    const again = await production.api("GET", `job?id=${other}`);
    assert.equal(again.args, exact);
    assert.deepEqual(again.options, { max_attempts: 7, tags: ["a"] });
    // And those of a filter, from the list.
    await page.goto(production.address + "#/jobs?state=dead&name=mail");
    await page.getByLabel("All that match").selectOption("delete");
    const all_of = page.waitForEvent("download");
    await button("Download as JSONL first").click();
    const lines = readFileSync(await (await all_of).path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
    const counted = (await production.api("GET", "jobs?state=dead&name=mail&limit=500")).jobs.map((job) => job.id).sort();
    assert.deepEqual(lines.map((one) => one.id).sort(), counted);
    assert.ok(lines.some((one) => one.id === id));
    assert.ok(await page.getByRole("button", { name: /^Delete \d+ jobs$/ }).isDisabled());
    await button("Back").click();
    await production.stop();
});

await page?.context().close();
await browser.close();
await at.stop();
await store.stop();
end();
