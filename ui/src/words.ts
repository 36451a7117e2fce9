// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { computed } from "@preact/signals";
import { german } from "./german";
import { language_set } from "./settings";

/// The words of the page: a sentence in English is its own key. A test looks that each of them is
/// in the other languages.
const dictionaries: Record<string, Record<string, string>> = { de: german };
export const languages: [string, string][] = [["", "System"], ["en", "English"], ["de", "Deutsch"]];

export const language = computed(() => {
    const wanted = language_set.value || (typeof navigator === "undefined" ? "en" : navigator.language);
    const base = wanted.slice(0, 2).toLowerCase();
    return base in dictionaries ? base : "en";
});

/// How numbers and times are written: as the browser has it, where it speaks that language.
export const locale = computed(() => {
    const here = typeof navigator === "undefined" ? "en" : navigator.language;
    return here.slice(0, 2).toLowerCase() === language.value ? here : language.value;
});

/// Words of the API that people see otherwise.
const english: Record<string, string> = { set_aside: "set aside" };

export function t(text: string, values: Record<string, string | number> = {}): string {
    const found = dictionaries[language.value]?.[text] ?? english[text] ?? text;
    return found.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
