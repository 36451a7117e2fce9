// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: tools/ui/show.sh PROGRAM node tests/acts.mjs
// Presses the buttons of the pages of the namespace work_ui, and looks into Redis whether each did
// what it says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { keys_of } from "./raw.mjs";
import { becomes, open_browser, patience, steps } from "./support.mjs";

const address = process.env.UI_ADDRESS;
const keys = await keys_of(Number(new URL(process.env.UI_REDIS).port), "work_ui");
const queue = `acts-${process.pid}`;
const hostile = `<img src=x onerror=alert(1)>\u202e"'&😀`;

async function api(method, path, body) {
    const answer = await fetch(`${address}api/v1/${path}`, {
        method, headers: { "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    return answer.status === 404 ? null : answer.json();
}
const enqueue = async (more = {}) => (await api("POST", "jobs", { name: "acts", args: [hostile], queue, ...more })).id;
const state = (id) => keys.state_of(id);
const act = (action, ids) => api("POST", "jobs/actions", { action, ids });
/// Why a queue or a name is paused; null: it is not.
const pause_of = async (kind, name) => {
    const kept = await keys.ask("HGET", keys.key("settings"), `${kind}:${name}`);
    return kept && JSON.parse(kept).reason;
};
/// The first line of a stored job, and what follows.
const stored = async (id) => (await keys.record_of(id)) ?? "";

const browser = await open_browser();
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" })).newPage();
page.setDefaultTimeout(patience);
page.on("dialog", () => assert.fail("a script of a job ran"));
page.on("pageerror", (e) => { throw e; });
const open = async (hash) => {
    await page.goto("about:blank");
    await page.goto(address + hash);
    await page.waitForSelector("main h1");
};
const button = (name, exact = true) => page.getByRole("button", { name, exact });
const { step, end } = steps("acts", () => page);

await step("a queue is paused with a reason, and resumed", async () => {
    await enqueue();
    await open(`#/queues?q=${queue}`);
    await button(`Pause ${queue}`).click();
    await page.getByLabel("Reason").fill("disk full");
    await button("Pause").last().click();
    const paused = () => pause_of("queue", queue);
    await becomes(paused, "disk full");
    await page.getByText("disk full").first().waitFor();
    await button(`Resume ${queue}`).click();
    await becomes(paused, null);
});

await step("a queue with a job stays, and an empty one is forgotten", async () => {
    const old = `${queue}-old`;
    const id = await enqueue({ queue: old });
    await act("kill", [id]);
    await open(`#/queue/${old}`);
    await button("Forget…").click();
    await button("Forget").click();
    await page.getByText("has 1 job", { exact: false }).first().waitFor();
    await act("delete", [id]);
    await button("Forget").click();
    const known = () => keys.ask("ZSCORE", keys.key("lists"), `${old}:acts`);
    await becomes(known, null);
});

await step("what people did to a job stands on its page", async () => {
    const id = await enqueue();
    await act("kill", [id]);
    await act("requeue", [id]);
    await open(`#/job/${id}`);
    const rows = page.getByRole("table", { name: "What people did to it" }).getByRole("row");
    await becomes(() => rows.count(), 3);
    await act("cancel", [id]);
});

await step("a limit is made, changed and removed, and what it touches is said before", async () => {
    const limit = `${queue}-limit`;
    const waits = await enqueue({ name: limit });
    await becomes(async () => (await api("GET", `queue?queue=${queue}`)).lists.some((one) => one.name === limit), true);
    const slots = () => keys.ask("HGET", keys.key(`limit:${limit}`), "slots");
    await open("#/limits");
    await button("New limit…").click();
    await page.getByLabel("Name", { exact: true }).fill(limit);
    await page.locator("dialog").getByLabel("Slots").fill("many");
    await page.getByLabel("Job names").fill(` ${limit} `);
    await button("Go on").last().click();
    await page.getByText("and not many").waitFor();
    assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), limit, "what was typed stays");
    await page.locator("dialog").getByLabel("Slots").fill("0");
    await button("Go on").last().click();
    await page.getByText("Now 0 of them run, and 1 wait, in 1 lists.").waitFor();
    await page.getByText("With 0 slots none starts any more").waitFor();
    assert.equal(await slots(), null, "nothing is set before it was confirmed");
    await button("Set it").click();
    await becomes(slots, "0");
    await page.locator("h1", { hasText: limit }).waitFor();
    await button("Change…").click();
    await page.locator("dialog").getByLabel("Slots").fill("5");
    await button("Go on").last().click();
    await button("Set it").click();
    await becomes(slots, "5");
    await page.getByText("0/5").waitFor();
    assert.equal(await keys.ask("HGET", keys.key("limited"), `name:${limit}`), limit);
    await open(`#/queue/${queue}?tab=settings`);
    await page.getByRole("link", { name: limit, exact: true }).first().waitFor();
    await open(`#/limit/${limit}`);
    await button("Remove…").click();
    await button("Remove").click();
    await becomes(slots, null);
    await act("cancel", [waits]);
});

await step("a queue is bounded, its bound changed and removed, and what it will do is said before", async () => {
    const bounded = `${queue}-bounded`;
    const ids = [await enqueue({ queue: bounded }), await enqueue({ queue: bounded })];
    const bound = async () => ((await keys.ask("GET", keys.key("bounds"))) ?? "").includes(bounded);
    await open(`#/queue/${bounded}?tab=settings`);
    await page.getByText("Any number of jobs may wait.").waitFor();
    // What the dialog says is of what the page knows by then.
    await page.getByText("2 pending, 0 active").waitFor();
    await button("Bound it…").click();
    await page.getByLabel("At most").fill("none");
    await button("Go on").last().click();
    await page.getByText("and not none").waitFor();
    await page.getByLabel("At most").fill("2");
    await button("Go on").last().click();
    await page.getByText("While so many wait, more are refused. 2 wait now.").waitFor();
    assert.equal(await bound(), false, "nothing is set before it was confirmed");
    await button("Set it").click();
    await becomes(bound, true);
    await page.getByText("It is full: no more than 2 may wait.").waitFor();
    assert.equal((await api("POST", "jobs", { name: "acts", args: [], queue: bounded })).status, 429);
    await becomes(() => page.locator("#bound dl div", { hasText: "Refused" }).locator("dd").textContent(), "1");
    await open(`#/queues?q=${bounded}`);
    await page.getByRole("row", { name: bounded }).getByTitle("no more than 2 may wait").waitFor();
    await open(`#/queue/${bounded}?tab=settings`);
    await button("Change…").click();
    await page.getByLabel("At most").fill("1");
    await page.getByLabel("While so many wait").selectOption("drop_oldest");
    await button("Go on").last().click();
    await page.getByText("the oldest are cancelled until it fits: 2 jobs.").waitFor();
    await button("Set it").click();
    await page.getByText("At most 1 may wait: the oldest are cancelled for more.").waitFor();
    ids.push(await enqueue({ queue: bounded }));
    await becomes(async () => (await api("GET", `job?id=${ids[1]}`)).state, "cancelled");
    await button("Remove…").click();
    await button("Remove").click();
    await becomes(bound, false);
    await page.getByText("Any number of jobs may wait.").waitFor();
    await act("cancel", ids);
});

await step("a name is paused in all queues, and resumed", async () => {
    const name = `${queue}-name`;
    await enqueue({ name });
    await open(`#/jobs?name=${name}`);
    await button("Pause this name…").click();
    await button("Pause").click();
    const paused = () => pause_of("name", name);
    await becomes(paused, "");
    await open("#/queues");
    await page.locator("p.box", { hasText: name }).getByRole("button").click();
    await becomes(paused, null);
});

await step("a job is killed, requeued, moved and cancelled from its page", async () => {
    const id = await enqueue();
    await open(`#/job/${id}`);
    await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
    await button("Kill…").click();
    await button("Kill 1 job").click();
    await becomes(() => state(id), "dead");
    await button("Requeue…").click();
    await button("Requeue 1 job").click();
    await becomes(() => state(id), "pending");
    // Who acts on what is not so any more changes nothing: first the page shows what became of it.
    await page.locator("main .head .badge", { hasText: "pending" }).waitFor();
    await button("Move…").click();
    await page.getByLabel("Queue").last().fill(queue + "-b");
    await button("Move 1 job").click();
    await becomes(async () => (await stored(id)).split("\n")[0].endsWith(` ${queue}-b:acts`), true);
    await page.locator("main").getByRole("link", { name: `${queue}-b`, exact: true }).waitFor();
    await button("Cancel…").click();
    await button("Cancel 1 job").click();
    await becomes(async () => ["cancelled", "gone"].includes(await state(id)), true);
});

await step("arguments are changed byte for byte", async () => {
    const id = await enqueue({ args: '{"n":9007199254740993}' });
    await open(`#/job/${id}`);
    await button("Edit…").click();
    await page.locator("textarea[name=args]").fill('{"n":9007199254740995,"eur":1.50}');
    await page.locator("input[name=priority]").fill("7");
    await button("Change the job").click();
    await becomes(async () => (await stored(id)).endsWith('\n{"n":9007199254740995,"eur":1.50}'), true);
    assert.match((await stored(id)).split("\n")[0], /\bp=7\b/);
});

await step("a job that waits for others is changed, too", async () => {
    const tail = Math.random().toString(36).slice(2);
    const jobs = [{ key: "a", name: "acts", id: `a-${tail}`, args: [], in_ms: 3_600_000 }, { key: "b", name: "acts", id: `b-${tail}`, args: [1], after: [{ key: "a" }] }];
    await api("POST", "flows", { jobs });
    await open(`#/job/b-${tail}`);
    await button("Edit…").click();
    await page.locator("textarea[name=args]").fill("[2]");
    await button("Change the job").click();
    await becomes(async () => (await stored(`b-${tail}`)).endsWith("\n[2]"), true);
    assert.equal((await api("GET", `job?id=b-${tail}`)).state, "waiting");
    await api("POST", `job/cancel?id=b-${tail}`, {});
    await api("POST", `job/cancel?id=a-${tail}`, {});
});

await step("what is selected is deleted, and nothing else", async () => {
    const ids = [];
    for (let i = 0; i < 4; ++i) ids.push(await enqueue({ in_ms: 3_600_000 }));
    await api("POST", "jobs/actions", { action: "kill", ids });
    await open(`#/jobs?state=dead&queue=${queue}`);
    for (const id of ids.slice(0, 2)) await page.getByLabel(`acts ${id}`).check();
    await page.getByText("2 jobs selected").waitFor();
    await button("Delete…").click();
    // The focus is on what changes nothing.
    await becomes(() => page.evaluate(() => document.activeElement.textContent), "Back");
    await button("Delete 2 jobs").click();
    await becomes(() => state(ids[0]), "gone");
    await becomes(() => state(ids[1]), "gone");
    assert.equal(await state(ids[2]), "dead");
    await api("POST", "jobs/actions", { action: "delete", ids: ids.slice(2) });
});

await step("all that match are acted on by an operation, with their count typed", async () => {
    const jobs = Array.from({ length: 120 }, () => ({ name: "many", args: [], queue: queue + "-many", in_ms: 3_600_000 }));
    const { results } = await api("POST", "jobs/bulk", { jobs });
    await open(`#/jobs?state=scheduled&queue=${queue}-many`);
    await page.getByLabel("All that match").selectOption("kill");
    const go = button("Kill 120 jobs");
    await go.waitFor();
    assert.ok(await go.isDisabled(), "it works before the number is typed");
    await page.getByLabel("Type 120 to go on").fill("120");
    await go.click();
    await page.getByText("done 120").waitFor();
    assert.equal(await state(results[119].id), "dead");
    await api("POST", "operations", { action: "delete", filter: { states: ["dead"], queue: queue + "-many" }, expected: 120 });
});

await step("keys go to pages, rows and jobs", async () => {
    const id = await enqueue({ in_ms: 3_600_000 });
    await open(`#/jobs?state=scheduled&queue=${queue}`);
    await page.getByText(id).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("1 job selected").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await page.waitForURL(/#\/job\//);
    await page.keyboard.press("g");
    await page.keyboard.press("q");
    await page.waitForURL(/#\/queues/);
    await page.keyboard.press("/");
    await becomes(() => page.evaluate(() => document.activeElement.id), "search");
    await page.keyboard.type(id);
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(id));
});

await step("a job that changes is shown without a touch", async () => {
    const id = await enqueue({ in_ms: 3_600_000 });
    await open(`#/job/${id}`);
    await page.locator("main .head .badge", { hasText: "scheduled" }).waitFor();
    await api("POST", `job/kill?id=${id}`, { reason: "seen live" });
    await page.locator("main .head .badge", { hasText: "dead" }).waitFor();
    await button("Delete…").waitFor();
    await api("POST", `job/delete?id=${id}`, {});
    await page.getByText(/It is gone since|not known/).waitFor();
});

await step("an id may be anything, and is text", async () => {
    // What an id may hold at most: printable ASCII, but space, comma and braces.
    const id = `../x%2F<img/src=x/onerror=alert(1)>?#"'&;-${process.pid}-`.padEnd(128, "x");
    await enqueue({ id });
    await open("#/");
    await page.locator("#search").fill(id);
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: "acts" }).waitFor();
    assert.equal(await page.locator("code.id").textContent(), id);
    assert.equal(await page.locator("main img").count(), 0);
    await button("Kill…").click();
    await button("Kill 1 job").click();
    await becomes(() => state(id), "dead");
    await button("Delete…").click();
    await button("Delete 1 job").click();
    await becomes(() => state(id), "gone");
});

await step("arguments of a million bytes are shown cut, and downloaded whole", async () => {
    const args = JSON.stringify({ text: "ä".repeat(500_000) });
    const id = await enqueue({ args, in_ms: 3_600_000 });
    await open(`#/job/${id}`);
    await page.getByText("Cut here; the download is whole.").waitFor();
    assert.ok((await page.locator("pre[aria-label=Arguments]").textContent()).length <= 65_536);
    const file = page.waitForEvent("download");
    await button("Download").first().click();
    assert.equal(readFileSync(await (await file).path(), "utf8"), args);
    await act("kill", [id]);
    await act("delete", [id]);
});

await step("the field at the top takes filters", async () => {
    await open("#/");
    await page.locator("#search").fill("tag: a tag ");
    await page.keyboard.press("Enter");
    await becomes(() => page.evaluate(() => location.hash), "#/jobs?tag=a+tag");
    await page.locator("#search").fill("failure:gateway::timeout");
    await page.keyboard.press("Enter");
    await becomes(() => page.evaluate(() => location.hash), "#/jobs?failure=gateway%3A%3Atimeout");
    await page.getByRole("button", { name: /Failure type: gateway::timeout/ }).click();
    await becomes(() => page.evaluate(() => location.hash), "#/jobs");
});

await step("to delete all of a state its number is typed, however few there are", async () => {
    await act("kill", [await enqueue({ in_ms: 3_600_000 })]);
    await open("#/jobs?state=dead");
    await page.getByLabel("All that match").selectOption("delete");
    await page.getByLabel(/^Type \d+ to go on$/).waitFor();
    assert.ok(await page.locator("dialog button.danger").isDisabled());
    await button("Back").click();
});

await step("what has become far more since it was counted is asked about again", async () => {
    const to = queue + "-moved";
    const some = (n) => api("POST", "jobs/bulk", { jobs: Array.from({ length: n }, () => ({ name: "moved", args: [], queue: to, in_ms: 3_600_000 })) });
    await some(20);
    await open(`#/jobs?state=scheduled&queue=${to}`);
    await page.getByLabel("All that match").selectOption("kill");
    await button("Kill 20 jobs").waitFor();
    const { results } = await some(30);
    await button("Kill 20 jobs").click();
    await page.getByText("There were 20 a moment ago: nothing was touched.").waitFor();
    assert.equal(await state(results[0].id), "scheduled");
    await button("Kill 50 jobs").click();
    await becomes(() => state(results[29].id), "dead");
    await api("POST", "operations", { action: "delete", filter: { states: ["dead"], queue: to }, expected: 50 });
});

await step("how often the picture changes is set", async () => {
    await open("#/settings");
    const live = () => page.locator("button.live").innerText();
    await becomes(live, (text) => text.includes("live"));
    await page.getByLabel("The picture").selectOption("5s");
    await becomes(live, (text) => text.includes("every 5 s"));
    await page.getByLabel("The picture").selectOption("paused");
    await open("#/");
    await page.locator("a.tile").first().waitFor();
    await becomes(live, (text) => text.includes("paused"));
    await page.locator("button.live").click();
    await becomes(live, (text) => text.includes("live"));
    await page.evaluate(() => localStorage.clear());
});

await browser.close();
keys.close();
end();
