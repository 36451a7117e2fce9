// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { computed, signal } from "@preact/signals";
import { language_set } from "./settings";

type Dictionary = Record<string, string>;
/// The name of the German file, as build.mjs made it.
declare const GERMAN_FILE: string;

/// The words of the page: a sentence in English is its own key. A test looks that each of them is
/// in the other languages, each of which is a file that is fetched when somebody wants it.
const files: Record<string, string> = { de: typeof GERMAN_FILE === "undefined" ? "" : GERMAN_FILE };
export const languages: [string, string][] = [["", "System"], ["en", "English"], ["de", "Deutsch"]];

const dictionaries = signal<Record<string, Dictionary>>({});
export const wanted_language = computed(() => {
    const wanted = language_set.value || (typeof navigator === "undefined" ? "en" : navigator.language);
    const base = wanted.slice(0, 2).toLowerCase();
    return base in files ? base : "en";
});
/// That of what is shown: English until the words of another are there.
export const language = computed(() =>
    wanted_language.value in dictionaries.value ? wanted_language.value : "en");

/// Why the wanted language is not shown: its file can't be fetched now, and it is tried again; or
/// the server, of another version by now, has it no more.
export const words_missing = signal<"" | "away" | "other version">("");
const in_german = {
    "away": "Deutsch kann gerade nicht geladen werden; es wird wieder versucht.",
    "other version": "Der Server hat inzwischen eine andere Version: Deutsch gibt es, wenn diese Seite neu geladen ist.",
};
/// The same in the wanted language, of which nothing else is there.
export const words_trouble = computed(() =>
    words_missing.value === "" || wanted_language.value === language.value ? "" : in_german[words_missing.value]);

const under_way: Record<string, Promise<void>> = {};
async function fetch_words_of(language: string): Promise<void> {
    try {
        const answer = await fetch(`ui/${files[language]}`, { signal: AbortSignal.timeout(20_000) });
        if (answer.ok) {
            const words = (await answer.json()) as Dictionary;
            dictionaries.value = { ...dictionaries.value, [language]: words };
            words_missing.value = "";
        } else words_missing.value = answer.status === 404 ? "other version" : "away";
    } catch {
        words_missing.value = "away";
    }
    delete under_way[language];
}
/// Fetches the words that are wanted, if they are not there; ends when they are, or can't be had.
export function fetch_words(): Promise<void> {
    const wanted = wanted_language.value;
    if (wanted === language.value) return Promise.resolve();
    return (under_way[wanted] ??= fetch_words_of(wanted));
}

/// How numbers and times are written: as the browser has it, where it speaks that language.
export const locale = computed(() => {
    const here = typeof navigator === "undefined" ? "en" : navigator.language;
    return here.slice(0, 2).toLowerCase() === language.value ? here : language.value;
});

/// Words of the API that people see otherwise.
const english: Dictionary = { set_aside: "set aside", unknown: "gone" };

/// What somebody wrote, for a place within a sentence: the direction in which it is read, and marks
/// that change it, end with it.
export const isolated = (text: string): string =>
    /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(text) ? `\u2068${text}\u2069` : text;

export function t(text: string, values: Record<string, string | number> = {}): string {
    const found = dictionaries.value[language.value]?.[text] ?? english[text] ?? text;
    return found.replace(/\{(\w+)\}/g, (_, name: string) => isolated(String(values[name] ?? "")));
}
