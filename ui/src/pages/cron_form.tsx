// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useState } from "preact/hooks";
import { Problem, ask } from "../api";
import { cron_body } from "../cron_body";
import type { CronEntry } from "../cron_body";
import { ProblemBox, tell, use_loaded } from "../parts";
import { in_zone } from "../format";
import { t } from "../words";

interface Times { words: string; upcoming: number[] }

export const cron_path = (name: string) => `crons/${encodeURIComponent(name)}`;

/// What a spec means, while it is typed: when it would be due, or what is wrong with it.
function Preview({ spec, zone }: { spec: string; zone: string }) {
    const { data, problem } = use_loaded(`times ${spec} ${zone}`, () => ask<Times>("cron/next", { spec, zone, count: 3 }), 0, 250);
    if (!spec.trim()) return null;
    return (
        <p class={problem ? "bad" : "muted"} role="status">
            {problem ? problem.message : data && <>{data.words}: {data.upcoming.map((ms) => in_zone(ms, zone)).join(" · ")}</>}
        </p>
    );
}

/// Makes an entry, or changes one: what is not in the form stays as it is. One that somebody else
/// changed since it was looked at is not overwritten.
export function CronForm({ of, close, after }: { of: CronEntry | null; close: () => void; after: (name: string) => void }) {
    const [base] = useState(of);
    const [problem, set_problem] = useState<Problem | null>(null);
    const [busy, set_busy] = useState(false);
    const [spec, set_spec] = useState(base?.spec ?? "");
    const [zone, set_zone] = useState(base?.zone ?? "UTC");
    const [missed, set_missed] = useState<string>(base?.missed ?? "one");
    const send = async (e: Event) => {
        e.preventDefault();
        if (busy) return;
        const form = new FormData(e.currentTarget as HTMLFormElement);
        const at = (name: string) => String(form.get(name) ?? "").trim();
        const name = base?.name ?? at("name");
        set_busy(true);
        try {
            const headers: Record<string, string> = base ? { "If-Match": base.etag } : { "If-None-Match": "*" };
            const { code } = await ask<{ code: string }>(cron_path(name), {}, { method: "PUT", body: cron_body(base, at), headers }).catch((e) => {
                if ((e as Problem).slug !== "changed") throw e;
                throw new Problem(412, "changed", base ? t("The entry was changed since it was looked at: look again.") : t("There is an entry {name} already.", { name }));
            });
            tell(code === "created" ? t("The entry {name} is made", { name }) : code === "changed" ? t("The entry {name} is changed", { name }) : t("Nothing was to be changed"));
            close();
            after(name);
        } catch (e) {
            set_problem(e instanceof Problem ? e : new Problem(0, "fault", (e as Error).message));
        }
        set_busy(false);
    };
    return (
        <section class="card edit" aria-label={base ? t("Edit") : t("A new entry")}>
            <h2>{base ? t("Edit") : t("A new entry")}</h2>
            <form onSubmit={send}>
                <div class="filters">
                    {!base && <label class="field"><span>{t("Name")}</span><input name="name" required autocomplete="off" spellcheck={false} /></label>}
                    <label class="field"><span>{t("When")}</span><input name="spec" required value={spec} placeholder="0 3 * * *" autocomplete="off" spellcheck={false} onInput={(e) => set_spec(e.currentTarget.value)} /></label>
                    <label class="field"><span>{t("Zone")}</span><input name="zone" required value={zone} autocomplete="off" spellcheck={false} onInput={(e) => set_zone(e.currentTarget.value)} /></label>
                    <label class="field"><span>{t("Missed")}</span>
                        <select name="missed" value={missed} onChange={(e) => set_missed(e.currentTarget.value)}>
                            <option value="one">{t("make up for one")}</option>
                            <option value="all">{t("make up for all")}</option>
                            <option value="skip">{t("leave them out")}</option>
                        </select>
                    </label>
                    {missed === "all" && <label class="field"><span>{t("Of those at most")}</span><input name="most_missed" type="number" min={1} max={256} required defaultValue={String(base?.most_missed ?? 24)} /></label>}
                    <label class="field"><span>{t("Overlap")}</span>
                        <select name="overlap" defaultValue={base?.overlap ?? "allow"}>
                            <option value="allow" selected={base?.overlap !== "skip"}>{t("runs beside the last one")}</option>
                            <option value="skip" selected={base?.overlap === "skip"}>{t("not while its last job has not ended")}</option>
                        </select>
                    </label>
                </div>
                <Preview spec={spec} zone={zone} />
                <div class="filters">
                    <label class="field"><span>{t("Job name")}</span><input name="job" required defaultValue={base?.job ?? ""} autocomplete="off" spellcheck={false} /></label>
                    <label class="field"><span>{t("Queue")}</span><input name="queue" defaultValue={base && base.queue !== base.job ? base.queue : ""} placeholder={t("that of the name")} autocomplete="off" spellcheck={false} /></label>
                </div>
                <label class="field"><span>{t("Arguments")}</span><textarea name="args" rows={4} spellcheck={false} required defaultValue={base?.args ?? "[]"} /></label>
                {problem && <ProblemBox problem={problem} />}
                <div class="buttons">
                    <button type="button" onClick={close}>{t("Back")}</button>
                    <button class="primary" disabled={busy}>{busy ? t("Working…") : base ? t("Change the entry") : t("Make the entry")}</button>
                </div>
            </form>
        </section>
    );
}
