-- Also the list of the words that recipes, profiles and specs may use.
std = "min"
max_line_length = 100
max_cyclomatic_complexity = 10
codes = true
self = false
-- What differs between 5.1 and 5.4 and is asked for by both names.
read_globals = {
  "unpack", table = { fields = { "pack", "unpack" } }, math = { fields = { "atan2" } },
}
-- `not (x <= y)` is meant: it holds for NaN.
ignore = { "581" }

local words = {
  "recipe", "line", "capability", "cap", "formula", "twin", "native",
  "param", "prop", "quantity", "difference", "tag", "equip", "driver", "list", "readable", "writable",
  "interlock", "permit", "during", "at_least", "at_most", "includes", "one_of",
  "filter", "control", "decide", "guard", "picture", "train", "infer", "host", "watch", "vibration", "dsp", "align",
  "time",
}

-- Handlers and validators get the same arguments whether they use them or not.
files["recipes"] = { read_globals = words, max_line_length = 140, ignore = { "212" } }
files["examples"] = { read_globals = words, max_line_length = 142, ignore = { "212" } }
files["stdlib"] = { read_globals = words }
-- Bombs and endless loops fill tables that nobody reads.
files["tests/bind"] = { ignore = { "241" } }
files["tests"] = { std = "min+busted", read_globals = words, max_line_length = 140 }
-- The specs of the language page stand here word for word.
files["tests/recipes/electrode_coating_spec.lua"] = { ignore = { "211" } }
files["lua/meta"] = { max_line_length = false,
  ignore = { "111", "112", "113", "121", "142", "211", "212", "231", "241" } }
-- Rows of tables: a field, its type and what a person reads.
files["lua/linewright/surface"] = { max_line_length = 120 }
