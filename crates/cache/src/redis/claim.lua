-- Gives the value, or says who may bring it: the caller (0), somebody else (1), nobody (2).
local standing = redis.pcall('GET', KEYS[1])
if type(standing) == 'string' then
  local mark = string.sub(standing, 1, 3)
  if mark == 'v1 ' then return standing end
  -- One that never ends is none of ours.
  if redis.call('PTTL', KEYS[1]) >= 0 then
    if mark == 'r1 ' then return 1 end
    if mark == 'w1 ' or mark == 'x1 ' then return 2 end
  end
end
-- What is none of these is somebody else's and gives way.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0
