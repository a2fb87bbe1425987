-- Gives the value or the claim that stands, for the caller to look at its seal, or grants the caller's claim (0).
local standing = redis.pcall('GET', KEYS[1])
if type(standing) == 'string' then
  local mark = string.sub(standing, 1, 3)
  if mark == 'v1 ' then return standing end
  if mark == 'r1 ' or mark == 'w1 ' or mark == 'x1 ' then
    -- One that never ends, or later than any of ours could, is none of ours.
    local left = redis.call('PTTL', KEYS[1])
    if left >= 0 and left <= longest then return standing end
  end
end
-- What is none of these is somebody else's and gives way.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0
