--- The release policy: what a host may run on a plant. `engineering` (the default
--- until a host is commissioned) runs drafts and stamps each record so;
--- `production` runs signed, effective bundles only.
---
--- The host's own word is the file `release` beside its signing key:
---   policy production
---   key 5f3c... ana, process engineering
--- Without that file the line's profile may say
---   release = { policy = "production", keys = { "5f3c..." } }

local check = require "linewright.check"
local hash = require "linewright.hash"
local loader
local pack = require "linewright.pack"
local surface = require "linewright.surface"
local sys = require "linewright.sys"

local format = string.format

local release = {}

local POLICIES = { "engineering", "production" }
local KEYS = surface.keys "release"

local function is_key(text) return type(text) == "string" and text:find "^%x+$" and #text == 64 end

--- Check `release = {...}` of a profile.
---@param f table findings
---@param t table line
function release.check(f, t)
  local at = check.place(t.at, "release")
  if t.release == nil or not check.type(f, t.release, "table", "release", at) then return end
  check.keys(f, t.release, KEYS, "release", at)
  check.one_of(f, t.release.policy, POLICIES, "release: policy", at)
  if t.release.keys == nil then return end
  if not check.type(f, t.release.keys, "table", "release: keys", at) then return end
  for i, key in ipairs(t.release.keys) do
    if not is_key(key) then
      f:fail(format("release: keys[%d] must be a public key, 64 hex digits as `linewright key` "
        .. "prints them, got %s", i, tostring(key)), at, "E-TYPE")
    end
  end
end

local function host_file()
  local key = hash.key_path()
  local path = key and sys.dirname(key) .. "/release"
  return path and sys.exists(path) == "file" and path or nil
end

-- The host's word; a line that says nothing known is no word to be lenient about.
local function read_host(path)
  local text, message = sys.read_file(path)
  if not text then return nil, message end
  local out, n = { keys = {}, from = path }, 0
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do
    n = n + 1
    local word, value = line:match "^%s*(%a+)%s+(%S+)"
    if word == "policy" and (value == "production" or value == "engineering") then
      out.policy = value
    elseif word == "key" and is_key(value) then
      out.keys[#out.keys + 1] = value
    elseif line:find "^%s*[^%s#]" then
      return nil, format("%s:%d: write `policy production`, `policy engineering` or `key HEX`",
        path, n)
    end
  end
  if not out.policy then return nil, path .. ": says no policy" end
  return out
end

--- The policy that counts here.
---@param line table loaded profile
---@return table|nil policy { policy, keys, from }
---@return string|nil message when the host's file cannot be understood
function release.policy(line)
  local path = host_file()
  if path then return read_host(path) end
  local own = type(line.release) == "table" and line.release or {}
  return { policy = own.policy or "engineering", keys = own.keys or {},
    from = format("line '%s'", tostring(line.name)) }
end

local function has(list, key)
  for _, x in ipairs(list) do if x:lower() == key then return true end end
  return false
end

local function objection(p, packed, set)
  if not packed then
    return "these are loose files; make a pack: linewright pack RECIPE --line LINE "
      .. "--life effective --sign KEYFILE"
  elseif not packed.signature then
    return "the pack is not signed: linewright pack ... --sign KEYFILE"
  elseif not has(p.keys, packed.key) then
    return format("the pack is signed by %s..., which is none of the %d keys that may release",
      packed.key:sub(1, 16), #p.keys)
  elseif packed.life ~= "effective" then
    return format("the pack is '%s'; only 'effective' ones run", packed.life)
  elseif set and next(set) ~= nil then
    return "--set would change values that were signed; they belong into the formula"
  end
  local strangers = pack.strangers(packed)
  if #strangers > 0 then
    return format("the installed %s %s not what the pack was made with",
      table.concat(strangers, ", "), #strangers == 1 and "is" or "are")
  end
end

--- May this be run on a plant? Nothing that only runs on a twin is refused.
---@param bundle table of linewright.loader, which gets `release` { policy, life, key }
---@param packed table|nil pack it came from
---@param options table set, sim
---@return boolean ok
---@return string|nil message
function release.judge(bundle, packed, options)
  local policy = { policy = "engineering", keys = {} }
  if not options.sim then
    local message
    policy, message = release.policy(bundle.line)
    if not policy then return false, message end
  end
  bundle.release = { policy = policy.policy, life = packed and packed.life or "draft",
    key = packed and packed.signature and packed.key or nil }
  if policy.policy ~= "production" then return true end
  local why = objection(policy, packed, options.set)
  if not why then return true end
  return false, format("release policy production (%s): %s", policy.from, why)
end

--- What a command line names, read, checked and judged: files, or a pack.
---@param o table recipe, line, formula, set, sim
---@return table|nil bundle nil when a pack cannot be read
---@return table|string findings or the message
---@return string|nil code
function release.load(o)
  loader = loader or require "linewright.loader" -- which reads profiles, which ask us
  local options, packed, code = pack.launch(o)
  if not options then return nil, packed, code end
  local bundle, findings = loader.check(options)
  if findings:failed() then return bundle, findings end
  if packed and bundle.hash ~= packed.bundle then
    findings:fail(format("%s: its texts do not make the bundle that it names", o.recipe), nil,
      "E-CORRUPT")
  end
  local ok, message = release.judge(bundle, packed, o)
  if not ok then findings:fail(message, nil, "E-POLICY") end
  if packed then
    bundle.files[#bundle.files + 1] = { role = "pack", path = "pack", text = packed.head,
      sha = hash.sha256(packed.head) }
  end
  return bundle, findings
end

--- What a worker is to know of its release, from the texts in the store.
---@param head string|nil text of the pack's head
---@param policy string
---@return table release { policy, life, key }
function release.of(head, policy)
  head = head or ""
  return { policy = policy, life = head:match "\nlife=([^\n]*)" or "draft",
    key = head:find "\nsignature=" and head:match "\nkey=(%x+)" or nil }
end

return release
