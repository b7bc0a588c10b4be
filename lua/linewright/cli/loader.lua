--- Role `loader`: reads a recipe and its line for the host, which never reads
--- recipe text itself, and hands over the flat, checked plan.
--- The message is described in host/worker/bundle.h.

local arguments = require "linewright.cli.arguments"
local files = require "linewright.files"
local json = require "linewright.json"
local loader = require "linewright.loader"
local pack = require "linewright.pack"
local pinned = require "linewright.pinned"
local project_of = require "linewright.project"
local release = require "linewright.release"
local reload = require "linewright.reload"
local report = require "linewright.cli.findings"
local store = require "linewright.store"
local sys = require "linewright.sys"

---@class linewright.cli.loader
local role = {}

local SPEC = { words = {}, options = { recipe = "text", line = "text", formula = "text",
  set = "pairs", sim = "flag", json = "flag", verbose = "flag", ["out-fd"] = "text",
  reload = "flag", db = "text", bundle = "text", run = "text", state = "text", who = "text",
  pinned = "flag" } }

local MESSAGE = "LINEWRIGHT-BUNDLE 1\n"

-- A file of a pack has the name that it has there, whatever lies in this folder.
local function path_of(b, t)
  local from = t and project_of.origin(t)
  return from and (not b.is_packed and sys.realpath(from.found) or from.found)
end

-- Values hold no newline; names of files and recipes may not bring one in.
local function header(lines, name, value)
  if value ~= nil then
    lines[#lines + 1] = ("%s=%s\n"):format(name, (tostring(value):gsub("[%z\r\n\t]", " ")))
  end
end

--- The bundle as the bytes that the host reads.
---@param b table bundle from linewright.loader
---@param record string|nil JSON of a `reload` record
---@return string message
function role.message(b, record)
  local lines, texts = { MESSAGE }, {}
  header(lines, "reload", record)
  header(lines, "recipe", b.recipe.name)
  header(lines, "version", b.recipe.version)
  header(lines, "line", b.line.name)
  header(lines, "formula", b.formula and b.formula.name)
  header(lines, "bundle", b.hash)
  header(lines, "recipe_path", path_of(b, b.recipe))
  header(lines, "line_path", path_of(b, b.line))
  header(lines, "formula_path", path_of(b, b.formula))
  header(lines, "settings", json.encode(b.settings))
  header(lines, "twin", b.twin and 1)
  header(lines, "policy", b.release and b.release.policy)
  header(lines, "plan_bytes", #b.plan)
  header(lines, "plan_digest", b.plan_digest)
  for i, file in ipairs(b.files) do
    local path = file.path:gsub("[%z\r\n\t]", " ")
    lines[#lines + 1] = ("file=%s\t%s\t%d\t%s\n"):format(file.role, file.sha, #file.text, path)
    texts[i] = file.text
  end
  return table.concat(lines) .. "\n" .. b.plan .. table.concat(texts)
end

local function answer(o, text)
  local ok, why = sys.write_file("/dev/fd/" .. o["out-fd"], text)
  if ok then return 0 end
  sys.stderr("linewright: the loader cannot answer: " .. tostring(why) .. "\n")
  return 3
end

local function newest_image(s, run)
  local image
  for _, _, _, kind, _, data in s:records(run) do
    if kind == "image" then image = data end
  end
  return image and json.decode(image)
end

local CHANGES_MAX = 40

local function record_of(o, judged)
  local changes = {}
  for i = 1, math.min(#judged.lines, CHANGES_MAX) do changes[i] = judged.lines[i]:sub(3, 120) end
  return json.encode { from = o.bundle, who = o.who, changes = changes, change_n = #judged.lines }
end

-- The profile as it is on disk now, with all else as the run was begun with.
local function judge_reload(o)
  local s, problem = store.open(o.db, "r")
  if not s then return nil, nil, problem end
  local texts = files.stored(s, o.bundle)
  if texts.exists "pack" then
    return nil, nil, "E-RELOAD the run goes by a pack, its profile is signed with the rest; "
      .. "nothing was changed"
  end
  local kept = files.either(texts, files.disk)
  local function read(sources)
    return loader.check { recipe = o.recipe, line = o.line, formula = o.formula, set = o.set,
      sim = o.sim, sources = sources }
  end
  local old = read { other = texts }
  local new, findings = read { recipe = kept, formula = kept, capability = kept,
    other = files.disk }
  if findings:failed() then
    return nil, nil, "E-RELOAD the profile has mistakes; nothing was changed\n"
      .. findings:text { fail = true, warn = true }
  end
  return new, reload.judge(old, new, newest_image(s, tonumber(o.run)))
end

-- What a host wants to know when a profile was changed under its run:
--   RELOAD swap|none same|new BYTES\n, that many bytes for people, and after
--   `swap` the message of the new bundle; `new`: the twin begins anew.
local function tell_reload(o)
  local new, judged, text = judge_reload(o)
  local is_swap = false
  if judged then is_swap, text = reload.answer(judged, o.state) end
  local twin = judged and not judged.same_twin and "new" or "same"
  local head = ("RELOAD %s %s %d\n"):format(is_swap and "swap" or "none", twin, #text)
  return answer(o, head .. text .. (is_swap and role.message(new, record_of(o, judged)) or ""))
end

local function tell_bundle(o)
  local b, findings, code = release.load(o)
  if not b then
    arguments.complain(code, findings, o.json)
    return code == "E-USAGE" and 2 or 3
  end
  if #findings > 0 then report.complain(b, findings, o.json) end
  if findings:failed() then return report.code(findings) end
  b.is_packed = pack.is_name(o.recipe)
  return answer(o, role.message(b))
end

-- A run that is resumed: by its own texts where that may be.
local function tell_resumed(o)
  local b, note = pinned.load(o)
  if not b then return tell_bundle(o) end
  if note and o.json then sys.stderr(json.encode { ok = true, text = note } .. "\n")
  elseif note then sys.stderr(note .. "\n") end
  return answer(o, role.message(b))
end

--- Check, and write the message to a file descriptor.
---@param args string[] --recipe R --line L [--formula F] [--set k=v]... [--sim] --out-fd N, for
---  a run that is resumed --db FILE --bundle HEX --run ID [--pinned], and for another profile under
---  a run --reload and these with --state NAME --who WHO
---@return integer code 0, 1 findings, 2 wrong usage, 3 a file is not there
function role.main(args)
  local o, message = arguments.read(args, SPEC)
  if not o then return arguments.refuse("--role loader", message) end
  if not (o.recipe and (o.line or pack.is_name(o.recipe)) and o["out-fd"]) then
    return arguments.refuse("--role loader", "needs --recipe, --line and --out-fd")
  end
  if o.reload then return tell_reload(o) end
  if o.bundle then return tell_resumed(o) end
  return tell_bundle(o)
end

return role
