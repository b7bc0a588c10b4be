--- Keys of the journal: labels as parts of a path, and back.

local find, gsub, match = string.find, string.gsub, string.match

local keys = {}

local ENCODE = { ["/"] = "%2F", ["#"] = "%23", ["%"] = "%25" }
local DECODE = { ["2F"] = "/", ["23"] = "#", ["25"] = "%" }

--- A label as one part of a key.
---@param label string
---@return string
function keys.escape(label) return (gsub(label, "[/#%%]", ENCODE)) end

--- The label that ends a key, as its author wrote it.
---@param key string
---@return string
function keys.label(key) return keys.label_of(match(key, "^(.*)#%d+$") or key) end

--- The same for a key without its number.
---@param base string
---@return string
function keys.label_of(base)
  local label = match(base, "^.*/(.*)$") or base
  return find(label, "%", 1, true) and gsub(label, "%%(%x%x)", DECODE) or label
end

--- A path for people: "execute > heat-up > oven".
---@param path string
---@return string
function keys.path_text(path)
  return (gsub(gsub(path, "/", " > "), "%%(%x%x)", DECODE))
end

return keys
