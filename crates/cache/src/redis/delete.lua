-- Removes whatever stands there, a claim too; says whether it was a value.
local mark = redis.pcall('GETRANGE', KEYS[1], 0, 2)
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[1], ARGV[2])
if mark == 'v1 ' then return 1 end
return 0
