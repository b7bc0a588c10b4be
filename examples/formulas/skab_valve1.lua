-- examples/formulas/skab_valve1.lua -- the pump watch on SKAB's recordings: 400 rows train, less the four that go by
-- until the recipe is in Execute; `low` was chosen on valve1/0 to 7.
return formula "skab-valve1" {
  recipe = "pump-watch",
  train = 396, low = 2,
}
