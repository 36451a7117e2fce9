// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/router.hpp>

#include <string>

namespace work::testing {

/// What a route of the table takes, so that it gets as far as asking the broker.
inline std::string body_for(work::web::body_kind kind)
{
    using work::web::body_kind;
    switch (kind) {
    case body_kind::jobs: return R"({"jobs":[{"name":"a","args":[]},{}]})";
    case body_kind::job: return R"({"name":"a","args":[]})";
    case body_kind::operation: return R"({"action":"requeue","all":true,"expected":0})";
    case body_kind::registration: return R"({"job_types":[{"name":"a"}]})";
    case body_kind::claim:
    case body_kind::report: return R"({"number":1})";
    case body_kind::verb: return R"({"pool":"p","number":1,"fence":1})";
    case body_kind::cron: return R"({"spec":"@daily","name":"a","args":[]})";
    case body_kind::bound: return R"({"most":1000})";
    case body_kind::limit: return R"({"slots":1,"names":["a"]})";
    case body_kind::flow: return R"({"jobs":[{"key":"k","name":"a","args":[]}]})";
    case body_kind::object: return "{}";
    case body_kind::form: return "id=x";
    case body_kind::none: break;
    }
    return "";
}

}  // namespace work::testing
