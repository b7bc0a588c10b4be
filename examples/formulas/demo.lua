-- examples/formulas/demo.lua -- a short, fast run for demonstrations; needs a line with a long dryer (line B).
-- One correction has to do in 52 m, so `solids` starts from what an earlier batch taught instead of 0.9.
return formula "demo" {
  recipe = "electrode-coating",
  speed = "36 m/min", run_length = 52, solids = 0.93,
}
