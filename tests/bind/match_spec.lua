-- Patterns: the engine's own matcher is the oracle, except where it runs away.

local match = require "linewright.match"
local patterns = require "linewright.patterns"
local rng = require "linewright.rng"

local pieces = { "a", "b", ".", "%a", "%d", "%s", "%w", "%A", "%D", "%x", "%p", "%u", "%l", "%c", "%g", "%z", "%Z", "[ab]", "[^a]",
                 "[a-c]", "[%a_]", "[]]", "[^]a]", "[a-]", "[%-a]", "%.", "%%", "-", "(a)", "(.)", "()", "(a*)", "(.-)",
                 "%b()", "%bab", "%f[a]", "%f[%W]", "(a(b)c)" }
local letters = { "a", "b", "c", "A", "1", " ", "(", ")", ".", "_", "\n", "\0", "é", "]", "-" }

local function random_pattern(r)
  local out = { r:integer(1, 6) == 1 and "^" or "" }
  for _ = 1, r:integer(0, 5) do
    local piece = pieces[r:integer(1, #pieces)]
    if not piece:find "[()]" and not piece:find "^%%[bf]" and r:integer(1, 2) == 1 then
      local quantifiers = { "*", "+", "-", "?" }
      piece = piece .. quantifiers[r:integer(1, 4)]
    end
    out[#out + 1] = piece
  end
  if r:integer(1, 8) == 1 then out[#out + 1] = "(%w)%1" end
  if r:integer(1, 5) == 1 then out[#out + 1] = "$" end
  return table.concat(out)
end

local function random_text(r)
  local out = {}
  for i = 1, r:integer(0, 12) do out[i] = letters[r:integer(1, #letters)] end
  return table.concat(out)
end

-- Captures are numbered from the left, so "(%w)%1" behind others is not what it
-- says; both sides read it alike or both refuse it.
local function both(own, native, ...)
  local mine, theirs = { pcall(own, ...) }, { pcall(native, ...) }
  if not mine[1] then return end -- refused at once what they refuse when they come to it
  assert.same(theirs, mine, table.concat({ ... }, " | "))
end

describe("patterns", function()
  it("find and match what the engine finds and matches", function()
    local r = rng.new(11)
    for _ = 1, 20000 do
      local text, pattern, init = random_text(r), random_pattern(r), r:integer(-3, #letters)
      if init <= #text + 1 then -- beyond the end LuaJIT looks at the end, Lua 5.4 finds nothing
        both(match.find, string.find, text, pattern, init)
        both(match.match, string.match, text, pattern, init)
      end
    end
  end)

  it("hold in each class what the engine's hold", function()
    for class in ("acdglpsuwxz"):gmatch "." do
      for _, pattern in ipairs { "%" .. class, "%" .. class:upper(), "[^%" .. class .. "]" } do
        for byte = 0, 127 do both(match.find, string.find, string.char(byte), pattern) end
      end
    end
    assert.is_nil(match.find("\200", "%a"))
    assert.equal(1, (match.find("\200", "%A")))
  end)

  it("refuse only what is malformed", function()
    for _, pattern in ipairs { "%", "[", "[a", "[^", "[]", "[a%", "(", ")", "(a", "a)", "%1", "(%1)", "%f", "%fa", "%b",
                               "%bx", "(a)%2", "%0", ("(a)"):rep(33), ("a"):rep(1025) } do
      assert.is_false((pcall(match.find, "aaa", pattern)), pattern)
    end
    for _, pattern in ipairs { "", "^", "$", "^$", "a$b", "a^b", "[[]", "[%]]", "%z?", "((a))%1", ("(a?)"):rep(32), "%é" } do
      assert.is_true((pcall(match.find, "aaa", pattern)), pattern)
    end
  end)

  it("give one nil when nothing matches", function()
    for _, args in ipairs { { "abc", "x" }, { "", ":(%d+)" }, { "abc", "b", 9 } } do
      assert.equal(1, select("#", patterns.find(args[1], args[2], args[3])))
      assert.equal(1, select("#", patterns.match(args[1], args[2], args[3])))
    end
    assert.equal(1, select("#", patterns.find("abc", "x", 1, true)))
    assert.is_nil(tonumber(patterns.match("none", "%d+")))
  end)
  it("search plainly when asked to", function()
    assert.same({ 2, 3 }, { match.find("a.*b", ".*", 1, true) })
    assert.same({ 3, 2 }, { match.find("ab", "", 3, true) })
    assert.is_nil((match.find("ab", "", 4, true)))
    assert.is_nil((match.find("ab", "", 4)))
    assert.same({ 2, 3 }, { match.find("a\0b", "\0b", 1, true) })
  end)

  it("iterate like Lua 5.4", function()
    local function all(text, pattern)
      local out = {}
      for a, b in patterns.gmatch(text, pattern) do out[#out + 1] = b and { a, b } or a end
      return out
    end
    assert.same({ "one", "two" }, all("one two", "%a+"))
    assert.same({ { "k", "v" }, { "x", "y" } }, all("k=v, x=y", "(%w+)=(%w+)"))
    assert.same({ "", "ab", "" }, all(" ab ", "%a*"))
    assert.same({ 1, 2, 3 }, all("ab", "()"))
    assert.same({}, all("aa", "^a"))
    assert.same({ "^a" }, all("^aa", "^a"))
  end)

  it("replace like Lua 5.4", function()
    for _, case in ipairs {
      { { "hello world", "o", "0" }, "hell0 w0rld", 2 },
      { { "hello", "", "-" }, "-h-e-l-l-o-", 6 },
      { { "abc", "%w*", "x" }, "x", 1 },
      { { "abc d", "%w*", "x" }, "x x", 2 },
      { { "abc", "(b)", "<%1%0%%>" }, "a<bb%>c", 1 },
      { { "abc", "b", "<%1>" }, "a<b>c", 1 },
      { { "aaa", "a", "b", 2 }, "bba", 2 },
      { { "aaa", "^a", "b" }, "baa", 1 },
      { { "a b", "%a", { a = "1", b = false } }, "1 b", 2 },
      { { "a b", "%a", function(c) return c == "a" and 7 or nil end }, "7 b", 2 },
      { { "k=v", "(%w)=(%w)", function(k, v) return v .. k end }, "vk", 1 },
      { { "ab", "()", "%1" }, "1a2b3", 3 },
      { { "ab", "a", 5 }, "5b", 1 },
      { { "ab", "a", "x", 0 }, "ab", 0 },
    } do
      assert.same({ case[2], case[3] }, { patterns.gsub((table.unpack or unpack)(case[1])) })
    end
    assert.has_error(function() patterns.gsub("a", "a", "%2") end)
    assert.has_error(function() patterns.gsub("a", "a", "%x") end)
    assert.has_error(function() patterns.gsub("a", "a", function() return {} end) end)
    assert.has_error(function() patterns.gsub("a", "a") end)
    if _VERSION == "Lua 5.4" then
      local r = rng.new(12)
      for _ = 1, 5000 do
        both(patterns.gsub, string.gsub, random_text(r), random_pattern(r), "<%0>")
      end
    end
  end)

  it("stop in time where the engine runs for hours", function()
    local text = ("a"):rep(20000)
    for _, pattern in ipairs { ("a-"):rep(20) .. "b", ("a*"):rep(20) .. "b", ("a?"):rep(40) .. ("a"):rep(40) .. "b",
                               ".-.-.-.-b", "(.*)(.*)(.*)%1%2%3b", ("%b()"):rep(3) .. "x", "(a*)*b" } do
      local ok, err = pcall(match.find, text, pattern)
      assert.is_true(ok or err:find("E-BUDGET", 1, true) ~= nil, pattern .. ": " .. tostring(err))
    end
    local ok, err = pcall(match.find, ("("):rep(30000), "%b()")
    assert.is_true(ok or err:find("E-BUDGET", 1, true) ~= nil)
  end)

  it("read long texts as long as the work is a few steps a byte", function()
    local text = ("word "):rep(200000)
    assert.equal(1000001, (match.find(text .. "!", "!")))
    assert.equal(200000, select(2, patterns.gsub(text, "%a+", "w")))
    assert.is_nil((match.find(text, "^%d")))
  end)
end)
