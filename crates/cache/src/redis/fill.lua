-- Keeps a value where the claim, or the version of the value, stands that it was made for.
local standing = redis.call('GET', KEYS[1])
if not standing or string.sub(standing, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
