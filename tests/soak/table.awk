# The table of goals (first file: number|goal|floor|great), below each what the parts that
# show it (second file: name|goals|...) have measured. The other files are kept records,
# named like their parts: length|seconds|exit code|when, then lines "goal N: text".
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

# When a record was made, how long that took, and whether at full length.
function stamped() {
  return " [" $4 ", " $2 " s" ($1 < whole && grows[part] ? ", at " $1 " of " whole " minutes" : "") \
    ($3 ? ", FAILED" : "") "]"
}

# What of a goal no kept record shows.
function missing(k,    i, list, out) {
  list = ""
  for (i = 1; i <= part_n; i++)
    if (index(" " shows[name[i]] " ", " " k " ") && !((name[i], k) in said)) list = list " " name[i]
  return list == "" ? "" : wrapped("not measured:" list)
}

FNR == 1 { file++ }
file == 1 { order[++n] = $1; goal[$1] = $2; floor[$1] = $3; great[$1] = $4; next }
file == 2 { name[++part_n] = $1; shows[$1] = $2; grows[$1] = $5; next }
FNR == 1 { part = FILENAME; sub(/.*\//, "", part); stamp = stamped(); next }
match($0, /goal [0-9]+: /) {
  text = substr($0, RSTART)
  split(substr(text, 6), piece, ":")
  sub(/^goal [0-9]+: /, "", text)
  measured[piece[1] + 0] = measured[piece[1] + 0] wrapped(text stamp)
  said[part, piece[1] + 0] = 1
}
END {
  for (i = 1; i <= n; i++) {
    k = order[i]
    printf "\n%3d  %s\n     floor: %s; great: %s\n", k, goal[k], floor[k], great[k]
    printf "%s%s", measured[k], missing(k)
  }
}
