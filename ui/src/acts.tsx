// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask, may, may_change, post } from "./api";
import type { Problem } from "./api";
import { ask_first, plural } from "./dialog";
import type { Input } from "./dialog";
import { number } from "./format";
import { watch_operation } from "./operation";
import { Badge, tell, tell_problem } from "./parts";
import { most_saved, save_jobs, saving } from "./save";
import type { Count, Filter, Operation, Row, State, Verb } from "./types";
import { t } from "./words";

/// In which states a verb does something, as the API has it.
export const touches: Record<Verb, State[]> = {
    requeue: ["dead", "retry", "scheduled", "set_aside"],
    cancel: ["waiting", "pending", "scheduled", "retry", "active", "suspect"],
    kill: ["waiting", "pending", "scheduled", "retry", "active", "suspect"],
    delete: ["dead", "completed", "cancelled", "set_aside"],
    move: ["waiting", "pending", "scheduled", "retry", "dead"],
};
export const verbs = Object.keys(touches) as Verb[];
export const right_for = (verb: Verb): string => (verb === "delete" ? "destroy" : "operate");

/// After it a job will not run, or is no more.
const destroys = (verb: Verb): boolean => verb === "delete" || verb === "kill" || verb === "cancel";

const named: Record<Verb, () => string> = {
    requeue: () => t("Requeue"),
    cancel: () => t("Cancel"),
    kill: () => t("Kill"),
    delete: () => t("Delete"),
    move: () => t("Move"),
};
export const verb_name = (verb: Verb): string => named[verb]();

/// What the verb does, said before it is done.
const about: Record<Verb, () => string> = {
    requeue: () => t("They are pending at once, with all of their attempts."),
    cancel: () => t("They will not run. Those that run are told to end."),
    kill: () => t("They are dead, without another attempt. Those that run are told to end."),
    delete: () => t("Their records are gone, and can't be brought back."),
    move: () => t("They wait in the other queue."),
};

const inputs_of = (verb: Verb): Input[] =>
    verb === "move"
        ? [{ name: "queue", label: t("Queue"), hint: t("Empty: the queue of the job's name") }]
        : verb === "cancel" || verb === "kill"
          ? [{ name: "reason", label: t("Reason"), hint: t("Kept with the job and in the audit") }]
          : [];

/// What became of a job that was acted on, and in which state it is now; "": in none.
export interface Became { id: string; code: string; state: State | "" }
interface Results { results: Became[] }

/// In words what became of each.
export function summary(codes: Record<string, number>): string {
    const words: Record<string, string> = {
        done: t("done"), already: t("already so"), active: t("left: they run"), gone: t("gone"),
        moved_on: t("moved on"), unreadable: t("unreadable"), locked: t("locked"),
    };
    return Object.entries(codes).filter(([, n]) => n > 0)
        .map(([code, n]) => `${words[code] ?? code} ${number(n)}`).join(" · ");
}

/// Asks, and acts on these jobs as they were seen.
export function act_on(verb: Verb, rows: Pick<Row, "id" | "state" | "name">[], seen_ms: number, after: (became: Became[]) => void): void {
    const fits = rows.filter((row) => touches[verb].includes(row.state));
    const left = rows.length - fits.length;
    if (!fits.length) {
        tell(t("Nothing to do: none of them is in a state that this is for."), true);
        return;
    }
    ask_first({
        title: t("{verb} {jobs}?", { verb: verb_name(verb), jobs: plural(fits.length) }),
        button: t("{verb} {jobs}", { verb: verb_name(verb), jobs: plural(fits.length) }),
        dangerous: destroys(verb),
        type: fits.length > 100 ? String(fits.length) : undefined,
        inputs: inputs_of(verb),
        body: (
            <>
                <p>{about[verb]()}</p>
                <Samples rows={fits} />
                {left > 0 && <p class="muted">{t("{n} more are in other states, and left alone.", { n: number(left) })}</p>}
                {verb === "delete" && <Save which={fits.map((row) => row.id)} />}
                <p class="muted">{t("Jobs that have moved on since they were seen are left alone.")}</p>
            </>
        ),
        act: async (values) => {
            const codes: Record<string, number> = {};
            const became: Became[] = [];
            for (let i = 0; i < fits.length; i += 256) {
                const part = fits.slice(i, i + 256);
                const { results } = await post<Results>("jobs/actions", {
                    action: verb,
                    ids: part.map((row) => row.id),
                    only: [...new Set(part.map((row) => row.state))],
                    seen_ms,
                    ...given(verb, values),
                });
                for (const one of results) codes[one.code] = (codes[one.code] ?? 0) + 1;
                became.push(...results);
            }
            tell(`${verb_name(verb)}: ${summary(codes)}`, !codes.done && !codes.already);
            after(became);
        },
    });
}

const given = (verb: Verb, values: Record<string, string>) => ({
    ...(verb === "move" && values.queue ? { queue: values.queue } : {}),
    ...(values.reason ? { reason: values.reason } : {}),
});

const Samples = ({ rows }: { rows: Pick<Row, "id" | "state" | "name">[] }) => (
    <ul class="samples">
        {rows.slice(0, 5).map((row) => (
            <li key={row.id}>
                <Badge state={row.state} /> {row.name} <code>{row.id}</code>
            </li>
        ))}
        {rows.length > 5 && <li class="muted">{t("and {n} more", { n: number(rows.length - 5) })}</li>}
    </ul>
);

/// What is deleted does not come back; as a file it can.
function Save({ which }: { which: string[] | Filter }) {
    if (!may("see_args")) return null;
    const n = saving.value;
    return (
        <p>
            <button type="button" disabled={n !== null} onClick={() => void save_jobs(which).catch(tell_problem)}>
                {n === null ? t("Download as JSONL first") : t("{n} read…", { n: number(n) })}
            </button>{" "}
            <small class="muted">{t("work enqueue --jsonl takes it, up to {n} jobs", { n: number(most_saved) })}</small>
        </p>
    );
}

/// Only states, if anything: all that there is in them.
const names_nothing = ({ states: _, ...rest }: Filter): boolean =>
    Object.values(rest).every((value) => value === undefined || value === "" || value === 0);

/// A filter in words.
export const in_words = (filter: Filter): string =>
    Object.entries(filter)
        .filter(([name, value]) => name !== "hidden" && value !== undefined && value !== 0 && String(value ?? "") !== "")
        .map(([name, value]) => `${t(name)}: ${Array.isArray(value) ? value.map((one) => t(one)).join(", ") : value}`)
        .join(" · ") || t("all jobs");

/// Counts what a filter finds, asks, and acts on it in parts, as the server does it. `before`: how
/// many were counted the last time, and are others by now.
export async function act_on_all(verb: Verb, filter: Filter, after: () => void, before?: number): Promise<void> {
    // Only states for which the verb does something: others would be looked at for nothing.
    const states = (filter.states?.length ? filter.states : touches[verb])
        .filter((state) => touches[verb].includes(state));
    if (!states.length) {
        tell(t("Nothing to do: none of them is in a state that this is for."), true);
        return;
    }
    const wanted: Filter = { ...filter, states };
    let count: Count;
    try {
        count = await post<Count>("operations", { action: verb, filter: wanted, dry_run: true });
    } catch (e) {
        tell_problem(e);
        return;
    }
    if (count.matched === 0 && count.whole) {
        tell(t("Nothing matches by now."), true);
        return;
    }
    const expected = count.matched;
    const size = count.whole ? number(expected) : t("at least {n}", { n: number(expected) });
    ask_first({
        title: t("{verb} all that match?", { verb: verb_name(verb) }),
        button: t("{verb} {n} jobs", { verb: verb_name(verb), n: size }),
        dangerous: destroys(verb),
        type: expected > 100 || !count.whole || (verb === "delete" && names_nothing(filter)) ? String(expected) : undefined,
        inputs: inputs_of(verb),
        body: (
            <>
                {before !== undefined && <p class="box warns">{t("There were {n} a moment ago: nothing was touched.", { n: number(before) })}</p>}
                <p><strong>{size}</strong> · {in_words(wanted)}</p>
                <p>{about[verb]()}</p>
                <Samples rows={count.samples} />
                {!count.whole && (
                    <p class="muted">
                        {t("{n} of {of} jobs were looked at; should there be many more than counted, nothing is done.",
                            { n: number(count.scanned), of: count.of < 0 ? "?" : number(count.of) })}
                    </p>
                )}
                {verb === "delete" && <Save which={wanted} />}
                <p class="muted">{t("Jobs that come into their state from now on are left alone.")}</p>
            </>
        ),
        act: async (values) => {
            try {
                const started = await post<Operation>("operations", {
                    action: verb, filter: wanted, expected, seen_ms: count.now_ms, ...given(verb, values),
                });
                void watch_operation(started, after);
            } catch (e) {
                if ((e as Problem).slug !== "count-moved") throw e;
                await act_on_all(verb, filter, after, expected);
            }
        },
    });
}

export const can_do = (verb: Verb): boolean => may_change(right_for(verb));

/// The query form of a path, which carries any id.
export const job_path = (verb?: string): string => "job" + (verb ? "/" + verb : "");
export const stop_operation = (id: string) => ask(`operations/${encodeURIComponent(id)}`, {}, { method: "DELETE" });
