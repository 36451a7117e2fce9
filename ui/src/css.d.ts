// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

declare module "*.css";
