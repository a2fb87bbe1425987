-- What stands before the writers' own scripts: `others`, the writers of the key beside the caller whose time is not over,
-- as `x1 {token}={until} …`; `last`, when the last of them ends; `alone`, whether the key is the caller's and nobody else's.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local standing = redis.pcall('GET', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
-- What never ends, or later than any of ours could, is none of ours.
if type(standing) ~= 'string' or left < 0 or left > longest then standing = '' end
local alone = standing == 'w1 ' .. ARGV[1]
if string.sub(standing, 1, 3) == 'w1 ' then
  standing = 'x1 ' .. string.sub(standing, 4) .. '=' .. now + left
end
local others, last = 'x1', now
if string.sub(standing, 1, 3) == 'x1 ' then
  for token, till in string.gmatch(standing, ' (%x+)=(%d+)') do
    if token ~= ARGV[1] and tonumber(till) > now and tonumber(till) <= now + longest then
      others = others .. ' ' .. token .. '=' .. till
      last = math.max(last, tonumber(till))
    end
  end
end
