-- examples/formulas/demo.lua -- a short, fast run for demonstrations; needs a line with a long dryer (line B).
return formula "demo" {
  recipe = "electrode-coating",
  speed = "30 m/min", run_length = 40,
}
