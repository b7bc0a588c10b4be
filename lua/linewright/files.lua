-- Where the texts of a project come from: the disk, or the texts that a run was
-- begun with, kept in its database or in a pack.

local sys = require "linewright.sys"

local files = {}

--- Installed files are named without the folder they are installed in, so that a
--- bundle means the same on every machine.
---@param path string
---@return string
function files.shown(path)
  local data = sys.datadir() .. "/"
  if path:sub(1, #data) == data then return path:sub(#data + 1) end
  return path
end

--- The disk as it is now.
files.disk = { exists = sys.exists, list = sys.list, read = sys.read_file }

--- Nothing but these texts.
---@param texts table<string, string> path as `files.shown` gives it -> text
---@return table source exists(path), list(path), read(path), as linewright.sys has them
function files.pinned(texts)
  local source = {}

  function source.list(path)
    local prefix, names, seen = files.shown(path) .. "/", {}, {}
    for known in pairs(texts) do
      local name = known:sub(1, #prefix) == prefix and known:sub(#prefix + 1):match "^[^/]+"
      if name and not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
    table.sort(names)
    return names
  end

  function source.exists(path)
    if texts[files.shown(path)] then return "file" end
    return #source.list(path) > 0 and "directory" or nil
  end

  function source.read(path)
    local text = texts[files.shown(path)]
    if text then return text end
    return nil, ("'%s' is not among the texts of this bundle"):format(path), "E-NOTFOUND"
  end

  return source
end

--- The texts of a bundle that a store keeps.
---@param store table linewright.store
---@param bundle string hash
---@return table source
---@return integer n how many there are
function files.stored(store, bundle)
  local texts, n = {}, 0
  repeat
    local role, path, text = store:bundle_file(bundle, n + 1)
    if role then texts[path], n = text, n + 1 end
  until not role
  return files.pinned(texts), n
end

--- The first source that has a file says what is in it.
---@param first table source
---@param second table source
---@return table source
function files.either(first, second)
  local function has(path) return first.exists(path) and first or second end
  return {
    exists = function(path) return first.exists(path) or second.exists(path) end,
    list = function(path) return has(path).list(path) end,
    read = function(path) return has(path).read(path) end,
  }
end

return files
