-- What the run's memory keeps of set-points on their way out, and what records cost.
local journal = require "linewright.journal"

local function a_journal()
  return journal.new { emit = function() return 1 end }
end

describe("an intent", function()
  it("is the set-point from then on, before any image was taken and after", function()
    local j = a_journal()
    j:apply("intent", "execute/a#1/web.speed", { v = 5 })
    assert.same({ ["web.speed"] = 5 }, j.image)
    j:apply("image", "image", { ["web.speed"] = 4, ["oven.temp"] = 80 })
    j:apply("intent", "execute/a#1/web.speed", { v = 6 })
    assert.same({ ["web.speed"] = 6, ["oven.temp"] = 80 }, j.image)
  end)

  it("is no command of its output without a number", function()
    local j = a_journal()
    j:apply("intent", "execute/a#1/web.speed", { v = 5 })
    assert.same({}, j.commands)
    assert.same({}, j.ids)
  end)

  it("with a number is the newest command of its output, behind those before", function()
    local j = a_journal()
    j:apply("intent", "execute/a#1/web.speed", { v = 5, id = 7 })
    j:apply("intent", "execute/a#1/oven.temp", { v = 80, id = 3 })
    j:apply("intent", "execute/b#1/web.speed", { v = 6, id = 8 })
    assert.same({ { key = "execute/a#1/web.speed", id = 7 }, { key = "execute/a#1/oven.temp", id = 3 },
      { key = "execute/b#1/web.speed", id = 8 } }, j.commands)
    assert.same({ ["web.speed"] = 8, ["oven.temp"] = 3 }, j.ids)
  end)
end)

describe("a record", function()
  it("is charged with its kind and its bytes, whoever made its text", function()
    local j, charged = a_journal(), {}
    j.budgets = { record = function(_, kind, bytes) charged[#charged + 1] = { kind, bytes } end }
    j:emit("data", "a", { v = 1 })
    j:emit("ckpt", "b", { v = 1 }, nil, '{"v":1}  ')
    assert.same({ { "data", #'{"v":1}' }, { "ckpt", 9 } }, charged)
  end)
end)
