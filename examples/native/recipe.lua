-- examples/native/recipe.lua -- weigh a punched sample until it is in tolerance
return recipe "sample-check" {
  api = 1, version = "1.0.0",
  title = "Areal mass of a punched sample",
  needs = { gauge = cap "areal_mass_gauge@1" {} },
  params = {
    target    = param { "g/m2", default = 118, min = 10, max = 500 },
    tolerance = param { "g/m2", default = 3, min = 0.1, max = 50 },
  },
  execute = function(r, eq, p)
    r.wait_until("the sample is in tolerance", function()
      local mass = eq.gauge.mass:read()
      return mass ~= nil and math.abs(mass - p.target) <= p.tolerance
    end, { within = "10 min" })
    local mass = r.step("take the reading", function() return (eq.gauge.mass:read()) end)
    r.record("areal_mass", mass, "g/m2")
  end,
}
