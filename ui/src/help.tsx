// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { Head } from "./parts";
import { keys_on } from "./settings";
import { t } from "./words";

export function Help() {
    const rows: [string, string][] = [
        ["/", t("search")],
        ["g o, g q, g j, g f, g p, g c, g w, g l, g n, g t, g b, g a, g s", t("overview, queues, jobs, failures, pools, cron, flows, limits, names, tracked, broker, audit, settings")],
        ["j, k", t("next, previous row")],
        ["x", t("select the row")],
        ["Enter", t("open the row")],
        ["r, d", t("requeue, delete: of what is selected, else of the row")],
        ["e", t("explain: open the job")],
        ["p", t("pause the picture")],
        ["t", t("theme")],
        ["Esc", t("nothing is selected any more")],
        ["?", t("this list")],
    ];
    return (
        <>
            <Head title={t("Keys")} sub={keys_on.value === "on" ? undefined : t("They are off: see the settings.")} />
            <section class="card">
                <dl class="keys">{rows.map(([key, what]) => <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
            </section>
            <p><a href="#/settings">{t("Settings")}</a> · <a href="plain">{t("The plain page, without script")}</a> · <a href="api/v1/openapi.json">{t("The HTTP API")}</a></p>
        </>
    );
}
