// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/openapi.hpp>

#include <string_view>

namespace work::web {

/// What answers and bodies look like. `additionalProperties` is false where a test should notice a
/// member that nobody described; clients must ignore those that they don't know.
inline constexpr std::string_view schemas_of_answers = R"("Problem":{"type":"object",
"required":["type","title","status","detail","now_ms"],"properties":{
"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},
"detail":{"type":"string"},"field":{"type":"string"},"errc":{"type":"string"},
"state":{"type":"string"},"now_ms":{"type":"integer"}},"additionalProperties":false},
"Root":{"type":"object","required":["api","work","ns","now_ms","user","roles","rights","read_only",
"features","limits"],"properties":{"api":{"type":"integer"},"work":{"type":"string"},
"ns":{"type":"string"},"now_ms":{"type":"integer"},"user":{"type":"string"},
"roles":{"type":"array","items":{"type":"string"}},
"rights":{"type":"array","items":{"type":"string"}},"read_only":{"type":"boolean"},
"features":{"type":"array","items":{"type":"string"}},
"limits":{"type":"object","additionalProperties":{"type":"integer"}}},
"additionalProperties":false},
"OpenAPI":{"type":"object","required":["openapi","info","paths","components"]},
"Health":{"type":"object","required":["status"],"properties":{"status":{"type":"string",
"enum":["live","ready"]}},"additionalProperties":false},
"Stats":{"type":"object","required":["now_ms","pending","active","suspect","scheduled","retry",
"dead","set_aside","processed","failed","processed_today","failed_today","forgotten","queues"],
"properties":{"now_ms":{"type":"integer"},"pending":{"type":"integer"},
"active":{"type":"integer"},"suspect":{"type":"integer"},"scheduled":{"type":"integer"},
"retry":{"type":"integer"},"dead":{"type":"integer"},"set_aside":{"type":"integer"},
"processed":{"type":"integer"},"failed":{"type":"integer"},
"processed_today":{"type":"integer"},"failed_today":{"type":"integer"},
"forgotten":{"type":"integer"},"queues":{"type":"integer"}},"additionalProperties":false},
"List":{"type":"object","required":["name","pending","active","processed","failed","oldest_ms"],
"properties":{"name":{"type":"string"},"pending":{"type":"integer"},
"active":{"type":"integer"},"processed":{"type":"integer"},"failed":{"type":"integer"},
"oldest_ms":{"type":"integer"}},"additionalProperties":false},
"Queue":{"type":"object","required":["queue","pending","active","processed","failed","oldest_ms",
"lists"],"properties":{"queue":{"type":"string"},"pending":{"type":"integer"},
"active":{"type":"integer"},"processed":{"type":"integer"},"failed":{"type":"integer"},
"oldest_ms":{"type":"integer"},"lists":{"type":"array","items":{
"$ref":"#/components/schemas/List"}}},"additionalProperties":false},
"Queues":{"type":"object","required":["queues","of","next","now_ms"],"properties":{
"queues":{"type":"array","items":{"$ref":"#/components/schemas/Queue"}},
"of":{"type":"integer"},"next":{"type":["string","null"]},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"Pool":{"type":"object","required":["pool","name","host","pid","state","started_at_ms",
"heartbeat_at_ms","concurrency","busy","lease_ms","rss_kb","round_trip_us","trouble","job_names"],
"properties":{"pool":{"type":"string"},"name":{"type":"string"},"host":{"type":"string"},
"pid":{"type":"integer"},"state":{"type":"string"},"started_at_ms":{"type":"integer"},
"heartbeat_at_ms":{"type":"integer"},"concurrency":{"type":"integer"},
"busy":{"type":"integer"},"lease_ms":{"type":"integer"},"rss_kb":{"type":"integer"},
"round_trip_us":{"type":"integer"},"trouble":{"type":"string"},
"job_names":{"type":"array","items":{"type":"string"}}},"additionalProperties":false},
"Pools":{"type":"object","required":["pools","of","now_ms"],"properties":{"pools":{"type":"array",
"items":{"$ref":"#/components/schemas/Pool"}},"of":{"type":"integer"},
"now_ms":{"type":"integer"}},"additionalProperties":false},
)";

inline constexpr std::string_view schemas_of_jobs = R"("Job":{"type":"object","required":["id",
"state","now_ms","when_ms","name","queue","created_ms","priority","failed_attempts","snoozes",
"options","args","cut_from","fence","pool","progress","ended","result","failures","unreadable",
"bytes","etag","can"],"properties":{"id":{"type":"string"},"state":{"type":"string","enum":[
"scheduled","pending","suspect","active","retry","dead","completed","set_aside"]},
"now_ms":{"type":"integer"},"when_ms":{"type":"integer"},"name":{"type":"string"},
"queue":{"type":"string"},"created_ms":{"type":"integer"},"priority":{"type":"integer"},
"failed_attempts":{"type":"integer"},"snoozes":{"type":"integer"},
"options":{"type":["object","array","null"]},
"args":{"type":"string","description":"JSON text, as it was stored"},
"cut_from":{"type":"integer"},"fence":{"type":"integer"},"pool":{"type":"string"},
"progress":{"type":["object","null"],"properties":{"message":{"type":"string"},
"percent":{"type":["number","null"]}},"additionalProperties":false},
"ended":{"type":["object","null"],"properties":{"outcome":{"type":"string"},
"at_ms":{"type":"integer"},"run_us":{"type":"integer"},"attempt":{"type":"integer"},
"pool":{"type":"string"},"reason":{"type":"string"},"result_fault":{"type":"string"}},
"additionalProperties":false},
"result":{"type":"string","description":"JSON text; empty when there is none"},
"failures":{"type":"array","items":{"type":"object","required":["attempt","type","message",
"at_ms"],"properties":{"attempt":{"type":"integer"},"type":{"type":"string"},
"message":{"type":"string"},"at_ms":{"type":"integer"}},"additionalProperties":false}},
"unreadable":{"type":"string"},"bytes":{"type":"string"},"etag":{"type":"string"},
"can":{"type":"array","items":{"type":"string","enum":["cancel","requeue"]}}},
"additionalProperties":false},
"Stored":{"type":"object","required":["id","code"],"properties":{"id":{"type":"string"},
"code":{"type":"string","enum":["stored","duplicate"]}},"additionalProperties":false},
"StoredMany":{"type":"object","required":["results","stored","duplicates","refused","now_ms"],
"properties":{"results":{"type":"array","items":{"oneOf":[
{"$ref":"#/components/schemas/Stored"},{"$ref":"#/components/schemas/Problem"}]}},
"stored":{"type":"integer"},"duplicates":{"type":"integer"},"refused":{"type":"integer"},
"now_ms":{"type":"integer"}},"additionalProperties":false},
"Acted":{"type":"object","required":["id","code","state","now_ms"],"properties":{
"id":{"type":"string"},"code":{"type":"string","enum":["done","already"]},
"state":{"type":"string"},"now_ms":{"type":"integer"}},"additionalProperties":false},
"NewJob":{"type":"object","required":["name","args"],"properties":{"name":{"type":"string"},
"args":{"type":["array","object","string"],
"description":"The arguments, or their JSON text in a string"},
"queue":{"type":"string"},"id":{"type":"string"},"in_ms":{"type":"integer"},
"at_ms":{"type":"integer"},"priority":{"type":"integer","minimum":-100,"maximum":100},
"max_attempts":{"type":"integer","minimum":1,"maximum":1000},
"timeout_ms":{"type":"integer"},"expires_in_ms":{"type":"integer"},
"deadline_ms":{"type":"integer"},"backoff":{"type":"object"},"skip_dead":{"type":"boolean"},
"headers":{"type":"object","additionalProperties":{"type":"string"}},
"tags":{"type":"array","items":{"type":"string"}}}},
"NewJobs":{"type":"object","required":["jobs"],"properties":{"jobs":{"type":"array",
"items":{"$ref":"#/components/schemas/NewJob"}}}}
)";

}  // namespace work::web
