--- `linewright pack RECIPE --line LINE [-o FILE] [--sign KEYFILE] [--life STAGE]`

local arguments = require "linewright.cli.arguments"
local hash = require "linewright.hash"
local loader = require "linewright.loader"
local pack = require "linewright.pack"
local report = require "linewright.cli.findings"
local sys = require "linewright.sys"

---@class linewright.cli.pack
local command = {}

local SPEC = { words = { "recipe" }, options = { line = "text", formula = "text", o = "text",
  out = "text", sign = "text", life = "text", json = "flag" } }

local function refuse(text, code) return arguments.fail("pack", 3, text, code) end

local function keygen(args)
  local path = args[2]
  if args[3] or not path then
    return arguments.refuse("pack", "--keygen takes the name of the file to make", args)
  end
  if sys.exists(path) then return refuse(path .. " is there already", "E-EXISTS") end
  local public, message = hash.public(path)
  if not public then return refuse(message) end
  sys.stdout(public .. "\n")
  sys.stderr(("secret in %s: keep it where packs are released, not on a host\n"):format(path))
  return 0
end

local function life_of(text)
  for _, stage in ipairs(pack.LIFE) do
    if stage == (text or "draft") then return stage end
  end
  return nil, ("--life '%s' is none of: %s"):format(text, table.concat(pack.LIFE, ", "))
end

local function default_name(bundle)
  return ("%s-%s.lwb"):format(bundle.recipe.name, tostring(bundle.line.name))
    :gsub("[^%w%-_.]", "_")
end

local function write(o, bundle, life)
  if o.sign and not sys.exists(o.sign) then
    return refuse(o.sign .. " is not there; linewright pack --keygen makes a key",
      "E-NOTFOUND")
  end
  local bytes, message = pack.write(bundle, { life = life, key = o.sign })
  if not bytes then return refuse(message) end
  local path = o.out or o.o or default_name(bundle)
  local ok, why, code = sys.write_product(path, bytes)
  if not ok then return refuse(why, code) end
  sys.stdout(("%s  bundle %s  %s, %s\n"):format(path, bundle.hash:sub(1, 16), life,
    o.sign and "signed" or "not signed"))
  return 0
end

--- Write a pack.
---@param args string[]
---@return integer code 0 written, 1 findings, 2 wrong usage, 3 a file is refused
function command.main(args)
  if args[1] == "--keygen" then return keygen(args) end
  for i, word in ipairs(args) do if word == "-o" then args[i] = "--out" end end
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("pack", message, args) end
  if not o.line then return arguments.refuse("pack", "which line? --line LINE is missing", args) end
  local life, wrong = life_of(o.life)
  if not life then return arguments.refuse("pack", wrong, args) end
  local bundle, findings = loader.check { recipe = o.recipe, line = o.line, formula = o.formula }
  if findings:failed() then
    report.complain(bundle, findings, o.json)
    return report.code(findings)
  end
  return write(o, bundle, life)
end

return command
