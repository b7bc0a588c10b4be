--- Another profile under a run that is under way: what differs, and whether this
--- run may take it up. A recipe is pinned; only its line can be exchanged, and
--- only while the run is Held, its outputs at their safe values.

local sorted = require "linewright.sorted"
local words = require "linewright.words"

local format = string.format

local reload = {}

local SKIP = { kind = true, at = true, name = true }
-- What people read and nothing goes by.
local REMARKS = { help = true, title = true, revision = true }

local function text_of(value)
  if type(value) == "number" then return format("%.14g", value) end
  return tostring(value)
end

local function key_text(key) return type(key) == "number" and format("[%d]", key) or "." .. key end

-- Each value of a profile by its place, "oven.zones[1].temp.scale" -> "0.1". A
-- driver is named by its kind and its turn, its options stand under that name.
local function flatten(profile)
  local rows, names, kinds = {}, {}, {}
  local walk

  local function driver_name(driver)
    if names[driver] then return names[driver] end
    local n = (kinds[driver.driver] or 0) + 1
    kinds[driver.driver] = n
    names[driver] = format("driver %s#%d", driver.driver, n)
    walk(driver.options, names[driver])
    walk(driver.given or {}, names[driver])
    return names[driver]
  end

  function walk(value, place)
    if words.is_void(value) then return end
    if type(value) ~= "table" then
      rows[place] = text_of(value)
    elseif value.kind == "driver" then
      rows[place] = driver_name(value)
    else
      if value.contract then rows[place] = value.contract end
      for key, inner in sorted(value) do
        if not SKIP[key] then walk(inner, place .. key_text(key)) end
      end
    end
  end

  for key, value in sorted(profile) do
    if key == "units" and type(value) == "table" then
      for name, unit in sorted(value) do walk(unit, name) end
    elseif not SKIP[key] then
      walk(value, "line." .. key)
    end
  end
  return rows
end

--- What differs between two profiles.
---@param old table loaded profile
---@param new table
---@return table list of { place, was, now }, sorted; was or now nil where one has nothing there
function reload.diff(old, new)
  local was, now, seen, out = flatten(old), flatten(new), {}, {}
  for place in pairs(was) do seen[place] = true end
  for place in pairs(now) do seen[place] = true end
  for place in sorted(seen) do
    if was[place] ~= now[place] then
      out[#out + 1] = { place = place, was = was[place], now = now[place] }
    end
  end
  return out
end

-- Units of the line that this run has to do with.
local function used_units(bundle)
  local out = { line = true }
  for _, unit in pairs(bundle.eq) do out[unit.name] = true end
  for _, rule in ipairs(bundle.rules) do
    for _, ch in ipairs { rule.channel, rule.need.channel } do
      out[ch.line_path:match "^[^.]+"] = true
    end
  end
  return out
end

-- Does a change reach this run?
local function concerns(change, old_used, new_used)
  local unit, rest = change.place:match "^([%w_]+)(.*)$"
  if change.place:find "^driver " then return true end
  if unit == "line" and REMARKS[rest:match "^%.([%w_]+)" or ""] then return false end
  if rest:find "%.help$" then return false end
  return (old_used[unit] or new_used[unit]) == true
end

-- How many of each there are, as the recipe's script has met them.
local function shape_of(bundle)
  local out = {}
  for role, unit in pairs(bundle.eq) do
    out[role] = unit.contract.name
    for key, def in pairs(unit.contract.members) do
      local member, name = unit.members[key], role .. "." .. key
      if def.class == "list" then out[name] = format("%d of them", #member)
      else out[name] = member and "there" or "not there" end
    end
  end
  return out
end

local function compare_shapes(old, new, why)
  local was, now = shape_of(old), shape_of(new)
  for name in sorted(was) do
    if was[name] ~= now[name] then
      why[#why + 1] = format("%s: %s, then %s; the script has counted on it", name, was[name],
        now[name] or "not there")
    end
  end
end

-- Set-points that unholding would put back must still be allowed.
local function compare_image(new, image, why)
  for path, value in sorted(image or {}) do
    local ch = new.channels[path]
    if ch and ch.lo and type(value) == "number" and not (value >= ch.lo and value <= ch.hi) then
      why[#why + 1] = format("%s was set to %.6g %s, which %.6g..%.6g no longer allows: unhold "
        .. "could not restore it", path, value, ch.unit, ch.lo, ch.hi)
    end
  end
end

-- A native block's file is code of the line, not of the recipe.
local function add_native_files(changes, old, new)
  local was, now, names = {}, {}, {}
  for list, bundle in pairs { [was] = old, [now] = new } do
    for _, file in ipairs(bundle.files) do
      if file.role == "native" then
        list[file.path], names[file.path] = file.sha:sub(1, 12), true
      end
    end
  end
  for path in sorted(names) do
    if was[path] ~= now[path] then
      changes[#changes + 1] = { place = "driver native " .. path, was = was[path],
        now = now[path] }
    end
  end
end

local function recipe_files(bundle)
  local out = {}
  for _, file in ipairs(bundle.files) do
    if file.role == "recipe" or file.role == "formula" then out[file.role] = file.sha end
  end
  return out
end

local function compare_pinned(old, new, why)
  local was, now = recipe_files(old), recipe_files(new)
  for _, role in ipairs { "recipe", "formula" } do
    if was[role] ~= now[role] then
      why[#why + 1] = format("the %s is another one; a run keeps its own", role)
    end
  end
  if old.line.name ~= new.line.name then
    why[#why + 1] = format("this is line '%s', the run is on '%s'", new.line.name, old.line.name)
  end
end

local function as_lines(changes, marked)
  local out = {}
  for i, c in ipairs(changes) do
    out[i] = format("  %s: %s -> %s%s", c.place, c.was or "nothing", c.now or "nothing",
      marked[c] and "" or "  (nothing of this run)")
  end
  return out
end

---@class linewright.Reload
---@field verdict string "same" nothing to do; "remarks" differs, but not for this run; "swap" may
---  be taken up while Held; "refused"
---@field lines string[] the changes, one a line
---@field why string[] what stands against it
---@field same_twin boolean the simulated plant goes on

local function mark(changes, old, new)
  local old_used, new_used, marked = used_units(old), used_units(new), {}
  for _, change in ipairs(changes) do
    if concerns(change, old_used, new_used) then marked[change], marked.any = true, true end
  end
  return marked
end

local function is_twin_same(changes, old, new)
  for _, change in ipairs(changes) do
    if change.place:find "^line%.twin" then return false end
  end
  return (old.twin == nil) == (new.twin == nil)
end

--- Judge an exchange of the line under a run.
---@param old table bundle that the run goes by
---@param new table bundle of the same recipe with another profile
---@param image table|nil newest set-points, channel path to value
---@return linewright.Reload
function reload.judge(old, new, image)
  local changes, why = reload.diff(old.line, new.line), {}
  add_native_files(changes, old, new)
  local marked = mark(changes, old, new)
  compare_pinned(old, new, why)
  compare_shapes(old, new, why)
  compare_image(new, image, why)
  local verdict = "remarks"
  if #why > 0 then verdict = "refused"
  elseif marked.any then verdict = "swap"
  elseif old.hash == new.hash and #changes == 0 then verdict = "same" end
  return { verdict = verdict, lines = as_lines(changes, marked), why = why,
    same_twin = is_twin_same(changes, old, new) }
end

local function indented(list)
  local out = {}
  for i, text in ipairs(list) do out[i] = "  " .. text end
  return table.concat(out, "\n")
end

--- The answer to who asked for it.
---@param judged linewright.Reload
---@param state string of the run
---@return boolean swap is it taken up now?
---@return string text
function reload.answer(judged, state)
  local changes = #judged.lines > 0 and "\n" .. table.concat(judged.lines, "\n") or ""
  if judged.verdict == "refused" then
    return false, "E-RELOAD the profile cannot be exchanged under this run; nothing was changed\n"
      .. indented(judged.why) .. (changes ~= "" and "\nchanges:" .. changes or "")
  elseif judged.verdict == "same" then
    return false, "the profile is as it was: nothing to do"
  elseif state == "Held" then
    return true, "the run goes by the new profile; it is Held, unhold goes on" .. changes
  elseif judged.verdict == "remarks" then
    return false, "nothing that this run uses has changed: it goes on as it is" .. changes
  end
  return false, format("E-STATE a profile is exchanged while the run is Held; it is %s. "
    .. "Nothing was changed; hold it first", state) .. "\nchanges:" .. changes
end

return reload
