-- Removes from a tag the keys that are gone, and not those that were added again meanwhile.
for _, key in ipairs(ARGV) do
  if tonumber(redis.call('ZSCORE', KEYS[1], key) or 0) == -1 then redis.call('ZREM', KEYS[1], key) end
end
