--- What only the host's own engineer may do at the prompt: bind a C library by
--- LuaJIT's FFI, and look at samples where they lie. Not on a host in production.

local release = require "linewright.release"
local sample_view = require "linewright.sample_view"

local trusted = {}

-- The refusal of what the prompt may not do here.
local function must(value, message, code)
  if value == nil then error(("%s %s"):format(code, message), 3) end
  return value
end

local function check_policy(word)
  local policy, message = release.policy { name = "of the prompt" }
  must(policy, message, "E-POLICY")
  if policy.policy == "production" then
    must(nil, ("%s: this host is in production (%s); C libraries are for engineering"):format(word,
      policy.from), "E-POLICY")
  end
end

-- What the prompt calls `ffi`: LuaJIT's own library.
local function library()
  check_policy "ffi"
  return must(sample_view.library())
end

--- The words of this module.
---@param s table session
---@return table<string, any>
function trusted.words(s)
  return {
    ffi = setmetatable({}, { __index = function(_, name) return library()[name] end,
      __call = function() return library() end, __class = "ffi" }),
    view = function(samples)
      check_policy "view"
      local pointer, n, code = sample_view.of(samples)
      return must(pointer, n, code), n
    end,
    jit = function()
      return s.jit == "on" and "JIT on" or ("JIT off: %s"):format(tostring(s.jit))
    end,
  }
end

return trusted
