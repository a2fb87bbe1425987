-- Keeps a value where the claim, or the version of the value, stands that it was made for.
local standing = redis.pcall('GET', KEYS[1])
if type(standing) ~= 'string' or string.sub(standing, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
-- Only where a value gives way: of a claim nobody has a copy.
if ARGV[4] then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return 1
