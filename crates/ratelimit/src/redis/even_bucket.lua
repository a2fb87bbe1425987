-- One token bucket whose tokens come whole milliseconds apart: the key's expiry says everything, its value nothing.
-- The state is the one of token_bucket.lua, at a third less of the server's time.
--
-- ARGV: what the request takes, how much a whole bucket holds, the longest time it can need to fill; in milliseconds.
-- Answers how much is taken: below zero when allowed, with the request; else without it.
local call, key = redis.call, KEYS[1]
local left, depth = call('PTTL', key), ARGV[2] + 0
if left > 0 and left <= ARGV[3] + 0 then
  -- An empty bucket is as empty as it gets: a limit was lowered, a clock set back, or it is not our state.
  if left > depth then
    left = depth
    call('PEXPIRE', key, depth)
  end
  local new = left + ARGV[1]
  if new > depth then return left end
  call('PEXPIRE', key, new)
  return -new
end
if ARGV[1] + 0 > depth then return 0 end
call('PSETEX', key, ARGV[1], '')
return 0 - ARGV[1]
