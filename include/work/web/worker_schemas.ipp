// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::web {

/// Bodies and answers of workers, as `schemas.ipp` has the others.
inline constexpr std::string_view schemas_of_workers = R"(,
"Registration":{"type":"object","required":["job_types"],"properties":{"name":{"type":"string"},
"host":{"type":"string"},"pid":{"type":"integer"},"language":{"type":"string"},
"concurrency":{"type":"integer","minimum":1,"maximum":10000},
"lease_ms":{"type":"integer","minimum":500,"maximum":3600000},
"job_types":{"type":"array","minItems":1,"maxItems":1000,"items":{"type":"object",
"required":["name"],"properties":{"name":{"type":"string"},"queue":{"type":"string"},
"max_attempts":{"type":"integer"},"timeout_ms":{"type":"integer"},
"deadline_ms":{"type":"integer"},"backoff":{"type":"object"},"skip_dead":{"type":"boolean"},
"on_crash":{"type":"string","enum":["rerun","dead"]}}}}}},
"Registered":{"type":"object","required":["pool","lease_ms","heartbeat_ms","next_claim",
"next_report","state","now_ms"],"properties":{"pool":{"type":"string"},
"lease_ms":{"type":"integer"},"heartbeat_ms":{"type":"integer"},
"next_claim":{"type":"integer"},"next_report":{"type":"integer"},
"state":{"$ref":"#/components/schemas/State"},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"State":{"type":"string","enum":["running","quiet","stopping"]},
"Left":{"type":"object","required":["pool","released","now_ms"],"properties":{
"pool":{"type":"string"},"released":{"type":"integer"},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"Claim":{"type":"object","required":["number"],"properties":{
"number":{"type":"integer","minimum":1,"maximum":500000000},
"want":{"type":"integer","minimum":1,"maximum":256},
"wait_ms":{"type":"integer","minimum":0,"maximum":55000},
"max_bytes":{"type":"integer","minimum":1,"maximum":1048576},
"names":{"type":"array","maxItems":1000,"items":{"type":"string"}}}},
"Cancels":{"type":"array","items":{"type":"object","required":["id","fence"],"properties":{
"id":{"type":"string"},"fence":{"type":"integer"},"reason":{"type":"string"},
"by":{"type":"string"}},"additionalProperties":false}},
"ClaimedJob":{"type":"object","required":["id","fence","name","queue","attempt","max_attempts",
"created_ms","lease_until_ms","ends_ms","priority","trial","headers","tags","args_version",
"args"],"properties":{
"id":{"type":"string"},"fence":{"type":"integer"},"name":{"type":"string"},
"queue":{"type":"string"},"attempt":{"type":"integer"},"max_attempts":{"type":"integer"},
"created_ms":{"type":"integer"},"lease_until_ms":{"type":"integer"},
"ends_ms":{"type":"integer"},"priority":{"type":"integer"},"trial":{"type":"boolean"},
"headers":{"type":"object","additionalProperties":{"type":"string"}},
"tags":{"type":"array","items":{"type":"string"}},
"args_version":{"type":"integer"},
"args":{"type":"string","description":"JSON text, as it was stored"}},
"additionalProperties":false},
"Claimed":{"type":"object","required":["now_ms","number","repeated","jobs","cancels","state"],
"properties":{"now_ms":{"type":"integer"},"number":{"type":"integer"},
"repeated":{"type":"boolean"},"jobs":{"type":"array","items":{
"$ref":"#/components/schemas/ClaimedJob"}},"cancels":{"$ref":"#/components/schemas/Cancels"},
"state":{"$ref":"#/components/schemas/State"},"grace_ms":{"type":"integer",
"description":"stopping: so long what runs may go on, where somebody said so"},
"next_ms":{"type":"integer","description":
"nothing comes before: ask again then"}},"additionalProperties":false},
"Verb":{"type":"object","required":["pool","number","fence"],"properties":{
"pool":{"type":"string"},"number":{"type":"integer"},"fence":{"type":"integer"},
"result":{"type":"string","description":"JSON text"},"type":{"type":"string"},
"message":{"type":"string"},"backtrace":{"type":"string"},"fatal":{"type":"boolean"},
"counts":{"type":"boolean","description":"fail: false costs no attempt"},
"retry_in_ms":{"type":"integer"},"in_ms":{"type":"integer"},"why":{"type":"string"},
"percent":{"type":"number"},"lines":{"type":"array","maxItems":100,"items":{"type":"string"}},
"then":{"type":"array","maxItems":256,"items":{
"$ref":"#/components/schemas/NewJob"},"description":
"of complete, discard and next: stored if, and only if, the outcome is taken"},
"name":{"type":"string","description":"next"},"queue":{"type":"string","description":"next"},
"args":{"description":"next: an array, an object, or the text of one"},
"at_ms":{"type":"integer","description":"next"}}},
"Report":{"type":"object","required":["number"],"properties":{
"number":{"type":"integer","minimum":1,"maximum":500000000000000},
"outcomes":{"type":"array","maxItems":256,"items":{"type":"object",
"required":["id","fence","outcome"],"properties":{"id":{"type":"string"},
"fence":{"type":"integer"},"outcome":{"type":"string","enum":["complete","fail","snooze",
"discard","release","next"]},"result":{"type":"string","description":"JSON text"},
"type":{"type":"string"},"message":{"type":"string"},"backtrace":{"type":"string"},
"fatal":{"type":"boolean"},
"counts":{"type":"boolean","description":"fail: false costs no attempt"},
"retry_in_ms":{"type":"integer"},"in_ms":{"type":"integer"},
"why":{"type":"string"},
"then":{"type":"array","maxItems":256,"items":{
"$ref":"#/components/schemas/NewJob"},"description":
"of complete, discard and next: stored if, and only if, the outcome is taken"},
"name":{"type":"string","description":"next"},"queue":{"type":"string","description":"next"},
"args":{"description":"next: an array, an object, or the text of one"},
"at_ms":{"type":"integer","description":"next"}}}},
"extend":{"type":"array","items":{"type":"object","required":["fence","ids"],"properties":{
"fence":{"type":"integer"},"ids":{"type":"array","items":{"type":"string"}}}}},
"checkins":{"type":"array","items":{"type":"object","required":["id","fence"],"properties":{
"id":{"type":"string"},"fence":{"type":"integer"},"message":{"type":"string"},
"percent":{"type":"number"}}}},
"logs":{"type":"array","maxItems":1024,"items":{"type":"object","required":["id","fence","lines"],
"properties":{"id":{"type":"string"},"fence":{"type":"integer"},"lines":{"type":"array",
"maxItems":100,"items":{"type":"string"}}}}},
"close":{"type":"array","items":{"type":"integer"}},
"cancels_seen":{"$ref":"#/components/schemas/Cancels"}}},
"Reported":{"type":"object","required":["now_ms","number","repeated","outcomes","extended",
"cancels","state"],"properties":{"now_ms":{"type":"integer"},"number":{"type":"integer"},
"repeated":{"type":"boolean"},"outcomes":{"type":"array","items":{"type":"object",
"required":["id","code"],"properties":{"id":{"type":"string"},
"code":{"type":"string","enum":["ok","cancelled","gone","lease_lost"]},
"then":{"type":"array","items":{"type":"string"},"description":"ids of the jobs that follow"}},
"additionalProperties":false}},
"extended":{"type":"array","items":{"type":"object","required":["fence","code","timed_out"],
"properties":{"fence":{"type":"integer"},"code":{"type":"string","enum":["ok","lease_lost"]},
"timed_out":{"type":"array","items":{"type":"string"}}},"additionalProperties":false}},
"cancels":{"$ref":"#/components/schemas/Cancels"},
"state":{"$ref":"#/components/schemas/State"},"grace_ms":{"type":"integer"}},
"additionalProperties":false}
)";

}  // namespace work::web
