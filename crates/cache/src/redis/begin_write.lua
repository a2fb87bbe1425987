-- `w1 {token}` is the only writer. Of several, `x1 {token}={until} …`, nobody knows whose value the source keeps: none
-- leaves one here, and the key stays out of use until the last has ended or its time is over.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local standing = redis.pcall('GET', KEYS[1])
-- Nothing of ours is without an end.
if type(standing) ~= 'string' or redis.call('PTTL', KEYS[1]) < 0 then standing = '' end
local mark = string.sub(standing, 1, 3)
if mark == 'w1 ' then
  standing = 'x1 ' .. string.sub(standing, 4) .. '=' .. now + redis.call('PTTL', KEYS[1])
elseif mark ~= 'x1 ' then
  standing = ''
end
local last = now + ARGV[2]
local writers = 'x1'
for token, till in string.gmatch(standing, ' (%x+)=(%d+)') do
  if tonumber(till) > now then
    writers = writers .. ' ' .. token .. '=' .. till
    last = math.max(last, tonumber(till))
  end
end
if writers == 'x1' then
  redis.call('SET', KEYS[1], 'w1 ' .. ARGV[1], 'PX', ARGV[2])
else
  redis.call('SET', KEYS[1], writers .. ' ' .. ARGV[1] .. '=' .. now + ARGV[2], 'PX', last - now)
end
redis.call('PUBLISH', ARGV[3], ARGV[4])
