// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask } from "./api";
import { use_loaded } from "./parts";
import { write_route } from "./route";
import type { Finding } from "./types";
import { t } from "./words";

const rank: Record<string, number> = { problem: 2, warning: 1 };

/// Where one sees more of it.
const where: Record<string, [page: string, query?: Record<string, string>]> = {
    server: ["broker"], broker: ["broker"], persistence: ["broker"], memory: ["broker"], clock: ["broker"],
    pools: ["pools"], names: ["queues", { sort: "oldest" }], paused: ["queues"], waiting: ["queues", { sort: "oldest" }],
    schedule: ["jobs", { state: "scheduled" }], suspects: ["jobs", { state: "suspect" }], set_aside: ["jobs", { state: "set_aside" }],
    unsupported: ["jobs", { state: "waiting" }],
};

/// The worst first; nothing is shown that needs nobody.
export function Doctor() {
    const found = use_loaded("doctor", () => ask<{ findings: Finding[] }>("doctor"), 15_000);
    const bad = (found.data?.findings ?? []).filter((one) => rank[one.level])
        .sort((a, b) => rank[b.level]! - rank[a.level]!);
    const worst = bad[0];
    if (!worst) return null;
    const line = (one: Finding) => <><b>{t(one.level)}</b> · {one.check}: {one.sentence}</>;
    const more = (one: Finding) => where[one.check] && (
        <> <a href={write_route([where[one.check]![0]], where[one.check]![1])} aria-label={t("Look at {what}", { what: one.check })}>▸</a></>
    );
    return (
        <section class={"doctor box " + (worst.level === "problem" ? "bad" : "warns")} aria-label={t("What is wrong")}>
            {bad.length === 1 ? <p>{line(worst)}{more(worst)}</p> : (
                <div class="first"><details>
                    <summary>
                        {line(worst)} <span class="more">{t("and {n} more", { n: bad.length - 1 })}</span>
                    </summary>
                    <ul>{bad.slice(1).map((one) => <li key={one.check}>{line(one)}{more(one)}</li>)}</ul>
                </details>{more(worst)}</div>
            )}
        </section>
    );
}
