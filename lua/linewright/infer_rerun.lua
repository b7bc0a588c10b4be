--- Decisions computed again from their records: the model of that digest, the
--- inputs, the instruction set. Equal to the bit, or told.

local infer = require "linewright.infer"
local infer_values = require "linewright.infer_values"
local infer_words = require "linewright.infer_words"
local json = require "linewright.json"

local format = string.format

local rerun = {}

-- Where a model may lie now: where it was, or in the folder given, by its name.
local function candidates(by, options)
  local out = { by.path }
  if options.models and by.path then
    out[2] = options.models .. "/" .. by.path:match "[^/]*$"
  end
  return out
end

-- The model of that digest at a path; avx512 and avx2 give the same bits
-- (infer/net.h), so the one stands in for the other.
local function open(by, path)
  local level = by.backend == "tiny" and by.level ~= "any" and by.level or nil
  local m, why = infer.open(path, by.backend, by.provider, level)
  if not m and level == "avx512" then m, why = infer.open(path, by.backend, nil, "avx2") end
  if not m then return nil, why end
  local digest = select(5, m:used())
  if digest == by.digest then return m end
  return nil, format("%s is another model now (digest %.12s..., was %.12s...)", path, digest,
    by.digest)
end

-- A way to run the model of a piece of evidence, kept for the next record.
local function runner(cache, by, options)
  local key = (by.digest or "?") .. " " .. tostring(by.level)
  local made = cache[key] or { why = "no model is named" }
  if cache[key] then return made.run, made.why end
  cache[key] = made
  for _, path in ipairs(candidates(by, options)) do
    local m, why = open(by, path)
    made.why = why
    if m then
      made.run, made.why = m:caller(infer_words.flatten, true)
      break
    end
  end
  return made.run, made.why
end

local function same(a, b)
  if type(a) == "table" and type(b) == "table" then
    for i = 1, math.max(#a, #b) do
      if not same(a[i], b[i]) then return false end
    end
    return true
  end
  return a == b or (a ~= a and b ~= b)
end

-- "equal", "differs" or "impossible", and a sentence for the latter two.
local function judge(cache, by, options)
  if by.fallback then return "impossible", "the model did not answer: " .. by.fallback end
  if not by.x then return "impossible", "its inputs are not in the record" end
  local run, why = runner(cache, by, options)
  if not run then return "impossible", tostring(why) end
  local y = run(nil, by.x)
  if type(y) == "userdata" then y = infer_values.plain(y) end
  if same(y, by.y) then return "equal" end
  return "differs", format("it gave %s, gives %s now", json.encode(by.y) or "?",
    json.encode(y) or "?")
end

local COUNT = { equal = "equal", differs = "different", impossible = "impossible" }

--- Compute the decisions of a run again.
---@param s table store
---@param id number run
---@param options table models: a folder
---@return table result lines, equal, different, impossible; without: decisions of no model
function rerun.run(s, id, options)
  local result = { lines = {}, equal = 0, different = 0, impossible = 0, without = 0 }
  local cache = {}
  for _, _, _, kind, key, data in s:records(id) do
    local from = kind == "decision" and json.decode(data).from
    if kind == "decision" and not from then result.without = result.without + 1 end
    for _, by in ipairs(from or {}) do
      local verdict, why = judge(cache, by, options)
      result[COUNT[verdict]] = result[COUNT[verdict]] + 1
      if why then
        result.lines[#result.lines + 1] = format("%-10s %s (model %s): %s", verdict, key,
          by.name or "?", why)
      end
    end
  end
  return result
end

return rerun
