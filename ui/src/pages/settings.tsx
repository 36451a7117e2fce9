// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useState } from "preact/hooks";
import { root } from "../api";
import { absolute, is_zone, relative, zone_name } from "../format";
import { now, set_refresh, shares_stream } from "../live";
import { Head } from "../parts";
import { keys_on, language_set, motion, refresh, theme, themes, times, zone } from "../settings";
import { languages, t } from "../words";

const zones = (): string[] =>
    (Intl as unknown as { supportedValuesOf?: (what: string) => string[] }).supportedValuesOf?.("timeZone") ?? [];

export function SettingsPage() {
    const who = root.value!;
    const example = now.value - 252_000;
    return (
        <>
            <Head title={t("Settings")} sub={t("They are kept in this browser.")} />
            <div class="columns">
                <section class="card">
                    <h2>{t("Times")}</h2>
                    <label class="field"><span>{t("Times are shown as")}</span>
                        <select value={times.value} onChange={(e) => (times.value = e.currentTarget.value)}>
                            <option value="relative">{t("how long ago: {example}", { example: relative(example, now.value) })}</option>
                            <option value="absolute">{t("a date: {example}", { example: absolute(example) })}</option>
                        </select>
                        <small class="muted">{t("The other form is in the tooltip.")}</small>
                    </label>
                    <Zone />
                </section>
                <section class="card">
                    <h2>{t("Looks")}</h2>
                    <label class="field"><span>{t("Theme")}</span>
                        <select value={theme.value} onChange={(e) => (theme.value = e.currentTarget.value)}>
                            {themes.map((one) => <option value={one}>{t(one)}</option>)}
                        </select>
                    </label>
                    <label class="field"><span>{t("The picture")}</span>
                        <select value={refresh.value} onChange={(e) => set_refresh(e.currentTarget.value)}>
                            <option value="live">{t("live")}</option>
                            <option value="5s">{t("every {n} s", { n: 5 })}</option>
                            <option value="paused">{t("paused, until you let it go on")}</option>
                        </select>
                    </label>
                    <label class="field"><span>{t("Motion")}</span>
                        <select value={motion.value} onChange={(e) => (motion.value = e.currentTarget.value)}>
                            <option value="system">{t("as the system has it")}</option>
                            <option value="less">{t("nothing moves")}</option>
                        </select>
                    </label>
                    <label class="field"><span>{t("Language")}</span>
                        <select value={language_set.value} onChange={(e) => (language_set.value = e.currentTarget.value)}>
                            {languages.map(([value, text]) => <option value={value}>{t(text)}</option>)}
                        </select>
                    </label>
                    <label class="check">
                        <input type="checkbox" checked={keys_on.value === "on"} onChange={(e) => (keys_on.value = e.currentTarget.checked ? "on" : "off")} />
                        <span>{t("Keys are on")} (<a href="#/help">{t("Keys")}</a>)</span>
                    </label>
                </section>
                <section class="card">
                    <h2>{t("Who you are here")}</h2>
                    <dl>
                        <div><dt>{t("User")}</dt><dd>{who.user}</dd></div>
                        <div><dt>{t("Roles")}</dt><dd>{who.roles.join(", ") || "–"}</dd></div>
                        <div><dt>{t("Rights")}</dt><dd>{who.rights.join(", ") || "–"}</dd></div>
                        <div><dt>{t("The server")}</dt><dd>work {who.work}{who.environment ? ` · ${who.environment}` : ""}{who.read_only ? ` · ${t("read only")}` : ""}</dd></div>
                        <div><dt>{t("Live")}</dt><dd>{shares_stream ? t("one stream for all tabs of this browser") : t("a look every 5 s: this browser shares streams on https and localhost alone")}</dd></div>
                    </dl>
                </section>
            </div>
            <p><a href="plain">{t("The plain page, without script")}</a> · <a href="api/v1/openapi.json">{t("The HTTP API")}</a></p>
        </>
    );
}

/// The browser's zone, UTC, or one that is typed.
function Zone() {
    const [chosen, set_chosen] = useState(zone.value === "" || zone.value === "UTC" ? zone.value : "other");
    const [typed, set_typed] = useState(zone.value);
    const wrong = chosen === "other" && typed !== "" && !is_zone(typed);
    const type = (text: string) => {
        set_typed(text);
        if (is_zone(text)) zone.value = text;
    };
    return (
        <>
            <label class="field"><span>{t("Zone")}</span>
                <select value={chosen} onChange={(e) => {
                    const to = e.currentTarget.value;
                    set_chosen(to);
                    if (to !== "other") zone.value = to;
                    else set_typed("");
                }}>
                    <option value="">{t("that of the browser")}</option>
                    <option value="UTC">UTC</option>
                    <option value="other">{t("another one")}</option>
                </select>
            </label>
            {chosen === "other" && (
                <label class="field"><span>{t("Its name")}</span>
                    <input list="zones" value={typed} placeholder="Europe/Berlin" autocomplete="off" spellcheck={false} aria-invalid={wrong} onInput={(e) => type(e.currentTarget.value)} />
                    {wrong && <small class="bad">{t("This browser knows no zone “{zone}”: it is to be as Europe/Berlin.", { zone: typed })}</small>}
                    <datalist id="zones">{zones().map((one) => <option value={one} />)}</datalist>
                </label>
            )}
            <p class="muted">{t("Times are of {zone}: it is {time} now.", { zone: zone_name(), time: absolute(now.value) })}</p>
        </>
    );
}
