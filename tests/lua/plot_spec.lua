local calendar = require "linewright.calendar"
local plot = require "linewright.plot"
local scale = require "linewright.plot_scale"

local function lines_of(text)
  local out = {}
  for line in text:gmatch "([^\n]*)\n" do out[#out + 1] = line end
  return out
end

local function series(y, more)
  local s = { name = "a", unit = "degC", x = {}, y = y }
  for i = 1, #y do s.x[i] = i end
  for k, v in pairs(more or {}) do s[k] = v end
  return s
end

describe("a plot in characters", function()
  it("puts the largest value at the top and the smallest at the bottom", function()
    local text = plot.text({ series = { series { 0, 10 } } }, { columns = 11, rows = 3, is_ascii = true })
    local lines = lines_of(text)
    assert.equal("a [degC]", lines[1])
    assert.truthy(lines[2]:find "^ +10 |.*%*$")
    assert.truthy(lines[4]:find "^ +0 |%*")
    assert.equal(5, #lines)
  end)

  it("holds a value to the next one where it is held", function()
    local s = series({ 0, 10, 10 }, { is_held = true })
    local lines = lines_of(plot.text({ series = { s } }, { columns = 21, rows = 2, is_ascii = true }))
    assert.equal(" |***********", lines[3]:sub(-13))
    assert.equal("10 |" .. (" "):rep(10) .. ("*"):rep(11), lines[2]:sub(9))
  end)

  it("calls a zero zero that rounding missed", function()
    local text = plot.text({ x = { from = 0, to = 1 },
      series = { { name = "v", x = { 0, 1 }, y = { 0, 6.004600000000001 } } } }, { columns = 20,
      rows = 8 })
    assert.is_nil(text:find("e-", 1, true), text)
  end)
  it("leaves a gap where a value is missing", function()
    local s = series { 1, 1, 0 / 0, 1, 1 }
    local line = lines_of(plot.text({ series = { s } }, { columns = 9, rows = 3, is_ascii = true }))[3]
    assert.equal("***   ***", line:sub(-9))
  end)

  it("says when there is nothing to draw", function()
    assert.truthy(plot.text({ series = { series { 0 / 0 } } }):find "no good value")
  end)

  it("puts series of one panel on one scale, and others under them", function()
    local text = plot.text { series = { series({ 0, 1 }, { panel = "p" }),
      series({ 5, 9 }, { panel = "p", name = "b" }), series({ 3, 4 }, { name = "c" }) } }
    assert.truthy(text:find("a [degC]  b [degC]\n", 1, true))
    assert.truthy(text:find "\n +9 ")
    assert.truthy(text:find("\nc [degC]\n", 1, true))
  end)

  it("marks states and alarms under the time they belong to", function()
    local t = 1767225600e9 -- 2026-01-01
    local lines = lines_of(plot.text({
      x = { from = t, to = t + 100e9, is_time = true },
      series = { { name = "v", x = { t, t + 99e9 }, y = { 1, 2 } } },
      spans = { { from = t, to = t + 50e9, text = "Starting", row = "states" },
        { from = t + 50e9, to = t + 100e9, text = "Execute", row = "states" } },
      marks = { { x = t + 20e9, text = "bad", row = "alarms" }, { x = t + 900e9, row = "alarms" } },
    }, { columns = 50, rows = 2 }))
    assert.equal("            2026-01-01 00:00:00" .. (" "):rep(23) .. "00:01:39", lines[4])
    assert.equal("states      Starting" .. (" "):rep(17) .. "Execute", lines[5])
    assert.equal("alarms      " .. (" "):rep(10) .. "!", lines[6])
  end)

  it("draws least and largest of a long signal cut into parts", function()
    local x, y = {}, {}
    for i = 1, 10000 do x[i], y[i] = i, 0 end
    y[5000] = 7
    local s = plot.reduce(x, y, 100)
    assert.equal(100, #s.x)
    local lo, hi = scale.span({ s }, { "y", "lo", "hi" })
    assert.same({ 0, 7 }, { lo, hi })
  end)
end)

describe("a plot as SVG", function()
  local svg = plot.svg {
    title = "a < b", series = { series { 1, 2, 0 / 0, 4 }, series({ 1, 2 }, { is_points = true, name = "p" }) },
    limits = { { y = 3, text = "limit", series = "a" } },
    spans = { { from = 1, to = 3, text = "heat & soak", row = "phases" } }, marks = { { x = 2, text = "!" } },
  }

  it("is one element whose tags are closed, with no number that is none", function()
    assert.equal(1, select(2, svg:gsub("<svg ", "")))
    for _, tag in ipairs { "text", "title", "svg" } do
      assert.equal(select(2, svg:gsub("<" .. tag .. "[ >]", "")), select(2, svg:gsub("</" .. tag .. ">", "")), tag)
    end
    assert.is_nil(svg:find("nan", 1, true))
    assert.is_nil(svg:find("inf", 1, true))
    assert.truthy(svg:find("a &lt; b", 1, true))
    assert.truthy(svg:find("heat &amp; soak", 1, true))
  end)

  it("breaks the line where a value is missing", function()
    local path = svg:match 'd="(M[^"]+)" stroke="#1f5fa8"'
    assert.equal(2, select(2, path:gsub("M", "")))
    assert.equal(2, select(2, svg:gsub("<circle", "")))
  end)
end)

describe("round numbers along an axis", function()
  it("are few, round and inside", function()
    for _, case in ipairs { { 0, 1, 5 }, { -3.2, 17.9, 4 }, { 1e-9, 3e-9, 6 }, { 1e6, 1e6 + 1, 3 } } do
      local ticks = scale.ticks(case[1], case[2], case[3])
      assert.is_true(#ticks >= 2 and #ticks <= case[3] + 1, #ticks)
      for _, tick in ipairs(ticks) do
        assert.is_true(tick.at >= case[1] - 1e-12 and tick.at <= case[2] + 1e-12)
      end
    end
    assert.equal("0.1", scale.ticks(0, 0.35, 4)[2].text)
  end)

  it("of time fall on whole minutes and days", function()
    local t = 1767225600e9
    assert.same({ "00:00", "00:15", "00:30" },
      { scale.times(t, t + 1900e9, 3)[1].text, scale.times(t, t + 1900e9, 3)[2].text, scale.times(t, t + 1900e9, 3)[3].text })
    assert.equal("01-02", scale.times(t + 1e9, t + 8 * 86400e9, 8)[1].text)
  end)
end)

describe("the calendar", function()
  it("goes from days to dates and back over four centuries", function()
    for days = -50000, 100000, 37 do
      local y, m, d = calendar.date(days)
      assert.equal(days, calendar.days(y, m, d))
    end
    assert.same({ 2024, 2, 29 }, { calendar.date(calendar.days(2024, 2, 29)) })
    assert.equal(calendar.days(2026, 3, 1), calendar.days(2026, 2, 29))
  end)

  it("knows Mondays, zones and times before 1970", function()
    assert.equal(1, calendar.weekday(calendar.days(2026, 11, 23)))
    assert.equal("2026-11-22 09:55:43", calendar.text(1795337743e9, 3600))
    assert.equal("1969-12-31 23:59:59", calendar.text(-1e9))
    assert.equal("-03:30", calendar.zone_text(-12600))
  end)
end)
