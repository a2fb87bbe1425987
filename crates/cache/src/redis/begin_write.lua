-- Of two writers at once, nobody knows whose value the source keeps: neither will leave one here.
local standing = redis.pcall('GET', KEYS[1])
local mark = type(standing) == 'string' and string.sub(standing, 1, 3)
if mark == 'w1 ' or mark == 'x1 ' then
  redis.call('SET', KEYS[1], 'x1 ', 'PX', ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
redis.call('PUBLISH', ARGV[3], ARGV[4])
