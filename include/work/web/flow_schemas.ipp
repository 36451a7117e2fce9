// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::web {

/// Bodies and answers of flows, as `schemas.ipp` has the others.
inline constexpr std::string_view schemas_of_flows = R"(,
"NewFlow":{"type":"object","required":["jobs"],"properties":{"name":{"type":"string"},
"jobs":{"type":"array","minItems":1,"maxItems":256,"items":{
"allOf":[{"$ref":"#/components/schemas/NewJob"},
{"type":"object","required":["key"],"properties":{"key":{"type":"string"},
"after":{"type":"array","items":{"type":"object",
"description":"Whom it needs: either the key of one of these jobs, or the id of one that is stored",
"properties":{"key":{"type":"string"},"id":{"type":"string"},
"otherwise":{"type":"string","enum":["cancel","run","wait"]},"as":{"type":"string"}},
"additionalProperties":false}}}}]}}}},
"StoredFlow":{"type":"object","required":["id","jobs","now_ms"],"properties":{
"id":{"type":"string"},"jobs":{"type":"array","items":{"type":"object","required":["key","id"],
"properties":{"key":{"type":"string"},"id":{"type":"string"}},"additionalProperties":false}},
"now_ms":{"type":"integer"}},"additionalProperties":false},
"FlowInfo":{"type":"object","required":["id","name","state","created_ms","committed_ms","jobs",
"left"],"properties":{"id":{"type":"string"},"name":{"type":"string"},
"state":{"type":"string","enum":["storing","running","ended","aborted"]},
"created_ms":{"type":"integer"},"committed_ms":{"type":"integer"},"jobs":{"type":"integer"},
"left":{"type":"integer"}},"additionalProperties":false},
"Flows":{"type":"object","required":["of","flows","now_ms"],"properties":{
"of":{"type":"integer"},
"flows":{"type":"array","items":{"$ref":"#/components/schemas/FlowInfo"}},
"now_ms":{"type":"integer"}},"additionalProperties":false},
"Flow":{"type":"object","required":["flow","counts","jobs","now_ms"],"properties":{
"flow":{"$ref":"#/components/schemas/FlowInfo"},
"counts":{"type":"object","additionalProperties":{"type":"integer"}},
"jobs":{"type":"array","items":{"type":"object","required":["id","name","queue","state","needs"],
"properties":{"id":{"type":"string"},"name":{"type":"string"},"queue":{"type":"string"},
"state":{"type":"string","enum":["waiting","scheduled","pending","suspect","active","retry",
"dead","completed","cancelled","set_aside","unknown"]},
"needs":{"type":"array","items":{"type":"string"}}},"additionalProperties":false}},
"now_ms":{"type":"integer"}},"additionalProperties":false},
"FlowCancelled":{"type":"object","required":["id","code","asked","done","now_ms"],"properties":{
"id":{"type":"string"},"code":{"type":"string","enum":["done","already"]},
"asked":{"type":"integer"},"done":{"type":"integer"},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"Given":{"type":"object","required":["id","given","now_ms"],"properties":{
"id":{"type":"string"},
"given":{"type":"array","items":{"$ref":"#/components/schemas/Gift"}},
"now_ms":{"type":"integer"}},"additionalProperties":false})";

}  // namespace work::web
