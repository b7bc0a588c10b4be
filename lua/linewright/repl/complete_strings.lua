--- Completion inside of quotes: channels and tags of the lines at hand, files,
--- units behind a number; and the parameters of a recipe that is named.

local sorted = require "linewright.sorted"
local sys = require "linewright.sys"
local units_of = require "linewright.units"

local strings = {}

local RECIPE = '.*recipe%s*=%s*["\']([^"\']+)["\']' -- the one that was named last

-- Units that people write; the converter knows many more.
local UNITS = { "%", "1", "A", "Hz", "K", "L/min", "N", "Pa", "V", "W", "bar", "degC", "degF", "g",
  "g/m2", "h", "kPa", "kW", "kg", "kg/h", "kg/s", "kHz", "L", "m", "m/min", "m/s", "m/s2", "mL",
  "mL/min", "mbar", "min", "mm", "mm/s", "ms", "rad", "rpm", "s", "t/h", "um" }

local function has_prefix(text, prefix) return text:sub(1, #prefix) == prefix end

--- Files and folders that a path could go on to.
---@return table[] candidates of the whole path
function strings.files(_, path)
  local dir, base = path:match "^(.-)([^/]*)$"
  local out = {}
  for _, name in ipairs(sys.list(dir == "" and "." or dir) or {}) do
    local is_hidden = base == "" and has_prefix(name, ".")
    if has_prefix(name, base) and not is_hidden then
      local is_folder = sys.exists(dir .. name) == "directory"
      out[#out + 1] = { dir .. name .. (is_folder and "/" or ""), "" }
    end
  end
  return out
end

-- Files of the library are found by their short names, "lines/pilot_a.lua".
local function add_library_files(out, path)
  local data, seen = sys.datadir(), {}
  for _, item in ipairs(out) do seen[item[1]] = true end
  for _, root in ipairs { data .. "/", data .. "/examples/" } do
    for _, item in ipairs(strings.files(nil, root .. path)) do
      local short = item[1]:sub(#root + 1)
      if not seen[short] and (short:find "%.lua$" or short:find "/$") then
        seen[short] = true
        out[#out + 1] = { short, "" }
      end
    end
  end
end

-- The unit of the channel or parameter that a value is for, if that is plain.
local function wanted_unit(s, before)
  local path = before:match '["\']([^"\']+)["\']%s*,%s*$'
  for _, source in ipairs(path and s.sources or {}) do
    local unit = source()[path]
    if unit then return unit end
  end
  local param = before:match "[{,]%s*([%a_][%w_]*)%s*=%s*$"
  local p = param and strings.recipe_params(s, before:match(RECIPE))[param]
  return type(p) == "table" and type(p[1]) == "string" and p[1] or nil
end

-- Behind a number: its units, those that fit what is wanted.
local function units(s, before, text)
  local number, sign, unit = text:match "^([%+%-]?[%d%.]+)(%s*)([%a%%/%d]*)$"
  if not number or sign == "" and unit == "" then return {} end
  local out, wanted = {}, wanted_unit(s, before)
  for _, name in ipairs(UNITS) do
    local fits = not wanted or units_of.gain(name, wanted) ~= nil
    if fits and has_prefix(name, unit) then out[#out + 1] = { number .. " " .. name, "" } end
  end
  return out
end

--- Channels and tags: those of the line at hand and of every rig.
local function channels(s, text)
  local out, seen = {}, {}
  local function add(name, hint)
    if not seen[name] and has_prefix(name, text) then
      seen[name] = true
      out[#out + 1] = { name, hint }
    end
  end
  for _, source in ipairs(s.sources or {}) do
    for name, hint in sorted(source()) do add(name, hint) end
  end
  return out
end

-- Behind these a file is wanted.
local FILE_PLACES = { "csv%s*%(?$", "load%w*%s*%(?$", "open%s*%(?$", "recipe%s*=%s*$",
  "line%s*=%s*$", "save%s*%(?$", "db%s*=%s*$", "attach%s*%(?$" }
local LIBRARY_PLACES = { "recipe%s*=%s*$", "line%s*=%s*$", "open%s*%(?$" }

local function ends_in(text, places)
  for _, place in ipairs(places) do
    if text:find(place) then return true end
  end
  return false
end

--- Candidates for the text of a string that is still open.
---@param s table session
---@param before string what stands before its quote
---@param text string
---@return table[] candidates
---@return integer n
function strings.candidates(s, before, text)
  local found = units(s, before, text)
  if #found > 0 then return found, #text end
  if not (ends_in(before, FILE_PLACES) or text:find "/") then
    found = channels(s, text)
    if #found > 0 then return found, #text end
  end
  found = strings.files(s, text)
  if #found == 0 or ends_in(before, LIBRARY_PLACES) then
    add_library_files(found, text)
  end
  return found, #text
end

--- Parameters of a recipe by name; none when it cannot be read.
---@param s table session
---@param path string|nil
---@return table
function strings.recipe_params(s, path)
  if not path then return {} end
  s.recipes = s.recipes or {}
  if s.recipes[path] == nil then
    local ok, recipe = pcall(require("linewright.loader").load, path)
    s.recipes[path] = ok and recipe or false
  end
  return s.recipes[path] and s.recipes[path].params or {}
end

local function param_hint(p)
  local unit = type(p[1]) == "string" and "[" .. p[1] .. "] " or ""
  local limits = ""
  if p.min or p.max then limits = ("%s..%s "):format(p.min or "", p.max or "") end
  return unit .. limits .. (p.help or "")
end

--- Parameters of the recipe that the open call names, with their units.
---@return table[]
function strings.params(s, text, prefix)
  local out = {}
  for name, p in sorted(strings.recipe_params(s, text:match(RECIPE))) do
    if has_prefix(name, prefix) then out[#out + 1] = { name .. " = ", param_hint(p) } end
  end
  return out
end

return strings
