// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node tests/pictures.mjs http://127.0.0.1:5040/ FOLDER
// The pictures of docs/ui.md, of a server where `work fake` has run for a quarter of an hour or more.
import { mkdirSync } from "node:fs";
import { open_browser } from "./support.mjs";

const [address, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await open_browser();
const page = await (await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, colorScheme: "light" })).newPage();
const open = async (hash, there) => {
    await page.goto("about:blank");
    await page.goto(address + hash);
    await page.getByText(there).first().waitFor();
    // The lines in the tiles are of what this page has seen.
    await page.waitForTimeout(hash === "#/" ? 45_000 : 12_000);
};
const tall = (height) => page.setViewportSize({ width: 1280, height });
const keep = (name) => page.screenshot({ path: `${folder}/${name}.png` });
await tall(900);
await open("#/", "Oldest waiting");
await keep("overview");
await tall(760);
await open("#/queues", "send_email");
await keep("queues");
await open("#/jobs?state=retry,dead", "looked at");
for (const row of [1, 3]) await page.locator("tbody input").nth(row).check();
await page.mouse.move(0, 0);
await keep("jobs");
await open("#/names?name=charge_card", "How long they ran");
await keep("name");
const post = (path, body) => fetch(`${address}api/v1/${path}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}).then((answer) => answer.json());
const order = await post("flows", { name: "order 4711", jobs: [
    { key: "pay", name: "charge_card", args: [4711] },
    { key: "pick", name: "pick_goods", args: [4711], in_ms: 3_600_000, after: [{ key: "pay" }] },
    { key: "pack", name: "pack_parcel", args: [4711], after: [{ key: "pick" }] },
    { key: "bill", name: "print_bill", args: [4711], after: [{ key: "pay" }] },
    { key: "sent", name: "hand_over", args: [4711], after: [{ key: "pack" }, { key: "bill" }] },
    { key: "tell", name: "send_email", args: [4711, "ada@example.com"], after: [{ key: "sent", otherwise: "run" }] },
] });
await tall(760);
await open(`#/flow/${order.id}`, "hand_over");
await keep("flow");
for (const job of order.jobs) await post(`job/track?id=${job.id}`, {});
await tall(620);
await open("#/tracked", "hand_over");
await keep("tracked");
await browser.close();
