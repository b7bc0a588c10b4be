--- What answers and refusals say in Chinese, by the English template. Templates that
--- are not here stay as they are: units, signs and numbers.

return {
  -- figures
  ["yield"] = "良品率", ["OEE"] = "OEE", ["oee"] = "OEE", ["availability"] = "可用率",
  ["effectiveness"] = "性能稼动率", ["downtime"] = "停机时间", ["energy"] = "能耗",
  ["scrap"] = "废品", ["production"] = "产量", ["produced"] = "产量", ["mean"] = "平均值",
  ["max"] = "最大值", ["min"] = "最小值", ["standard deviation"] = "标准差", ["sd"] = "标准差",
  ["Cpk"] = "Cpk", ["cpk"] = "Cpk", ["Cp"] = "Cp", ["cp"] = "Cp", ["number of"] = "数量",
  ["count"] = "数量", ["duration"] = "时长",
  ["yield (good / total produced, ISO 22400 quality ratio)"] =
    "良品率（良品 / 总产量，ISO 22400 质量率）",
  ["OEE (availability x effectiveness x quality, ISO 22400)"] =
    "OEE（可用率 x 性能稼动率 x 质量率，ISO 22400）",
  ["availability (production time / planned busy time, ISO 22400)"] =
    "可用率（生产时间 / 计划占用时间，ISO 22400）",
  ["effectiveness (planned time of what was produced / production time, ISO 22400)"] =
    "性能稼动率（产出的计划时间 / 生产时间，ISO 22400）",
  ["downtime (held, stopping and aborted; not suspended, not idle)"] =
    "停机时间（保持、停止中和中止；不含暂停和空闲）",
  ["scrap (total less good)"] = "废品（总产量减良品）", ["quantity produced"] = "产量",
  ["largest value"] = "最大值", ["smallest value"] = "最小值",

  -- things
  ["line"] = "产线", ["batch"] = "批次", ["recipe"] = "配方", ["product"] = "产品",
  ["phase"] = "阶段", ["operation"] = "工序", ["unit"] = "单元", ["tag"] = "位号",
  ["result"] = "结果", ["mark"] = "缺陷", ["alarm"] = "报警", ["reason"] = "原因",
  ["class"] = "类别", ["alarms"] = "报警", ["defects"] = "缺陷", ["batches"] = "批次",
  ["alarms and trips raised"] = "发出的报警和联锁", ["marks"] = "缺陷",
  ["batches that ended"] = "结束的批次", ["the line"] = "产线", ["the batch"] = "批次",
  ["the recipe"] = "配方", ["the product"] = "产品", ["what of"] = "统计对象",
  ["the phase"] = "阶段", ["the limits"] = "限值", ["the time"] = "时间", ["by what"] = "分组",
  ["what is asked for"] = "所问的指标", ["what is counted"] = "计数对象",
  ["all records"] = "全部记录", ["whole batch"] = "整个批次",

  -- the parts of a question
  ["%s; %s"] = "%s；%s",
  ["of %s"] = "%s", ["of %s %s"] = "%s %s", ["by %s"] = "按%s", ["between %.14g and %.14g"] =
    "介于 %.14g 和 %.14g 之间",

  -- spans
  ["today"] = "今天", ["yesterday"] = "昨天", ["the day before yesterday"] = "前天",
  ["this week"] = "本周", ["last week"] = "上周", ["this month"] = "本月", ["last month"] = "上个月",
  ["this shift"] = "本班次", ["last shift"] = "上一班次", ["last batch"] = "上一批",
  ["the last batch"] = "上一批", ["last %d batches"] = "最近%d批",
  ["the last %d batches"] = "最近%d批", ["last %.14g hours"] = "最近%.14g小时",
  ["last %.14g minutes"] = "最近%.14g分钟", ["last %.14g days"] = "最近%.14g天",
  ["last %.14g weeks"] = "最近%.14g周", ["now"] = "现在", ["on %s"] = "%s",
  ["since %s"] = "自 %s 以来", ["from %s to %s"] = "从 %s 到 %s", ["shift %s"] = "班次 %s",
  ["%s to %s (%s)"] = "%s 至 %s（%s）", ["%s and %s"] = "%s 和 %s",

  -- answers
  ["%.4g s"] = "%.4g 秒", ["%d min %d s"] = "%d 分 %d 秒", ["%d h %d min"] = "%d 小时 %d 分",
  ["%s  (%s good of %s)"] = "%1$s  （%3$s 中良品 %2$s）", ["%s, %s good"] = "%s，其中良品 %s",
  ["%s  (%s of %s)"] = "%1$s  （%3$s 的 %2$s）", ["unknown"] = "未知",
  ["%s = availability %s x effectiveness %s x quality %s"] =
    "%s = 可用率 %s x 性能稼动率 %s x 质量率 %s",
  ["busy %s, production %s, set-up %s, down %s, waiting %s"] =
    "占用 %s，生产 %s，准备 %s，停机 %s，等待 %s",
  ["%s  (production %s of %s busy)"] = "%1$s  （占用 %3$s 中生产 %2$s）",
  ["%s  (planned %s, took %s)"] = "%s  （计划 %s，实际 %s）",
  ["%.3f  (95 %% interval %.3f..%.3f, n %d, limits %s..%s)"] =
    "%.3f  （95 %% 置信区间 %.3f..%.3f，n %d，限值 %s..%s）",
  ["%.3f  (n %d, limits %s..%s)"] = "%.3f  （n %d，限值 %s..%s）", ["none"] = "无",
  ["not known: %s"] = "无法得知：%s",
  ["asked    %s"] = "理解为  %s", ["from     %s %s"] = "来源    %s %s",
  ["counted  %s of %s"] = "计数    %2$s，%1$s", ["1 row"] = "1 行", ["%.0f rows"] = "%.0f 行",
  ["1 batch"] = "1 批", ["%.0f batches"] = "%.0f 批", ["same as  %s"] = "等同于  %s",
  ["nearest that I can answer: %s"] = "我能回答的最接近的问题：%s",

  -- what the records do not tell
  ["nothing was counted"] = "没有计数记录", ["nothing was recorded"] = "没有记录",
  ["no value was recorded"] = "没有记录任何数值", ["the line was not busy"] = "产线未被占用",
  ["no batch ran then"] = "该时段没有批次运行", ["no time of production"] = "没有生产时间",
  ["no quantity was recorded (r.produced)"] = "没有记录产量(r.produced)",
  ["%d of %d counts have no planned time"] = "%2$d 个计数中有 %1$d 个没有计划时间",
  ["the records have different units, %s and %s: ask for one recipe or line"] =
    "记录的单位不同（%s 和 %s）：请只问一个配方或一条产线",
  ["a deviation needs 2 values, there are %d"] = "标准差至少需要 2 个数值，现有 %d 个",
  ["a capability needs 2 values, there are %d"] = "过程能力至少需要 2 个数值，现有 %d 个",
  ["the limits differ between the values: ask for one batch, or write between LOW and HIGH"] =
    "各数值的限值不同：请只问一个批次，或写明 介于 下限 和 上限 之间",
  ["no limits were recorded: write between LOW and HIGH"] =
    "没有记录限值：请写明 介于 下限 和 上限 之间",
  ["all %d values are equal: no capability"] = "%d 个数值全部相等：无过程能力可言",
  ["Cp needs both limits"] = "Cp 需要上下两个限值",
  ["no energy was recorded: a result or tag in kWh, J or W is needed"] =
    "没有记录能耗：需要单位为 kWh、J 或 W 的结果或位号",
  ["the counter went back: it was reset or exchanged"] = "计数器倒退：被清零或更换过",
  ["meter"] = "电表", ["power"] = "功率",
  ["energy of what? write %s"] = "什么的能耗？请写 %s", ["energy of %s"] = "%s 的能耗",

  -- refusals
  ["%s is said twice"] = "%s说了两次", ["there is none"] = "一个也没有", ["there is %s"] = "现有 %s",
  ["there is no batch '%s'"] = "没有批次“%s”", ["there is no %s '%s': %s"] = "没有%s“%s”：%s",
  ["nothing was recorded of tag '%s'"] = "没有位号“%s”的记录", ["%s '%s' may be %s"] =
    "%s“%s”可能是 %s", ["%s or %s"] = "%s 或 %s", ["%s and a %s"] = "%s和%s",
  ["limits are written between LOW and HIGH"] = "限值请写成 介于 下限 和 上限 之间",
  ["%g is not below %g"] = "%g 不小于 %g", ["which %s?"] = "哪个%s？",
  ["%s %s or %s?"] = "%s是 %s 还是 %s？", ["I do not understand '%s'"] = "我不明白“%s”",
  ["I do not understand '%s' there"] = "我不明白此处的“%s”",
  ["'%s' is a %s; write %s %s"] = "“%s”既是%s；请写 %s %s",
  ["%s of what? name a tag or a result"] = "什么的%s？请写出位号或结果的名称",
  ["a mark has no %s; ask how many"] = "缺陷没有%s；请问有多少个",
  ["how many alarms, defects or batches?"] = "有多少报警、缺陷还是批次？",
  ["how many of what? alarms, defects, batches or a mark's name"] =
    "有多少什么？报警、缺陷、批次，或某种缺陷的名称",
  ["how long did what take? name a batch or a phase"] = "什么用了多久？请写出批次或阶段",
  ["limits belong to Cp and Cpk only"] = "只有 Cp 和 Cpk 才有限值",
  ["a tag has no limits of its own: write %s of %s between LOW and HIGH"] =
    "位号本身没有限值：请写 %2$s 的 %1$s 介于 下限 和 上限 之间",
  ["%s is not known by %s"] = "%s不能按%s统计", ["%s of %s? one of the two"] = "%s还是%s？只能问其一",
  ["a %s has no duration"] = "%s没有时长", ["%s is not of a %s"] = "%s不能针对%s",
  ["how many %s?"] = "有多少%s？",
  ["what is asked for is missing: yield, OEE, downtime, energy, scrap, mean of ..."] =
    "没有说明问什么：良品率、OEE、停机时间、能耗、废品、某位号的平均值……",
  ["one batch or the last ones, not both"] = "某一批次或最近几批，只能选一",

  -- times that are refused
  ["there is no day %s"] = "没有 %s 这一天",
  ["today is %s: write today or a date"] = "今天就是%s：请写 今天 或日期",
  ["%s is not before %s"] = "%s 不早于 %s", ["%s is not in the past"] = "%s 不在过去",
  ["last %s batches: a whole number from 1 is wanted"] = "最近%s批：需要从 1 开始的整数",
  ["last what? write last shift, last 3 batches, last 8 hours"] =
    "最近什么？请写 上一班次、最近3批、最近8小时",
  ["last day may be two things: write yesterday or last 24 hours"] =
    "最近一天有两种意思：请写 昨天 或 最近24小时",
  ["'%s' is no time"] = "“%s”不是时间", ["a time is missing at the end of the span"] =
    "时间段缺少结束时间",
  ["%s is an instant; write since, or from ... to ..."] = "%s 是一个时刻；请写 自……以来 或 从……到……",
  ["where does the span end? write from ... to ..., or since ..."] =
    "时间段到何时为止？请写 从……到…… 或 自……以来",
  ["since when?"] = "自何时以来？",
  ["no shift calendar is known: give --shifts 06:00,14:00,22:00, or shifts in the line profile"] =
    "没有班次表：请给出 --shifts 06:00,14:00,22:00，或在产线文件中写 shifts",
}
