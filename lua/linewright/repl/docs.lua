--- What `?name` shows: the stubs of lua/meta and the comments of the standard
--- library, read when first asked for.

local reader = require "linewright.stub_reader"
local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local sys = require "linewright.sys"

local Docs = {}
Docs.__index = Docs

local docs = {}

local function add(self, entry)
  self.entries[entry.name] = self.entries[entry.name] or entry
  local short = entry.name:match "[%.:]([%w_]+)$"
  if short then
    self.short[short] = self.short[short] or {}
    table.insert(self.short[short], entry.name)
  end
end

local function read(self, path)
  for _, entry in ipairs(reader.read(path)) do
    if entry.class then self.classes[entry.class] = entry end
    if entry.name then add(self, entry) end
  end
end

local function load_folder(self, dir)
  for _, name in ipairs(sys.list(dir) or {}) do
    if name:find "%.lua$" then read(self, dir .. "/" .. name) end
  end
end

local function load(self)
  if self.is_loaded then return end
  self.is_loaded = true
  local data = sys.datadir()
  load_folder(self, data .. "/lua/meta/linewright")
  load_folder(self, data .. "/lua/meta")
  load_folder(self, data .. "/stdlib")
end

--- Everything that is documented.
---@return table docs
function docs.new()
  return setmetatable({ entries = {}, short = {}, classes = {} }, Docs)
end

-- "plot" is found as "repl.plot"; "samples" as "dsp.samples" when nothing else
-- has that name.
local function find(self, name)
  load(self)
  local dotted = name:gsub(":", ".")
  for _, candidate in ipairs { "repl." .. name, name, dotted, "words." .. name } do
    if self.entries[candidate] then return self.entries[candidate] end
  end
  local found = self.short[name:match "[%w_]+$" or ""] or {}
  for _, candidate in ipairs(found) do
    if candidate:gsub(":", ".") == dotted then return self.entries[candidate] end
  end
  if not dotted:find "%." and #found == 1 then return self.entries[found[1]] end
  return nil, found
end

--- The entry of a name, "plot", "dsp.samples" or "Samples:mean".
---@param name string
---@return table|nil entry
function Docs:entry(name) return (find(self, name)) end

--- Names below a module or class, with the first line of each.
---@param owner string "dsp", "Samples"
---@return table<string, string>
function Docs:members(owner)
  load(self)
  local out = {}
  for name, entry in sorted(self.entries) do
    local head, member = name:match "^([%w_]+)[%.:]([%w_]+)$"
    if head == owner then out[member] = (entry.args or "") .. " " .. (entry.text[1] or "") end
  end
  return out
end

-- The class of a table that a function takes at once, or in a second call:
-- `word "name" { ... }`.
local function class_of(self, kind)
  kind = kind:match "^fun%(t: ([%w_%.]+)%)" or kind:match "^[%w_%.]+" or kind
  local class = self.classes[kind]
  return class and #class.fields > 0 and class.fields or nil
end

--- Fields of the table that a function takes, when its stub names their class.
---@param name string of the function
---@return table[] fields name, type, text
function Docs:fields(name)
  local entry = find(self, name)
  if not entry then return {} end
  for _, list in ipairs { entry.params, entry.returns } do
    for _, item in ipairs(list) do
      local fields = item.type ~= "" and class_of(self, item.type)
      if fields then return fields end
    end
  end
  return {}
end

---@param name string
---@return string|nil e.g. "plot(...)"
function Docs:signature(name)
  local entry = find(self, name)
  if not (entry and entry.args) then return nil end
  return entry.name:gsub("^repl%.", ""):gsub("^words%.", "") .. entry.args
end

local function add_rows(out, head, rows)
  if #rows == 0 then return end
  local widest = 0
  for _, row in ipairs(rows) do widest = math.max(widest, #row[1]) end
  out[#out + 1] = head
  for _, row in ipairs(rows) do
    out[#out + 1] = ("  %s%s  %s"):format(row[1], (" "):rep(widest - #row[1]), row[2])
  end
end

local function params_of(self, name, entry)
  local out = {}
  for i, p in ipairs(entry.params) do out[i] = { p.name, (p.text ~= "" and p.text or p.type) } end
  for _, f in ipairs(self:fields(name)) do out[#out + 1] = { "  " .. f.name, f.text } end
  return out
end

local function members_of(self, owner)
  local out = {}
  for member, text in sorted(self:members(owner)) do out[#out + 1] = { member, text } end
  return out
end

-- A module of the library has members, and no entry of its own.
local function module_page(name, members)
  local out = { name }
  add_rows(out, "has", members)
  return table.concat(out, "\n")
end

-- What there is to say when no entry has that name.
local function other_page(self, name, found)
  local members = members_of(self, name)
  if #members > 0 then return module_page(name, members) end
  if #found > 1 then return ("%s is several: %s"):format(name, table.concat(found, ", ")) end
  return ("nothing is known of '%s'%s"):format(name, suggest.text(name, self:names()))
end

--- The page of a name.
---@param name string
---@return string
function Docs:page(name)
  local entry, found = find(self, name)
  if not entry then return other_page(self, name, found) end
  local out, returns = { self:signature(name) or entry.name }, {}
  for _, line in ipairs(entry.text) do out[#out + 1] = line end
  for i, r in ipairs(entry.returns) do returns[i] = { r.type, r.text } end
  add_rows(out, "takes", params_of(self, name, entry))
  add_rows(out, "gives", returns)
  if not entry.args then add_rows(out, "has", members_of(self, entry.name)) end
  if #entry.example > 0 then out[#out + 1] = "example" end
  for _, line in ipairs(entry.example) do out[#out + 1] = "  " .. line end
  return table.concat(out, "\n")
end

--- Every documented name, without the module of the REPL's own words.
---@return string[]
function Docs:names()
  load(self)
  local out = {}
  for name in sorted(self.entries) do out[#out + 1] = name:gsub("^repl%.", "") end
  return out
end

return docs
