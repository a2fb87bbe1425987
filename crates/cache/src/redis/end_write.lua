local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local standing = redis.pcall('GET', KEYS[1])
-- Nothing of ours is without an end.
if type(standing) ~= 'string' or redis.call('PTTL', KEYS[1]) < 0 then standing = '' end
local alone = standing == 'w1 ' .. ARGV[1]
if string.sub(standing, 1, 3) == 'w1 ' then
  -- Another's: it has come since the time of this write was over, and both may have written.
  standing = 'x1 ' .. string.sub(standing, 4) .. '=' .. now + redis.call('PTTL', KEYS[1])
end
local last = now
local others = 'x1'
if string.sub(standing, 1, 3) == 'x1 ' then
  for token, till in string.gmatch(standing, ' (%x+)=(%d+)') do
    if token ~= ARGV[1] and tonumber(till) > now then
      others = others .. ' ' .. token .. '=' .. till
      last = math.max(last, tonumber(till))
    end
  end
end
if others ~= 'x1' then
  redis.call('SET', KEYS[1], others, 'PX', last - now)
elseif alone and ARGV[4] then
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
else
  redis.call('DEL', KEYS[1])
end
redis.call('PUBLISH', ARGV[2], ARGV[3])
