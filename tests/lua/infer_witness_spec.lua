-- What a promotion rests on: each key as its own record says it, and the rule that two people are needed.

local witness = require "linewright.infer_witness"

local ROLES = { "process", "quality" }

local function answer(role, who, v)
  return { key = "execute/promote? (" .. role .. ")#1", role = role, who = who, v = v or "approve" }
end

local function records_of(answers)
  local out = {}
  for _, a in ipairs(answers) do out[a.key] = { v = a.v, who = a.who, role = a.role } end
  return out
end

local function again(answers, outcome, records)
  return witness.again(witness.of_answers(ROLES, answers, outcome), records or records_of(answers))
end

describe("the evidence of a promotion", function()
  it("is equal when both keys were given by different people, or one was refused", function()
    assert.equal("equal", (again({ answer("process", "ana"), answer("quality", "ben") }, "promoted")))
    assert.equal("equal", (again({ answer("process", "ana"), answer("quality", "ben", "reject") }, "refused")))
  end)

  it("differs when the answers do not lead to it", function()
    for _, answers in ipairs { { answer("process", "ana") }, { answer("process", "ana"), answer("quality", "ana") },
      { answer("process", "ana"), answer("quality", "ben", "reject") } } do
      local verdict, why = again(answers, "promoted")
      assert.equal("differs", verdict)
      assert.equal("it says promoted, and 1 of 2 keys were given", why)
    end
    assert.equal("differs", (again({ answer("process", "ana"), answer("quality", "ben") }, "refused")))
  end)

  it("differs when an answer is not its record, and names it", function()
    local answers = { answer("process", "ana"), answer("quality", "ben") }
    local records = records_of(answers)
    records[answers[2].key].v = "reject"
    local verdict, why = again(answers, "promoted", records)
    assert.equal("differs", verdict)
    assert.equal("'execute/promote? (quality)#1' was answered 'reject' by ben for quality, it says 'approve' by ben "
      .. "for quality", why)
    verdict, why = again(answers, "promoted", {})
    assert.equal("differs", verdict)
    assert.equal("no record of the answer 'execute/promote? (process)#1'", why)
  end)
end)
