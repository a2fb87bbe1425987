-- `w1 {token}` is the only writer. Of several, `x1 {token}={until} …`, nobody knows whose value the source keeps: none
-- leaves one here, and the key stays out of use until the last has ended or its time is over.
local till = now + ARGV[2]
if others == 'x1' then
  redis.call('SET', KEYS[1], 'w1 ' .. ARGV[1], 'PX', ARGV[2])
else
  redis.call('SET', KEYS[1], others .. ' ' .. ARGV[1] .. '=' .. till, 'PX', math.max(last, till) - now)
end
redis.call('PUBLISH', ARGV[3], ARGV[4])
