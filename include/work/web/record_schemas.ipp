// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::web {

/// Bodies and answers of operations, failures and the audit, as `schemas.ipp` has the others.
inline constexpr std::string_view schemas_of_records = R"(,
"Filter":{"type":"object","properties":{"states":{"type":"array","items":{"type":"string"}},
"queue":{"type":"string"},"name":{"type":"string"},"pool":{"type":"string"},
"tag":{"type":"string"},"failure":{"type":"string"},"message":{"type":["string","null"]},
"args":{"type":["string","null"]},"hidden":{"type":"boolean"},"since_ms":{"type":"integer"},
"until_ms":{"type":"integer"},
"min_attempt":{"type":"integer"}},"additionalProperties":false},
"NewOperation":{"type":"object","required":["action"],"properties":{"action":{"type":"string",
"enum":["cancel","requeue","kill","delete","move"]},
"filter":{"$ref":"#/components/schemas/Filter"},"all":{"type":"boolean"},
"queue":{"type":"string"},"reason":{"type":"string"},"seen_ms":{"type":"integer"},
"expected":{"type":"integer"},"at_most":{"type":"integer"},"dry_run":{"type":"boolean"}},
"additionalProperties":false},
"Operation":{"type":"object","required":["id","action","state","filter","matched","done",
"started_ms","ended_ms"],"properties":{"state":{"type":"string","enum":["counting","running",
"done","stopped","refused","failed","interrupted"]},
"filter":{"$ref":"#/components/schemas/Filter"},"id":{"type":"string"},"action":{"type":"string"},
"queue":{"type":"string"},"reason":{"type":"string"},"by":{"type":"string"},
"trouble":{"type":"string"},"seen_ms":{"type":"integer"},"expected":{"type":"integer"},
"at_most":{"type":"integer"},"matched":{"type":"integer"},"scanned":{"type":"integer"},
"of":{"type":"integer"},"done":{"type":"integer"},"already":{"type":"integer"},
"active":{"type":"integer"},"gone":{"type":"integer"},"moved_on":{"type":"integer"},
"unreadable":{"type":"integer"},"started_ms":{"type":"integer"},"updated_ms":{"type":"integer"},
"ended_ms":{"type":"integer"}},"additionalProperties":false},
"Operations":{"type":"object","required":["operations","now_ms"],
"properties":{"operations":{"type":"array","items":{"$ref":"#/components/schemas/Operation"}},
"now_ms":{"type":"integer"}},"additionalProperties":false},
"Stopped":{"type":"object","required":["id","code","now_ms"],"properties":{"id":{"type":"string"},
"code":{"type":"string","enum":["done","already"]},"now_ms":{"type":"integer"}},
"additionalProperties":false},
"Count":{"type":"object","required":["now_ms","matched","scanned","of","whole","samples"],
"properties":{"now_ms":{"type":"integer"},"matched":{"type":"integer"},
"scanned":{"type":"integer"},"of":{"type":"integer"},"whole":{"type":"boolean"},
"samples":{"type":"array","items":{"$ref":"#/components/schemas/Row"}}},
"additionalProperties":false},
"Failures":{"type":"object","required":["now_ms","groups","scanned","of","whole"],
"properties":{"now_ms":{"type":"integer"},"scanned":{"type":"integer"},"of":{"type":"integer"},
"whole":{"type":"boolean"},"groups":{"type":"array","items":{"type":"object","required":["type",
"name","count","retry","dead","first_ms","last_ms","sample_id","sample_message","names"],
"properties":{"type":{"type":"string"},"name":{"type":"string"},"sample_id":{"type":"string"},
"sample_message":{"type":["string","null"]},"hidden":{"type":"boolean"},
"count":{"type":"integer"},"retry":{"type":"integer"},
"dead":{"type":"integer"},"first_ms":{"type":"integer"},"last_ms":{"type":"integer"},
"names":{"type":"array","items":{"type":"string"}}},"additionalProperties":false}}},
"additionalProperties":false},
"Audit":{"type":"object","required":["entries","next","now_ms"],
"properties":{"entries":{"type":"array","items":{"type":"object","required":["at_ms","by",
"action","what","reason","asked","done"],"properties":{"by":{"type":"string"},
"action":{"type":"string"},"what":{"type":"string"},"reason":{"type":"string"},
"at_ms":{"type":"integer"},"asked":{"type":"integer"},"done":{"type":"integer"}},
"additionalProperties":false}},"next":{"type":"integer"},"now_ms":{"type":"integer"}},
"additionalProperties":false}
)";

}  // namespace work::web
