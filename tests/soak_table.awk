# The goals' table (first file: number|goal|floor|great) with the lines "goal N: text"
# that the campaigns printed (second file) below each.
BEGIN { FS = "|"; WIDTH = 100; INDENT = "       " }

# Words of a text in lines of at most WIDTH, the second and later ones deeper. A number
# stays with its percent sign.
function wrapped(text,    n, word, i, line, out) {
  gsub(/ %/, "\001%", text)
  n = split(text, word, " ")
  line = INDENT "- " word[1]
  for (i = 2; i <= n; i++) {
    if (length(line) + 1 + length(word[i]) > WIDTH) {
      out = out line "\n"
      line = INDENT "  " word[i]
    } else line = line " " word[i]
  }
  out = out line "\n"
  gsub("\001", " ", out)
  return out
}

NR == FNR { order[++n] = $1; goal[$1] = $2; floor[$1] = $3; great[$1] = $4; next }
match($0, /goal [0-9]+: /) {
  text = substr($0, RSTART)
  split(substr(text, 6), part, ":")
  sub(/^goal [0-9]+: /, "", text)
  measured[part[1] + 0] = measured[part[1] + 0] wrapped(text)
}
END {
  for (i = 1; i <= n; i++) {
    k = order[i]
    printf "\n%3d  %s\n     floor: %s; great: %s\n", k, goal[k], floor[k], great[k]
    printf "%s", (k in measured) ? measured[k] : INDENT "- not measured by this run\n"
  }
}
