// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useEffect, useState } from "preact/hooks";
import { ask } from "../api";
import { number } from "../format";
import { brings_tracked, follow_tracked, tracked_news } from "../live";
import { Ago, Badge, Empty, Head, View, use_loaded } from "../parts";
import { write_route } from "../route";
import { Star } from "../star";
import { Table } from "../table";
import { by_state, first_tracked, merged, sum_of } from "../tracked";
import type { Tracked, TrackedJob } from "../types";
import { t } from "../words";

/// Also while the stream brings what changes: it may have been away meanwhile.
const streamed_ms = 30_000;
const polled_ms = 5_000;
const rows_a_page = 100;

export function TrackedPage() {
    const [count, set_count] = useState(rows_a_page);
    const ask_page = (limit: number, cursor?: string) => ask<Tracked>("tracked", { limit, cursor });
    const loaded = use_loaded("tracked", () => first_tracked(count, ask_page), brings_tracked.value ? streamed_ms : polled_ms);
    useEffect(() => { if (count > rows_a_page) loaded.again(); }, [count]);
    useEffect(() => {
        follow_tracked(true);
        return () => follow_tracked(false);
    }, []);
    // What is known by now is not kept twice.
    const asked = loaded.data;
    useEffect(() => {
        if (asked) tracked_news.value = tracked_news.value.filter((one) => one.now_ms > asked.now_ms);
    }, [asked]);
    return (
        <>
            <Head title={t("Tracked")} sub={t("Jobs of which somebody wants to know what becomes of them, also when nothing else is kept of them.")} />
            <View of={loaded}>
                {(data) => {
                    const all = merged(data, tracked_news.value);
                    const sum = sum_of(data, tracked_news.value);
                    return sum.of === 0 ? (
                        <Empty><p>{t("No job is tracked: the star on a job's page puts it here, as work track ID does.")}</p></Empty>
                    ) : (
                        <>
                            <p class="flow-sum">
                                {by_state(sum).map(([state, n]) => <span key={state} class={"badge s-" + state}>{number(n)} {t(state)}</span>)}
                                {sum.pace_ms > 1000 && <span class="muted">{t("So many are looked at every {n} s.", { n: Math.ceil(sum.pace_ms / 1000) })}</span>}
                            </p>
                            <Jobs all={all} again={loaded.again} />
                            {data.next && <p><button onClick={() => set_count(count + rows_a_page)}>{t("Show more")}</button> <span class="muted">{t("{n} of {of} tracked", { n: number(all.length), of: number(sum.of) })}</span></p>}
                        </>
                    );
                }}
            </View>
        </>
    );
}

const Jobs = ({ all, again }: { all: TrackedJob[]; again: () => void }) => (
    <Table
        caption={t("Tracked")} rows={all} id={(one) => one.id}
        columns={[
            { head: t("Name"), kind: "main", cell: (one) => (
                <>
                    {one.there ? <a href={write_route(["job", one.id])} class="cut">{one.name}</a> : <span class="cut">{one.name}</span>}
                    <small class="muted block cut"><code>{one.id}</code></small>
                </>
            ) },
            { head: t("State"), cell: (one) => <><Badge state={one.state} />{!one.there && <small class="muted block">{t("not kept")}</small>}</> },
            { head: t("Queue"), cell: (one) => <a href={write_route(["queue", one.queue])} class="cut">{one.queue}</a> },
            { head: t("Ended"), cell: (one) => <Ago ms={one.ended_ms} past /> },
            { head: t("Tracked since"), cell: (one) => <Ago ms={one.since_ms} past /> },
            { head: t("By"), cell: (one) => <span class="cut">{one.by || "–"}</span> },
            { head: t("Action"), kind: "act", cell: (one) => <Star id={one.id} on named={false} after={again} /> },
        ]}
    />
);
