#!lua flags=allow-oom
-- Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
---
--- Tries what the others need, for `client::check()`.
---
--- KEYS[1] prefix
--- ARGV    commands as `tried_commands` has them: `@z` is a key, `#check` a channel
--- Reply   { denied, other }: the commands that this user may not run, or not on the keys or the
---         channels that are needed; another error that was met
local denied, other = {}, nil
for _, line in ipairs(ARGV) do
  local words = {}
  for word in string.gmatch(line, '%S+') do
    local kind, name = string.match(word, '^([@#])(.*)$')
    words[#words + 1] = kind == '@' and KEYS[1] .. 'check:' .. name or
      kind == '#' and KEYS[1] .. 'events:' .. name or word
  end
  local r = redis.pcall(unpack(words))
  local err = type(r) == 'table' and r.err
  if err and (string.find(err, '^NOPERM') or string.find(err, 'user executing the script')) then
    denied[#denied + 1] = words[1] .. (string.find(err, 'keys') and ' on the keys' or
      string.find(err, 'the channel') and ' on the channels' or '')
  elseif err and string.find(err, '^[A-Z]+ ') and not string.find(err, '^ERR ') then
    other = other or err
  end
end
local layout = redis.pcall('HGET', KEYS[1] .. 'broker', 'layout')
if type(layout) == 'string' and (tonumber(layout) or 0) > policy.layout then
  other = 'LAYOUT of this namespace is ' .. layout ..
    ', this program knows policy.layout: update it'
end
return {table.concat(denied, ', '), other or ''}
