-- The word `regex`: Perl's patterns with bounded work.
local regex = require "regex"

local function refused(wanted, fn, ...)
  local ok, message = pcall(fn, ...)
  assert.is_false(ok)
  assert.is_truthy(message:find(wanted, 1, true), message)
end

describe("regex", function()
  it("matches as Perl does", function()
    assert.same({ "12.5", "V" }, { regex.match("reads 12.5 V", "([\\d.]+)\\s*(V|mV)") })
    assert.equal("abc", regex.match("xabcx", "a.c"))
    assert.is_nil(regex.match("abc", "^b"))
    assert.same({ false, "b" }, { regex.match("b", "(a)|(b)") })
    assert.equal("a\0b", regex.match("xa\0b", "a\\x00b"))
    assert.equal("ab", regex.match("xab", "(?i)AB"))
  end)

  it("says where", function()
    assert.same({ 2, 3, "c" }, { regex.find("abc", "b(c)") })
    assert.same({ 4, 4 }, { regex.find("abca", "a", 2) })
    assert.is_nil(regex.find("abc", "a", 5))
    refused("a place from 1 on", regex.find, "abc", "a", 0)
  end)

  it("gives groups by name", function()
    assert.same({ volts = "3.5", unit = "V" }, regex.named("3.5 V", "(?<volts>[\\d.]+) (?<unit>V)"))
    assert.same({ a = false, b = "b" }, regex.named("b", "(?<a>a)|(?<b>b)"))
    assert.is_nil(regex.named("x", "(?<a>a)"))
  end)

  it("iterates and replaces, empty matches too", function()
    local out = {}
    for k, v in regex.all("a=1, b=2", "(\\w)=(\\d)") do out[#out + 1] = k .. v end
    assert.same({ "a1", "b2" }, out)
    local n = 0
    for _ in regex.all("abc", "x*") do n = n + 1 end
    assert.equal(4, n)
    assert.same({ "-b-", 2 }, { regex.replace("aba", "a", "-") })
    assert.same({ "-a-b-", 3 }, { regex.replace("ab", "x*", "-") })
    assert.same({ "$1", 1 }, { regex.replace("a", "(a)", "$1") })
  end)

  it("says what is wrong with a pattern, and at which byte", function()
    refused("E-REGEX '(a': missing closing parenthesis at byte 3", regex.match, "a", "(a")
    refused("E-REGEX", regex.match, "a", ("a"):rep(1025))
    refused("E-REGEX", regex.match, "a", ("("):rep(33) .. "a" .. (")"):rep(33))
    refused("33 groups, at most 32", regex.match, "a", ("(a?)"):rep(33))
    refused("E-REGEX the text has 8193 bytes, at most 8192 are read", regex.match, ("a"):rep(8193), "a")
    refused("E-ARG regex.match takes a text", regex.match, 5, "a")
  end)

  it("has no way round its limits", function()
    for _, pattern in ipairs { "(*LIMIT_MATCH=4000000000)a", "(*NO_JIT)a", "(*UTF)a", "(?C)a", "(?C1)a", "a\\C" } do
      refused("E-REGEX", regex.match, "aaa", pattern)
    end
  end)

  it("stops where it backtracks for ever, and goes on after", function()
    for _, case in ipairs {
      { ("a"):rep(5000) .. "!", "(a+)+$" }, { ("a"):rep(8000), "(a|aa)+[bc]" },
      { ("a"):rep(8192), "a*a*a*a*[bc]" }, { ("a"):rep(8192), "(?:a?){50}a{50}[bc]" },
      { ("("):rep(8000), "(\\((?1)*\\)|x)+$" }, { ("ab"):rep(4000), "(.*)(.*)(.*)\\1\\2\\3[xy]" },
    } do
      local ok, message = pcall(regex.match, case[1], case[2])
      assert.is_true(not ok and message:find("E-BUDGET", 1, true) ~= nil, case[2] .. tostring(message))
      assert.equal("b", regex.match("abc", "b"))
    end
  end)

  it("keeps many patterns apart", function()
    for _ = 1, 3 do
      for i = 1, 100 do assert.equal(tostring(i), regex.match("n" .. i .. ";", "n(" .. i .. ");")) end
    end
  end)
end)
