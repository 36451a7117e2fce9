// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node embed.mjs FOLDER OUT.cpp
// Writes the files of the web UI, those that build.mjs made, as C++.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [folder, out] = process.argv.slice(2);
const types = {
    html: "text/html; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    css: "text/css; charset=utf-8",
    svg: "image/svg+xml",
};
const names = readdirSync(folder).filter((name) => name.split(".").pop() in types).sort();
if (!names.includes("index.html")) throw new Error(`${folder} has no index.html`);

const bytes = (name, data) =>
    `static unsigned char const ${name}[] = {${[...data].join(",").replace(/(.{90,96},)/g, "$1\n")}};\n`;
let arrays = "";
let entries = "";
names.forEach((name, i) => {
    const data = readFileSync(`${folder}/${name}`);
    // Without a time, so that the same sources make the same program.
    const gzipped = gzipSync(data, { level: 9 });
    const etag = createHash("sha256").update(data).digest("hex").slice(0, 16);
    arrays += bytes(`plain${i}`, data) + bytes(`gzipped${i}`, gzipped);
    entries += `        {"${name === "index.html" ? "" : name}", "${types[name.split(".").pop()]}",\n` +
        `         text(plain${i}), text(gzipped${i}), "\\"${etag}\\""},\n`;
});
writeFileSync(out, `// Made by tools/ui/embed.mjs.
#include "ui/files.hpp"

#include <cstddef>
#include <string>

namespace {

${arrays}
template<std::size_t Size>
std::string text(unsigned char const (&bytes)[Size])
{
    return std::string(bytes, bytes + Size);
}

}  // namespace

std::vector<work::web_file> work::tool::ui_files()
{
    return {
${entries}    };
}
`);
