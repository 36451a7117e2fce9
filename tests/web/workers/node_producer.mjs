// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
//
// node_producer.mjs URL: stores jobs, each twice under one key; 0: each time the same ids.
import assert from "node:assert/strict";
import process from "node:process";

import {Client, Refused} from "../../../examples/clients/node/work.mjs";

const client = new Client(process.argv[2]);
await client.enqueue("plain", ["cat.png", 300, null], {max_attempts: 3});
const text = "[12345678901234567890, 1.10, {}]";
const store = () => client.enqueueJson("once", text, {key: "a"});
assert.equal(await store(), await store());
const jobs = [0, 1, 2].map((i) => ({name: "many", args: [i]}));
jobs.push({name: "", args: []});
const first = await client.enqueueBulk(jobs, {key: "b"});
const second = await client.enqueueBulk(jobs, {key: "b"});
assert.deepEqual(first.slice(0, 3), second.slice(0, 3));
assert(first[3] instanceof Refused && first[3].message.includes("name"), first[3]);
