// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { ask } from "../api";
import { bytes, duration, micros, number } from "../format";
import { Head, Meter, View, use_loaded } from "../parts";
import { Table } from "../table";
import type { Broker } from "../types";
import { t } from "../words";

export function BrokerPage() {
    const loaded = use_loaded("broker", () => ask<Broker>("broker"), 2000);
    return (
        <>
            <Head title={t("Broker")} sub={loaded.data?.place || undefined} />
            <View of={loaded}>
                {(data) => (
                    <>
                        <p class={"box " + (data.verdict === "fine" ? "fine" : data.verdict === "away" ? "bad" : "warns")}>
                            <b>{t(data.verdict)}</b> · {data.sentence}
                        </p>
                        <div class="columns">
                            <section class="card"><h2>{t("Server")}</h2>
                                <dl>
                                    <div><dt>{t("Kind")}</dt><dd>{data.server.kind} {data.server.version} · {data.server.role}</dd></div>
                                    <div><dt>{t("Up for")}</dt><dd>{duration(data.server.uptime_s * 1000)}</dd></div>
                                    <div><dt>{t("Persistence")}</dt><dd>{data.server.persistence}</dd></div>
                                    <div><dt>{t("Commands /s")}</dt><dd>{number(data.commands_per_s)}</dd></div>
                                </dl>
                            </section>
                            <section class="card"><h2>{t("Memory")}</h2>
                                <dl>
                                    <div><dt>{t("Used")}</dt><dd>{bytes(data.memory.bytes)}{data.memory.limit_bytes ? ` / ${bytes(data.memory.limit_bytes)}` : ""}</dd></div>
                                    {data.memory.limit_bytes > 0 && <div><dt>{t("Of the limit")}</dt><dd><Meter value={data.memory.bytes} max={data.memory.limit_bytes} label={t("Memory")} /></dd></div>}
                                    {data.memory.limit_bytes === 0 && <div><dt>{t("Limit")}</dt><dd class="warn">{t("none")}</dd></div>}
                                    <div><dt>{t("When it is full")}</dt><dd>{data.memory.policy}</dd></div>
                                    <div><dt>{t("Connections")}</dt><dd>{number(data.clients.count)} / {number(data.clients.limit)}</dd></div>
                                </dl>
                            </section>
                            <section class="card"><h2>{t("Times")}</h2>
                                <dl>
                                    <div title={t("From a command's sending to its answer")}><dt>{t("Round trip")} p50 · p99</dt><dd>{micros(data.round_trip.p50_us)} · {micros(data.round_trip.p99_us)}</dd></div>
                                    <div title={t("How long commands wait in this process for the connection")}><dt>{t("Waiting here")} p50 · p99</dt><dd>{micros(data.wait.p50_us)} · {micros(data.wait.p99_us)}</dd></div>
                                    <div title={t("How long scripts run within the server")}><dt>{t("Scripts")} p50 · p99</dt><dd>{micros(data.scripts.p50_us)} · {micros(data.scripts.p99_us)}</dd></div>
                                    <div><dt>{t("Script calls")}</dt><dd>{number(data.scripts.calls)}</dd></div>
                                </dl>
                            </section>
                        </div>
                        <h2>{t("Connections of this server")}</h2>
                        <Table
                            caption={t("Connections of this server")} rows={data.links} id={(link) => link.name}
                            columns={[
                                { head: t("Connection"), kind: "main", cell: (link) => link.name },
                                { head: t("State"), cell: (link) => <span class={"badge " + (link.connected ? "s-active" : "s-completed")}>{link.connected ? t("connected") : t("not in use")}</span> },
                                { head: t("Commands"), kind: "number", cell: (link) => number(link.commands) },
                                { head: t("Waiting"), kind: "number", cell: (link) => number(link.waiting) },
                                { head: t("Reconnects"), kind: "number", cell: (link) => number(link.reconnects) },
                                { head: t("Round trip") + " p99", kind: "number", cell: (link) => micros(link.round_trip.p99_us) },
                                { head: t("Waiting here") + " p99", kind: "number", cell: (link) => micros(link.wait.p99_us) },
                            ]}
                        />
                    </>
                )}
            </View>
        </>
    );
}
