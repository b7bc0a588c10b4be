--- The records that `linewright why` walks back over: each look-up is one small
--- question to the store, so a year of records costs no more than a day.

local history = require "linewright.history"
local json = require "linewright.json"
local sys = require "linewright.sys"

local format = string.format

local why_records = {}

-- The next row's values, nothing after the last. What cannot be read is not "nothing".
local function checked(ok, message, ...)
  if ok == nil and message then error("store: " .. message, 0) end
  return ok, message, ...
end

local function row(q) return checked(q:row()) end

local Records = {}
Records.__index = Records

local FIELDS = "id, wall_ns, kind, key, data"

local function folder_of(store, run)
  local path = store:path()
  if path == "" then return nil end
  local own = format("%s.history/run-%.0f", path, run)
  return sys.exists(own) and own or path .. ".history"
end

--- The records of one run.
---@param store table linewright.store
---@param run number
---@return table records
function why_records.new(store, run)
  local self = setmetatable({ store = store, run = run }, Records)
  local folder = folder_of(store, run)
  self.history = folder and sys.exists(folder) and history.open(folder) or nil
  return self
end

local function decoded(id, t, kind, key, data)
  return { id = id, t = t, kind = kind, key = key,
    data = json.decode(data ~= "" and data or "{}") or {} }
end

-- The first row of a question as a record.
local function first(self, where, ...)
  local q = assert(self.store:sql(format("SELECT %s FROM record WHERE run = ?1 AND %s LIMIT 1",
    FIELDS, where), self.run, ...))
  local ok, id, t, kind, key, data = row(q)
  q:close()
  return ok and decoded(id, t, kind, key, data) or nil
end

-- A time since 1970 in ns does not fit into a Lua number: it comes rounded to 256 ns,
-- and the record that it was taken from has to be found by it again.
local NEWEST = " ORDER BY wall_ns DESC, id DESC"

--- Newest record of a kind (and key) not after t.
function Records:last(kind, t, key)
  if key then
    return first(self, "kind = ?2 AND wall_ns <= ?3 + 256 AND key = ?4" .. NEWEST, kind, t, key)
  end
  return first(self, "kind = ?2 AND wall_ns <= ?3 + 256" .. NEWEST, kind, t)
end

--- First record of a kind at t or after.
function Records:next(kind, t)
  return first(self, "kind = ?2 AND wall_ns >= ?3 - 256 ORDER BY wall_ns, id", kind, t)
end

--- Newest record of a kind before another record.
function Records:before(kind, record)
  return first(self, "kind = ?2 AND id < ?3 ORDER BY id DESC", kind, record.id)
end

--- Who set a channel, newest first.
function Records:cause(path, t)
  return first(self, "kind = 'cause' AND wall_ns <= ?2 + 256 AND data->>'sets' = ?3" .. NEWEST,
    t, path)
end

--- Newest record of some kinds whose label is `name`, not after t.
function Records:named(kinds, name, t)
  return first(self, "kind IN (" .. kinds .. ") AND wall_ns <= ?2 + 256 AND"
    .. " (label(key) = ?3 OR data->>'text' = ?3) AND coalesce(data->>'change', 'raised') = 'raised'"
    .. NEWEST, t, name)
end

--- Newest verb that had ended before a record, and what it saw.
function Records:ended_before(record)
  return first(self, "kind = 'end' AND id < ?2 AND wall_ns <= ?3 + 256 ORDER BY id DESC", record.id,
    record.t)
end

--- The begin of the verb with this key, not after t.
function Records:begun(key, t) return self:last("begin", t, key) end

--- The scope that a path belongs to: the begin whose key without its count is the path.
function Records:scope(path, t)
  return first(self, "kind = 'begin' AND wall_ns <= ?2 + 256 AND data->>'scope' IS NOT NULL"
    .. " AND substr(key, 1, length(?3) + 1) = ?3 || '#'" .. NEWEST, t, path)
end

--- First and newest time of the run.
---@return number|nil from
---@return number|nil to
function Records:span()
  local q = assert(self.store:sql("SELECT min(wall_ns), max(wall_ns) FROM record WHERE run = ?1",
    self.run))
  local ok, from, to = row(q)
  q:close()
  return ok and from, to
end

--- Names that can be asked about.
---@param sql string
---@return string[]
function Records:names(sql)
  local q, out = assert(self.store:sql(sql, self.run)), {}
  local ok, name = row(q)
  while ok do
    if name then out[#out + 1] = name end
    ok, name = row(q)
  end
  return out
end

--- A reading at an instant.
---@param tag string
---@param t number
---@return number|nil value nil when nothing was recorded
---@return string|nil quality
function Records:reading(tag, t)
  if not self.history then return nil end
  local value, quality = self.history:at(tag, t)
  if value ~= nil then return value, quality end
end

--- The unit of a tag, nil when it was not recorded.
---@param tag string
---@return string|nil
function Records:unit(tag)
  local q = assert(self.store:sql("SELECT tag_unit(?1, ?2)", self.run, tag))
  local _, unit = row(q)
  q:close()
  return unit
end

function Records:close()
  if self.history then self.history:close() end
end

return why_records
