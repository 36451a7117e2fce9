// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
import { render } from "preact";
import { App } from "./app";
import { follow_hash } from "./route";
import { start } from "./live";
import { apply_theme } from "./settings";
import "./style.css";

apply_theme();
follow_hash();
start();
render(<App />, document.getElementById("app")!);
