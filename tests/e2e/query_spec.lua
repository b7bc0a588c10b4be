-- Questions in words: understood rightly, or refused. Never anything else.
local batches = require "tests.support.batches"
local json = require "linewright.json"
local process = require "tests.support.process"
local query = require "linewright.query"
local shifts = require "linewright.shifts"
local small_run = dofile "tests/support/small_run.lua"
local store = require "linewright.store"

local HOUR = 3600e9
local MIDNIGHT = 1767225600e9 -- 2026-01-01 00:00 UTC, where the batches' virtual time begins
-- Two hours behind UTC: a1 and a2 were made on 2025-12-31, a Wednesday, b1 on 2026-01-01.
local OPTIONS = { now_ns = MIDNIGHT + 11 * HOUR, offset = function() return -7200 end,
  shifts = shifts.parse "early=06:00,late=14:00,night=22:00" }

local project, s
setup(function()
  project = batches.new()
  s = assert(store.open(project.db, "r"))
end)
teardown(function()
  s:close()
  project:remove()
end)

local function ask(text) return query.ask(s, text, OPTIONS) end

-- The question as it was understood, in its shortest form; or "-" when refused.
local function sense(text)
  local answer = ask(text)
  return answer and answer.question or "-"
end

local SAME = {
  ["yield of line press-3 yesterday"] = {
    "What was the yield rate on line press-3 yesterday?", "yield on press-3 yesterday", "yesterday's yield on line press-3",
    "what is the quality ratio of production line press-3 yesterday", "Please show me the yield of line PRESS-3 yesterday.",
    "yesterday yield press-3", "give me yesterday's yield rate for line press-3", "press-3线昨天的良品率是多少?",
    "产线press-3昨天良品率", "昨天 press-3 的合格率是多少", "请问昨天press-3号线的良品率是多少？", "YIELD OF LINE press-3 YESTERDAY",
  },
  ["yield"] = { "yield", "Yield?", "what's the yield", "what was the yield rate?", "良品率", "良品率是多少?", "合格率是多少？" },
  ["OEE of line press-3"] = { "OEE on line press-3", "What was the OEE of press-3?", "overall equipment effectiveness of line press-3",
    "press-3线的OEE", "press-3号线的设备综合效率是多少?" },
  ["OEE by batch"] = { "OEE by batch", "what was our OEE by batch", "按批次OEE", "OEE按批次" },
  ["availability last 3 batches"] = { "availability last 3 batches", "availability in the last 3 batches",
    "what was the availability for the past 3 batches", "最近3批的可用率", "最近三批的可用率是多少", "最近3批次的可用率" },
  ["availability last 12 batches"] = { "availability last 12 batches", "最近十二批的可用率" },
  ["availability last 20 batches"] = { "availability last 20 batches", "最近二十批的可用率" },
  ["availability last 99 batches"] = { "availability last 99 batches", "最近九十九批的可用率" },
  ["downtime"] = { "downtime", "how long was the downtime", "how much downtime did we do", "down time", "停机时间", "停机时间是多少" },
  ["downtime by reason since 2025-12-31 06:00"] = { "downtime by reason since Wednesday 06:00", "downtime by reason since yesterday 06:00",
    "downtime by cause since 2025-12-31 06:00", "自周三06:00以来停机时间按原因", "从昨天06:00起的停机时间按原因", "2025年12月31日06:00以来 停机 按原因" },
  ["scrap of line press-3 by class last shift"] = { "scrap by class on line press-3 last shift", "last shift scrap by type line press-3",
    "上一班press-3线的废品按类别", "scrap of press-3 by class during the last shift" },
  ["scrap last batch"] = { "scrap last batch", "scrap of the last batch", "how much scrap in the last batch?", "上一批的废品" },
  ["production of line press-3 this week"] = { "production of line press-3 this week", "quantity produced on press-3 this week",
    "本周press-3线产量", "what was the production on line press-3 this week?" },
  ["energy of line press-3"] = { "energy of line press-3", "energy consumption on press-3", "press-3线的能耗", "press-3线用电量是多少" },
  ["mean of result width"] = { "mean of width", "average width", "mean width", "what was the mean of result width?", "avg width",
    "平均width", "width的平均值", "width 的均值是多少", "the mean of the width" },
  ["max of tag oven.zones[1].temp of phase make"] = { "max oven.zones[1].temp of phase make", "highest oven.zones[1].temp in phase make",
    "maximum of tag oven.zones[1].temp during phase make", "make阶段oven.zones[1].temp的最大值", "the largest oven.zones[1].temp in phase make" },
  ["min of tag oven.zones[1].setpoint by batch"] = { "min oven.zones[1].setpoint by batch", "lowest oven.zones[1].setpoint by batch",
    "按批次 oven.zones[1].setpoint 的最小值" },
  ["standard deviation of result width of batch a1"] = { "standard deviation of width in batch a1", "stdev width batch a1",
    "批次a1的width标准差" },
  ["Cpk of result width"] = { "Cpk of width", "what is the cpk of width?", "CPK width", "width的Cpk是多少" },
  ["Cpk of tag oven.zones[1].temp between 60 and 90"] = { "Cpk of oven.zones[1].temp between 60 and 90",
    "cpk oven.zones[1].temp between 60 and 90?" },
  ["Cp of result width of line press-3"] = { "Cp of width on line press-3", "cp width press-3" },
  ["number of alarms yesterday"] = { "how many alarms yesterday", "number of alarms yesterday", "how many alarms did we take yesterday",
    "昨天有多少个报警", "昨天报警次数", "昨天的报警数量" },
  ["number of defects of batch a1"] = { "how many defects in batch a1", "number of marks in batch a1", "批次a1有多少个缺陷" },
  ["number of mark streak"] = { "how many streak", "count of streak", "number of mark streak" },
  ["number of batches today"] = { "how many batches today", "number of batches today", "今天有多少个 batches", "今天有多少批",
    "今天有多少批次" },
  ["duration of phase make of batch a2"] = { "how long did make take in batch a2?", "duration of phase make in batch a2", "批次a2的make阶段时长" },
  ["duration of batch a1"] = { "how long did batch a1 take?", "duration of batch a1", "批次a1时长" },
  ["duration of batches last 8 hours"] = { "duration of batches last 8 hours" },
  ["yield of batch a1"] = { "yield of batch a1", "a1批的良品率", "批次a1的良品率", 'yield of batch "a1"' },
  ["yield by line"] = { "yield by line", "良品率按产线" },
  ["yield from 2025-12-31 00:00 to 2026-01-02 00:00"] = { "yield from 2025-12-31 to 2026-01-01", "yield 2025-12-31..2026-01-01",
    "yield between 2025-12-31 and 2026-01-01", "2025-12-31到2026-01-01的良品率", "从2025-12-31至2026-01-01 良品率" },
  ["yield since 2025-12-31 00:00"] = { "yield 2025-12-31...", "yield since 2025-12-31", "yield since Wednesday", "yield since yesterday" },
  ["yield on 2025-12-31"] = { "yield on 2025-12-31", "yield on Wednesday", "yield Wednesday", "2025-12-31的良品率", "周三的良品率" },
  ["yield the day before yesterday"] = { "yield the day before yesterday", "前天的良品率" },
  ["yield last month"] = { "yield last month", "上月良品率", "上个月的良品率" },
  ["yield last week"] = { "yield last week", "上周的良品率" },
  ["yield last 2 hours"] = { "yield last 2 hours", "yield in the past 2 hours", "最近2小时的良品率", "过去两小时良品率" },
  ["yield this shift"] = { "yield this shift", "当班良品率", "yield of the current shift" },
  ["yield of recipe soak"] = { "yield of recipe soak", "配方soak的良品率" },
}

local REFUSED = {
  "", "?", "hello", "yield rate of what", "what was the yeild", "best yield", "most scrap", "worst line", "yield not yesterday",
  "yield except line press-3", "yield on line 3", "yield on line press-3 and press-4", "yield and OEE", "mean scrap", "average downtime",
  "mean", "mean of", "mean of nothing", "max yield", "Cpk of oven.zones[1].temp", "Cpk of width between 5", "Cpk of width between 9 and 5",
  "yield between 5 and 9", "yield last day", "yield last", "last yield", "yield before yesterday", "yield until yesterday",
  "yield yesterday and today", "yield yesterday today", "yield yesterday morning", "yield tomorrow", "yield at 06:00", "yield 06:00",
  "yield since", "yield since tomorrow", "yield since 2027-01-01", "yield on 2026-02-30", "yield on 0001-01-01",
  "yield on 9999-12-31", "yield last 999999 weeks", "yield from 2026-01-01", "yield on Thursday",
  "yield from 2026-01-01 to 2025-12-31", "yield from yesterday to", "yield last 0 batches", "yield last -3 batches",
    "yield last 2.5 batches",
  "yield of batch zz", "yield of batch", "yield of line", "yield of batch a1 batch a2", "yield of batch a1 last 3 batches",
  "downtime by class", "scrap by reason", "yield by reason", "duration by line", "number of alarms in phase make",
    "how long did streak take",
  "how many", "how many widths", "how many yield", "number of width", "duration", "how long", "duration of alarms", "alarms yesterday",
  "yield in percent", "downtime in hours", "energy in MJ", "yield per batch", "yield for 3 hours", "yield over 90", "yield above 90",
  "is the yield good", "why is the yield low", "yield rate rate", "scrap rate", "yield of yield", "mean of mean width", "width",
  "oven.zones[1].temp", "oven.zones[1].temp at 06:00", "mean of oven.zones[9].temp", "mean of web speed", "yield week", "3 batches yield",
  "yield first 3 batches", "yield next 3 batches", "compare yield", "yield vs OEE", "yield; DROP TABLE run", "yield' OR 1=1 --",
  "SELECT 1", "良品率最高的产线", "昨天不良率", "良品率和OEE", "除了press-3线的良品率", "明天的良品率", "5号线的良品率", "昨天今天的良品率",
  "最近批的平均", "平均", "废品率", "良品率大于90", "昨天以前的良品率", "yield of phase streak", "mean of tag width", "mean of result oven.zones[1].temp",
  "yield of press", "yield of line pres-3", "yield of recipe soap", "how many batches by reason", "scrap by class by line", "OEE of width",
  "yield ##", "yield of 3", "yield 2026", "yield 2026-01", "yield in January", "energy of width",
}

describe("a question", function()
  for wanted, texts in pairs(SAME) do
    for _, text in ipairs(texts or {}) do
      it(("'%s' means '%s'"):format(text, wanted), function() assert.equal(wanted, sense(text)) end)
    end
  end

  it("is said back so that it means the same again", function()
    for wanted, texts in pairs(SAME) do
      if texts then assert.equal(wanted, sense(wanted)) end
    end
  end)

  it("that is not understood is refused, and what is offered instead can be answered", function()
    for _, text in ipairs(REFUSED) do
      local answer, why, code, near = ask(text)
      assert.is_nil(answer, text .. " -> " .. tostring(answer and answer.question))
      assert.equal("E-QUESTION", code)
      assert.truthy(#why > 5)
      assert.truthy(near == nil or query.ask(s, near, OPTIONS), text .. " -> " .. tostring(near))
    end
  end)

  it("with one more word that could turn it round is refused", function()
    local twists = { "not", "without", "except", "before", "after", "more", "than", "best", "per", "or", "excluding", "minus",
      "不", "除了", "以前", "以外" }
    for _, text in ipairs { "yield of line press-3 yesterday", "downtime by reason last 3 batches", "number of alarms today",
      "mean of result width of batch a1" } do
      local words = {}
      for word in text:gmatch "%S+" do words[#words + 1] = word end
      for _, twist in ipairs(twists) do
        for at = 1, #words + 1 do
          table.insert(words, at, twist)
          assert.is_nil(ask(table.concat(words, " ")), table.concat(words, " "))
          table.remove(words, at)
        end
      end
    end
  end)

  it("with a word dropped never gives another figure or another line", function()
    local text = "OEE of line press-3 by batch last 3 batches"
    local words = {}
    for word in text:gmatch "%S+" do words[#words + 1] = word end
    for at = 1, #words do
      local word = table.remove(words, at)
      local answer = ask(table.concat(words, " "))
      if answer then
        assert.equal("oee", answer.request.figure)
        assert.is_true(answer.request.line == nil or answer.request.line == "press-3")
      end
      table.insert(words, at, word)
    end
  end)
end)

describe("an answer", function()
  local function items(text)
    local answer, why = ask(text)
    assert(answer, why)
    local out = {}
    for _, item in ipairs(answer.items) do out[item.label or "all"] = item.value or item.lacks end
    return out, answer
  end

  it("has the right value and says how many rows it counted", function()
    local value, answer = items "yield of line press-3"
    assert.is_near(142 / 150, value.all, 1e-12)
    assert.same({ 2, 2 }, { answer.row_n, answer.batch_n })
    assert.is_near(0.92, items("yield of batch a1").all, 1e-12)
    assert.same({ streak = 6, pinhole = 2 }, (items "scrap by class"))
    assert.equal(150, items("production of line press-3").all)
    assert.is_near(300.2, items("mean of width").all, 1e-9)
    assert.is_near(300.6, items("max of width").all, 1e-9)
    assert.is_near(1.5, items("energy").all, 1e-12)
    assert.equal(2, items("how many streak").all)
    assert.equal(3, items("how many batches").all)
    assert.is_near(240, items("how long did make take in batch a2").a2, 0.2)
    assert.is_near(1 / (3 * 0.2), items("Cpk of width in batch a1").all, 1e-6)
    assert.is_near(80, items("max oven.zones[1].setpoint of batch a1").all, 0.01)
    assert.is_near(83, items("max oven.zones[1].temp of batch a1").all, 6)
  end)

  it("counts what lies in the time, by the local day and the shift", function()
    assert.is_near(142 / 150, items("yield yesterday").all, 1e-12)
    assert.is_near(0.6, items("yield today").all, 1e-12)
    assert.equal("no batch ran then", items("yield last week").all)
    assert.is_near(0.6, items("yield from 2026-01-01 02:00 to 2026-01-01 06:00").all, 1e-12)
    assert.is_near(142 / 150, items("yield from 2025-12-31 22:00 to 2025-12-31 23:00").all, 1e-12)
    assert.equal(0, items("how many batches from 2025-12-31 10:00 to 2025-12-31 21:00").all)
  end)

  it("takes OEE from state times, set-up phases and counts", function()
    local value, answer = items "OEE by batch"
    local a1 = answer.items[1].figures
    assert.is_near(480 / 600, a1.availability, 2e-3)
    assert.is_near(600 / 480, a1.effectiveness, 2e-3)
    assert.is_near(0.92, a1.quality, 1e-12)
    assert.is_near(a1.availability * a1.effectiveness * a1.quality, value.a1, 1e-12)
    assert.equal("1 of 1 counts have no planned time", answer.items[3].lacks)
    local make = select(2, items "OEE of phase make in batch a1").items[1].figures
    assert.is_near(1, make.availability, 1e-9)
    assert.is_near(600 / 480, make.effectiveness, 2e-3)
    assert.is_near(0.92, make.quality, 1e-12)
  end)

  it("does not add what has different units", function()
    assert.equal("the records have different units, charges and m: ask for one recipe or line", items("yield").all)
  end)

  it("gives the time that a line was down, by reason", function()
    local t = small_run { execute = function(r)
      r.dwell "90 s"
      r.phase("late", function() r.dwell "510 s" end)
    end }
    t:start()
    t:advance "1 min"
    t:command("hold", "knife stuck")
    t:advance "2 min"
    t:command "unhold"
    t:advance "1 min"
    t:command("hold", "film has torn")
    t:advance "1 min"
    t:command "unhold"
    t:run_until("Complete", { within = "1 h" })
    t.line:pump()
    local down = query.ask(t.line.store, "downtime by reason", OPTIONS)
    assert.equal(2, #down.items)
    assert.is_near(120, down.items[1].value, 1)
    assert.is_near(60, down.items[2].value, 1)
    assert.is_near(180, query.ask(t.line.store, "downtime", OPTIONS).items[1].value, 1)
    assert.is_near(60, query.ask(t.line.store, "downtime in phase late", OPTIONS).items[1].value, 1)
    assert.is_near(600 / 780, query.ask(t.line.store, "availability", OPTIONS).items[1].value, 0.01)
  end)
end)

describe("a question in Chinese", function()
  it("is answered in Chinese: what was understood, units, what was counted", function()
    local answer = assert(ask "press-3线的良品率是多少?")
    assert.equal("产线 press-3 良品率", answer.said)
    assert.equal("94.67 %  （150 m 中良品 142）\n"
      .. "  理解为  产线 press-3 良品率（良品 / 总产量，ISO 22400 质量率）；全部记录\n"
      .. "  计数    2 批，2 行\n", query.text(answer))
    assert.truthy(query.text(assert(ask "昨天press-3线的良品率")):find(
      "2025-12-31 00:00:00 至 2026-01-01 00:00:00（-02:00）", 1, true))
    assert.equal("4 分 0 秒", assert(ask "a2批次 make 阶段用时").items[1].text)
    assert.equal("该时段没有批次运行", assert(ask "上周良品率").items[1].lacks)
    assert.truthy(assert(ask "按批次OEE").items[1].text:find("可用率 .* x 性能稼动率 .* x 质量率 "))
  end)

  it("is refused in Chinese, with the nearest question in Chinese", function()
    local answer, why, code, near = ask "press-3线昨天的幸福率"
    assert.same({ nil, "我不明白“幸福率”", "E-QUESTION" }, { answer, why, code })
    assert.equal("昨天 产线 press-3 良品率", near)
    assert.equal("yield of line press-3 yesterday", sense(near))
    assert.equal("什么的平均值？请写出位号或结果的名称", (select(2, ask "平均值")))
    assert.equal("没有 2026-02-30 这一天", (select(2, ask "2026-02-30 的停机时间")))
    assert.equal("2026-01-01 06:00 是一个时刻；请写 自……以来 或 从……到……", (select(2, ask "今天06:00的停机时间")))
  end)

  it("says itself back in words that mean the same", function()
    for wanted, texts in pairs(SAME) do
      local text = texts[#texts]
      local answer = ask(text)
      assert.equal(wanted, sense(answer.said), text .. " -> " .. answer.said)
      assert.equal(text:find "[\228-\233]" and "zh" or "en", answer.language, text)
    end
  end)

  it("has a Chinese sentence for each English one", function()
    local chinese, missing = require "linewright.query_chinese", {}
    for _, name in ipairs { "query", "query_answer", "query_check", "query_energy", "query_days", "query_parse", "query_time" } do
      local source = assert(io.open("lua/linewright/" .. name .. ".lua")):read "*a"
      source = source:gsub('"%s*%.%.%s*"', "")
      for _, word in ipairs { "message", "word", "refuse" } do
        for text in source:gmatch("%f[%w]" .. word .. '%s*%(?"([^"\n]*)"') do
          if not chinese[text] and text:find "%a%a%a" then missing[#missing + 1] = text end
        end
      end
    end
    assert.same({}, missing)
  end)
end)

describe("linewright query", function()
  local function run(...) return process.run(project.dir, { process.program(), "query", "--db", project.db, ... }) end

  it("answers, explains and shows what it counted", function()
    local code, out = run("yield", "of", "line", "press-3", "--explain")
    assert.equal(0, code)
    assert.truthy(out:find("^94%.67 %%  %(142 good of 150 m%)\n  asked    yield %(good / total"))
    assert.truthy(out:find("\n  counted  2 rows of 2 batches\n", 1, true))
    local sql = out:match "\n(WITH runs .*)\n$"
    local code2, rows = run("--sql", sql)
    assert.equal(0, code2)
    assert.truthy(rows:find("\n0.9466667\t142\t150\tm\t", 1, true))
  end)

  it("knows the profile's shifts and a time to ask at", function()
    local code, out = run("yield last shift", "--now", "2026-01-01 08:00", "--utc")
    assert.equal(0, code)
    assert.truthy(out:find("shift night, 2025-12-31 22:00:00 to 2026-01-01 06:00:00 (UTC)", 1, true))
    code = run("yield last shift", "--now", "eight")
    assert.equal(2, code)
  end)

  it("gives the same as JSON", function()
    local code, out = run("3号线的良品率", "--json")
    assert.equal(1, code)
    assert.equal("没有产线“3”：现有 press-3, press-4", json.decode(out).refused)
    code, out = run("良品率 press-3线", "--json")
    assert.equal(0, code)
    local r = json.decode(out)
    assert.equal("yield of line press-3", r.question)
    assert.is_near(142 / 150, r.answer[1].value, 1e-12)
    assert.equal(2, r.rows)
  end)

  it("takes no --now that no clock shows", function()
    for _, now in ipairs { "0001-01-01 00:00", "9999-12-31 23:59", "2026-02-30 08:00", "2026-01-01 25:00" } do
      local code, _, err = process.run(project.dir, { process.program(), "query", "yield today", "--db",
        project.db, "--now", now })
      assert.equal(2, code, now)
      assert.truthy(err:find("--now takes a time", 1, true))
    end
  end)

  it("refuses on standard error with the nearest question", function()
    local code, out, err = run "yeild of line press-3"
    assert.equal(1, code)
    assert.equal("", out)
    assert.equal("E-QUESTION I do not understand 'yeild'\n  nearest that I can answer: yield of line press-3\n", err)
  end)

  it("is asked from the REPL, too, in words and in SQL", function()
    local function repl(code) return process.run(project.dir, { process.program(), "repl", "--db", project.db, "-e", code }) end
    local code, out, err = repl 'db:ask "production of line press-3"'
    assert.equal(0, code, err)
    assert.truthy(out:find("^150 m, 142 good\n  asked    "), out)
    code, out = repl 'db:sql "SELECT batch, line FROM batches ORDER BY run"'
    assert.equal(0, code)
    assert.truthy(out:find "^batch  line%s+a1%s+press%-3", out)
    code, out, err = repl 'db:sql "DELETE FROM run"'
    assert.same({ 1, "" }, { code, out })
    assert.truthy(err:find("a question may only read", 1, true))
  end)

  it("reads only, and says what is wrong with a statement or a file", function()
    local code, _, err = run("--sql", "DELETE FROM run")
    assert.equal(2, code)
    assert.truthy(err:find("a question may only read", 1, true))
    assert.equal(2, (run()))
    assert.equal(2, (run("yield", "--sql", "SELECT 1")))
    assert.equal(3, (process.run(project.dir, { process.program(), "query", "yield", "--db", project.dir .. "/no.db" })))
  end)
end)
