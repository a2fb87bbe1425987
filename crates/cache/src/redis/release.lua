local standing = redis.pcall('GET', KEYS[1])
if type(standing) == 'string' and string.sub(standing, 1, #ARGV[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
