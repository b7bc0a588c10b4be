--- Where energy can be told from: results, counters, powers; which one a question means.

local history = require "linewright.history"
local query_rows = require "linewright.query_rows"
local query_sql = require "linewright.query_sql"
local query_tongue = require "linewright.query_tongue"
local sys = require "linewright.sys"

local format, message = string.format, query_tongue.message

local query_energy = {}

local RUNS_MAX = 10 -- whose tags are looked at, the newest of those that are meant

local KWH = { Wh = 1e-3, kWh = 1, MWh = 1e3, J = 1 / 3.6e6, kJ = 1 / 3600, MJ = 1 / 3.6,
  GJ = 1e3 / 3.6, ["W.h"] = 1e-3, ["kW.h"] = 1, ["kW h"] = 1 }
local KW = { W = 1e-3, kW = 1, MW = 1e3 }

local function folder_of(store, run)
  local path = store:path()
  local own = format("%s.history/run-%.0f", path, run)
  return sys.exists(own) and own or path .. ".history"
end

-- Adds the tags of a run that energy can be told from, each name once.
local function add_tags(store, run, out, seen)
  local h = history.open(folder_of(store, run.run))
  if not h then return end
  for name, unit in h:tags(run.begun_ns, run.ended_ns + 1) do
    local kind = KWH[unit] and "meter" or KW[unit] and "power"
    if kind and not seen[name] then
      seen[name] = true
      out[#out + 1] = { kind = kind, name = name, gain = KWH[unit] or KW[unit] }
    end
  end
  h:close()
end

-- What the batches that are meant have; what any has, when none is meant.
local function energy_sources(store, request)
  local out, seen = {}, {}
  for _, row in ipairs(query_rows.read(store, "SELECT DISTINCT name, unit FROM results") or {}) do
    if KWH[row.unit] then
      out[#out + 1] = { kind = "result", name = row.name, gain = KWH[row.unit] }
    end
  end
  local runs = query_rows.read(store, query_sql.newest(request, RUNS_MAX)) or {}
  if #runs == 0 then runs = query_rows.read(store, query_sql.newest({}, 1)) or {} end
  for _, run in ipairs(runs) do add_tags(store, run, out, seen) end
  return out
end

local function operand_of(source)
  return { kind = source.kind == "result" and "result" or "tag", name = source.name }
end

local function wanted_sources(sources, operand)
  if not operand then return sources end
  local out = {}
  for _, s in ipairs(sources) do
    local own = operand_of(s)
    if own.name == operand.name and own.kind == operand.kind then out[#out + 1] = s end
  end
  return out
end

--- The statement for the one source of energy that is meant; a sum over sources that may
--- contain each other would be a guess.
---@param store table
---@param request table made what could be asked instead, when there is no answer
---@return string|nil sql
---@return table|nil source kind, name
---@return table|nil why not, a message
function query_energy.text(store, request)
  local sources = wanted_sources(energy_sources(store, request), request.operand)
  if #sources == 1 then return query_sql.energy(request, sources[1]), sources[1] end
  request.figure, request.operand = nil, nil
  if #sources == 0 then
    return nil, nil, message "no energy was recorded: a result or tag in kWh, J or W is needed"
  end
  local all = message("energy of %s", sources[1].name)
  for i = 2, #sources do
    all = message("%s or %s", all, message("energy of %s", sources[i].name))
  end
  request.figure, request.operand = "energy", operand_of(sources[1])
  return nil, nil, message("energy of what? write %s", all)
end

return query_energy
