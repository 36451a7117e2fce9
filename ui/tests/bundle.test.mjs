// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node --test tests/bundle.test.mjs
// What tools/ui/bundle.cmake makes of the sources, and what it does when they are not as they are to be.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const ui = fileURLToPath(new URL("..", import.meta.url));
const script = join(ui, "../tools/ui/bundle.cmake");
const scratch = mkdtempSync(join(tmpdir(), "work-bundle-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/// Runs it on a copy of the sources that `change` was let at.
function bundle(name, mode, change = () => {}) {
    const source = join(scratch, name);
    const where = join(scratch, name + "-built");
    mkdirSync(source);
    mkdirSync(where);
    for (const one of ["src", "build.mjs", "package.json", "package-lock.json"])
        cpSync(join(ui, one), join(source, one), { recursive: true });
    change(source);
    // Its packages are there.
    symlinkSync(join(ui, "node_modules"), join(where, "node_modules"));
    const lock = createHash("sha256").update(readFileSync(join(source, "package-lock.json"))).digest("hex");
    writeFileSync(join(where, `fetched-${lock}`), "");
    const cpp = join(where, "files.cpp");
    const { status, stdout, stderr } = spawnSync("cmake", [
        `-DMODE=${mode}`, `-DSOURCE=${source}`, `-DWHERE=${where}`, `-DCPP=${cpp}`,
        `-DNODE=${process.execPath}`, "-DNPM=npm", "-P", script,
    ], { encoding: "utf8", env: { ...process.env, WORK_UI_REQUIRED: "" } });
    return { status, said: stdout + stderr, cpp };
}
const noise = (bytes) => randomBytes(bytes).toString("base64");

test("the page, its script and its style are embedded, and German as a file of its own", () => {
    const { status, said, cpp } = bundle("good", "AUTO");
    assert.equal(status, 0, said);
    const made = readFileSync(cpp, "utf8");
    // In the order of their names, which hold what they are.
    const names = [...made.matchAll(/^ +\{"([^"]*)", "([^"]*)",$/gm)].map((one) => [one[1].replace(/-\w+\./, "."), one[2]]).sort();
    assert.deepEqual(names, [
        ["", "text/html; charset=utf-8"], ["app.css", "text/css; charset=utf-8"],
        ["app.js", "text/javascript; charset=utf-8"], ["german.json", "application/json"],
    ]);
});

const wrong = {
    "more script than there may be": (source) => appendFileSync(join(source, "src/main.tsx"), `console.log("${noise(60_000)}");`),
    "a language that is too large": (source) =>
        writeFileSync(join(source, "src/german.ts"), `export const german: Record<string, string> = { a: "${noise(20_000)}" };`),
    "sources with an error": (source) => appendFileSync(join(source, "src/main.tsx"), 'import "./nowhere";'),
};
for (const [what, change] of Object.entries(wrong))
    test(`${what}: the build fails, whatever it is to do without the UI`, () => {
        for (const mode of ["AUTO", "ON"]) {
            const { status, said } = bundle(`${what}-${mode}`.replaceAll(" ", "-"), mode, change);
            assert.notEqual(status, 0, said);
            assert.match(said, /is not as it is to be/);
            assert.match(said, /ui: (\d+ bytes gzipped are more|its sources can't)/);
        }
    });

test("where bundling does not work at all, a program is built without the UI, unless it is asked for", () => {
    const broken = (source) => writeFileSync(join(source, "build.mjs"), "process.exit(1);");
    const without = bundle("without", "AUTO", broken);
    assert.equal(without.status, 0, without.said);
    assert.match(without.said, /the web UI is not built \(bundling failed\)/);
    assert.notEqual(bundle("asked", "ON", broken).status, 0);
});
