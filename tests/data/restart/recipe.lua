-- Waits until it is killed: the restart bench does the rest.
return recipe "waits" {
  api = 1, version = "1.0.0",
  needs = { oven = cap "zoned_dryer@1" { zones = at_least(3) } },
  execute = function(r, eq)
    r.step("heat", { once = true }, function()
      for _, zone in ipairs(eq.oven.zones) do zone.setpoint:set "60 degC" end
    end)
    r.wait_until("the end of the world", function() return false end, { within = "24 h" })
  end,
}
