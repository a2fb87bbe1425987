-- A sliding window for each quota, all in one key. A window has twelve parts and touches thirteen; a request counts
-- until the whole part that it came in has left the window.
-- The value holds for each quota the number of the newest part since the Unix epoch (6 bytes) and the counts of the
-- thirteen parts up to it, oldest first (4 bytes each).
--
-- ARGV: the cost; then for each quota, the length of a part in microseconds and the limit
-- with its burst.
-- Answers with 1 (allowed) or 0 and for each quota, 6 bytes each: what counts without the request, how long until there
-- is room for it (0: there is, or never will be), how long until nothing counts (with the request, when there is room
-- for it); in microseconds.
local call, key, argv = redis.call, KEYS[1], ARGV
local pack, unpack, floor = struct.pack, struct.unpack, math.floor
local cost = argv[1] + 0
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.pcall('GET', key)
-- What is no text is not our state.
if type(kept) ~= 'string' then kept = nil end
local refused, expiry, state, answer = false, 0, '', ''
for i = 1, (#argv - 1) / 2 do
  local length, limit = argv[2 * i] + 0, argv[2 * i + 1] + 0
  local newest = floor(now / length)
  local counts = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
  if kept and #kept >= 58 * i then
    local old = {unpack('<I6I4I4I4I4I4I4I4I4I4I4I4I4I4', kept, 58 * i - 57)}
    local passed = newest - old[1]
    -- When the clock went back by a part, what was counted beyond still counts. What lies further ahead is not our
    -- state, or would keep the client out for longer than the window.
    if passed == -1 then newest, passed = old[1], 0 end
    if passed >= 0 and passed < 13 then
      for part = 1, 13 - passed do counts[part] = old[part + passed + 1] end
    end
  end
  local used, last = 0, 0
  for part = 1, 13 do
    if counts[part] > 0 then used, last = used + counts[part], part end
  end
  local wait = 0
  if used + cost > limit then
    refused = true
    local rest = used
    for part = 1, 13 do
      rest = rest - counts[part]
      if rest + cost <= limit then
        wait = (newest + part) * length - now
        break
      end
    end
  else
    counts[13], last = counts[13] + cost, 13
  end
  local reset = last > 0 and (newest + last) * length - now or 0
  answer = answer .. pack('<I6I6I6', used, wait, reset)
  if not refused then
    state = state .. pack('<I6I4I4I4I4I4I4I4I4I4I4I4I4I4', newest, counts[1], counts[2], counts[3], counts[4],
      counts[5], counts[6], counts[7], counts[8], counts[9], counts[10], counts[11], counts[12], counts[13])
    local left = (newest + 13) * length - now
    if left > expiry then expiry = left end
  end
end
if refused then return '\0' .. answer end
call('PSETEX', key, math.ceil(expiry / 1000), state)
return '\1' .. answer
