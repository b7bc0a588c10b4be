--- A pack: one file with all texts of a bundle, what it was made with, its place
--- in the life cycle, and a signature. The same files give the same bytes.
---
---   LINEWRIGHT-PACK 1\n
---   NAME=VALUE\n                       sorted by name
---   file=ROLE\tSHA256\tBYTES\tPATH\n   sorted
---   stdlib=SHA256\tNAME\n              sorted; what the host must have installed
---   key=HEX\n  signature=HEX\n         of all bytes but the signature line; may be missing
---   \n
---   the files' texts, end to end

local files = require "linewright.files"
local hash = require "linewright.hash"
local project_of = require "linewright.project"
local sys = require "linewright.sys"

local format = string.format

local pack = {}

local MAGIC = "LINEWRIGHT-PACK 1\n"

--- Stages of a bundle's life; only an effective one runs under the release policy `production`.
pack.LIFE = { "draft", "in review", "approved", "effective", "retired" }

--- Is this the name of a pack?
function pack.is_name(path) return path ~= nil and path:find "%.lwb$" ~= nil end

local function installed()
  local lines, dir = {}, sys.datadir() .. "/stdlib"
  for _, name in ipairs(sys.list(dir) or {}) do
    local text = name:find "%.lua$" and sys.read_file(dir .. "/" .. name)
    if text then lines[#lines + 1] = format("stdlib=%s\t%s\n", hash.sha256(text), name) end
  end
  table.sort(lines)
  return lines
end

local function found_path(t)
  local from = t and project_of.origin(t)
  return from and files.shown(from.found)
end

local function header(b, options)
  local values = {
    api = b.recipe.api, bundle = b.hash, life = options.life, recipe = b.recipe.name,
    version = b.recipe.version, line = b.line.name, revision = b.line.revision,
    formula = b.formula and b.formula.name, recipe_path = found_path(b.recipe),
    line_path = found_path(b.line), formula_path = found_path(b.formula),
  }
  local lines = {}
  for name, value in pairs(values) do
    lines[#lines + 1] = format("%s=%s\n", name, (tostring(value):gsub("[%z\r\n\t]", " ")))
  end
  table.sort(lines)
  return lines
end

local function by_place(a, b)
  if a.role ~= b.role then return a.role < b.role end
  return a.path < b.path
end

--- A bundle as the bytes of a pack.
---@param b table bundle of linewright.loader
---@param options table life, key (file with the secret; nil = unsigned)
---@return string|nil bytes
---@return string|nil message
function pack.write(b, options)
  local sorted, lines, texts = {}, header(b, options), {}
  for i, file in ipairs(b.files) do sorted[i] = file end
  table.sort(sorted, by_place)
  for i, file in ipairs(sorted) do
    lines[#lines + 1] = format("file=%s\t%s\t%d\t%s\n", file.role, file.sha, #file.text, file.path)
    texts[i] = file.text
  end
  for _, line in ipairs(installed()) do lines[#lines + 1] = line end
  local head, body = MAGIC .. table.concat(lines), table.concat(texts)
  if not options.key then return head .. "\n" .. body end
  local public, message = hash.public(options.key)
  if not public then return nil, message end
  head = head .. format("key=%s\n", public)
  return head .. format("signature=%s\n", hash.sign(options.key, head .. body)) .. "\n" .. body
end

-- ------------------------------------------------------------------- reading ---

local TAKE = {}

function TAKE.file(p, value)
  local role, sha, size, path = value:match "^([^\t]+)\t(%x+)\t(%d+)\t(.+)$"
  if not role then return false end
  p.files[#p.files + 1] = { role = role, sha = sha, size = tonumber(size), path = path }
  return true
end

function TAKE.stdlib(p, value)
  local sha, name = value:match "^(%x+)\t(.+)$"
  if sha then p.stdlib[name] = sha end
  return sha ~= nil
end

local function read_head(head)
  local p = { files = {}, stdlib = {}, texts = {} }
  for line in head:sub(#MAGIC + 1):gmatch "[^\n]+" do
    local name, value = line:match "^([%w_]+)=(.*)$"
    if not name then return nil, "a line of its head has no '='" end
    if not TAKE[name] then p[name] = value
    elseif not TAKE[name](p, value) then
      return nil, "a " .. name .. " line of its head is damaged"
    end
  end
  for _, name in ipairs { "bundle", "life", "recipe_path", "line_path" } do
    if not p[name] then return nil, "its head lacks " .. name end
  end
  for _, stage in ipairs(pack.LIFE) do
    if p.life == stage then return p end
  end
  return nil, "the life in its head is none of: " .. table.concat(pack.LIFE, ", ")
end

local function take_texts(p, body)
  local at = 1
  for _, file in ipairs(p.files) do
    file.text = body:sub(at, at + file.size - 1)
    at = at + file.size
    if hash.sha256(file.text) ~= file.sha then
      return format("the text of %s is not the one that was packed", file.path)
    end
    p.texts[file.path] = file.text
  end
  if at ~= #body + 1 then return "it has bytes after its end, or lacks some" end
end

local function check_signature(p, head, body)
  if not p.signature then return nil end
  local signed = head:gsub("signature=%x*\n$", "")
  if p.key and hash.verify(p.key, signed .. body, p.signature) then return nil end
  return "its signature is not of these bytes"
end

--- Read a pack. Every digest and the signature are checked.
---@param bytes string
---@return table|nil pack { bundle, life, recipe_path, line_path, files, texts, key, head, ... }
---@return string|nil message
function pack.read(bytes)
  if bytes:sub(1, #MAGIC) ~= MAGIC then return nil, "it does not begin like a pack" end
  local cut = bytes:find("\n\n", 1, true)
  if not cut then return nil, "it ends inside its head" end
  local head, body = bytes:sub(1, cut), bytes:sub(cut + 2)
  local p, message = read_head(head)
  if not p then return nil, message end
  message = take_texts(p, body) or check_signature(p, head, body)
  if message then return nil, message end
  p.head = head
  return p
end

--- What of the installed library is not what the pack was made with.
---@param p table pack
---@return string[] names
function pack.strangers(p)
  local out, mine = {}, {}
  for _, line in ipairs(installed()) do
    local sha, name = line:match "^stdlib=(%x+)\t(.-)\n$"
    mine[name] = sha
  end
  for name, sha in pairs(p.stdlib) do
    if mine[name] ~= sha then out[#out + 1] = name end
  end
  table.sort(out)
  return out
end

--- What linewright.loader needs to read a launch, from a pack when the recipe is one.
---@param o table recipe, line, formula, set, sim as on a command line
---@return table|nil options
---@return table|string|nil pack, or the message
---@return string|nil code
function pack.launch(o)
  local options = { recipe = o.recipe, line = o.line, formula = o.formula, set = o.set,
    sim = o.sim }
  if not pack.is_name(o.recipe) then return options end
  if o.line or o.formula then
    return nil, "a pack brings its own line and formula: no --line, no --formula", "E-USAGE"
  end
  local bytes, message, code = sys.read_file(o.recipe)
  if not bytes then return nil, message, code end
  local p
  p, message = pack.read(bytes)
  if not p then return nil, format("%s: %s", o.recipe, message), "E-CORRUPT" end
  options.recipe, options.line, options.formula = p.recipe_path, p.line_path, p.formula_path
  options.sources = { other = files.pinned(p.texts) }
  return options, p
end

return pack
