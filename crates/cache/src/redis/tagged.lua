-- The first keys of a tag, which are about to go. Whoever adds one of them again meanwhile takes that mark off it.
if redis.call('TYPE', KEYS[1]).ok ~= 'zset' then
  redis.call('DEL', KEYS[1])
  return {}
end
local keys = redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1)
for _, key in ipairs(keys) do
  redis.call('ZADD', KEYS[1], 'XX', -1, key)
end
return keys
