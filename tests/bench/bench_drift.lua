-- Drift of the light found in time, and never in nominal light; the conformal level kept.
-- Reference: light figures of half of the good tiles in nominal light (exposures 3 and
-- 4); windows of 30 parts are drawn from the other tiles, no part twice. 10 splits by tile,
-- 20 windows of each. Bounds of shares take windows for independent, which is not quite so.

local dsp = require "linewright.dsp"
local guard = require "guard"
local picture = require "linewright.picture"
local rng = require "linewright.rng"
local score = require "linewright.train_score"
local sys = require "linewright.sys"

local TILES = "../shared/data/magnetic-tile/"
local CHECKED = { 1, 2, 3, 4, 5, 6, 7, 8, 9 } -- all but focus, which is the tile's own
local SPLITS, WINDOWS, SIZE = 10, 20, 30

local text = sys.read_file(TILES .. "tiles.tsv")
if not text then
  print "drift: skipped, the magnetic tiles are not beside the repository"
  return 0
end

local function figures(p)
  local s, out = picture.light(picture.affine(p, 1, 0, 0, 255)), {}
  for i, k in ipairs(CHECKED) do out[i] = s:get(k) end
  return out
end

-- Good tiles with their exposure.
local function good_tiles()
  local out = {}
  for line in text:gmatch "[^\n]+" do
    local file, tile, exposure, defect = line:match "^(%S+)\t(%S+)\t(%d)\t(%d)"
    if defect == "0" then
      out[#out + 1] = { file = file, tile = tile, exposure = tonumber(exposure) }
    end
  end
  return out
end

local good = good_tiles()

-- Figures of each good tile of some exposures, its light changed by `make`.
local function all(exposures, make)
  local out = {}
  for _, t in ipairs(good) do
    if exposures[t.exposure] then
      local p = assert(picture.open(TILES .. t.file))
      out[#out + 1] = { tile = t.tile, row = figures(make and make(p) or p) }
    end
  end
  return out
end

-- Which tiles the reference may have.
local function split(seed)
  local r, is_learnt = rng.new(seed, 4), {}
  for _, t in ipairs(good) do
    if is_learnt[t.tile] == nil then is_learnt[t.tile] = r:uniform() < 0.5 end
  end
  return is_learnt
end

local function rows_of(pool, is_learnt, wanted)
  local out, tiles = {}, {}
  for _, t in ipairs(pool) do
    if is_learnt[t.tile] == wanted then out[#out + 1], tiles[#tiles + 1] = t.row, t.tile end
  end
  return out, tiles
end

local names, signals = { picture.light_names() }, {}
for i, k in ipairs(CHECKED) do signals[i] = names[k] end
local dice = rng.new(5, 1)

-- The next of a shuffle, so that no part comes twice in a window.
local function draw(rows, i)
  local j = dice:integer(i, #rows)
  rows[i], rows[j] = rows[j], rows[i]
  return rows[i]
end

-- As it comes: windows of 30 and part by part.
local function alarms_of(g, rows)
  local hits = 0
  for _ = 1, WINDOWS do
    g:reset()
    local alarm
    for i = 1, SIZE do alarm = g:add(draw(rows, i)) or alarm end
    hits = hits + (alarm and 1 or 0)
  end
  return hits
end

local nominal = all { [3] = true, [4] = true }
local function guard_of(seed)
  local rows, tiles = rows_of(nominal, split(seed), true)
  return guard.drift { signals = signals, rows = rows, groups = tiles, windows = { SIZE },
    horizon = SIZE }
end
local guards = {}
for seed = 1, SPLITS do guards[seed] = guard_of(seed) end

local function windows_with_alarm(pool)
  local hits = 0
  for seed, g in ipairs(guards) do hits = hits + alarms_of(g, (rows_of(pool, split(seed), false))) end
  return hits
end

local function say(name, value, is_ok)
  print(("%-48s %s  %s"):format(name, value, is_ok and "ok" or "SHORT"))
end

local pools = { { "nominal", nominal } }
for _, gain in ipairs { 0.8, 1.2 } do
  pools[#pools + 1] = { ("gain %.1f"):format(gain),
    all({ [3] = true, [4] = true }, function(p) return picture.affine(p, gain, 0) end) }
end
for _, e in ipairs { 1, 2, 5, 6 } do
  pools[#pools + 1] = { "exposure " .. e, all { [e] = true } }
end
local function say_windows(pool, is_nominal)
  local hits, n = windows_with_alarm(pool[2]), SPLITS * WINDOWS
  local is_ok = is_nominal and hits <= 1 or not is_nominal and hits >= 0.95 * n
  say(("%s: alarms in %d windows of %d"):format(pool[1], n, SIZE), score.rate(hits, n), is_ok)
end
for i, pool in ipairs(pools) do say_windows(pool, i == 1) end

-- Page-Hinkley on the mean grey: parts until the alarm, the middle of 100 runs.
local function parts_until(pool, seed, most)
  local is_learnt, column = split(seed), {}
  local learnt, tiles = rows_of(nominal, is_learnt, true)
  for i, row in ipairs(learnt) do column[i] = { row[1] } end
  local rows = rows_of(pool, is_learnt, false)
  local g = guard.drift { signals = { "mean" }, rows = column, groups = tiles, windows = {} }
  for i = 1, most do
    if g:add { rows[dice:integer(1, #rows)][1] } then return i end
  end
  return math.huge
end
local function say_parts(i)
  local took = {}
  for k = 1, 100 do took[k] = parts_until(pools[i][2], k, 300) end
  table.sort(took)
  if i == 1 then
    local alarms = 0
    for k = 1, 100 do alarms = alarms + (took[k] < math.huge and 1 or 0) end
    say("Page-Hinkley, nominal: alarms in 100 runs of 300", score.rate(alarms, 100), alarms == 0)
  else
    say(("Page-Hinkley, %s: parts, median"):format(pools[i][1]), took[50], took[50] <= 80)
  end
end
for i = 1, 3 do say_parts(i) end

-- 200 random splits of scores: how often good parts lie above the limit.
local function conformal(n, share)
  local sum = 0
  for round = 1, 200 do
    local r, cal, over = rng.new(round, 9), dsp.samples(n), 0
    for i = 1, n do cal:set(i, math.exp(r:normal())) end
    local limit = guard.limit(cal, share)
    for _ = 1, 1000 do over = over + (math.exp(r:normal()) > limit and 1 or 0) end
    sum = sum + over / 1000
  end
  return 100 * sum / 200
end
local mean = conformal(260, 0.02)
say("conformal, 200 splits at 2 %: mean false reject", ("%.2f %%"):format(mean),
  math.abs(mean - 2) <= 0.3)
