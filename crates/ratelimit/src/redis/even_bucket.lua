-- One token bucket whose tokens come whole milliseconds apart: the key's expiry says everything, its value nothing.
-- The state is the one of token_bucket.lua, at a third less of the server's time.
--
-- ARGV: what the request takes, how much a whole bucket holds, the longest time it can need to fill; in milliseconds.
-- Answers how much is taken: below zero when allowed, with the request; else without it.
local call, key = redis.call, KEYS[1]
local left = call('PTTL', key)
if left > 0 and left <= ARGV[3] + 0 then
  local new = left + ARGV[1]
  if new > ARGV[2] + 0 then return left end
  call('PEXPIRE', key, new)
  return -new
end
if ARGV[1] + 0 > ARGV[2] + 0 then return 0 end
call('PSETEX', key, ARGV[1], '')
return 0 - ARGV[1]
