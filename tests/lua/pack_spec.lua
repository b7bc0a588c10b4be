-- Packs: written, read, signed, run; and who may run what on a plant.
local has = require "tests.support.has"
local hash = require "linewright.hash"
local loader = require "linewright.loader"
local pack = require "linewright.pack"
local process = require "tests.support.process"
local projects = require "tests.support.project"
local release = require "linewright.release"
local sys = require "linewright.sys"

local project, key, public
local function path(name) return project.dir .. "/" .. name end

-- A pack of the project's recipe and line as they are now; its bytes.
local function write(options)
  local bundle = loader.bundle { recipe = path "soak.lua", line = path "shed.lua",
    root = project.dir }
  options = options or {}
  local how = { life = options.life or "effective" }
  if not options.unsigned then how.key = key end
  local bytes = assert(pack.write(bundle, how))
  project:write("soak.lwb", bytes)
  return bytes, bundle
end

before_each(function()
  project = projects.new()
  key = path "release.key"
  public = assert(hash.public(key))
end)
after_each(function() project:remove() end)

describe("a pack", function()
  it("has the same bytes whenever the same files are packed", function()
    assert.equal((write()), (write()))
  end)

  it("makes the bundle that it was made from, without the files", function()
    local _, bundle = write { unsigned = true }
    os.remove(path "soak.lua")
    os.remove(path "shed.lua")
    local made = assert(release.load { recipe = path "soak.lwb", sim = true })
    assert.equal(bundle.hash, made.hash)
    assert.equal(bundle.plan_digest, made.plan_digest)
    assert.same({ policy = "engineering", life = "effective" }, made.release)
  end)

  it("is refused when one of its bytes was changed, wherever it is", function()
    local bytes = write()
    local missed = 0
    for at = 1, #bytes, 37 do
      local other = bytes:sub(at, at) == "x" and "y" or "x"
      if pack.read(bytes:sub(1, at - 1) .. other .. bytes:sub(at + 1)) then missed = missed + 1 end
    end
    assert.equal(0, missed)
    assert.is_nil((pack.read(bytes:sub(1, -2))))
    assert.is_nil((pack.read(bytes .. "x")))
    assert.is_nil((pack.read "LINEWRIGHT-PACK 1\n"))
  end)
end)

describe("the release policy production", function()
  local function judge(change, o)
    project:edit("shed.lua", "api = 1, revision = 1,",
      ('api = 1, revision = 1, release = { policy = "production", keys = { "%s" } },'):format(
        (change or {}).trusted or public))
    write(change)
    o = o or {}
    o.recipe = o.recipe or path "soak.lwb"
    local _, findings = release.load(o)
    return findings:text { fail = true }
  end

  it("runs an effective pack that a trusted key has signed", function()
    assert.equal("", judge())
  end)

  it("refuses all else, and says why", function()
    has(judge(nil, { recipe = path "soak.lua", line = path "shed.lua" }),
      "E-POLICY release policy production (line 'shed'): these are loose files")
  end)
  it("refuses an unsigned pack", function()
    has(judge { unsigned = true }, "the pack is not signed")
  end)
  it("refuses a foreign key", function()
    has(judge { trusted = ("ab"):rep(32) },
      ("signed by %s..., which is none of the 1 keys"):format(public:sub(1, 16)))
  end)
  it("refuses a draft", function()
    has(judge { life = "draft" }, "the pack is 'draft'; only 'effective' ones run")
  end)
  it("refuses --set", function()
    has(judge(nil, { set = { hot = "90 degC" } }), "--set would change values that were signed")
  end)
  it("lets anything run on the twin", function()
    assert.equal("", judge(nil, { recipe = path "soak.lua", line = path "shed.lua", sim = true }))
  end)

  it("is the host's own word when its file says so", function()
    local state = path "state"
    sys.mkdir(state)
    project:write("state/release", "policy production\nkey " .. ("cd"):rep(32) .. " somebody\n")
    write()
    local code, _, err = process.run(project.dir, { "env", "STATE_DIRECTORY=" .. state,
      process.program(), "run", path "soak.lwb", "--db", path "a.db" })
    assert.equal(1, code)
    has(err, "E-POLICY release policy production (" .. state .. "/release): the pack is signed by")
    project:write("state/release", "policy produktion\n")
    code, _, err = process.run(project.dir, { "env", "STATE_DIRECTORY=" .. state,
      process.program(), "run", path "soak.lwb", "--db", path "a.db" })
    assert.equal(1, code)
    has(err, "release:1: write `policy production`")
    project:write("state/release", "policy production\nkey " .. public .. " ana\n")
    local out
    code, out, err = process.run(project.dir, { "env", "STATE_DIRECTORY=" .. state,
      process.program(), "run", path "soak.lwb", "--db", path "a.db" })
    assert.equal("", err)
    assert.equal(0, code)
    has(out, "Complete")
    code, out = process.run(project.dir, { process.program(), "report", "--db", path "a.db" })
    assert.equal(0, code)
    has(out, "policy production")
    has(out, "release  effective, signed by " .. public:sub(1, 16))
  end)
end)

describe("linewright pack", function()
  local function run(...) return process.run(project.dir, { process.program(), ... }) end

  it("writes a pack that verify accepts and whose damage it names", function()
    local code, out = run("pack", path "soak.lua", "--line", path "shed.lua", "--sign", key,
      "--life", "approved", "-o", path "x.lwb")
    assert.equal(0, code)
    has(out, "approved, signed")
    code, out = run("verify", path "x.lwb", "--key", public)
    assert.equal(0, code)
    has(out, "whole; soak 1.0.0 on shed, approved")
    assert.equal(1, (run("verify", path "x.lwb", "--key", ("ab"):rep(32))))
    local bytes = assert(sys.read_file(path "x.lwb"))
    project:write("x.lwb", (bytes:gsub("130 degC", "190 degC")))
    code, out = run("verify", path "x.lwb")
    assert.equal(1, code)
    has(out, "shed.lua is not the one that was packed")
    local err
    code, out, err = run("verify", path "none.lwb")
    assert.same({ 3, "" }, { code, out })
    has(err, "cannot read " .. path "none.lwb")
    assert.is_nil(err:find "damaged")
  end)

  it("says of a head that its texts do not bear it out that it is not whole", function()
    local bytes = write { unsigned = true }
    for from, to in pairs { ["line=shed\n"] = "line=\27[31m\n", ["recipe=soak\n"] = "recipe=broil\n",
      ["life=effective\n"] = "life=gone\n" } do
      local changed, n = bytes:gsub(from, to, 1)
      assert.equal(1, n)
      project:write("x.lwb", changed)
      local code, out = run("verify", path "x.lwb")
      assert.equal(1, code, from)
      has(out, "x.lwb: damaged or tampered with")
      assert.is_nil(out:find "\27")
    end
  end)

  it("is told of a database that has the same bundle from another pack in one line", function()
    for i, life in ipairs { "draft", "approved" } do
      local code = i == 1 and 0 or 3
      write { life = life }
      local got, _, err = run("run", path "soak.lwb", "--sim", "--speed", "max", "--db", path "a.db")
      assert.equal(code, got, err)
      if code == 3 then assert.truthy(err:find "^E%-EXISTS [^\n]+ are from another pack[^\n]+\n$") end
    end
  end)

  it("complains of what it cannot use", function()
    local code, _, err = run("pack", path "soak.lua", "--line", path "shed.lua", "--life", "done")
    assert.equal(2, code)
    has(err, "--life 'done' is none of: draft, in review, approved, effective, retired")
    code, _, err = run("pack", path "soak.lua", "--line", path "shed.lua", "--sign", path "no.key")
    assert.equal(3, code)
    has(err, "no.key is not there; linewright pack --keygen makes a key")
    code, _, err = run("pack", "--keygen", key)
    assert.equal(3, code)
    has(err, "is there already")
  end)
end)
