// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Figures of the past as GET /api/v1/stats and /stats/names answer them, for a shop that has been
// open for a while: with gaps, waves, a bad hour. Always the same for the same time.
const steps = { "15m": 60_000, "1h": 60_000, "8h": 600_000, "3d": 3_600_000, "90d": 86_400_000 };
const spans = { "15m": 900_000, "1h": 3_600_000, "8h": 28_800_000, "3d": 259_200_000, "90d": 7_776_000_000 };
const noise = (n) => { const x = Math.sin(n * 12.9898) * 43758.5453; return x - Math.floor(x); };
const spread = (count, p50) => ({ count, p50_ms: p50, p95_ms: p50 * 6, p99_ms: p50 * 24 });

export function stats(range, now_ms = Date.now()) {
    const step_ms = steps[range];
    const from_ms = now_ms - spans[range];
    const points = [];
    for (let at_ms = Math.ceil(from_ms / step_ms) * step_ms; at_ms <= now_ms; at_ms += step_ms) {
        const n = Math.round((at_ms - from_ms) / step_ms);
        const of = Math.round(spans[range] / step_ms);
        // A sampler that was away leaves a gap, which is not zero.
        if (n > of * 0.4 && n < of * 0.48) continue;
        const part = Math.min(step_ms, now_ms - at_ms) / 1000;
        const wave = 1 + 0.5 * Math.sin((n / of) * 9) + 0.2 * noise(n);
        const bad = n > of * 0.7 && n < of * 0.8;
        const done = Math.round(40 * wave * part);
        points.push({
            at_ms, done, failed: Math.round(done * (bad ? 0.3 : 0.02 * noise(n + 7))),
            wait: spread(done, Math.round(12 * wave * (bad ? 90 : 1))),
            run: spread(done, Math.round(80 * (1 + 0.3 * noise(n + 3)))),
        });
    }
    return { now_ms, from_ms, step_ms, points };
}

const buckets = (around, count) =>
    Array.from({ length: 24 }, (_, k) => Math.round(count * 0.4 * Math.exp(-((k - around) ** 2) / 3)));
export const names = (now_ms = Date.now()) => ({
    now_ms,
    names: [["send_email", 48_210, 12, 5, 7], ["billing", 2_104, 840, 3, 14], ["resize", 9_310, 96, 8, 10], ["report", 0, 0, 0, 0]]
        .map(([name, done, failed, wait, run]) => ({
            name, done, failed,
            // Of a name without any there are zeros.
            wait: { ...spread(done, done && 2 ** wait), buckets: buckets(wait, done) },
            run: { ...spread(done, done && 2 ** run), buckets: buckets(run, done) },
        })),
});

/// Answers for the server, whether it has such figures or not.
export async function give_figures(context) {
    const json = (route, body) => route.fulfill({ contentType: "application/json", body: JSON.stringify(body) });
    // A server says whether it has them.
    await context.route(/api\/v1\/$/, async (route) => {
        const answer = await route.fetch();
        const told = await answer.json();
        if (told.features && !told.features.includes("histories")) told.features.push("histories");
        await route.fulfill({ response: answer, json: told });
    });
    await context.route(/api\/v1\/stats\?/, (route) => json(route, stats(new URL(route.request().url()).searchParams.get("range"))));
    await context.route(/api\/v1\/stats\/names/, (route) => json(route, names()));
}
