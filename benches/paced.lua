-- One request every two milliseconds, so that the probe itself is no load.
function delay()
  return 2
end
