-- Somebody sets the wall clock, over and over, under a run in virtual time: the same
-- run without it does the same at the same instants. LW_CLOCK_STEPS sets how often.
local bound = require "tests.support.bound"
local inline = require "linewright.inline"
local loader = require "linewright.loader"
local rng = require "linewright.rng"

local RECIPE, LINE = "tests/fault/trial/recipe.lua", "tests/fault/trial/line.lua"
local STEPS = tonumber(os.getenv "LW_CLOCK_STEPS") or 1000
local PER_RUN = 1000 -- about a step a second

-- RELIABILITY's own: seconds, hours, ten years, a leap second, 2038, 2100.
local KNOWN = { 1, -1, 3600, -3600, 315360000, -315360000, 0.5, -0.5, 379641600, 2335219200 }

-- A drawn one is mostly small and sometimes decades.
local function drawn(r, i) return KNOWN[i] or (r:uniform() - 0.5) * 10 ^ (9.5 * r:uniform()) end

local function begin(seed)
  local line = inline.new { seed = seed, quiet = true,
    bundle = loader.bundle { recipe = RECIPE, line = LINE, sim = true } }
  line:command("reset", "clock")
  line:advance(line:now_ns() + 1e9)
  line:command("start", "clock")
  return line
end

-- What the plant is told and what is read from it.
local function seen(line)
  local out = { line.run.state }
  for i, channel in ipairs(line.bundle.channel_list) do
    local value, quality = line.port:read(channel.index)
    out[i + 1] = quality .. " " .. tostring(value)
  end
  return table.concat(out, ",")
end

-- Everything on record but the wall's time.
local function records_of(line)
  local out = {}
  for _, t_ns, _, kind, key, data in line.store:records(line.run_id) do
    out[#out + 1] = ("%.0f %s %s %s"):format(t_ns, kind, key, data or "")
  end
  return out
end

-- Of the newest command.
local function wall_s(line)
  local last
  for _, _, wall_ns, kind in line.store:records(line.run_id) do
    if kind == "cmd" then last = wall_ns / 1e9 end
  end
  return last
end

-- Steps whose run did something else than its twin without them.
local function play(seed, n)
  local plain, set, r = begin(seed), begin(seed), rng.new(seed)
  local sum_s, effects = 0, 0
  for i = 1, n do
    local step_s = drawn(r, i)
    if math.abs(sum_s + step_s) > 3e9 then step_s = -step_s end
    sum_s = sum_s + step_s
    set:step_wall(step_s)
    local until_ns = plain:now_ns() + (0.1 + r:uniform()) * 1e9
    plain:advance(until_ns)
    set:advance(until_ns)
    if seen(plain) ~= seen(set) then effects = effects + 1 end
  end
  for _, line in ipairs { plain, set } do
    line:command("hold", "clock")
    line:pump()
  end
  assert.same(records_of(plain), records_of(set))
  assert.is_near(sum_s, wall_s(set) - wall_s(plain), 0.001) -- the steps were real
  plain:close()
  set:close()
  return effects
end

describe("a wall clock that is set in virtual time", function()
  it("has no effect", function()
    local n, effects = 0, 0
    while n < STEPS do
      local share = math.min(PER_RUN, STEPS - n)
      n = n + share
      effects = effects + play(math.ceil(n / PER_RUN), share)
    end
    print(("\ngoal 18: %d clock steps up to decades in virtual time: %d with an effect on readings, outputs or records "
      .. "(%s)"):format(n, effects, bound.of(n)))
    assert.equal(0, effects)
  end)
end)
