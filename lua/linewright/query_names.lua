--- The names that questions may use: lines, batches, recipes, phases, tags ... as
--- the records have them. A name is found exactly or not at all.

local query_names = {}

local Names = {}
Names.__index = Names

local LISTS = {
  line = "SELECT DISTINCT line FROM run WHERE line <> '' ORDER BY 1",
  recipe = "SELECT DISTINCT recipe FROM run WHERE recipe <> '' ORDER BY 1",
  product = "SELECT DISTINCT formula FROM run WHERE formula <> '' ORDER BY 1",
  batch = "SELECT DISTINCT batch FROM run ORDER BY id DESC LIMIT 1000",
  result = "SELECT DISTINCT name FROM results ORDER BY 1",
  mark = "SELECT DISTINCT name FROM marks ORDER BY 1",
  phase = "SELECT DISTINCT name FROM phases WHERE scope IN ('phase','operation') ORDER BY 1",
  operation = "SELECT DISTINCT name FROM phases WHERE scope = 'operation' ORDER BY 1",
  unit = "SELECT DISTINCT name FROM phases WHERE scope = 'unit' ORDER BY 1",
}

-- Runs whose history is looked through for a tag, newest first.
local TAG_RUNS = 200

--- Names of a store's records.
---@param store table linewright.store
---@return table names
function query_names.new(store) return setmetatable({ store = store, lists = {} }, Names) end

--- All names of a kind.
---@param kind string "line", "recipe", "product", "batch", "result", "mark", "phase", ...
---@return string[]
function Names:list(kind)
  local list = self.lists[kind]
  if list then return list end
  list = {}
  local q = assert(self.store:sql(LISTS[kind]))
  local ok, name = q:row()
  while ok do
    list[#list + 1] = name
    ok, name = q:row()
  end
  self.lists[kind] = list
  return list
end

local function plain(text) return (text:lower():gsub("[^%w\128-\255]", "")) end

-- "line 3" is the line called "3", "line-3" or "Line 3".
local function is_line(known, wanted)
  local name = plain(known)
  return name == plain(wanted) or name == "line" .. plain(wanted)
end

--- The names that a text may mean.
---@param kind string
---@param text string
---@return string[] found none, one, or several when it is not clear
function Names:find(kind, text)
  local exact, loose = {}, {}
  for _, name in ipairs(self:list(kind)) do
    if name == text then exact[#exact + 1] = name end
    local is_same = name:lower() == text:lower()
    if is_same or kind == "line" and is_line(name, text) then loose[#loose + 1] = name end
  end
  return #exact > 0 and exact or loose
end

--- Is there a batch of this name?
---@param text string
---@return boolean
function Names:has_batch(text)
  local q = assert(self.store:sql("SELECT 1 FROM run WHERE batch = ?1 LIMIT 1", text))
  local found = q:row()
  q:close()
  return found == true
end

--- The unit of a tag that was recorded.
---@param text string
---@return string|nil unit nil when there is no such tag
function Names:tag_unit(text)
  local q = assert(self.store:sql(
    "SELECT u FROM (SELECT tag_unit(id, ?1) AS u FROM (SELECT id FROM run ORDER BY id DESC"
    .. " LIMIT ?2)) WHERE u IS NOT NULL LIMIT 1", text, TAG_RUNS))
  local found, unit = q:row()
  q:close()
  return found and unit or nil
end

return query_names
