// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node build.mjs [OUT=dist]
// Bundles src/ into three files: index.html, app-<hash>.js, app-<hash>.css; each also gzipped, as
// NAME.gz beside it.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "dist");
const most_bytes = 60 << 10;

const made = await build({
    entryPoints: { app: join(here, "src/main.tsx") },
    bundle: true,
    minify: true,
    write: false,
    outdir: out,
    format: "esm",
    target: ["es2022"],
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
let page = readFileSync(join(here, "src/index.html"), "utf8").replace(/\n\s*/g, "");
let fetched = 0;
const write = (name, bytes) => {
    // Without a time, so that the same sources make the same program.
    const gzipped = gzipSync(bytes, { level: 9 });
    fetched += gzipped.length;
    writeFileSync(join(out, name), bytes);
    writeFileSync(join(out, name + ".gz"), gzipped);
    console.log(`ui: ${name} ${bytes.length} bytes, ${gzipped.length} gzipped`);
};
for (const kind of ["js", "css"]) {
    const file = made.outputFiles.find((one) => one.path.endsWith(`.${kind}`));
    const hash = createHash("sha256").update(file.contents).digest("hex").slice(0, 10);
    const name = `app-${hash}.${kind}`;
    page = page.replace(`ui/app.${kind}`, `ui/${name}`);
    write(name, file.contents);
}
write("index.html", Buffer.from(page));
if (fetched > most_bytes) {
    console.error(`ui: ${fetched} bytes gzipped are more than the ${most_bytes} that it may cost`);
    process.exit(1);
}
