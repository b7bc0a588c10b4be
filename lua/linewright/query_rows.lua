--- Rows of a question's statements.

local query_rows = {}

local ROWS_MAX = 1000 -- of a grouped answer

local function columns_of(q) return { q:columns() } end

--- Rows of one SELECT, by the names of their columns.
---@param store table linewright.store
---@param text string
---@return table[]|nil rows 1,000 at most
---@return string|nil why
---@return string|nil code
function query_rows.read(store, text)
  local q, why, code = store:sql(text)
  if not q then return nil, why, code end
  local names, rows = columns_of(q), {}
  while #rows < ROWS_MAX do
    local values = { q:row() }
    if not values[1] then
      if values[2] then return nil, values[2], values[3] end
      break
    end
    local row = {}
    for i, name in ipairs(names) do row[name] = values[i + 1] end
    rows[#rows + 1] = row
  end
  q:close()
  return rows
end

return query_rows
