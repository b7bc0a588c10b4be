--- The reference pages of docs/reference, written from the stubs that editors read
--- and from the comments of the library.

local reader = require "linewright.stub_reader"
local sys = require "linewright.sys"

local format = string.format

local pages = {}

-- Folder whose Lua files a page takes, or one file; `skip` has pages of its own.
local META, OWN = "lua/meta/linewright", { dsp = true, repl = true, rig = true }

--- The pages: file, title, what it is about, where its entries stand.
pages.LIST = {
  { name = "language", title = "Words, verbs and tables of the language",
    about = "What recipes, profiles, contracts, formulas and twins are written with.",
    from = { "lua/meta/language.lua" } },
  { name = "plant", title = "Options of drivers, filters of tags, contracts",
    about = "What the program's drivers and filters take, and what the library's contracts offer.",
    from = { "lua/meta/plant.lua" } },
  { name = "library", title = "The library of recipes",
    about = "Words that recipes, contracts and modules have beside the language. The kernels of "
      .. "`dsp` are at the end; [filters](../filters.md) draws what they do.",
    from = { "stdlib", META .. "/dsp.lua" } },
  { name = "spec", title = "The rig and the words of specs",
    about = "What `require \"linewright.rig\"` gives a spec, and how it says what must be true.",
    from = { META .. "/rig.lua", "lua/meta/spec.lua" } },
  { name = "repl", title = "Words of the REPL",
    about = "What `linewright repl` has beside the words above.", from = { META .. "/repl.lua" } },
  { name = "modules", title = "Modules of the trusted tier",
    about = "What tools, specs and programs that embed Linewright can `require`; recipes cannot.",
    from = { META }, skip = OWN },
}

local function files_of(page)
  local out = {}
  for _, from in ipairs(page.from) do
    if from:find "%.lua$" then out[#out + 1] = from end
    for _, name in ipairs(not from:find "%.lua$" and sys.list(from) or {}) do
      local stem = name:match "^(.*)%.lua$"
      if stem and not (page.skip or {})[stem] then out[#out + 1] = from .. "/" .. name end
    end
  end
  return out
end

local function add(out, text, ...) out[#out + 1] = format(text, ...) end

local function cell(text) return (text:gsub("|", "\\|")) end

-- The fields of a table that people write.
local function field_rows(out, fields)
  if #fields == 0 then return end
  add(out, "| field | type | |\n|---|---|---|")
  for _, f in ipairs(fields) do
    local text = f.optional and f.text or "**required**; " .. f.text
    add(out, "| `%s` | `%s` | %s |", f.name, cell((f.type:gsub("linewright%.", ""))), cell(text))
  end
  add(out, "")
end

local function items(out, list, head)
  for _, item in ipairs(list) do
    add(out, "- %s`%s`%s%s", head(item), item.type, item.optional and ", optional" or "",
      item.text ~= "" and ": " .. item.text or "")
  end
end

local function taken(item) return format("`%s` ", item.name) end
local function given() return "gives " end

-- `word "name" { ... }` is called twice: what the second call takes.
local function second_call(entry)
  local first = entry.returns[1]
  return first and first.type:match "^fun%(t: ([%w_%.]+)%)"
end

local function title_of(entry)
  if second_call(entry) then return format('`%s "name" { ... }`', entry.name) end
  if entry.args then return format("`%s%s`", entry.name:gsub("^repl%.", ""), entry.args) end
  return format("`%s`", entry.class or entry.name)
end

-- A table of functions is a heading; with fields it says what stands in it.
local function write_entry(out, entry)
  add(out, "### %s\n", title_of(entry))
  if #entry.text > 0 then add(out, "%s\n", table.concat(entry.text, "\n")) end
  field_rows(out, entry.fields)
  if second_call(entry) then
    add(out, "- takes `%s`", second_call(entry))
  else
    items(out, entry.params, taken)
    items(out, entry.returns, given)
  end
  if #entry.params + #entry.returns > 0 then add(out, "") end
  if #entry.example > 0 then add(out, "```lua\n%s\n```\n", table.concat(entry.example, "\n")) end
end

local function worth(entry)
  return entry.args or #entry.fields > 0 or #entry.text > 0
end

--- One page.
---@param page table of pages.LIST
---@return string markdown
function pages.text(page)
  local out = {}
  add(out, "# %s\n\n%s Written by `tools/reference.lua`; a test keeps it up to date.\n",
    page.title, page.about)
  local files = files_of(page)
  for _, path in ipairs(files) do
    local entries = reader.read(path)
    if #files > 1 then add(out, "## %s\n", path:match "([%w_]+)%.lua$") end
    for _, entry in ipairs(entries) do
      if worth(entry) then write_entry(out, entry) end
    end
  end
  return (table.concat(out, "\n"):gsub("\n+$", "\n"))
end

--- The page that names the others.
---@return string markdown
function pages.index()
  local out = { "# Reference", "", "The same texts stand in the editor's hover (`lua/meta`), "
    .. "behind `?name` in the REPL and here.", "" }
  for _, page in ipairs(pages.LIST) do
    add(out, "- [%s](%s.md): %s", page.title, page.name, page.about)
  end
  add(out, "- [Errors](../errors.md), [commands](../commands.md), [filters](../filters.md)\n")
  return table.concat(out, "\n")
end

--- All pages.
---@return table<string, string> path -> text
function pages.files()
  local out = { ["docs/reference/README.md"] = pages.index() }
  for _, page in ipairs(pages.LIST) do
    out[format("docs/reference/%s.md", page.name)] = pages.text(page)
  end
  return out
end

return pages
