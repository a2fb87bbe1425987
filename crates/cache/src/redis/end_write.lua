-- Another may have come since the time of this write was over: both may have written.
if others ~= 'x1' then
  redis.call('SET', KEYS[1], others, 'PX', last - now)
elseif alone and ARGV[4] then
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
else
  redis.call('DEL', KEYS[1])
end
redis.call('PUBLISH', ARGV[2], ARGV[3])
