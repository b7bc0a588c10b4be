--- What `?name` shows: the stubs of lua/meta and the comments of the standard
--- library, read when first asked for.

local sorted = require "linewright.sorted"
local suggest = require "linewright.suggest"
local sys = require "linewright.sys"

local Docs = {}
Docs.__index = Docs

local docs = {}

-- "name type text", the type may hold commas but no blanks.
local function add_item(list, rest)
  local name, kind, text = rest:match "^(%S+)%s+(%S+)%s*(.*)$"
  if name then list[#list + 1] = { name = name:gsub("%?$", ""), type = kind, text = text } end
end

local TAGS = {
  param = function(entry, rest) add_item(entry.params, rest) end,
  field = function(entry, rest) add_item(entry.fields, rest) end,
  ["return"] = function(entry, rest) entry.returns[#entry.returns + 1] = rest end,
  class = function(entry, rest) entry.class = rest:match "^[%w_%.]+" end,
}

local function new_entry(block)
  local entry = { text = {}, example = {}, params = {}, returns = {}, fields = {} }
  for _, line in ipairs(block) do
    local tag, rest = line:match "^@(%a+)%s*(.*)$"
    if TAGS[tag] then TAGS[tag](entry, rest)
    elseif not tag and line:find "^  +" then
      entry.example[#entry.example + 1] = line:gsub("^  +", "", 1)
    elseif not tag then
      entry.text[#entry.text + 1] = line
    end
  end
  return entry
end

local function add(self, name, entry, args)
  local own = setmetatable({ name = name, args = args }, { __index = entry })
  self.entries[name] = self.entries[name] or own
  local short = name:match "[%.:]([%w_]+)$"
  if short then
    self.short[short] = self.short[short] or {}
    table.insert(self.short[short], name)
  end
end

-- What the line below a comment declares.
local function declare(self, file, line, entry)
  local name, args = line:match "^%s*function%s+([%w_%.:]+)%s*(%b())"
  if not name then name, args = line:match "^([%w_%.:]+)%s*=%s*function%s*(%b())" end
  if name then
    entry.last_name = name
    return add(self, name, entry, args)
  end
  local class = line:match "^%s*local%s+([%w_]+)%s*=%s*{"
  if class and entry.class then
    self.classes[entry.class] = { name = class, entry = entry }
    file.classes[#file.classes + 1] = class
    add(self, class, entry)
  end
end

-- `A.x, A.y = B.z, B.z`: more names of what was documented last.
local function aliases(self, line, entry)
  local left, right = line:match "^([%w_%.:, ]+)%s*=%s*([%w_%.:, ]+)$"
  if not (left and entry and entry.last_name) then return end
  local target = right:match "^[%w_%.:]+"
  if target:gsub(":", ".") ~= entry.last_name:gsub(":", ".") then return end
  for name in left:gmatch "[%w_]+[%.:][%w_]+" do
    add(self, entry.last_name:find ":" and name:gsub("%.", ":") or name, entry, entry.last_args)
  end
end

local function read(self, path)
  local text = sys.read_file(path)
  if not text then return end
  local file, block, last = { classes = {} }, {}, nil
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local doc = line:match "^%s*%-%-%- ?(.*)$"
    if doc then block[#block + 1] = doc else
      if #block > 0 and line:find "%S" and not line:find "^%-%-" then
        last = new_entry(block)
        declare(self, file, line, last)
        last.last_args = line:match "%b()"
      elseif #block > 0 and line == "" then
        local free = new_entry(block)
        if free.class then self.classes[free.class] = { entry = free } end
      else
        aliases(self, line, last)
      end
      block = {}
    end
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
  read(self, data .. "/lua/linewright/rig.lua")
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
  for _, candidate in ipairs { name, dotted, "repl." .. name, "words." .. name } do
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

--- Fields of the table that a function takes, when its stub names their class.
---@param name string of the function
---@return table[] fields name, type, text
function Docs:fields(name)
  local entry = find(self, name)
  for _, p in ipairs(entry and entry.params or {}) do
    local class = self.classes[p.type:gsub("[|?].*$", "")]
    if class and #class.entry.fields > 0 then return class.entry.fields end
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

local function members_of(self, entry)
  local out = {}
  for member, text in sorted(self:members(entry.name)) do out[#out + 1] = { member, text } end
  return out
end

--- The page of a name.
---@param name string
---@return string
function Docs:page(name)
  local entry, found = find(self, name)
  if not entry and #found > 1 then
    return ("%s is several: %s"):format(name, table.concat(found, ", "))
  elseif not entry then
    return ("nothing is known of '%s'%s"):format(name, suggest.text(name, self:names()))
  end
  local out, returns = { self:signature(name) or entry.name }, {}
  for _, line in ipairs(entry.text) do out[#out + 1] = line end
  for i, r in ipairs(entry.returns) do returns[i] = { r:match "^(%S+)%s*(.*)$" } end
  add_rows(out, "takes", params_of(self, name, entry))
  add_rows(out, "gives", returns)
  if not entry.args then add_rows(out, "has", members_of(self, entry)) end
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
