-- A counter for each quota that begins anew at each multiple of its window since the Unix epoch, all in one key.
-- The value holds for each quota the number of the window (6 bytes) and the count (4 bytes).
--
-- ARGV: the cost; then for each quota, the window in milliseconds and the limit with its burst.
-- Answers with 1 (allowed) or 0 and for each quota the count without the request and the milliseconds to the window's
-- end, 6 bytes each.
local call, key, argv = redis.call, KEYS[1], ARGV
local pack, unpack, floor = struct.pack, struct.unpack, math.floor
local cost = argv[1] + 0
local time = call('TIME')
local now = time[1] * 1000 + floor(time[2] / 1000)
local kept = redis.pcall('GET', key)
-- What is no text is not our state.
if type(kept) ~= 'string' then kept = nil end
local refused, expiry, windows, answer = false, 0, {}, ''
for i = 1, (#argv - 1) / 2 do
  local window, limit = argv[2 * i] + 0, argv[2 * i + 1] + 0
  local number, count = floor(now / window), 0
  if kept and #kept >= 10 * i then
    local old, old_count = unpack('<I6I4', kept, 10 * i - 9)
    -- When the clock went back over the border, what was counted beyond it still counts. What lies further ahead is not
    -- our state, or would keep the client out for longer than the window.
    local is_near = old == number + 1 and old * window - now <= window / 12
    if old == number or is_near then number, count = old, old_count end
  end
  local left = (number + 1) * window - now
  if count + cost > limit then refused = true end
  if left > expiry then expiry = left end
  windows[2 * i - 1], windows[2 * i] = number, count
  answer = answer .. pack('<I6I6', count, left)
end
if refused then return '\0' .. answer end
local state = ''
for i = 1, #windows, 2 do state = state .. pack('<I6I4', windows[i], windows[i + 1] + cost) end
call('PSETEX', key, expiry, state)
return '\1' .. answer
