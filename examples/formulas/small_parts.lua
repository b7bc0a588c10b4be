-- examples/formulas/small_parts.lua -- 48 points of a small part; the first 34 pictures are of good ones.
return formula "small-parts" {
  columns = 8, rows = 6,
  learn = 34, false_reject = 0.06,
  parts = 48,
}
