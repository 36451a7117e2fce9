// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
//
// node_worker.mjs URL JOURNAL: runs jobs, and writes a line of the journal for what it did.
import {openSync, writeSync} from "node:fs";
import process from "node:process";
import {setTimeout as sleep} from "node:timers/promises";

import {
  Discard, Fatal, Next, Refused, Snooze, Uncounted, Worker, job,
} from "../../../examples/clients/node/work.mjs";

class Broken extends Error {}

const [url, path] = process.argv.slice(2);
const journal = openSync(path, "a");
const write = (line) => writeSync(journal, `js ${line}\n`);
const worker = new Worker(url, {concurrency: 4, lease_ms: 6_000, wait_ms: 2_000,
  token: process.env.WORK_TOKEN});

worker.job("shared", async (number) => {
  await sleep(10);
  write(number);
  return number;
});

worker.job("js-echo", () => {
  write("echoed");
  for (let i = 0; i < 130; i += 1) job().log("line " + i);
  return {args: job().args, text: job().argsText};
});

worker.job("js-broken", {max_attempts: 1}, (message) => {
  throw new Broken(message);
});

worker.job("js-again", {max_attempts: 2, backoff: {kind: "fixed", base_ms: 1}}, async () => {
  write("attempt-" + job().attempt);
  throw new Broken("not yet");
});

worker.job("js-ends", (how) => {
  write(how);
  if (how === "snooze") throw new Snooze(3600);
  if (how === "discard") throw new Discard("not wanted");
  if (how === "fatal") throw new Fatal("for good");
  if (how === "free") throw new Uncounted("not today", 3600);
  return how === "large" ? "x".repeat(1 << 20) : "\ud800";
});

worker.job("js-stage", (left, path) => {
  write("stage");
  job().follow("after", ["js", path]);
  if (left.length > 0)
    throw new Next({name: left[0] + "-stage", args: [left.slice(1), [...path, "js"]]});
  return [...path, "js"];
});

worker.job("js-hold", async (mark) => {
  write("began-" + mark);
  while (!job().checkin("holding", 50)) await sleep(50);
  write("cancelled-" + mark);
});

worker.job("js-slow", async (mark, ms) => {
  write("began-" + mark);
  await sleep(ms);
  write("ended-" + mark);
});

try {
  await worker.run();
} catch (failure) {
  if (!(failure instanceof Refused)) throw failure;
  console.error("refused: " + failure.message);
  process.exitCode = 1;
}
