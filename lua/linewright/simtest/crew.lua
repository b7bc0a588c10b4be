--- Seeds shared out to processes of their own, so that all cores work; what they find
--- comes in the order of the seeds. Of n members, member k plays every nth seed.

local child = require "linewright.child"
local json = require "linewright.json"

local Crew = {}
Crew.__index = Crew

local crew = {}

-- LuaJIT keeps some of each recipe that was loaded for as long as its process lives.
local SEEDS_OF_A_LIFE = 150

--- A crew for a campaign; nil when one process does.
---@param args string[] command line of `sim-test`
---@param s table of its numbers: jobs, seed, seeds
---@return table|nil crew
function crew.new(args, s)
  local n = math.min(s.jobs, s.seeds)
  if n == 1 and s.seeds <= SEEDS_OF_A_LIFE then return nil end
  return setmetatable({ args = args, n = n, first = s.seed, last = s.seed + s.seeds - 1,
    members = {} }, Crew)
end

local function words_for(self, seed)
  local words = { "--role", "tool", "sim-test" }
  for _, word in ipairs(self.args) do words[#words + 1] = word end
  local left = math.floor((self.last - seed) / self.n) + 1
  for name, value in pairs { seed = seed, stride = self.n, jobs = 1,
    seeds = math.min(SEEDS_OF_A_LIFE, left) } do
    words[#words + 1] = ("--%s=%.0f"):format(name, value)
  end
  return words
end

local function relieve(self, k, seed)
  if self.members[k] then self.members[k]:close() end
  local started, message = child.open((table.unpack or unpack)(words_for(self, seed)))
  if not started then error("sim-test: " .. message, 0) end
  self.members[k] = started
  return started
end

--- What came of a seed; call for each seed in turn.
---@param seed integer
---@return table virtual_s, records, told (nil when nothing broke)
function Crew:outcome(seed)
  local nth = seed - self.first
  local k = nth % self.n + 1
  local is_new = math.floor(nth / self.n) % SEEDS_OF_A_LIFE == 0
  local member = is_new and relieve(self, k, seed) or self.members[k]
  local line = member:line()
  local result = line and json.decode(line)
  if type(result) ~= "table" then
    error(("sim-test: the process that plays seed %d ended"):format(seed), 0)
  end
  return result
end

--- Send all home, also in the middle of a seed.
function Crew:close()
  for _, member in pairs(self.members) do member:close() end
end

return crew
