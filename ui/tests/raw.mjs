// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Redis itself, past the server that is tested: what stands in its keys (docs/redis-layout.md).
import { connect } from "node:net";

const crlf = Buffer.from("\r\n");

/// One reply at `from` of `bytes`: [value, where the next one begins], or null while it is not whole.
function read(bytes, from) {
    const line = bytes.indexOf(crlf, from);
    if (line < 0) return null;
    const kind = String.fromCharCode(bytes[from]);
    const text = bytes.toString("utf8", from + 1, line);
    const next = line + 2;
    if (kind === "+") return [text, next];
    if (kind === ":") return [Number(text), next];
    if (kind === "-") return [new Error(text), next];
    const n = Number(text);
    if (n < 0) return [null, next];
    if (kind === "$") return bytes.length < next + n + 2 ? null : [bytes.subarray(next, next + n), next + n + 2];
    const all = [];
    let at = next;
    for (let i = 0; i < n; ++i) {
        const one = read(bytes, at);
        if (!one) return null;
        all.push(one[0]);
        at = one[1];
    }
    return [all, at];
}

/// Texts where they are texts, and bytes where they are asked for.
const told = (value, bytes) =>
    Array.isArray(value) ? value.map((one) => told(one, bytes)) : Buffer.isBuffer(value) && !bytes ? value.toString() : value;

/// The keys of namespace `ns` on the server at `port`. `many` asks several commands in one transaction, so
/// that what they answer is of one moment.
export async function keys_of(port, ns) {
    const socket = connect(port, "127.0.0.1");
    await new Promise((done, failed) => socket.once("connect", done).once("error", failed));
    let rest = Buffer.alloc(0);
    const waiting = [];
    socket.on("data", (part) => {
        rest = Buffer.concat([rest, part]);
        for (let one; waiting.length && (one = read(rest, 0)); rest = rest.subarray(one[1])) waiting.shift()(one[0]);
    });
    const send = (args) => {
        const parts = args.map((one) => Buffer.from(String(one)));
        socket.write(Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...parts.flatMap((one) => [Buffer.from(`$${one.length}\r\n`), one, crlf])]));
        return new Promise((done) => waiting.push(done));
    };
    const ask = async (...args) => {
        const got = await send(args);
        if (got instanceof Error) throw got;
        return told(got);
    };
    const many = async (commands, { bytes = false } = {}) => {
        void send(["MULTI"]);
        for (const one of commands) void send(one);
        const got = await send(["EXEC"]);
        if (got instanceof Error) throw got;
        return told(got, bytes);
    };
    const key = (name) => `work:{${ns}}:${name}`;
    const names = async (like) => {
        const all = new Set();
        let cursor = "0";
        do {
            const [next, some] = await ask("SCAN", cursor, "MATCH", key(like).replace(/[[\]]/g, "\\$&"), "COUNT", 1000);
            some.forEach((one) => all.add(one.slice(key("").length)));
            cursor = next;
        } while (cursor !== "0");
        return [...all].sort();
    };
    /// In which state a job is, by the place where it stands.
    const state_of = async (id) => {
        for (const state of ["dead", "retry", "scheduled"])
            if ((await ask("ZSCORE", key(state), id)) !== null) return state;
        const kept = await ask("HGET", key("kept"), id);
        if (kept) return JSON.parse(kept.split("\n")[0]).outcome;
        for (const claim of await names("claim:*"))
            if ((await ask("GET", key(claim)))?.includes(`,${id},`)) return "active";
        for (const list of await names("list:*"))
            if ((await ask("LPOS", key(list), id)) !== null) return (await record_of(id)) === null ? "gone" : "pending";
        for (const list of await names("prio:*"))
            if ((await ask("ZSCORE", key(list), id)) !== null) return "pending";
        return (await record_of(id)) === null ? "gone" : "nowhere";
    };
    const record_of = async (id) => {
        for (const part of await names("jobs:*")) {
            const found = await ask("HGET", key(part), id);
            if (found !== null) return found;
        }
        return null;
    };
    return { ask, many, key, names, state_of, record_of, close: () => socket.destroy() };
}
