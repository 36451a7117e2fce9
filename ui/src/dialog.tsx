// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { in_production, root } from "./api";
import { number } from "./format";
import { t } from "./words";

export interface Input {
    name: string;
    label: string;
    value?: string;
    options?: [string, string][];
    needed?: boolean;
    hint?: string;
}

/// A question before something is done. `act` gets what was filled in; what it throws is shown, and
/// the dialog stays.
export interface Question {
    title: string;
    body?: ComponentChildren;
    button: string;
    dangerous?: boolean;
    inputs?: Input[];
    /// To be typed before the button works.
    type?: string;
    act: (values: Record<string, string>) => Promise<void>;
}

const asked = signal<Question | null>(null);
export const ask_first = (question: Question): void => { asked.value = question; };
export const is_asking = (): boolean => asked.value !== null;

/// The one dialog of the page. The focus begins on Cancel where something is destroyed, and goes
/// back to where it was.
export function Dialog() {
    const question = asked.value;
    return question ? <Open key={question.title} question={question} /> : null;
}

function Open({ question }: { question: Question }) {
    const box = useRef<HTMLDialogElement>(null);
    const [typed, set_typed] = useState("");
    const [trouble, set_trouble] = useState("");
    const [busy, set_busy] = useState(false);
    useEffect(() => {
        const before = document.activeElement as HTMLElement | null;
        box.current!.showModal();
        box.current!.querySelector<HTMLElement>("[data-first]")?.focus();
        return () => before?.focus?.();
    }, []);
    const close = () => (asked.value = null);
    const send = async (e: Event) => {
        e.preventDefault();
        const form = new FormData(e.currentTarget as HTMLFormElement);
        set_busy(true);
        set_trouble("");
        try {
            await question.act(Object.fromEntries([...form].map(([k, v]) => [k, String(v)])));
            if (asked.value === question) close();
        } catch (e) {
            set_trouble((e as Error).message);
        }
        set_busy(false);
    };
    const inputs = question.inputs ?? [];
    // Who means the other environment does not type the name of this one.
    const needed = question.dangerous && in_production() ? root.value!.ns : question.type;
    const locked = needed !== undefined && typed !== needed;
    return (
        <dialog ref={box} aria-labelledby="asked" onClose={close} onCancel={close}>
            <form onSubmit={send}>
                <h2 id="asked">{question.title}</h2>
                <p class="muted place">
                    <Environment /> {t("Namespace {ns}", { ns: root.value?.ns ?? "" })}
                </p>
                {question.body}
                {inputs.map((one, i) => (
                    <label class="field" key={one.name}>
                        <span>{one.label}</span>
                        {one.options ? (
                            <select name={one.name} data-first={i === 0 || undefined}>
                                {one.options.map(([value, text]) => <option value={value}>{text}</option>)}
                            </select>
                        ) : (
                            <input
                                name={one.name} defaultValue={one.value ?? ""} required={one.needed}
                                data-first={i === 0 || undefined} autocomplete="off" spellcheck={false}
                            />
                        )}
                        {one.hint && <small class="muted">{one.hint}</small>}
                    </label>
                ))}
                {needed !== undefined && (
                    <label class="field">
                        <span>{t("Type {n} to go on", { n: needed })}</span>
                        <input value={typed} onInput={(e) => set_typed(e.currentTarget.value)} autocomplete="off" />
                    </label>
                )}
                {trouble && <p class="box bad" role="alert">{trouble}</p>}
                <div class="buttons">
                    <button type="button" onClick={close} data-first={inputs.length === 0 || undefined}>{t("Back")}</button>
                    <button class={question.dangerous ? "danger" : "primary"} disabled={busy || locked}>
                        {busy ? t("Working…") : question.button}
                    </button>
                </div>
            </form>
        </dialog>
    );
}

/// Where this is, if the server was told; production can't be overlooked.
export function Environment() {
    const name = root.value?.environment;
    return name ? <span class={"badge environment" + (in_production() ? " production" : "")}>{name}</span> : null;
}

export const plural = (n: number): string => (n === 1 ? t("1 job") : t("{n} jobs", { n: number(n) }));
