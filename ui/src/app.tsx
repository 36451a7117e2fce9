// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { useEffect, useState } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import { ask, changing, expired, may, root } from "./api";
import { Dialog, Environment, is_asking } from "./dialog";
import { Help } from "./help";
import { absolute, duration } from "./format";
import { use_keys } from "./keys";
import { age_ms, connected, pause, paused, poll_ms, revived, snapshot } from "./live";
import { OperationBar } from "./operation";
import { ProblemBox, Skeleton, told } from "./parts";
import { Problem } from "./api";
import { AuditPage } from "./pages/audit";
import { BrokerPage } from "./pages/broker";
import { CronPage, CronsPage } from "./pages/crons";
import { FailuresPage } from "./pages/failures";
import { FlowPage, FlowsPage } from "./pages/flows";
import { JobPage } from "./pages/job";
import { LimitPage, LimitsPage } from "./pages/limits";
import { JobsPage } from "./pages/jobs";
import { Overview } from "./pages/overview";
import { NamesPage } from "./pages/names";
import { PoolPage } from "./pages/pool";
import { PoolsPage } from "./pages/pools";
import { QueuePage } from "./pages/queue";
import { QueuesPage } from "./pages/queues";
import { TrackedPage } from "./pages/tracked";
import { SettingsPage } from "./pages/settings";
import { Doctor } from "./doctor";
import { go, page, route, write_route } from "./route";
import { next_theme, theme } from "./settings";
import type { Root } from "./types";
import { language, t, wanted_language, words_missing, words_trouble } from "./words";

/// What the server does not offer leads nowhere, and is left out.
const pages: { name: string; text: string; feature: string; show: () => preact.JSX.Element }[] = [
    { name: "overview", text: "Overview", feature: "snapshot", show: Overview },
    { name: "queues", text: "Queues", feature: "queues", show: QueuesPage },
    { name: "jobs", text: "Jobs", feature: "jobs", show: JobsPage },
    { name: "failures", text: "Failures", feature: "failures", show: FailuresPage },
    { name: "pools", text: "Pools", feature: "pools", show: PoolsPage },
    { name: "crons", text: "Cron", feature: "crons", show: CronsPage },
    { name: "flows", text: "Flows", feature: "flows", show: FlowsPage },
    { name: "limits", text: "Limits", feature: "limits", show: LimitsPage },
    { name: "names", text: "Names", feature: "queues", show: NamesPage },
    { name: "tracked", text: "Tracked", feature: "tracked", show: TrackedPage },
    { name: "broker", text: "Broker", feature: "broker", show: BrokerPage },
    { name: "audit", text: "Audit", feature: "audit", show: AuditPage },
];

/// Pages of one thing, and those that they belong to.
const things: Record<string, { within: string; show: () => preact.JSX.Element }> = {
    job: { within: "jobs", show: JobPage },
    queue: { within: "queues", show: QueuePage },
    pool: { within: "pools", show: PoolPage },
    cron: { within: "crons", show: CronPage },
    flow: { within: "flows", show: FlowPage },
    limit: { within: "limits", show: LimitPage },
};

export function App() {
    const [problem, set_problem] = useState<Problem | null>(null);
    const [open, set_open] = useState(false);
    const [times, again] = useState(0);
    use_keys();
    useEffect(() => {
        ask<Root>("").then(
            (found) => { root.value = found; set_problem(null); },
            (e) => set_problem(e as Problem),
        );
    }, [times, revived.value]);
    useSignalEffect(() => {
        document.documentElement.lang = language.value;
        const here = pages.find((one) => one.name === page.value);
        const what = things[page.value] ? route.value.parts[1] : route.value.query.name ?? t(here?.text ?? "");
        document.title = `${what ? what + " · " : ""}work ${root.value?.ns ?? ""}`;
    });
    useEffect(() => set_open(false), [route.value]);
    if (problem && !root.value)
        return <main id="main" class="alone"><h1>work</h1><ProblemBox problem={problem} again={() => again((n) => n + 1)} /></main>;
    if (!root.value) return <main id="main" class="alone" aria-busy="true"><h1 class="hidden">work</h1><Late><p class="muted" role="status">{t("Waiting for the server…")}</p><Skeleton /></Late></main>;
    const shown = pages.filter((one) => root.value!.features.includes(one.feature));
    const here = things[page.value]?.within ?? page.value;
    const Page = shown.some((one) => one.name === here) || page.value === "job"
        ? things[page.value]?.show ?? shown.find((one) => one.name === here)?.show : undefined;
    return (
        <>
            <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById("main")!.focus(); }}>
                {t("To the content")}
            </a>
            <header class="top">
                <button class="menu plain" aria-expanded={open} aria-controls="nav" onClick={() => set_open(!open)}>
                    <span aria-hidden="true">≡</span><span class="hidden">{t("Menu")}</span>
                </button>
                <a class="brand" href="#/">work <span class="muted" aria-hidden="true">▸</span> <b>{root.value.ns}</b></a>
                <Environment />
                <Search />
                <Live />
                {root.value.read_only && <span class="badge">{t("read only")}</span>}
                <span class="user muted">{root.value.user}</span>
                <button class="plain icon" onClick={next_theme} title={t("Theme: {theme}", { theme: t(theme.value) })}>
                    <span aria-hidden="true">{theme.value === "dark" ? "☾" : theme.value === "light" ? "☀" : "◐"}</span>
                    <span class="hidden">{t("Theme: {theme}", { theme: t(theme.value) })}</span>
                </button>
                <a class="icon" href="#/settings" title={t("Settings")}>
                    <span aria-hidden="true">⚙</span><span class="hidden">{t("Settings")}</span>
                </a>
                <a class="icon" href="#/help" title={t("Keys")}>
                    <span aria-hidden="true">?</span><span class="hidden">{t("Keys")}</span>
                </a>
            </header>
            <nav id="nav" class={open ? "open" : ""} aria-label={t("Pages")}>
                {shown.map((one) => (
                    <a href={write_route([one.name])} aria-current={here === one.name ? "page" : undefined}>{t(one.text)}</a>
                ))}
            </nav>
            <main id="main" tabIndex={-1}>
                <Away />
                {words_trouble.value && <p class="box warns row" role="status" lang={wanted_language.value}>
                    <span>{words_trouble.value}</span>
                    {words_missing.value === "other version" && <button onClick={() => location.reload()}>Neu laden</button>}
                </p>}
                {may("operate") && <Doctor />}
                <OperationBar />
                {page.value === "help" ? <Help /> : page.value === "settings" ? <SettingsPage /> : !may("see") && page.value !== "job" ? (
                    <>
                        <h1>{t(shown.find((one) => one.name === here)?.text ?? "Overview")}</h1>
                        <ProblemBox problem={new Problem(403, "forbidden", t("{user} has not the right {right}.", { user: root.value.user, right: "see" }))} />
                    </>
                ) : Page ? <Page /> : (
                    <><h1>{t("There is no such page")}</h1><p><a href="#/">{t("Overview")}</a></p></>
                )}
            </main>
            <div class="toasts" role="status" aria-live="polite">
                {changing.value > 0 && !is_asking() && <Late><p class="toast">{t("Waiting for the server…")}</p></Late>}
                {told.value && (
                    <p class={"toast " + (told.value.bad ? "bad" : "")}>
                        {told.value.text}
                        <button class="plain" onClick={() => (told.value = null)}>
                            <span aria-hidden="true">×</span><span class="hidden">{t("Close")}</span>
                        </button>
                    </p>
                )}
            </div>
            <Dialog />
        </>
    );
}

/// Only what takes long is said to.
function Late({ children }: { children: preact.ComponentChildren }) {
    const [late, set_late] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => set_late(true), 150);
        return () => clearTimeout(timer);
    }, []);
    return late ? <>{children}</> : null;
}

/// The id of a job leads to it, `tag:mail` and the like to jobs of that filter, anything else to jobs
/// of that name.
function Search() {
    const send = async (e: Event) => {
        e.preventDefault();
        const box = (e.currentTarget as HTMLFormElement).elements.namedItem("q") as HTMLInputElement;
        const text = box.value.trim();
        if (!text) return;
        box.value = "";
        box.blur();
        const [, by, value] = /^(state|name|queue|failure|tag|pool|message|args):(.+)$/s.exec(text) ?? [];
        if (by) {
            go(["jobs"], { [by]: value!.trim() });
            return;
        }
        const job = await ask("job", { id: text }).catch(() => null);
        if (job || /^[0-9A-Z]{22}$/.test(text)) go(["job", text]);
        else go(["jobs"], { name: text });
    };
    return (
        <form class="search" role="search" onSubmit={send}>
            <input id="search" name="q" aria-label={t("Search: an id, a job name, or a filter as tag:mail")} placeholder={t("id, name, tag:mail  /")} autocomplete="off" spellcheck={false} />
        </form>
    );
}

function Live() {
    const old = age_ms.value >= 5000;
    const text = paused.value
        ? t("paused, {age} old", { age: duration(age_ms.value) })
        : old ? t("{age} old", { age: duration(age_ms.value) }) : connected.value ? t("live") : t("every {n} s", { n: poll_ms() / 1000 });
    return (
        <button
            class={"plain live " + (old || paused.value ? "warn" : "")} aria-pressed={paused.value}
            onClick={() => pause(!paused.value)} title={paused.value ? t("Go on") : t("Pause the picture")}
        >
            <span class="dot" aria-hidden="true">{paused.value ? "❚❚" : "●"}</span> {text}
        </button>
    );
}

/// The broker does not answer: says since when, and of when the numbers are.
function Away() {
    const one = snapshot.value;
    if (expired.value)
        return (
            <div class="box bad row" role="alert">
                <span>
                    <strong>{t("You are signed in no more.")}</strong> {expired.value.message}{" "}
                    {t("What is shown is {age} old.", { age: duration(age_ms.value) })}
                </span>
                <button class="primary" onClick={() => location.reload()}>{t("Sign in again")}</button>
            </div>
        );
    if (!one || one.away_since_ms === 0) {
        if (age_ms.value < 10_000 || paused.value) return null;
        return (
            <div class="box bad" role="status">
                {t("The server does not answer. Numbers are {age} old; it is tried again.", { age: duration(age_ms.value) })}
            </div>
        );
    }
    return (
        <div class="box bad" role="status">
            {t("The broker has not answered since {age}. Numbers are {old} old; it is tried again each second.", {
                age: absolute(one.away_since_ms), old: duration(Math.max(age_ms.value, one.age_ms)),
            })}
        </div>
    );
}
