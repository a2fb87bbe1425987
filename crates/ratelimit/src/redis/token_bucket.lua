-- A token bucket for each quota, all in one key that expires when every bucket is full again.
--
-- The expiry is the state: what is left of it is what was taken from the emptiest bucket, so no clock need be asked.
-- The value holds, 6 bytes for each quota, how many microseconds before the expiry its bucket is full.
--
-- ARGV: the longest time a bucket can need to fill; then for each quota, what the request takes and how much a whole
-- bucket holds; all in microseconds of refilling.
-- Answers with 1 (allowed) or 0 and, 6 bytes for each quota, how much is taken: after the request, or without it.
local call, key, argv = redis.call, KEYS[1], ARGV
local pack, unpack = struct.pack, struct.unpack
local left = call('PTTL', key) * 1000
local lags = left > 0 and left <= argv[1] + 0 and redis.pcall('GET', key)
-- What is no text is not our state.
if type(lags) ~= 'string' then lags = false end
local refused, overdrawn, longest, emptiest, taken, before = false, false, 0, 0, {}, {}
for i = 1, (#argv - 1) / 2 do
  local used = 0
  if lags and #lags >= 6 * i then
    used = left - unpack('<I6', lags, 6 * i - 5)
    if used < 0 then used = 0 end
  elseif lags then
    used = left
  end
  local depth = argv[2 * i + 1] + 0
  -- An empty bucket is as empty as it gets: a limit was lowered, a clock set back, or it is not our state.
  if used > depth then used, overdrawn = depth, true end
  local new = used + argv[2 * i]
  if new > depth then refused = true end
  if new > longest then longest = new end
  if used > emptiest then emptiest = used end
  before[i], taken[i] = used, new
end
local said, answer = refused and before or taken, refused and '\0' or '\1'
for i = 1, #said do answer = answer .. pack('<I6', said[i]) end
if not refused or overdrawn then
  local expiry, state = math.ceil((refused and emptiest or longest) / 1000), ''
  for i = 1, #said do state = state .. pack('<I6', expiry * 1000 - said[i]) end
  call('PSETEX', key, expiry, state)
end
return answer
