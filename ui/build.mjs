// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node build.mjs [OUT=dist]
// Bundles src/ into three files: index.html, app-<hash>.js, app-<hash>.css; and german-<hash>.json, which
// is fetched by who wants it. Each also gzipped, as NAME.gz beside it. Exits with 3 where what is in
// src/ is wrong, or more than it may be, and with 1 where bundling does not work here.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "dist");
/// Gzipped: what everybody loads, and what is loaded for another language.
const most_bytes = 60 << 10;
const most_words_bytes = 16 << 10;
const wrong = (why) => {
    console.error(`ui: ${why}`);
    process.exit(3);
};
const bundled = (how) => build({ bundle: true, write: false, format: "esm", charset: "utf8", logLevel: "warning", ...how })
    .catch((e) => (e.errors?.length ? wrong("its sources can't be bundled") : Promise.reject(e)));
const named = (name, kind, bytes) =>
    `${name}-${createHash("sha256").update(bytes).digest("hex").slice(0, 10)}.${kind}`;

const words = await bundled({ entryPoints: [join(here, "src/german.ts")] });
const { german } = await import(`data:text/javascript;base64,${Buffer.from(words.outputFiles[0].contents).toString("base64")}`);
const german_bytes = Buffer.from(JSON.stringify(german));
const german_name = named("german", "json", german_bytes);
const made = await bundled({
    entryPoints: { app: join(here, "src/main.tsx") },
    minify: true,
    outdir: out,
    target: ["es2022"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    define: { GERMAN_FILE: JSON.stringify(german_name) },
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
let page = readFileSync(join(here, "src/index.html"), "utf8").replace(/\n\s*/g, "");
const write = (name, bytes) => {
    // Without a time, so that the same sources make the same program.
    const gzipped = gzipSync(bytes, { level: 9 });
    writeFileSync(join(out, name), bytes);
    writeFileSync(join(out, name + ".gz"), gzipped);
    console.log(`ui: ${name} ${bytes.length} bytes, ${gzipped.length} gzipped`);
    return gzipped.length;
};
let fetched = 0;
for (const kind of ["js", "css"]) {
    const file = made.outputFiles.find((one) => one.path.endsWith(`.${kind}`));
    const name = named("app", kind, file.contents);
    page = page.replace(`ui/app.${kind}`, `ui/${name}`);
    fetched += write(name, file.contents);
}
fetched += write("index.html", Buffer.from(page));
const words_bytes = write(german_name, german_bytes);
if (fetched > most_bytes) wrong(`${fetched} bytes gzipped are more than the ${most_bytes} that it may cost`);
if (words_bytes > most_words_bytes) wrong(`${words_bytes} bytes gzipped are more than the ${most_words_bytes} that a language may cost`);
