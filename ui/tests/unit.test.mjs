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
        logLevel: "silent", define: { GERMAN_FILE: '"german.json"' },
    });
    const code = Buffer.from(made.outputFiles[0].contents).toString("base64");
    return import(`data:text/javascript;base64,${code}`);
}
const of = await load(`
    export * from "./format"; export * from "./route"; export * from "./words";
    export * from "./settings"; export * from "./stats"; export { line_of } from "./save"; export { german } from "./german"; export { touches, summary } from "./acts";
    export { graph_of, layers_of, extent, left_of, top_of, line_of as edge_of, most_nodes } from "./flow_graph";
    export * from "./limited"; export * from "./tracked";
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

const flow_of = (...needs) => needs.map((of, i) => ({ id: `j${i}`, name: `n${i}`, queue: "q", state: i ? "waiting" : "completed", needs: of.map((k) => `j${k}`) }));

test("jobs of a flow stand in layers, each behind those that it needs", () => {
    const jobs = flow_of([], [], [0, 1], [0], [2, 3]);
    assert.deepEqual(of.layers_of(jobs), [0, 0, 1, 1, 2]);
    const graph = of.graph_of(jobs);
    assert.ok(graph.whole);
    assert.deepEqual([graph.layers, graph.rows, graph.edges.length], [3, 2, 5]);
    for (const [from, to] of graph.edges) {
        assert.ok(of.left_of(graph.nodes[from]) < of.left_of(graph.nodes[to]));
        assert.match(of.edge_of(graph.nodes[from], graph.nodes[to]), /^M[\d. ]+C[\d. ]+$/);
    }
    // No two stand on each other, and all are within the picture.
    assert.equal(new Set(graph.nodes.map((node) => `${node.layer} ${node.row}`)).size, 5);
    const { width, height } = of.extent(graph);
    for (const node of graph.nodes) assert.ok(of.left_of(node) + 168 < width && of.top_of(node) + 44 < height);
    // Of others than its own jobs nothing is drawn.
    assert.deepEqual(of.graph_of([{ ...jobs[0], needs: ["elsewhere"] }]).edges, []);
    assert.deepEqual(of.graph_of([]).nodes, []);
});

test("a line over several layers keeps to a row in which nothing stands", () => {
    const node = (layer, row) => ({ layer, row });
    const top = (row) => of.top_of(node(0, row)) + 22;
    const there = (...places) => (layer, row) => places.includes(`${layer} ${row}`);
    const line = (taken) => of.edge_of(node(0, 1), node(2, 0), taken);
    assert.match(line(there("1 0")), new RegExp(`^M\\d+ ${top(1)}H\\d+C`));
    assert.match(line(there("1 1")), new RegExp(`C.* ${top(0)}H\\d+$`));
    assert.match(line(there("1 0", "1 1")), /^M[\d. ]+C[\d. ]+$/);
    assert.match(of.edge_of(node(0, 1), node(1, 0), there()), /^M[\d. ]+C[\d. ]+$/);
});

test("of more than two hundred jobs layers are drawn, of which there are no more than that", () => {
    const wide = flow_of([], ...Array.from({ length: 300 }, () => [0]), [5, 7]);
    const graph = of.graph_of(wide);
    assert.ok(!graph.whole);
    assert.deepEqual(graph.nodes.map((node) => node.jobs), [1, 300, 1]);
    assert.deepEqual(graph.nodes[1].counts, [["waiting", 300]]);
    assert.deepEqual(graph.edges, [[0, 1], [1, 2]]);
    const long = of.graph_of(flow_of(...Array.from({ length: 701 }, (_, i) => (i ? [i - 1] : []))));
    assert.equal(long.nodes.length, of.most_nodes);
    assert.equal(long.nodes.reduce((sum, node) => sum + node.jobs, 0), 701);
    assert.equal(long.nodes[0].first, 1);
    assert.equal(long.nodes.at(-1).last, 701);
    long.nodes.slice(1).forEach((node, i) => assert.equal(node.first, long.nodes[i].last + 1));
    // Many thousands, too, and what needs to be seen comes first.
    const many = Array.from({ length: 60_000 }, (_, i) => ({ id: `${i}`, name: "x", queue: "q", state: i === 59_000 ? "dead" : "completed", needs: [] }));
    assert.equal(of.graph_of(many).nodes[0].state, "dead");
});

test("what a limit names is split, counted and linked", () => {
    assert.deepEqual(of.names_of_list("mail"), { queue: "mail", name: "mail" });
    assert.deepEqual(of.names_of_list("slow%20one:m%C3%A4il"), { queue: "slow one", name: "mäil" });
    assert.deepEqual(of.names_of_list("%zz"), { queue: "%zz", name: "%zz" });
    assert.deepEqual(of.split_names(" a, b ,,a"), ["a", "b"]);
    const list = (name, pending, active) => ({ name, pending, active });
    const all = [
        { queue: "mail", lists: [list("mail", 3, 1), list("letter", 5, 0)] },
        { queue: "slow", lists: [list("mail", 7, 2), list("sweep", 11, 0)] },
    ];
    assert.deepEqual(of.touched_by({ queues: [], names: ["mail"] }, all), { lists: 2, pending: 10, active: 3 });
    assert.deepEqual(of.touched_by({ queues: ["mail"], names: ["mail"] }, all), { lists: 3, pending: 15, active: 3 });
    const id = "01J8ZK4W9Q7N2M5T3R6Y8X";
    const said = of.sentence_parts("limit", `limit "a \\"b\\"" lets 1 job run at a time, and 1 runs: ${id}, other`);
    assert.equal(said.map((part) => part.text).join(""), `limit "a \\"b\\"" lets 1 job run at a time, and 1 runs: ${id}, other`);
    assert.equal(said.find((part) => part.limit !== undefined).limit, 'a "b"');
    assert.equal(said.find((part) => part.job).job, id);
    assert.deepEqual(of.sentence_parts("position", `behind ${id}`), [{ text: `behind ${id}` }]);
});

test("what is told of tracked jobs is taken where it is newer than what was asked for", () => {
    const job = (id, state, since_ms) => ({ id, name: "mail", queue: "mail", state, there: true, ended_ms: 0, since_ms, by: "" });
    const asked = { now_ms: 100, next: null, of: 2, states: { active: 1, pending: 1 }, tracked: [job("b", "active", 20), job("a", "pending", 10)] };
    const news = (now_ms, changed, gone = [], states = {}) => ({ now_ms, changed, gone, states, of: 3 });
    const seen = (all) => all.map((one) => `${one.id} ${one.state}`);
    assert.deepEqual(seen(of.merged(asked, [])), ["b active", "a pending"]);
    assert.deepEqual(seen(of.merged(asked, [news(99, [job("a", "scheduled", 10)], ["b"])])), ["b active", "a pending"]);
    const later = [news(101, [job("c", "dead", 30), job("a", "active", 10)]), news(102, [job("a", "completed", 10)], ["b"])];
    assert.deepEqual(seen(of.merged(asked, later)), ["c dead", "a completed"]);
    assert.deepEqual(seen(of.merged({ now_ms: 101, next: null, tracked: [job("c", "dead", 30)] }, later)), ["c dead", "a completed"]);
    // Those behind the end of a page are not on it.
    assert.deepEqual(seen(of.merged({ ...asked, next: "x" }, [news(101, [job("c", "dead", 30), job("0", "dead", 5)])])), ["c dead", "b active", "a pending"]);
    const sum = of.sum_of(asked, [news(101, [], [], { pending: 1, active: 2 }), news(99, [])]);
    assert.equal(sum.of, 3);
    assert.deepEqual(of.by_state(sum), [["pending", 1], ["active", 2]]);
    assert.deepEqual(of.by_state(of.sum_of(asked, [])), [["pending", 1], ["active", 1]]);
});

test("tracked jobs are asked for page after page", async () => {
    const asked = [];
    const page = async (limit, cursor) => {
        asked.push([limit, cursor]);
        const from = Number(cursor ?? 0);
        return { now_ms: 100 + from, next: from + limit < 450 ? String(from + limit) : null, tracked: Array.from({ length: Math.min(limit, 450 - from) }, (_, i) => ({ id: String(from + i) })) };
    };
    const all = await of.first_tracked(300, page);
    assert.deepEqual([all.tracked.length, all.next, all.now_ms], [300, "300", 100]);
    assert.deepEqual(asked, [[200, undefined], [100, "200"]]);
    assert.equal((await of.first_tracked(1000, page)).tracked.length, 450);
});

test("durations have two units", () => {
    const table = { 0: "0 ms", 999: "999 ms", 1500: "1.5 s", 59_000: "59 s", 252_000: "4 m 12 s", 3_600_000: "1 h", 187_200_000: "2 d 4 h" };
    for (const [ms, text] of Object.entries(table)) assert.equal(of.duration(Number(ms)), text);
    assert.equal(of.duration(-5), "0 ms");
    assert.equal(of.duration(NaN), "0 ms");
    of.language_set.value = "en";
    for (const [n, text] of [[0, "0"], [7, "7"], [1.46, "1.5"], [0.0142, "0.014"], [0.9999, "1"], [12.7, "13"], [12408, "12,408"]])
        assert.equal(of.number(n), text);
    assert.equal(of.micros(999), "999 µs");
    assert.equal(of.micros(1417), "1.4 ms");
    assert.equal(of.bytes(1023), "1023 bytes");
    assert.equal(of.bytes(1536), "1.5 KiB");
});

test("times are those of the zone that is chosen, and say it", () => {
    const summer = Date.UTC(2026, 6, 1, 22, 30);
    of.language_set.value = "en";
    of.zone.value = "Asia/Kathmandu";
    assert.match(of.absolute(summer), /04:15:00.*GMT\+5:45/);
    assert.ok(of.is_zone("Europe/Berlin") && !of.is_zone("Mars/Olympus") && !of.is_zone(""));
    // Whole hours of that zone, not of UTC.
    const hours = of.ticks(summer, summer + 6 * 3_600_000, 6);
    assert.deepEqual(hours.map((one) => one.text), ["05:00", "06:00", "07:00", "08:00", "09:00", "10:00"]);
    of.zone.value = "UTC";
    const days = of.ticks(summer, summer + 3 * 86_400_000, 3);
    assert.deepEqual(days.map((one) => new Date(one.at).getUTCHours()), [0, 0, 0]);
    of.zone.value = "no/zone";
    assert.ok(of.absolute(summer).length > 10);
    of.zone.value = "";
    assert.equal(of.relative(1000, 1999), "now");
    assert.equal(of.relative(1000, 5000), "4.0 s ago");
});

test("periods without a point are gaps, and the newest is not over", () => {
    const point = (at_ms) => ({ at_ms, done: 6, failed: 0, wait: null, run: null });
    const of_now = of.periods({ from_ms: 30, now_ms: 650, step_ms: 100, points: [point(100), point(400), point(600)] });
    assert.deepEqual(of_now.at, [100, 200, 300, 400, 500, 600]);
    assert.deepEqual(of_now.points.map((one) => one !== null), [true, false, false, true, false, true]);
    assert.deepEqual(of.periods({ from_ms: 0, now_ms: 250, step_ms: 100, points: [] }).at, [0, 100, 200]);
    assert.equal(of.per_second(600, 0, 60_000, 200_000), 10);
    assert.equal(of.per_second(600, 180_000, 60_000, 200_000), 30);
    assert.equal(of.per_second(6, 199_990, 60_000, 200_000), 6);
});

test("a saved job is what POST /jobs takes, with its arguments byte for byte", () => {
    const line = of.line_of({
        id: "a/\"b", name: "bill", queue: "q", priority: 0, state: "dead", when_ms: 5,
        args: '{"n":9007199254740993, "eur":12.50}', options: { max_attempts: 3, tags: ["x"], headers: { k: "v" } },
    });
    assert.ok(line.endsWith("}\n") && line.includes('"args":{"n":9007199254740993, "eur":12.50},'), line);
    const { args, ...rest } = JSON.parse(line);
    assert.deepEqual(rest, { id: "a/\"b", name: "bill", queue: "q", max_attempts: 3, tags: ["x"], headers: { k: "v" } });
    assert.equal(JSON.parse(of.line_of({ id: "1", name: "n", queue: "n", state: "scheduled", when_ms: 77, args: "[]", options: null })).at_ms, 77);
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
    const texts = ["text", "muted", "accent", "ok", "warn", "bad", "pending", "active", "scheduled", "retry", "dead", "suspect", "completed", "set_aside", "waiting"];
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

test("the words of another language are fetched when they are wanted, and missed in that language", async () => {
    const real = globalThis.fetch;
    const asked = [];
    let answer = () => Promise.reject(new TypeError("no network"));
    globalThis.fetch = (url) => { asked.push(url); return answer(); };
    try {
        of.language_set.value = "en";
        await of.fetch_words();
        assert.deepEqual(asked, []);
        of.language_set.value = "de";
        assert.equal(of.language.value, "en");
        await of.fetch_words();
        assert.equal(of.words_missing.value, "away");
        assert.match(of.words_trouble.value, /wieder versucht/);
        assert.equal(of.t("pending"), "pending");
        answer = async () => new Response("", { status: 404 });
        await of.fetch_words();
        assert.match(of.words_trouble.value, /andere Version/);
        answer = async () => Response.json(of.german);
        // Who asks meanwhile waits for the same answer.
        await Promise.all([of.fetch_words(), of.fetch_words()]);
        assert.equal(asked.length, 3);
        assert.equal(asked[2], "ui/german.json", "relative, so that it holds below any prefix");
        assert.equal(of.words_trouble.value, "");
        assert.equal(of.language.value, "de");
        assert.equal(of.t("pending"), of.german.pending);
        of.language_set.value = "en";
        assert.equal(of.t("pending"), "pending");
        of.language_set.value = "de";
        await of.fetch_words();
        assert.equal(asked.length, 3, "they are fetched once");
    } finally {
        globalThis.fetch = real;
        of.language_set.value = "en";
    }
});

test("nothing needs a style or script within the page", () => {
    for (const name of sources) {
        const text = readFileSync(new URL(name, here), "utf8");
        assert.doesNotMatch(text, /\sstyle=|dangerouslySetInnerHTML|innerHTML|\beval\(/, name);
        assert.doesNotMatch(text, /["'`]\/api|href="\//, `${name}: an absolute address breaks below a prefix`);
    }
});
