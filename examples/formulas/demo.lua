-- A short batch for a first look: long enough that the coat weight is corrected
-- once and the correction has reached the gauge.
return formula "demo" { recipe = "electrode-coating", speed = "36 m/min", run_length = 52 }
