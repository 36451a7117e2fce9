// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::web {

/// Bodies and answers of bounds, as `schemas.ipp` has the others.
inline constexpr std::string_view schemas_of_bounds = R"(,
"NewBound":{"type":"object","required":["most"],"properties":{
"most":{"type":"integer","minimum":1,"maximum":1000000000,
"description":"So many jobs may wait in the queue."},
"full":{"type":"string","enum":["refuse","wait","drop_oldest"],
"description":"What becomes of more. Without it: as it was, refuse of a new one."}}},
"QueueBound":{"type":"object","required":["most","full"],"properties":{
"most":{"type":"integer"},"full":{"type":"string","enum":["refuse","wait","drop_oldest"]}},
"additionalProperties":false},
"BoundState":{"type":"object","required":["queue","most","full","who","at_ms","pending","refused",
"dropped","full_at_ms"],"properties":{"queue":{"type":"string"},"most":{"type":"integer"},
"full":{"type":"string","enum":["refuse","wait","drop_oldest"]},"who":{"type":"string"},
"at_ms":{"type":"integer"},"pending":{"type":"integer"},"refused":{"type":"integer"},
"dropped":{"type":"integer"},"full_at_ms":{"type":"integer","description":"0: it never was."}},
"additionalProperties":false},
"Bounds":{"type":"object","required":["bounds","now_ms"],"properties":{
"bounds":{"type":"array","items":{"$ref":"#/components/schemas/BoundState"}},
"now_ms":{"type":"integer"}},"additionalProperties":false},
"Bound":{"type":"object","required":["bound","now_ms"],"properties":{
"bound":{"$ref":"#/components/schemas/BoundState"},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"BoundPut":{"type":"object","required":["queue","code","bound","now_ms"],"properties":{
"queue":{"type":"string"},"code":{"type":"string","enum":["created","changed","unchanged"]},
"bound":{"$ref":"#/components/schemas/BoundState"},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"BoundRemoved":{"type":"object","required":["queue","code","now_ms"],"properties":{
"queue":{"type":"string"},"code":{"type":"string","enum":["done"]},
"now_ms":{"type":"integer"}},"additionalProperties":false})";

}  // namespace work::web
