--- What a recipe has trained: kept as files on the line's shelf by r.keep, and allowed to run
--- elsewhere by r.promote, which asks for its keys itself. Without a shelf in the profile a
--- recipe writes nothing.

local approve = require "linewright.approve"
local hash = require "linewright.hash"
local surface = require "linewright.surface"
local sys = require "linewright.sys"
local train_files = require "linewright.train_files"
local verb = require "linewright.verb"
local witness = require "linewright.infer_witness"

local format = string.format

local shelf = {}

local ALLOWED = "allowed.sha256"
local PROMOTION = surface.keys "promotion"

local function folder_of(rt, word)
  if type(rt.shelf) == "string" and rt.shelf ~= "" then return rt.shelf end
  return verb.raise("E-STATE %s: this line keeps no models; `shelf = \"models\"` in its profile "
    .. "names the folder", word)
end

-- What the world refused ends the step.
local function world(word, ok, message, code)
  if not ok then verb.raise("%s %s: %s", code or "E-IO", word, message) end
end

-- The name of a file tells which bytes are in it, so that no model takes the place of another.
local function keep(rt, r, name, model)
  local folder = folder_of(rt, "r.keep")
  verb.expect(name, "string", "r.keep: name")
  if not name:find "^[%w_-]+$" then
    verb.raise("E-ARG r.keep: a name is letters, digits, _ and -, not '%s'", name)
  end
  if getmetatable(model) ~= "train.model" then
    verb.raise("E-ARG r.keep '%s': a model of train is expected, not a %s",
      name, type(model))
  end
  local texts, message = train_files.texts(model)
  if not texts then verb.raise("E-ARG r.keep '%s': %s", name, message) end
  local file = format("%s-%s.%s", name, texts.digest:sub(1, 12), texts.kind)
  sys.mkdir(folder)
  world("r.keep", train_files.write(folder .. "/" .. file, texts))
  local kept = { name = name, digest = texts.digest, file = file, card = hash.sha256(texts.card) }
  local path = format("%s/%s", folder, file)
  r.decision("model " .. name, { outcome = "kept", inputs = kept, effect = path,
    from = { witness.of_file(path, texts.digest),
      witness.of_file(train_files.card(path), kept.card) } })
  return kept
end

-- One line as sha256sum writes it, once.
local function allow(folder, kept)
  local path = folder .. "/" .. ALLOWED
  local text = sys.read_file(path) or ""
  if text:find(kept.digest, 1, true) then return path end
  world("r.promote", sys.write_file(path, text .. format("%s  %s\n", kept.digest, kept.file)))
  return path
end

local function check_kept(folder, kept)
  if type(kept) ~= "table" or type(kept.digest) ~= "string" or #kept.digest ~= 64
    or type(kept.file) ~= "string" then
    verb.raise "E-ARG r.promote: what r.keep returned is expected first"
  end
  local text = sys.read_file(folder .. "/" .. kept.file)
  if not text or hash.sha256(text) ~= kept.digest then
    verb.raise("E-STATE r.promote: %s/%s is not the file that was kept", folder, kept.file)
  end
end

local function promote(rt, r, kept, opts)
  local folder = folder_of(rt, "r.promote")
  check_kept(folder, kept)
  opts = verb.options(opts or {}, PROMOTION, "r.promote")
  local roles = opts.roles or { "process", "quality" }
  local ok, who, answers = approve.ask(rt, { roles = roles, within = opts.within,
    prompt = opts.prompt or format("promote %s?", kept.file) })
  local outcome = ok and "promoted" or "refused"
  r.decision("promote " .. kept.name, { outcome = outcome, approved = who,
    from = { witness.of_answers(roles, answers, outcome) },
    inputs = { digest = kept.digest, file = kept.file },
    effect = ok and format("allowed by %s/%s", folder, ALLOWED) or "none" })
  if ok then allow(folder, kept) end
  return ok, who
end

--- Put the words into r.
---@param rt table
---@param r table
function shelf.install(rt, r)
  r.keep = function(name, model) return keep(rt, r, name, model) end
  r.promote = function(kept, opts) return promote(rt, r, kept, opts) end
end

return shelf
