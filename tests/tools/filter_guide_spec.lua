-- The guide's page of filters is what the kernels draw today.

local sys = require "linewright.sys"

-- Text with its numbers taken out, and the numbers.
local function split(text)
  local numbers = {}
  local words = text:gsub("%-?%d+%.?%d*", function(number)
    numbers[#numbers + 1] = tonumber(number)
    return "#"
  end)
  return words, numbers
end

-- Kernels agree to a rounding between machines; a tenth of a pixel may turn on one.
local function same(path, wanted)
  local there = sys.read_file(path)
  assert.is_string(there, path .. " is missing: run tools/filter_guide.lua")
  local words, numbers = split(there)
  local wanted_words, wanted_numbers = split(wanted)
  assert.is_true(words == wanted_words, path .. " is out of date: run tools/filter_guide.lua")
  for i, x in ipairs(numbers) do
    if math.abs(x - wanted_numbers[i]) > 0.11 then
      error(("%s is out of date: %g, not %g; run tools/filter_guide.lua"):format(path, x, wanted_numbers[i]))
    end
  end
end

describe("the guide of filters", function()
  local files = assert(load(sys.read_file "tools/filter_guide.lua", "@tools/filter_guide.lua"))("files")

  it("is up to date", function()
    for path, text in pairs(files) do same(path, text) end
  end)

  it("has a page for every kernel and no picture too many", function()
    local filters = require "linewright.filters"
    local page = files["docs/filters.md"]
    for _, kind in ipairs { filters.kinds() } do
      assert.truthy(page:find("\n## " .. kind .. "\n", 1, true), kind)
      assert.is_string(files["docs/filters/" .. kind .. "-step.svg"] or files["docs/filters/" .. kind .. "-shift.svg"])
    end
    for _, name in ipairs(sys.list "docs/filters") do assert.is_string(files["docs/filters/" .. name], name) end
  end)

  it("would notice another picture", function()
    local path = "docs/filters/lowpass-step.svg"
    assert.has_error(function() same(path, (files[path]:gsub("38%.0", "39.0"))) end)
    assert.has_error(function() same(path, files[path] .. "x") end)
  end)
end)
