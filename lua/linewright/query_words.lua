--- The words of questions: one table for English and Chinese, and the scanner
--- that cuts a text into them. What is no word, number or time is a name, and a
--- name has to be found in the records: nothing is skipped, nothing guessed.

local query_words = {}

-- Symbol -> its spellings; longest first wins. A word that is not here and not in
-- the records makes a question one that is refused.
local SPELLINGS = {
  YIELD = "yield rate|yield|quality ratio|quality rate|good rate|良品率|合格率",
  OEE = "overall equipment effectiveness|oee|设备综合效率|综合效率",
  AVAILABILITY = "availability|可用率|时间稼动率",
  EFFECTIVENESS = "effectiveness|性能稼动率",
  DOWNTIME = "downtime|down time|停机时间|停机",
  ENERGY = "energy consumption|energy use|energy|能耗|用电量|电耗",
  SCRAP = "scrap|废品数量|废品|废料|报废",
  PRODUCED = "quantity produced|produced|production|产量",
  MEAN = "mean|average|avg|平均值|平均|均值",
  MAX = "maximum|max|highest|largest|最大值|最大|最高值|最高",
  MIN = "minimum|min|lowest|smallest|最小值|最小|最低值|最低",
  SD = "standard deviation|stdev|标准差",
  CPK = "cpk", CP = "cp",
  COUNT = "how many|number of|count of|count|有多少个|多少个|有多少|多少次|几个|几次|次数|数量",
  DURATION = "how long|duration|多长时间|多久|时长|用时",
  ALARM = "alarms|alarm|报警|警报", MARK = "marks|mark|defects|defect|缺陷",
  BATCHES = "batches",
  BY_REASON = "by reason|by cause|按原因", BY_CLASS = "by class|by type|按类别|按类型",
  BY_BATCH = "by batch|按批次", BY_LINE = "by line|按产线", BY_RECIPE = "by recipe|按配方",
  BY_PRODUCT = "by product|按产品",
  LINE = "production line|line|生产线|产线", LINE_END = "号产线|号线|线",
  BATCH = "batch|批次|批号", BATCH_END = "批", RECIPE = "recipe|配方", PRODUCT = "product|产品",
  PHASE = "phase|阶段", OPERATION = "operation|工序", UNIT = "unit|单元",
  TAG = "tag|位号|标签", RESULT = "result|结果",
  TODAY = "today|今天|今日", YESTERDAY = "yesterday|昨天|昨日",
  BEFORE_YESTERDAY = "the day before yesterday|day before yesterday|前天",
  THIS_WEEK = "this week|本周|这周|这个星期", LAST_WEEK = "last week|上周|上个星期",
  THIS_MONTH = "this month|本月|这个月", LAST_MONTH = "last month|上个月|上月",
  LAST_SHIFT = "the last shift|last shift|previous shift|上一班次|上一个班次|上个班次|上一班|上个班",
  THIS_SHIFT = "this shift|current shift|the current shift|本班次|当前班次|本班|当班",
  LAST_BATCH = "the last batch|last batch|上一批次|上一批|上批",
  LAST = "the last|last|the past|past|最近|过去",
  HOUR = "hours|hour|小时|个小时", MINUTE = "minutes|minute|min.|分钟", DAY = "days|day|天",
  WEEK = "weeks|week|周|个星期",
  SINCE = "since|自从|自", SINCE_END = "以来", FROM = "from|从", TO = "to|until|到|至",
  ON_END = "起", BETWEEN = "between|介于", AND = "and|和|与", BETWEEN_END = "之间", NOW = "now|现在",
  MONDAY = "monday|星期一|周一", TUESDAY = "tuesday|星期二|周二",
  WEDNESDAY = "wednesday|星期三|周三", THURSDAY = "thursday|星期四|周四",
  FRIDAY = "friday|星期五|周五", SATURDAY = "saturday|星期六|周六",
  SUNDAY = "sunday|星期日|星期天|周日|周天",
  -- Words that say nothing; whatever could turn a meaning round is not here.
  FILLER = "what's|what|was|were|is|are|the|of|for|on|in|during|did|do|does|we|our|show me|show|"
    .. "give me|tell me|please|how much|take|took|'s|the value of|请问|的|是多少|有多少呢|是什么|是|为|"
    .. "多少|呢|在|，|。|？|?|,|!|:|.",
}

local NUMERALS = { ["一"] = 1, ["二"] = 2, ["两"] = 2, ["三"] = 3, ["四"] = 4, ["五"] = 5,
  ["六"] = 6, ["七"] = 7, ["八"] = 8, ["九"] = 9, ["十"] = 10 }

-- Full-width forms to their usual ones.
local WIDE = { ["：" ] = ":", ["，"] = ",", ["？"] = "?", ["。"] = ".", ["　"] = " ", ["“"] = '"',
  ["”"] = '"', ["！"] = "!", ["（"] = " ", ["）"] = " ", ["～"] = "..", ["—"] = "-" }

local by_first = {} -- first byte -> list of { text, symbol }, longest first

local function add(text, symbol)
  local first = text:sub(1, 1)
  by_first[first] = by_first[first] or {}
  local list = by_first[first]
  list[#list + 1] = { text = text, symbol = symbol }
end

for symbol, texts in pairs(SPELLINGS) do
  for text in texts:gmatch "[^|]+" do add(text, symbol) end
end
for text, value in pairs(NUMERALS) do add(text, value) end

-- 十一 to 十九, 二十 to 二十九, ...
local function add_tens(tens, ten)
  local text = (ten > 1 and tens or "") .. "十"
  if ten > 1 then add(text, 10 * ten) end
  for ones, one in pairs(NUMERALS) do
    if one < 10 then add(text .. ones, 10 * ten + one) end
  end
end

for tens, ten in pairs(NUMERALS) do
  if ten < 10 then add_tens(tens, ten) end
end
for _, list in pairs(by_first) do
  table.sort(list, function(a, b)
    if #a.text ~= #b.text then return #a.text > #b.text end
    return a.text < b.text
  end)
end

--- First spelling of a symbol: how questions are written back.
---@param symbol string
---@return string
function query_words.spelling(symbol) return (SPELLINGS[symbol]:match "^[^|]+") end

--- All English words of questions, for "did you mean".
---@return string[]
function query_words.all()
  local out = {}
  for symbol, texts in pairs(SPELLINGS) do
    if symbol ~= "FILLER" then
      for text in texts:gmatch "[^|]+" do
        if text:find "^%l[%l ]+$" then out[#out + 1] = text end
      end
    end
  end
  table.sort(out)
  return out
end

local WORD = "[%w_%.%[%]%-%+/#%%]"

-- A spelling in ASCII ends where a word ends.
local function fits(text, at, word)
  if text:sub(at, at + #word - 1) ~= word then return false end
  if not word:find "[%w]$" or word:byte(-1) > 127 then return true end
  return not text:find("^" .. WORD, at + #word) or text:find("^[%.,]%s", at + #word) ~= nil
    or text:find("^[%.,]$", at + #word) ~= nil
end

local function lexeme(lower, at)
  for _, item in ipairs(by_first[lower:sub(at, at)] or {}) do
    if fits(lower, at, item.text) then return item end
  end
end

local matchers = {}

matchers[1] = function(text, at) -- a date, 2026-11-20 or 2026年11月20日
  local a, b, y, m, d = text:find("^(%d%d%d%d)%-(%d%d?)%-(%d%d?)", at)
  if a and text:find("^[%w_]", b + 1) then return nil end
  if not a then a, b, y, m, d = text:find("^(%d%d%d%d)年(%d%d?)月(%d%d?)日", at) end
  if not a then return nil end
  return { kind = "date", year = tonumber(y), month = tonumber(m), day = tonumber(d), last = b }
end

matchers[2] = function(text, at) -- a time of day
  local a, b, h, m = text:find("^(%d%d?):(%d%d)", at)
  if a and not text:find("^[%w_:]", b + 1) and tonumber(h) < 24 and tonumber(m) < 60 then
    return { kind = "time", minute = tonumber(h) * 60 + tonumber(m), last = b }
  end
end

matchers[3] = function(text, at)
  local a, b = text:find("^%.%.+", at)
  if a then return { kind = "symbol", symbol = "RANGE", last = b } end
end

matchers[4] = function(text, at) -- a quoted name
  local a, b, name = text:find('^"([^"]+)"', at)
  if not a then a, b, name = text:find("^'([^']+)'", at) end
  if a then return { kind = "name", text = name, quoted = true, last = b } end
end

matchers[5] = function(text, at) -- a number; its text may be a name, as in batch 0417
  local a, b, number = text:find("^([+-]?%d+%.?%d*)", at)
  if a and number:find "%.$" then
    number = number:sub(1, -2)
    b = b - 1
  end
  if a and not text:find("^[%a_%[%]%-/#]", b + 1) and not text:find("^%.[%w]", b + 1) then
    return { kind = "number", value = tonumber(number), text = number, last = b }
  end
end

-- What nobody knows yet: up to the next blank, or the next Chinese word.
local function name_at(text, lower, at)
  if text:byte(at) < 128 then
    local _, last = text:find("^" .. WORD .. "+", at)
    if not last then return { kind = "name", text = text:sub(at, at), last = at } end
    while last > at and text:find("^[%.,%-]", last) do last = last - 1 end
    return { kind = "name", text = text:sub(at, last), last = last }
  end
  local last = at
  repeat
    local _, stop = text:find("^[\194-\244][\128-\191]+", last)
    last = (stop or last) + 1
  until last > #text or text:byte(last) < 128 or lexeme(lower, last)
  return { kind = "name", text = text:sub(at, last - 1), last = last - 1 }
end

local function token_at(text, lower, at)
  for i = 1, #matchers do
    local token = matchers[i](text, at)
    if token then return token end
  end
  local item = lexeme(lower, at)
  if not item then return name_at(text, lower, at) end
  local last = at + #item.text - 1
  if type(item.symbol) == "number" then
    return { kind = "number", value = item.symbol, text = item.text, last = last }
  end
  return { kind = "symbol", symbol = item.symbol, text = item.text, last = last }
end

--- Cut a question into tokens.
---@param text string UTF-8
---@return table[] tokens kind "symbol", "number", "date", "time", "name"; text as written
function query_words.scan(text)
  for wide, plain in pairs(WIDE) do text = text:gsub(wide, plain) end
  local lower, tokens, at = text:lower(), {}, 1
  while at <= #text do
    if text:find("^%s", at) then
      at = at + 1
    else
      local token = token_at(text, lower, at)
      token.text = token.text or text:sub(at, token.last)
      token.text_as_written = text:sub(at, token.last)
      tokens[#tokens + 1] = token
      at = token.last + 1
    end
  end
  return tokens
end

--- Is a text in Chinese?
---@param text string
---@return boolean
function query_words.is_chinese(text)
  return text:find "[\228-\233][\128-\191][\128-\191]" ~= nil
end

return query_words
