-- Questions in SQL: they read, and nothing else.
local store = require "linewright.store"

local path, s
before_each(function()
  path = os.tmpname()
  os.remove(path)
  s = assert(store.open(path, "w"))
  s:run_set("batch", "b1")
  s:run_set("line", "press-3")
  assert(s:run_begin())
end)
after_each(function()
  s:close()
  os.execute("rm -rf " .. path .. "*")
end)

local function one(sql, ...)
  local q = assert(s:sql(sql, ...))
  local row = { q:row() }
  q:close()
  return row
end

describe("a question in SQL", function()
  it("gives rows, names and nulls", function()
    local q = assert(s:sql("SELECT batch, line, NULL AS none, ?1 + 1 AS n FROM batches", 41))
    assert.same({ "batch", "line", "none", "n" }, { q:columns() })
    assert.same({ true, "b1", "press-3", nil, 42 }, { q:row() })
    assert.is_nil((q:row()))
    assert.is_nil((q:row()))
  end)

  it("keeps a whole time exact on its way in", function()
    assert.same({ true, "1795337743000000000" }, one("SELECT CAST(?1 AS TEXT)", 1795337743e9))
  end)

  it("refuses whatever would change or reach something", function()
    for _, sql in ipairs {
      "DELETE FROM record", "UPDATE run SET batch='x'", "INSERT INTO content VALUES('a','b')", "DROP TABLE run",
      "CREATE TABLE t(a)", "CREATE TEMP TABLE t(a)", "PRAGMA journal_mode=DELETE", "PRAGMA user_version",
      "ATTACH 'other.db' AS o", "VACUUM", "BEGIN", "SELECT load_extension('x')", "REINDEX",
      "WITH x AS (SELECT 1) DELETE FROM run", "ALTER TABLE run ADD COLUMN z", "EXPLAIN DELETE FROM run",
    } do
      local q, message, code = s:sql(sql)
      assert.is_nil(q, sql)
      assert.is_true(code == "E-DENIED" or sql:find "load_extension" ~= nil, sql .. ": " .. message)
    end
    assert.same({ true, 1 }, one "SELECT count(*) FROM run")
  end)

  it("says what is wrong with the text", function()
    local _, message, code = s:sql "SELEC 1"
    assert.same({ 'SQL: near "SELEC": syntax error', "E-SYNTAX" }, { message, code })
    assert.equal("E-SYNTAX", (select(3, s:sql "SELECT 1; SELECT 2")))
    assert.equal("E-SYNTAX", (select(3, s:sql "  ")))
    assert.has_error(function() s:sql("SELECT 1", 5) end)
  end)

  it("takes one statement with a semicolon at its end", function()
    assert.same({ true, 1 }, one "SELECT 1 ; \n")
  end)

  it("has the standard deviation of a sample, and labels", function()
    assert.is_near(2.138089935, one("SELECT stdev(value) FROM json_each('[2,4,4,4,5,5,7,9]')")[2], 1e-9)
    assert.is_nil(one("SELECT stdev(value) FROM json_each('[2]')")[2])
    assert.same({ true, "top/up", "x", "" },
      one "SELECT label('execute/heat/top%2Fup#12'), label('x'), label('')")
  end)

  it("knows no tag where nothing was recorded", function()
    assert.same({ true, nil, nil }, one "SELECT tag(1, 'a', 'mean'), tag_unit(1, 'a')")
  end)

  it("still writes with the same handle afterwards", function()
    one "SELECT * FROM phases"
    assert(s:run_end(1, "Complete"))
  end)
end)
