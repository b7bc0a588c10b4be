--- `linewright verify FILE.lwb`: is a pack whole, and who signed it?

local arguments = require "linewright.cli.arguments"
local json = require "linewright.json"
local loader = require "linewright.loader"
local pack = require "linewright.pack"
local printable = require "linewright.printable"
local sys = require "linewright.sys"

---@class linewright.cli.verify
local command = {}

local SPEC = { words = { "recipe" }, options = { json = "flag", key = "text" } }

local function fail(o, text, code)
  if o.json then sys.stdout(json.encode { ok = false, findings = { { text = text } } } .. "\n")
  elseif code == 3 then arguments.complain("linewright verify:", text) -- nobody has seen its bytes
  else
    sys.stdout(printable(("FAIL %s\n%s: damaged or tampered with\n"):format(text, o.recipe), ""))
  end
  return code or 1
end

-- The first name in the head that its texts do not bear. What stands there instead is not
-- printed: it may be anything.
local function untrue(p, bundle)
  local is = { recipe = bundle.recipe.name, version = bundle.recipe.version,
    line = bundle.line.name, revision = bundle.line.revision }
  for _, name in ipairs { "recipe", "version", "line", "revision" } do
    local wanted = is[name] ~= nil and tostring(is[name]):gsub("[%z\r\n\t]", " ") or nil
    if p[name] ~= wanted then
      return ("its head has another %s than its texts, %s"):format(name, tostring(wanted))
    end
  end
end

-- What the pack says it is, against what its texts make.
local function problem(o, options, p)
  local bundle, findings = loader.check(options)
  if findings:failed() then return (findings:text { fail = true }:gsub("^FAIL ", "")) end
  if bundle.hash ~= p.bundle then return "its texts do not make the bundle that it names" end
  local wrong = untrue(p, bundle)
  if wrong then return wrong end
  if o.key and not p.signature then return "it is not signed" end
  if o.key and p.key ~= o.key:lower() then
    return ("it is signed by %s, not by that key"):format(p.key)
  end
end

local function tell(o, p)
  if o.json then
    return sys.stdout(json.encode { ok = true, findings = {}, bundle = p.bundle, life = p.life,
      key = p.signature and p.key, files = #p.files, strangers = pack.strangers(p) } .. "\n")
  end
  sys.stdout(printable(("%s: whole; %s %s on %s, %s, %d files, bundle %s, %s"):format(o.recipe,
    p.recipe, p.version or "?", p.line, p.life, #p.files, p.bundle:sub(1, 16),
    p.signature and "signed by " .. p.key or "not signed")) .. "\n")
  for _, name in ipairs(pack.strangers(p)) do
    sys.stdout(("warn the installed stdlib/%s is another one than the pack was made with\n")
      :format(name))
  end
end

--- Check a pack.
---@param args string[]
---@return integer code 0 whole, 1 findings, 2 wrong usage, 3 the file cannot be read
function command.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("verify", message, args) end
  local options, p, code = pack.launch { recipe = o.recipe }
  if not options then return fail(o, p, code == "E-CORRUPT" and 1 or 3) end
  local text = problem(o, options, p)
  if text then return fail(o, text) end
  tell(o, p)
  return 0
end

return command
