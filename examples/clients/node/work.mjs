#!/usr/bin/env node
// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
//
// Enqueue and run jobs through a `work server`, with what Node has (>= 18).
//
//   const worker = new Worker("http://127.0.0.1:5040");
//   worker.job("resize", {max_attempts: 5}, async (path, width) => {
//     job().checkin("reading " + path, 10);
//     return {bytes: 42};
//   });
//   await worker.run();                                              // until SIGTERM
//   await new Client("http://127.0.0.1:5040").enqueue("resize", ["cat.png", 300]);
import {AsyncLocalStorage} from "node:async_hooks";
import {randomBytes} from "node:crypto";
import {getEventListeners, once} from "node:events";
import {realpathSync} from "node:fs";
import http from "node:http";
import https from "node:https";
import {hostname} from "node:os";
import process from "node:process";
import {setTimeout as sleep} from "node:timers/promises";
import {fileURLToPath} from "node:url";

/** The server refuses a request: repeating it as it is would change nothing. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `the server answered with status ${status}`);
    this.name = "Refused";
    this.status = status;
    this.problem = problem;
    this.slug = String(problem.type ?? "").split(":").pop();
  }
}

/** The server gave no answer for as long as somebody cared. */
export class Unanswered extends Error {}

/** Thrown by a handler: again after so many seconds, which costs no attempt. */
export class Snooze extends Error {
  constructor(seconds) {
    super(`again in ${seconds} s`);
    this.seconds = seconds;
  }
}

/** Thrown by a handler: the job is to be dropped, and why. */
export class Discard extends Error {}

/**
 * Thrown by a handler: on to the next stage under the same id, with all attempts anew, as
 * new Next({queue: "gpu"}) or new Next({name: "publish", args: [7]}). What it leaves out stays.
 */
export class Next extends Error {
  constructor({args, ...stage}) {
    super("on to the next stage");
    this.stage = args === undefined ? stage : {...stage, args: JSON.stringify(args)};
  }
}

/** Thrown by a handler: no other attempt would go better. */
export class Fatal extends Error {
  name = "Fatal";
}

/**
 * Thrown by a handler: it failed through no fault of its own, and no attempt is counted; again after
 * its backoff, or so many seconds.
 */
export class Uncounted extends Error {
  name = "Uncounted";
  constructor(why, again) {
    super(why);
    this.again = again;
  }
}

const repeated = new Set([408, 429, 502, 503, 504, 507]);

export class Client {
  constructor(url, {token} = {}) {
    this.base = new URL(url.replace(/\/+$/, "") + "/api/v1");
    this.token = token;
    this.longestPause = 2_000; // ms between two attempts of `call`
    this.http = {"http:": http, "https:": https}[this.base.protocol];
    if (!this.http) throw new TypeError(url + " is no http address");
    this.agent = new this.http.Agent({keepAlive: true, timeout: 10_000});
  }

  /** Stores a job: its id. `args`: an array or an object; `options`: those of POST /jobs, as in_ms
   * or max_attempts. The key makes the request safe to be repeated, which `call` does for a lost
   * answer. */
  enqueue(name, args = [], options = {}) {
    return this.enqueueJson(name, JSON.stringify(args), options);
  }

  /** With arguments that are JSON text, stored byte for byte: for integers beyond 2^53. */
  async enqueueJson(name, text, {key = newKey(), ...options} = {}) {
    return (await this.call("POST", "/jobs", {...options, name, args: text}, {key})).id;
  }

  /** Up to 1 000 jobs, each {name, args} and options: their ids; an error where one is refused. */
  async enqueueBulk(jobs, {key = newKey()} = {}) {
    const told = await this.call("POST", "/jobs/bulk", {jobs}, {key});
    return told.results.map((one) => one.id ?? new Refused(one.status, one));
  }

  /** Asks until there is an answer. Every request of a worker has a number, and every enqueue a
   * key, so that asking again changes nothing. `giveUp()`: should it end nevertheless? `signal`: it
   * ends, and the server hears at once that nobody waits any more. */
  async call(method, path, body, {key, timeout = 20_000, giveUp, signal} = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    for (let pause = 50; ; pause = Math.min(2 * pause, this.longestPause)) {
      let [why, toldToWait] = ["", 0];
      try {
        const {status, retryAfter, told} =
          await this.#once(method, path, text, key, timeout, signal);
        if (status < 300) return told;
        if (!repeated.has(status)) throw new Refused(status, told);
        toldToWait = retryAfter;
        why = `status ${status}`;
      } catch (failure) {
        if (failure instanceof Refused) throw failure;
        why = failure.message; // no connection, or an answer that was cut
      }
      if (signal?.aborted || giveUp?.()) throw new Unanswered(why);
      const ms = toldToWait + pause * (0.7 + 0.6 * Math.random());
      await sleep(ms, undefined, {signal}).catch(() => {});
    }
  }

  async #once(method, path, text, key, timeout, signal) {
    const headers = {};
    if (this.token) headers.Authorization = "Bearer " + this.token;
    if (key) headers["Idempotency-Key"] = key;
    if (text !== undefined) {
      headers["Content-Type"] = "application/json";
      headers["Content-Length"] = Buffer.byteLength(text);
    }
    const request = this.http.request(this.base.href + path, {
      method, headers, agent: this.agent, ...(signal && {signal}),
    });
    request.on("error", () => {}); // it may come after the head of the answer, too
    const late = setTimeout(() => request.destroy(new Error("no answer in time")), timeout);
    try {
      request.end(text);
      const [answer] = await once(request, "response");
      const pieces = [];
      for await (const piece of answer) pieces.push(piece);
      const status = answer.statusCode;
      let told = {};
      try {
        told = JSON.parse(Buffer.concat(pieces).toString()) ?? {};
      } catch (failure) {
        if (status < 300) throw failure;
      }
      return {status, told, retryAfter: 1_000 * Number(answer.headers["retry-after"]) || 0};
    } finally {
      clearTimeout(late);
    }
  }
}

const newKey = () => randomBytes(16).toString("hex");
const running = new AsyncLocalStorage();

/** The job whose handler called this. */
export const job = () => running.getStore();

/**
 * A job that runs. `signal` is aborted when somebody cancelled it, or its lease was lost. A handler
 * that heard of it and returns nothing gave up; one that returns a result did its work.
 */
class Job {
  #worker;
  #args;
  #cancel = new AbortController();
  #heard = false;

  constructor(worker, {id, fence, name, attempt, headers, args}) {
    this.#worker = worker;
    Object.assign(this, {id, fence, name, attempt, headers});
    this.argsText = args; // as it was stored, byte for byte
    this.followUps = [];
    this.lost = false;
  }

  /** JSON.parse rounds integers beyond 2^53 to the nearest double: `argsText` has them exactly. */
  get args() {
    return (this.#args ??= JSON.parse(this.argsText));
  }

  get signal() {
    return this.#cancel.signal;
  }

  get cancelled() {
    return this.signal.aborted && (this.#heard = true);
  }

  get gaveUp() {
    return this.#heard;
  }

  /** `lost`: another has the job now, so that nothing needs to be said of it any more. */
  cancel(lost = false, reason = "") {
    this.lost ||= lost;
    const why = lost ? "the lease was lost" : reason || "the job is cancelled";
    this.#heard ||= getEventListeners(this.signal, "abort").length > 0;
    this.#cancel.abort(new Error(why));
  }

  /** Shows how far the job is. True: it is cancelled, and its handler should return. */
  checkin(message, percent) {
    this.#worker.say("checkins", {id: this.id, fence: this.fence, message, percent});
    return this.cancelled;
  }

  /**
   * A job that is stored if, and only if, this one completes (or goes on to its next stage): both
   * at once.
   */
  follow(name, args, options = {}) {
    this.followUps.push({...options, name, args: JSON.stringify(args)});
    return this;
  }

  /** Adds a line to the job's log, which keeps the last 100. Told within a heartbeat. */
  log(line) {
    this.#worker.log(this, readable(line, 512));
  }
}

const most = 1 << 20; // bytes of a result, and of the outcomes of one report but for the first
const rows = 200;
const keyOf = (one) => one.fence + " " + one.id;

/** Runs up to `concurrency` jobs at a time, and extends their leases for as long as they run. */
export class Worker {
  #types = [];
  #handlers = new Map();
  #running = new Map(); // by fence and id
  #said = {outcomes: [], checkins: [], logs: [], cancels_seen: []};
  #next = {};
  #beat = 5_000;
  #state = "running";
  #changed = resolvers();
  #busy = 0; // jobs whose handlers run
  #stop = new AbortController();
  #hurry = false;
  #ended = 0;
  #failure;

  constructor(url, {token, concurrency = 4, lease_ms = 60_000, wait_ms = 20_000, grace_ms = 25_000,
    name = ""} = {}) {
    this.client = new Client(url, {token});
    // Many attempts fit into a lease, so that a few answers that get lost don't cost it.
    this.client.longestPause = Math.min(lease_ms / 20, 2_000);
    const host = hostname().slice(0, 32).replace(/[^A-Za-z0-9._-]/g, "-");
    this.path = `/pools/${host}-${process.pid}-${randomBytes(4).toString("hex")}`;
    Object.assign(this, {concurrency, lease_ms, wait_ms, grace_ms, name});
  }

  /** Registers a handler. Options: queue, max_attempts, backoff, timeout_ms, on_crash. A handler
   * gets arguments by position as its own, arguments by name as one object. */
  job(name, options, handler) {
    this.#handlers.set(name, handler ?? options);
    this.#types.push({...(handler ? options : {}), name});
    return this;
  }

  /** Running jobs end, within the grace; a second time: at once. */
  stop() {
    this.#hurry ||= this.#stop.signal.aborted;
    this.#stop.abort();
    this.#wake();
  }

  /** Until `stop`, SIGTERM or SIGINT, or until the server refuses this worker: it throws why. */
  async run() {
    const stop = () => this.stop();
    const signals = ["SIGTERM", "SIGINT"];
    for (const one of signals) process.on(one, stop);
    try {
      await this.#register();
      const claiming = this.#guarded(this.#claimAll());
      const reporting = this.#guarded(this.#reportAll());
      await claiming;
      const over = Date.now() + this.grace_ms;
      const waits = () => this.#running.size && !this.#failure && !this.#hurry;
      while (waits() && Date.now() < over) await this.#change(over - Date.now());
      this.#ended = Date.now() + 5_000;
      this.#wake();
      await reporting;
      await this.client.call("DELETE", this.path, undefined,
        {giveUp: () => Date.now() > this.#ended});
    } catch (failure) {
      // Unanswered, or refused at the end: then its leases run out.
      if (!this.#stop.signal.aborted) throw failure;
    } finally {
      for (const one of signals) process.off(one, stop);
      for (const one of this.#running.values()) one.cancel(true);
      this.client.agent.destroy();
    }
    if (this.#failure) throw this.#failure;
  }

  /** For jobs, which use it to say what is in the next report. */
  say(what, told) {
    // Of a job's checkins the last one counts.
    this.#said[what] = this.#said[what].filter((one) => keyOf(one) !== keyOf(told));
    this.#said[what].push(told);
    if (what === "outcomes") this.#wake();
  }

  /** For jobs: a line of their logs for the next report. */
  log({id, fence}, line) {
    let row = this.#said.logs.find((one) => one.id === id && one.fence === fence);
    if (!row) this.#said.logs.push((row = {id, fence, lines: []}));
    row.lines = [...row.lines.slice(-99), line];
  }

  get #stopping() {
    return this.#stop.signal.aborted;
  }

  #wake() {
    this.#changed.resolve();
    this.#changed = resolvers();
  }

  /** Until something changes, or for so many ms. */
  async #change(ms) {
    const late = new AbortController();
    await Promise.race([
      this.#changed.promise,
      sleep(Math.max(ms, 1), undefined, {signal: late.signal}).catch(() => {}),
    ]);
    late.abort();
  }

  /** A loop that ends by an error ends the worker, and `run` throws it. */
  async #guarded(loop) {
    try {
      await loop;
    } catch (failure) {
      this.#failure ??= failure;
      this.stop();
    }
  }

  async #register() {
    const told = await this.client.call("PUT", this.path, {
      job_types: this.#types, language: "node", concurrency: this.concurrency,
      lease_ms: this.lease_ms, name: this.name, host: hostname().slice(0, 128), pid: process.pid,
    }, {giveUp: () => this.#stopping && !this.#running.size});
    this.#beat = told.heartbeat_ms;
    if (!this.#next.claim) this.#next = {claim: told.next_claim, report: told.next_report};
    return told;
  }

  /** One request of a stream: the same number until it is answered, then the next. */
  async #numbered(what, body, how) {
    for (;;) {
      try {
        const numbered = {...body, number: this.#next[what]};
        const answer = await this.client.call("POST", `${this.path}/${what}`, numbered, how);
        this.#next[what] += 1;
        return answer;
      } catch (refused) {
        if (refused.slug === "no-such-pool") // it was silent for an hour, or the store lost it
          this.#next[what] = (await this.#register())["next_" + what];
        else if (refused.slug === "stale-number") this.#next[what] = refused.problem.next;
        else if (refused.slug === "in-flight") await sleep(200); // it still has the lost socket
        else throw refused;
      }
    }
  }

  async #claimAll() {
    const {signal} = this.#stop;
    while (!signal.aborted) {
      const want = Math.min(this.concurrency - this.#busy, 256);
      if (want <= 0 || this.#state !== "running") {
        await this.#change(500);
        continue;
      }
      let answer;
      try {
        answer = await this.#numbered("claim", {want, wait_ms: this.wait_ms},
          {timeout: this.wait_ms + 15_000, signal});
      } catch (failure) {
        if (failure instanceof Unanswered) return;
        throw failure;
      }
      const jobs = answer.jobs.map((told) => new Job(this, told));
      for (const one of jobs) this.#running.set(keyOf(one), one);
      this.#heed(answer);
      for (const one of jobs) this.#work(one);
    }
  }

  async #work(one) {
    this.#busy += 1;
    const outcome = await running.run(one, () => this.#outcomeOf(one));
    this.#busy -= 1;
    const ends = ["complete", "discard", "next"].includes(outcome.outcome);
    if (ends && one.followUps.length > 0) outcome.then = one.followUps;
    this.say("outcomes", {id: one.id, fence: one.fence, ...outcome});
  }

  async #outcomeOf(one) {
    if (this.#stopping) return {outcome: "release"};
    try {
      const handler = this.#handlers.get(one.name);
      const result = await (Array.isArray(one.args) ? handler(...one.args) : handler(one.args));
      if (result === undefined) return {outcome: one.gaveUp ? "release" : "complete"};
      const text = JSON.stringify(result);
      const size = Buffer.byteLength(text);
      if (size > most) throw new Fatal(`its result has ${size} bytes, at most ${most}`);
      return {outcome: "complete", result: text};
    } catch (failure) {
      if (failure instanceof Snooze)
        return {outcome: "snooze", in_ms: Math.round(failure.seconds * 1_000)};
      if (failure instanceof Discard)
        return {outcome: "discard", why: readable(failure.message, 1_000)};
      if (failure instanceof Next) return {...failure.stage, outcome: "next"};
      const known = failure instanceof Error;
      const type = !known ? typeof failure
        : failure.name === "Error" ? failure.constructor.name : failure.name;
      return {
        outcome: "fail", fatal: failure instanceof Fatal,
        ...(failure instanceof Uncounted ? {counts: false} : {}),
        ...(failure.again >= 0 ? {retry_in_ms: Math.round(failure.again * 1_000)} : {}),
        type: readable(type, 40),
        message: readable(known ? failure.message : failure, 2_000),
        backtrace: readable(known ? failure.stack : "", 2_000),
      };
    }
  }

  /** Says at once what became of jobs, and in each heartbeat which of them still run. */
  async #reportAll() {
    let beatAt = Date.now() + this.#beat;
    for (;;) {
      while (!this.#said.outcomes.length && !this.#ended && Date.now() < beatAt)
        await this.#change(beatAt - Date.now());
      if (this.#ended && !this.#said.outcomes.length) return;
      const body = this.#takeSaid();
      const ended = new Set(body.outcomes.map(keyOf));
      if (Date.now() >= beatAt) {
        beatAt = Date.now() + this.#beat;
        const kept = new Map();
        for (const [key, one] of this.#running)
          if (!ended.has(key) && !one.lost)
            kept.set(one.fence, [...(kept.get(one.fence) ?? []), one.id]);
        body.extend = [...kept].map(([fence, ids]) => ({fence, ids}));
      }
      try {
        await this.#report(body);
      } catch (failure) {
        if (failure instanceof Unanswered) return;
        throw failure;
      }
      for (const key of ended) this.#running.delete(key);
      this.#wake();
    }
  }

  /** As much as fits into one report. */
  #takeSaid() {
    let [bytes, fits] = [0, 0];
    for (const one of this.#said.outcomes.slice(0, rows)) {
      bytes += Buffer.byteLength(one.result ?? "");
      if (fits && bytes > most) break;
      fits += 1;
    }
    return {
      outcomes: this.#said.outcomes.splice(0, fits),
      checkins: this.#said.checkins.splice(0, rows),
      logs: this.#said.logs.splice(0, rows),
      cancels_seen: this.#said.cancels_seen.splice(0, rows),
    };
  }

  /** What is refused is said again, one by one, so that one outcome does not take others along; the
   * one that is refused by itself fails, and says why. Checkins and logs are no loss. */
  async #report(body) {
    try {
      const giveUp = () => this.#ended && Date.now() > this.#ended;
      this.#heed(await this.#numbered("report", body, {giveUp}));
    } catch (refused) {
      if (!(refused instanceof Refused) || refused.status === 401 || refused.status === 403)
        throw refused;
      console.error("work: a report is refused: " + refused.message);
      const {outcomes, extend} = body;
      if (!outcomes) return;
      if (outcomes.length !== 1 || Object.keys(body).length > 1) {
        for (const one of outcomes) await this.#report({outcomes: [one]});
        if (extend) await this.#report({extend});
      } else if (outcomes[0].type !== "refused") {
        const {id, fence} = outcomes[0];
        const failed = {outcome: "fail", type: "refused", message: refused.message, fatal: true};
        await this.#report({outcomes: [{id, fence, ...failed}]});
      }
    }
  }

  #heed(answer) {
    for (const {id, fence, reason} of answer.cancels) {
      this.#running.get(keyOf({id, fence}))?.cancel(false, reason);
      this.#said.cancels_seen.push({id, fence});
    }
    for (const {fence, code, timed_out} of answer.extended ?? [])
      for (const one of this.#running.values())
        if (one.fence === fence && (code === "lease_lost" || timed_out.includes(one.id)))
          one.cancel(true);
    this.#state = answer.state;
    if (this.#state === "stopping" && !this.#stopping) this.stop();
  }
}

function resolvers() {
  const all = {};
  all.promise = new Promise((resolve) => (all.resolve = resolve));
  return all;
}

/** Half a surrogate pair, which is no Unicode, would have the report refused. */
function readable(text, length) {
  return Buffer.from(String(text ?? "").slice(0, length)).toString();
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  // work.mjs URL NAME [ARGUMENT...]: stores a job
  const [url, name, ...args] = process.argv.slice(2);
  const client = new Client(url, {token: process.env.WORK_TOKEN});
  console.log(await client.enqueue(name, args));
  client.agent.destroy();
}
