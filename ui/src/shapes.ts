// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import type { FlowJobState } from "./types";

/// Each state has a shape beside its colour and its word.
export const shapes: Record<FlowJobState, string> = {
    pending: "○", active: "▶", scheduled: "◷", retry: "↻", dead: "✕", suspect: "?",
    set_aside: "▣", completed: "✓", cancelled: "⊘", waiting: "◇", unknown: "–",
};
