// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// usage: node dev.mjs PORT http://127.0.0.1:5040 [/prefix]
// Serves dist/ as `work server` does, and hands the API on to a server that runs: to work on the
// pages without building the program.
import { createReadStream, existsSync } from "node:fs";
import { createServer, request } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = join(dirname(fileURLToPath(import.meta.url)), "dist");
const [port = "5050", server = "http://127.0.0.1:5040", prefix = ""] = process.argv.slice(2);
const types = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", json: "application/json" };
const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

createServer((asked, answer) => {
    if (!asked.url.startsWith(prefix)) return answer.writeHead(404).end();
    const path = asked.url.slice(prefix.length);
    const file = path === "/" ? "index.html" : /^\/ui\/([\w.-]+)$/.exec(path)?.[1];
    if (file && existsSync(join(dist, file))) {
        answer.writeHead(200, {
            "Content-Type": types[file.split(".").pop()],
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
        });
        return createReadStream(join(dist, file)).pipe(answer);
    }
    const to = new URL(path, server);
    const headers = { ...asked.headers, host: to.host };
    if (headers.origin) headers.origin = to.origin;
    const on = request(to, { method: asked.method, headers }, (got) => {
        answer.writeHead(got.statusCode, got.headers);
        got.pipe(answer);
    });
    on.on("error", () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.on("close", () => on.destroy());
    asked.pipe(on);
}).listen(Number(port), "127.0.0.1", () => console.log(`ui: http://127.0.0.1:${port}${prefix}/`));
