// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app";
import { follow_hash } from "./route";
import { start } from "./live";
import { apply_theme } from "./settings";
import { fetch_words, words_missing } from "./words";
import "./style.css";

/// So long a page waits for the words of its language at most, rather than to begin in English.
const first_words_ms = 1500;
const again_ms = 3000;

apply_theme();
follow_hash();
start();
// Also whenever another language is chosen; and again while its words can't be had.
effect(() => void fetch_words());
setInterval(() => { if (words_missing.value === "away" && !document.hidden) void fetch_words(); }, again_ms);
void Promise.race([fetch_words(), new Promise((late) => setTimeout(late, first_words_ms))])
    .then(() => render(<App />, document.getElementById("app")!));
