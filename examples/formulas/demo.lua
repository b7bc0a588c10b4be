-- examples/formulas/demo.lua -- a short, fast run for demonstrations; needs a line with a long dryer (line B).
-- 58 m are what it takes to see the pump's error, to correct it once and to see that it was corrected.
return formula "demo" {
  recipe = "electrode-coating",
  speed = "36 m/min", run_length = 58,
}
