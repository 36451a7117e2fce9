// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::web {

/// Bodies and answers of cron entries, as `schemas.ipp` has the others.
inline constexpr std::string_view schemas_of_crons = R"(,
"NewCron":{"description":"The members of its job stand beside the others, as in NewJob.",
"allOf":[{"$ref":"#/components/schemas/NewJob"},
{"type":"object","required":["spec"],"properties":{"spec":{"type":"string"},
"zone":{"type":"string"},"missed":{"type":"string","enum":["skip","one","all"]},
"most_missed":{"type":"integer"},"overlap":{"type":"string","enum":["allow","skip"]},
"paused":{"type":"boolean"}}}]},
"CronEntry":{"type":"object","required":["name","spec","words","zone","missed","most_missed",
"overlap","paused","paused_ms","next_ms","upcoming","fired_ms","last_job","revision","job","queue",
"options","args","fault","etag"],"properties":{"name":{"type":"string"},"spec":{"type":"string"},
"words":{"type":"string"},"zone":{"type":"string"},
"missed":{"type":"string","enum":["skip","one","all"]},"most_missed":{"type":"integer"},
"overlap":{"type":"string","enum":["allow","skip"]},"paused":{"type":"boolean"},
"paused_ms":{"type":"integer"},"next_ms":{"type":"integer"},
"upcoming":{"type":"array","items":{"type":"integer"}},"fired_ms":{"type":"integer"},
"last_job":{"type":"string"},"revision":{"type":"integer"},"job":{"type":"string"},
"queue":{"type":"string"},"options":{"type":"object"},
"args":{"type":["string","null"]},"hidden":{"type":"boolean"},
"fault":{"type":"string"},
"etag":{"type":"string","description":"For If-Match: over how it is set"}},
"additionalProperties":false},
"CronFired":{"type":"object","required":["at_ms","due_ms","end","job","jobs","missed","by"],
"properties":{"at_ms":{"type":"integer"},"due_ms":{"type":"integer"},
"end":{"type":"string","enum":["fired","known","overlapped"]},"job":{"type":"string"},
"jobs":{"type":"integer"},"missed":{"type":"integer"},"by":{"type":"string"}},
"additionalProperties":false},
"Crons":{"type":"object","required":["crons","now_ms"],"properties":{
"crons":{"type":"array","items":{"$ref":"#/components/schemas/CronEntry"}},
"now_ms":{"type":"integer"}},"additionalProperties":false},
"Cron":{"type":"object","required":["cron","history","now_ms"],"properties":{
"cron":{"$ref":"#/components/schemas/CronEntry"},
"history":{"type":"array","items":{"$ref":"#/components/schemas/CronFired"}},
"now_ms":{"type":"integer"}},"additionalProperties":false},
"CronPut":{"type":"object","required":["name","code","next_ms","now_ms"],"properties":{
"name":{"type":"string"},"code":{"type":"string","enum":["created","changed","unchanged"]},
"next_ms":{"type":"integer"},"now_ms":{"type":"integer"}},"additionalProperties":false},
"CronActed":{"type":"object","required":["name","code","now_ms"],"properties":{
"name":{"type":"string"},"code":{"type":"string","enum":["done","already"]},
"now_ms":{"type":"integer"}},"additionalProperties":false},
"CronRun":{"type":"object","required":["name","job","now_ms"],"properties":{
"name":{"type":"string"},"job":{"type":"string"},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"CronTimes":{"type":"object","required":["spec","zone","words","upcoming","now_ms"],"properties":{
"spec":{"type":"string"},"zone":{"type":"string"},"words":{"type":"string"},
"upcoming":{"type":"array","items":{"type":"integer"}},"now_ms":{"type":"integer"}},
"additionalProperties":false})";

}  // namespace work::web
