// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { Head } from "./parts";
import { keys_on, language_set, theme, themes } from "./settings";
import { languages, t } from "./words";

export function Help() {
    const rows: [string, string][] = [
        ["/", t("search")],
        ["g o, g q, g j, g f, g p, g b, g a", t("overview, queues, jobs, failures, pools, broker, audit")],
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
            <Head title={t("Keys and settings")} />
            <div class="columns">
                <section class="card">
                    <h2>{t("Keys")}</h2>
                    <dl class="keys">{rows.map(([key, what]) => <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
                </section>
                <section class="card">
                    <h2>{t("Settings")}</h2>
                    <label class="field"><span>{t("Theme")}</span>
                        <select value={theme.value} onChange={(e) => (theme.value = e.currentTarget.value)}>
                            {themes.map((one) => <option value={one}>{t(one)}</option>)}
                        </select>
                    </label>
                    <label class="field"><span>{t("Language")}</span>
                        <select value={language_set.value} onChange={(e) => (language_set.value = e.currentTarget.value)}>
                            {languages.map(([value, text]) => <option value={value}>{t(text)}</option>)}
                        </select>
                    </label>
                    <label class="check">
                        <input type="checkbox" checked={keys_on.value === "on"} onChange={(e) => (keys_on.value = e.currentTarget.checked ? "on" : "off")} />
                        {t("Keys are on")}
                    </label>
                    <p><a href="plain">{t("The plain page, without script")}</a> · <a href="api/v1/openapi.json">{t("The HTTP API")}</a></p>
                </section>
            </div>
        </>
    );
}
