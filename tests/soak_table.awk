# The goals' table (first file: number|goal|floor|great) with the lines "goal N: text"
# that the campaigns printed (second file) below each.
BEGIN { FS = "|" }
NR == FNR { order[++n] = $1; goal[$1] = $2; floor[$1] = $3; great[$1] = $4; next }
match($0, /goal [0-9]+: /) {
  text = substr($0, RSTART)
  split(substr(text, 6), part, ":")
  sub(/^goal [0-9]+: /, "", text)
  measured[part[1] + 0] = measured[part[1] + 0] "\n        " text
}
END {
  for (i = 1; i <= n; i++) {
    k = order[i]
    printf "%3d  %s\n     floor: %s; great: %s\n     measured:%s\n", k, goal[k], floor[k], great[k],
      (k in measured) ? measured[k] : " not by this run"
  }
}
