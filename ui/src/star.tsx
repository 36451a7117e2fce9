// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useState } from "preact/hooks";
import { ask, may_change, post, root } from "./api";
import { tell, tell_problem } from "./parts";
import { t } from "./words";

export const tracks = (): boolean => root.value?.features.includes("tracked") ?? false;

export const untrack = (id: string) => ask("job/track", { id }, { method: "DELETE" });
/// One after the other: each is a record that is read. Those that are tracked already stay so.
export async function track(ids: string[]): Promise<void> {
    for (const id of ids) await post("job/track", {}, { id });
}

/// Tracks a job, or no more; without the right to it says whether it is tracked.
export function Star({ id, on, after, named = true }: { id: string; on: boolean; after: () => void; named?: boolean }) {
    const [busy, set_busy] = useState(false);
    if (!tracks()) return null;
    if (!may_change("operate")) return on ? <span class="star">★ {t("tracked")}</span> : null;
    const change = async () => {
        set_busy(true);
        try {
            if (on) await untrack(id);
            else await track([id]);
            tell(on ? t("It is tracked no more") : t("It is tracked: the page Tracked shows what becomes of it"));
            after();
        } catch (e) {
            tell_problem(e);
        }
        set_busy(false);
    };
    const text = on ? t("Track it no more") : t("Track it");
    return (
        <button class={named ? "" : "plain"} title={text} disabled={busy} onClick={change}>
            <span class="star" aria-hidden="true">{on ? "★" : "☆"}</span> {named ? (on ? t("Tracked") : t("Track")) : <span class="hidden">{text} {id}</span>}
        </button>
    );
}
