--- `:save FILE`: the last plot as a picture, samples as CSV, what was typed as a
--- script or as the skeleton of a spec.

local show = require "linewright.repl.show"
local sys = require "linewright.sys"

local saving = {}

local SCRIPT = [[
#!/usr/bin/env -S linewright repl
-- Saved from a session of `linewright repl`.

%s
]]

local SPEC = [[
-- Saved from a session of `linewright repl`: values that were shown are asserted
-- as they were. Give the test a name that states a fact.
local rig = require "linewright.rig"

describe("a session", function()
  it("does what it did", function()
%s
  end)
end)
]]

-- Words and methods that only a prompt has: they stay in the spec as comments.
local METHODS = { branches = true, go = true, halt = true, samples = true, close = true }

local function is_for_people(s, text)
  for name in text:gmatch ":([%a_]+)" do
    if METHODS[name] then return true end
  end
  for name in text:gmatch "([%a_][%w_]*)" do
    if s.words[name] and name ~= "rig" then return true end
  end
  return text:find "^%s*[:?]" ~= nil
end

local LITERALS = { number = function(x) return ("%.17g"):format(x) end, boolean = tostring,
  string = show.value }

local function literal(value)
  local write = LITERALS[type(value)]
  return write and write(value)
end

local function is_call(text) return text:find "%)%s*$" or text:find "[%w_]%s*[\"{]" end

local function assigned(text)
  return text:match "^%s*([%a_][%w_]*)%s*=[^=]"
end

-- One accepted piece of text as a line of a test.
local function spec_line(s, entry, known)
  local text = entry.text:gsub(":pause%(%)", ':command "pause"'):gsub(":resume%(%)",
    ':command "resume"')
  if is_for_people(s, text) then return "-- " .. text:gsub("\n", "\n-- ") end
  local name = assigned(text)
  if name and not known[name] then
    known[name] = true
    return "local " .. text:gsub("^%s+", "")
  end
  if not entry.is_value then return text end
  local told = literal(entry.value)
  if told then return ("assert.equal(%s, %s)"):format(told, text) end
  return is_call(text) and text or "-- " .. text
end

local function spec_text(s)
  local out, known = {}, {}
  for i, entry in ipairs(s.accepted) do
    out[i] = "    " .. spec_line(s, entry, known):gsub("\n", "\n    ")
  end
  return SPEC:format(table.concat(out, "\n"))
end

local function script_text(s)
  local out = {}
  for i, entry in ipairs(s.accepted) do
    out[i] = entry.text
    local is_silent = entry.value == nil and is_call(entry.text)
    if entry.is_value and not is_silent then out[i] = ("print(%s)"):format(entry.text) end
  end
  return SCRIPT:format(table.concat(out, "\n"))
end

local function plot_of(s, path)
  local last = s.plots[#s.plots]
  if not last then error("there is no plot yet: plot(...) makes one", 0) end
  return require("linewright.repl.plots").bytes(last, path)
end

local function csv_of(s)
  local value = rawget(s.env.globals, "_")
  if not show.is_samples(value) then
    error("the last value is no samples: say their name, then :save again", 0)
  end
  return value:csv()
end

local WRITERS = {
  { "_spec%.lua$", spec_text, "the session as a spec" },
  { "%.lua$", script_text, "the session as a script" },
  { "%.svg$", plot_of, "the last plot" },
  { "%.png$", plot_of, "the last plot" },
  { "%.csv$", csv_of, "the last samples" },
}

--- Save by the file's ending.
---@param s table session
---@param path string
---@return string status
function saving.save(s, path)
  for _, writer in ipairs(WRITERS) do
    if path:find(writer[1]) then
      local ok, bytes = pcall(writer[2], s, path)
      local written, message
      if ok then written, message = sys.write_file(path, bytes) end
      if not written then
        io.stderr:write("E-IO ", tostring(ok and message or bytes), "\n")
        return "error"
      end
      io.stdout:write(("%s: %s\n"):format(path, writer[3]))
      return "ok"
    end
  end
  io.stderr:write("E-TYPE :save takes a file ending in .lua, _spec.lua, .png, .svg or .csv, got '",
    path, "'\n")
  return "error"
end

return saving
