-- Kept and told in one step: a connection that breaks in between would leave other processes with what was there before.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
