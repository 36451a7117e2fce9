// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node --test tests/unit.test.mjs
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { build } from "esbuild";

const here = new URL("../src/", import.meta.url);
async function load(text) {
    const made = await build({
        stdin: { contents: text, resolveDir: here.pathname, loader: "ts" },
        bundle: true, write: false, format: "esm", jsx: "automatic", jsxImportSource: "preact",
        logLevel: "silent",
    });
    const code = Buffer.from(made.outputFiles[0].contents).toString("base64");
    return import(`data:text/javascript;base64,${code}`);
}
const of = await load(`
    export * from "./format"; export * from "./route"; export * from "./words";
    export * from "./settings"; export { german } from "./german"; export { touches, summary } from "./acts";
`);

test("JSON is indented without a character of it changed", () => {
    const stored = '{"invoice":9007199254740993,"eur":12.50,"s":"a,{\\"}\\\\","none":[],"o":{ },"l":[1,[2]]}';
    const shown = of.indented(stored);
    assert.match(shown, /"invoice": 9007199254740993,\n/);
    assert.match(shown, /"eur": 12\.50,\n/);
    assert.match(shown, /"s": "a,\{\\"\}\\\\",\n/);
    assert.match(shown, /"none": \[\],\n/);
    const bare = (text) => text.replace(/\s/g, "");
    assert.equal(bare(shown), bare(stored));
    assert.deepEqual(JSON.parse(shown), JSON.parse(stored));
    // Cut in the middle it is still shown.
    assert.equal(bare(of.indented('{"a":[1,"b')), '{"a":[1,"b');
});

test("durations have two units", () => {
    const table = { 0: "0 ms", 999: "999 ms", 1500: "1.5 s", 59_000: "59 s", 252_000: "4 m 12 s", 3_600_000: "1 h", 187_200_000: "2 d 4 h" };
    for (const [ms, text] of Object.entries(table)) assert.equal(of.duration(Number(ms)), text);
    assert.equal(of.duration(-5), "0 ms");
    assert.equal(of.duration(NaN), "0 ms");
    assert.equal(of.micros(999), "999 µs");
    assert.equal(of.micros(1417), "1.4 ms");
    assert.equal(of.bytes(1023), "1023 bytes");
    assert.equal(of.bytes(1536), "1.5 KiB");
});

test("a route carries any id and filter", () => {
    for (const id of ["../x", "%2F", "<img onerror=alert(1)>", "a/b?c#d", "\u202eä😀"]) {
        assert.deepEqual(of.read_route(of.write_route(["job", id])).parts, ["job", id]);
        assert.equal(of.read_route(of.write_route(["jobs"], { args: id })).query.args, id);
    }
    assert.deepEqual(of.read_route(""), { parts: [], query: {} });
    assert.equal(of.write_route(["jobs"], { state: "", queue: undefined }), "#/jobs");
    assert.deepEqual(of.read_route("#/job/%zz").parts, ["job", "%zz"]);
});

test("verbs touch what the API lets them", () => {
    assert.ok(!of.touches.delete.includes("pending"));
    assert.ok(!of.touches.requeue.includes("active"));
    assert.equal(of.summary({ done: 15, moved_on: 2, gone: 0 }), "done 15 · moved on 2");
});

function luminance(hex) {
    const [r, g, b] = [1, 3, 5].map((at) => {
        const c = parseInt(hex.slice(at, at + 2), 16) / 255;
        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const ratio = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
};

test("every colour of text is readable on both grounds, in both themes", () => {
    const css = readFileSync(new URL("style.css", here), "utf8");
    const themes = [...css.matchAll(/:root[^{]*\{([^}]+)\}/g)].map((found) =>
        Object.fromEntries([...found[1].matchAll(/--(\w+): (#\w{6})/g)].map((one) => [one[1], one[2]])));
    assert.equal(themes.length, 3);
    assert.deepEqual(themes[1], themes[2], "dark is the same, chosen or by the system");
    const texts = ["text", "muted", "accent", "ok", "warn", "bad", "pending", "active", "scheduled", "retry", "dead", "suspect", "completed", "set_aside"];
    themes.forEach((theme, dark) => {
        for (const text of texts)
            for (const ground of ["bg", "raised"])
                assert.ok(ratio(theme[text], theme[ground]) >= (dark ? 7 : 5.5), `${text} on ${ground}: ${ratio(theme[text], theme[ground])}`);
        for (const ground of ["bg", "raised"]) assert.ok(ratio(theme.edge, theme[ground]) >= 3);
        for (const ground of ["accent", "bad"]) assert.ok(ratio(theme.on, theme[ground]) >= 4.5);
    });
});

const sources = readdirSync(here, { recursive: true }).filter((name) => /\.tsx?$/.test(name));

test("every sentence is in German, with the same places to fill in", () => {
    const used = new Set();
    for (const name of sources) {
        if (name.endsWith("german.ts")) continue;
        const text = readFileSync(new URL(name, here), "utf8");
        for (const found of text.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)) used.add(JSON.parse(`"${found[1]}"`));
    }
    const missing = [...used].filter((one) => !(one in of.german));
    assert.deepEqual(missing, []);
    for (const [key, text] of Object.entries(of.german)) {
        const places = (one) => [...one.matchAll(/\{\w+\}/g)].map((found) => found[0]).sort();
        assert.deepEqual(places(text), places(key), key);
    }
});

test("nothing needs a style or script within the page", () => {
    for (const name of sources) {
        const text = readFileSync(new URL(name, here), "utf8");
        assert.doesNotMatch(text, /\sstyle=|dangerouslySetInnerHTML|innerHTML|\beval\(/, name);
        assert.doesNotMatch(text, /["'`]\/api|href="\//, `${name}: an absolute address breaks below a prefix`);
    }
});
