--- Words about what was decided and why, and models run by hand.

local json = require "linewright.json"
local show = require "linewright.repl.show"
local units = require "linewright.units"

local reasons = {}

-- ----------------------------------------------------------------- decisions --

local function evidence_text(from)
  local out = {}
  for i, by in ipairs(type(from) == "table" and from or {}) do
    local name = by.name or (by.digest and by.digest:sub(1, 12)) or "?"
    out[i] = by.y ~= nil and ("%s said %s"):format(name, show.value(by.y)) or name
  end
  return table.concat(out, "; ")
end

local function limits_text(limits)
  local out = {}
  for name, value in pairs(type(limits) == "table" and limits or {}) do
    out[#out + 1] = ("%s at %s"):format(name, show.value(value))
  end
  table.sort(out)
  return table.concat(out, ", ")
end

local Decisions = { __show = function(list)
  local rows = {}
  for i, d in ipairs(list) do
    rows[i] = { units.time_text(d.t_ns), d.name, tostring(d.outcome),
      d.score and ("%.5g"):format(d.score) or "", limits_text(d.limits), evidence_text(d.from),
      d.effect or "" }
  end
  if #rows == 0 then return "no decision was recorded" end
  return show.grid({ "after", "decision", "outcome", "score", "limits", "because", "effect" },
    rows, { [4] = true })
end }

local function decisions_of(store, run)
  local out, first = setmetatable({}, Decisions), nil
  for _, t_ns, _, kind, key, data in store:records(run) do
    first = first or t_ns
    if kind == "decision" then
      local d = json.decode(data)
      d.t_ns, d.name = t_ns - first, key:match "([^/]*)#%d+$" or key
      out[#out + 1] = d
    end
  end
  return out
end

-- ----------------------------------------------------------------------- why --

local Chain = { __show = function(lines)
  return (require("linewright.why").text(lines):gsub("\n$", ""))
end }

local function chain_of(store, run, thing)
  local lines, message = require("linewright.why").chain(store, run, thing)
  if not lines then error("E-NOTFOUND " .. message, 3) end
  return setmetatable(lines, Chain)
end

-- The store and the run that are meant: a rig's own, else the newest of the database.
local function with_run(s, source, fn)
  local line = type(source) == "table" and source.line
  if line then
    line:pump()
    return fn(line.store, line.run_id)
  end
  local o = type(source) == "table" and source or {}
  local store, message, code = require("linewright.store").open(o.db or s.options.db
    or "linewright.db", "r")
  if not store then error((code or "E-IO") .. " " .. message, 3) end
  local run, problem = store:run_find(o.batch)
  if not run then
    store:close()
    error("E-NOTFOUND " .. tostring(problem), 3)
  end
  local result = fn(store, run)
  store:close()
  return result
end

-- -------------------------------------------------------------------- models --

local function places_text(m, direction)
  local out, i = {}, 1
  while true do
    local place = { m:describe(direction, i) }
    if not place[1] then break end
    for k = 3, #place do place[k] = place[k] < 0 and "any" or ("%d"):format(place[k]) end
    out[i] = ("%s %s[%s]"):format(place[1], place[2], table.concat(place, " x ", 3))
    i = i + 1
  end
  return table.concat(out, ", ")
end

local function flatten(x)
  local dsp, list = require "linewright.dsp", {}
  if type(x) == "number" then x = { x } end
  for i = 1, #x do list[i] = x[i] end
  local s = dsp.samples(#list)
  for i = 1, #list do s:set(i, list[i]) end
  return s
end

local Model = {
  __class = "Model",
  __call = function(self, x) return self.run(self, x) end,
  __show = function(self)
    local backend, provider, level, cost, digest = self.model:used()
    return ("%s: %s on %s (%s)%s\ntakes  %s\ngives  %s\nsha256 %s"):format(self.path, backend,
      provider, level, cost > 0 and (", %d multiplications"):format(cost) or "",
      places_text(self.model, "in"), places_text(self.model, "out"), digest)
  end,
}

local function model(path, backend)
  local opened, message, code = require("linewright.infer").open(path, backend)
  if not opened then error((code or "E-IO") .. " " .. message, 2) end
  local run, why = opened:caller(flatten, true)
  if not run then error("E-TYPE " .. tostring(why), 2) end
  return setmetatable({ model = opened, run = run, path = path }, Model)
end

--- The words of this group.
---@param s table session
---@return table
function reasons.words(s)
  return {
    model = model,
    decisions = function(source) return with_run(s, source, decisions_of) end,
    why = function(thing, source)
      return with_run(s, source, function(store, run) return chain_of(store, run, thing) end)
    end,
  }
end

return reasons
