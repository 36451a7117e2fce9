// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::web {

/// Bodies and answers of limits, as `schemas.ipp` has the others.
inline constexpr std::string_view schemas_of_limits = R"(,
"NewLimit":{"type":"object","required":["slots"],"properties":{
"slots":{"type":"integer","description":"So many jobs may run at a time; 0: none."},
"queues":{"type":"array","items":{"type":"string"},"description":"For all jobs of these queues."},
"names":{"type":"array","items":{"type":"string"},
"description":"And for all jobs of these names. Without both: as it was."}}},
"LimitState":{"type":"object","required":["name","slots","held","waiting","by","who","at_ms",
"queues","names","holders","waiters"],"properties":{"name":{"type":"string"},
"slots":{"type":"integer"},"held":{"type":"integer"},"waiting":{"type":"integer"},
"by":{"type":"string","enum":["hand","pool"]},"who":{"type":"string"},"at_ms":{"type":"integer"},
"queues":{"type":"array","items":{"type":"string"}},
"names":{"type":"array","items":{"type":"string"}},
"holders":{"type":"array","items":{"type":"string"}},
"waiters":{"type":"array","items":{"type":"string"}}},"additionalProperties":false},
"Limits":{"type":"object","required":["limits","of","next","now_ms"],"properties":{
"limits":{"type":"array","items":{"$ref":"#/components/schemas/LimitState"}},
"of":{"type":"integer"},"next":{"type":["string","null"]},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"Limit":{"type":"object","required":["limit","now_ms"],"properties":{
"limit":{"$ref":"#/components/schemas/LimitState"},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"LimitPut":{"type":"object","required":["name","code","limit","now_ms"],"properties":{
"name":{"type":"string"},"code":{"type":"string","enum":["created","changed","unchanged"]},
"limit":{"$ref":"#/components/schemas/LimitState"},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"LimitRemoved":{"type":"object","required":["name","code","now_ms"],"properties":{
"name":{"type":"string"},"code":{"type":"string","enum":["done"]},
"now_ms":{"type":"integer"}},"additionalProperties":false})";

}  // namespace work::web
