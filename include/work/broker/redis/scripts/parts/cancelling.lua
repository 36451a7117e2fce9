-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Jobs that were cancelled or killed while they run. They stay active, with whatever they hold,
--- until their handler's frame is gone: the record says by the word ` c=` what they end as then.
---     ` c=x<ms>,<text>`   cancelled at that time; the text is the end of the ending that is kept
---     ` c=k<ms>,<text>`   killed; the text is the message of its failure, as JSON
--- Behind the text stands what is kept of it beside the job's log, without its end, unless nobody
-- said who it was: `{"action":"`, which is in no JSON string.
-- In the text `%20` and `%25` stand for a space and a percent sign. A job that is completed or
--- discarded by its handler first was that; whatever else becomes of it ends it. Returns `k` of one
--- that was killed.
end_cancelled = function(id, env, h)
  local how, asked, text = string.match(envelope.word(env, 'c'), '^([xk])(%d+),(.*)$')
  text = string.gsub(text or '}', '%%(%x%x)', function(x) return string.char(tonumber(x, 16)) end)
  local at = string.find(text, '{"action":"', 1, true)
  local note = at and string.sub(text, at)
  if at then text = string.sub(text, 1, at - 1) end
  env = envelope.with_word(env, 'c')
  if how == 'k' then
    bury(id, env, h, '{"attempt":' .. int(h.attempts + 1) .. ',"type":"killed","message":' ..
      text .. ',"at_ms":' .. int(now) .. '}')
  else
    text = '{"outcome":"cancelled","at_ms":' .. int(now) .. text
    finish(id, env, 'cancelled', text)
    keeping.add(id, h.list, text, env, policy.kept_cancelled)
  end
  if note then
    call('RPUSH', K .. 'log:' .. id, note .. ',"was":"active","at_ms":' .. asked .. '}')
    call('LTRIM', K .. 'log:' .. id, -policy.max_log_lines, -1)
  end
  return how
end
