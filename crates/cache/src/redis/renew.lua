-- Lets a claim go on; gives it as it stands, with its tags.
local standing = redis.pcall('GET', KEYS[1])
if type(standing) ~= 'string' or string.sub(standing, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return standing
