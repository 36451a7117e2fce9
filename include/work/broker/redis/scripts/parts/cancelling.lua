-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Jobs that were cancelled or killed while they run. They stay active, with whatever they hold,
--- until their handler's frame is gone: the record says by the word ` c=` what they end as then.
---     ` c=x<ms>,<text>`   cancelled at that time; the text is the end of the ending that is kept
---     ` c=k<ms>,<text>`   killed; the text is the message of its failure, as JSON
--- In the text `%20` and `%25` stand for a space and a percent sign. A job that is completed or
--- discarded by its handler first was that; whatever else becomes of it ends it. Returns `k` of one
--- that was killed.
end_cancelled = function(id, env, h)
  local how, text = string.match(word(env, 'c'), '^([xk])%d+,(.*)$')
  text = string.gsub(text or '}', '%%(%x%x)', function(x) return string.char(tonumber(x, 16)) end)
  env = with_word(env, 'c')
  if how == 'k' then
    bury(id, env, h, '{"attempt":' .. int(h.attempts + 1) .. ',"type":"killed","message":' ..
      text .. ',"at_ms":' .. int(now) .. '}')
  else
    finish(id, env, 'cancelled')
    keep(id, h.list, '{"outcome":"cancelled","at_ms":' .. int(now) .. text, env,
      policy.kept_cancelled)
  end
  return how
end
