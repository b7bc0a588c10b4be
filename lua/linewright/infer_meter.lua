--- What models did in a month, for who pays by it: calls, fallbacks, outcomes
--- per customer, line and model, signed with the host's key. The counts are
--- records of the audit chain; the export names them by one digest, so that
--- who has the database can prove each number.

local hash = require "linewright.hash"
local json = require "linewright.json"

local format = string.format

local meter = {}

local FORMAT = "linewright-meter-1"

-- Year and month of a time [ns since 1970], UTC. Source: the calendar's 400-year
-- cycle of 146097 days, counted from the first of March.
local function month_of(wall_ns)
  local day = math.floor(wall_ns / 86400e9) + 719468
  local era = math.floor(day / 146097)
  local doe = day - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524)
    - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local month = mp < 10 and mp + 3 or mp - 9
  return format("%04d-%02d", yoe + era * 400 + (month <= 2 and 1 or 0), month)
end
meter.month_of = month_of

local function row_of(rows, month, line, key, data)
  local id = table.concat({ month, data.customer or "-", line, key }, "\0")
  local row = rows[id]
  if not row then
    row = { month = month, customer = data.customer or "-", line = line, model = data.model,
      digest = key, calls = 0, fallbacks = 0, avoided = 0, outcomes = {} }
    rows[id] = row
    rows[#rows + 1] = id
  end
  return row
end

local function add(row, data)
  row.calls, row.fallbacks = row.calls + data.calls, row.fallbacks + data.fallbacks
  row.avoided = row.avoided + (data.avoided or 0)
  for outcome, n in pairs(data.outcomes or {}) do
    row.outcomes[outcome] = (row.outcomes[outcome] or 0) + n
  end
end

local function collect(s, month)
  local rows, proof, newest = {}, {}, s:run_find() or 0
  for id = 1, newest do
    local line = s:run_get(id, "line")
    if line then
      for seq, _, wall_ns, kind, key, data in s:records(id) do
        local at = kind == "meter" and month_of(wall_ns)
        if at and (not month or at == month) then
          add(row_of(rows, at, line, key, json.decode(data)), json.decode(data))
          proof[#proof + 1] = format("%d %.0f %.0f %s %s", id, seq, wall_ns, key, data)
        end
      end
    end
  end
  return rows, proof
end

local function body_of(rows, proof, month)
  local lines, ids = {}, {}
  for i, id in ipairs(rows) do ids[i] = id end
  table.sort(ids)
  for i, id in ipairs(ids) do lines[i] = "    " .. assert(json.encode(rows[id])) end
  return format('{\n  "format": "%s",\n  "month": "%s",\n  "records": %d,\n'
    .. '  "records_sha256": "%s",\n  "rows": [\n%s\n  ]\n}', FORMAT, month or "all", #proof,
    hash.sha256(table.concat(proof, "\n")), table.concat(lines, ",\n"))
end

-- What an export must hold, from records whose chain is whole.
local function body_from(s, month)
  local ok, why = s:verify()
  if not ok then return nil, "the audit chain is broken, nothing can be charged: " .. why end
  local rows, proof = collect(s, month)
  return body_of(rows, proof, month), #proof
end

--- The signed export of a month.
---@param s table store
---@param month string|nil "2026-11"; nil: everything
---@param key string|nil path of the signing key; nil: the host's own
---@return string|nil text
---@return string|nil message
function meter.export(s, month, key)
  local body, why = body_from(s, month)
  if not body then return nil, why end
  local public, signature
  if not key then
    key, why = hash.key_path()
    if not key then return nil, why end
  end
  public, why = hash.public(key)
  if not public then return nil, why end
  signature, why = hash.sign(key, body)
  if not signature then return nil, why end
  return format('{\n"export": %s,\n"key": "%s",\n"signature": "%s"\n}\n', body, public, signature)
end

--- Is an export what its key signed?
---@param text string
---@return boolean ok
---@return string said the key, or what is wrong
function meter.check(text)
  local body, key, signature = text:match
    '^{\n"export": (.*),\n"key": "(%x+)",\n"signature": "(%x+)"\n}\n$'
  if not body then return false, "this is no export of linewright" end
  if not hash.verify(key, body, signature) then
    return false, "the text was changed after it was signed"
  end
  return true, key
end

-- The rows of two exports by what they are of.
local function by_id(body)
  local out = {}
  for _, row in ipairs((json.decode(body) or {}).rows or {}) do
    out[table.concat({ row.customer, row.line, row.model, row.digest:sub(1, 12) }, " ")] = row
  end
  return out
end

local function difference(said, true_body)
  local want, got = by_id(true_body), by_id(said)
  for _, id in ipairs(json.sorted_keys(want)) do
    for _, key in ipairs { "calls", "fallbacks", "avoided" } do
      local n = got[id] and got[id][key] or 0
      if n ~= want[id][key] then
        return format("%s: %s %d, the records say %d", id, key, n, want[id][key])
      end
    end
  end
  return "its rows are not those of the records"
end

--- Do the records prove an export?
---@param text string a sound export
---@param s table store
---@return integer|nil records that prove it
---@return string|nil message
function meter.prove(text, s)
  local body = text:match '^{\n"export": (.*),\n"key": "%x+",\n"signature": "%x+"\n}\n$'
  local month = body:match '"month": "([^"]+)"'
  local want, n = body_from(s, month ~= "all" and month or nil)
  if not want then return nil, n end
  if want ~= body then return nil, difference(body, want) end
  return n
end

return meter
