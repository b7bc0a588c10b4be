-- The verbs that handlers get as `r`: name, what it does, what it takes, what it
-- gives, an example.

local SCOPE = { { "name", "string", "as it stands in records" },
  { "options", "linewright.scope|function", "or at once the function" },
  { "fn?", "function", "what is done" } }
local REASON = { { "reason", "string", "what a person reads" } }
local RESULT = { { "any ...", "what fn returned" } }

return {
  { "unit", "A part of the procedure by its place in the plant.", SCOPE, RESULT,
    'r.unit("oven", heat_up)' },
  { "operation", "A named part of the procedure; its loops end with it.", SCOPE, RESULT,
    'r.operation("heat-up", { oee = "setup" }, heat_up)' },
  { "phase", "A part of an operation.", SCOPE, RESULT, 'r.phase("purge", purge)' },
  { "step", "The smallest journaled action; equipment may be touched in it.", {
    { "name", "string", "as it stands in records" },
    { "options", "linewright.step|function", "or at once the function" },
    { "fn?", "function", "what is done; what it returns is kept" } },
    { { "any ...", "what fn returned, also after a restart" } },
    'r.step("prime the die", { once = true }, function() eq.die.flow:set "200 mL/min" end)' },
  { "parallel", "All branches run side by side and finish; the first error cancels the rest.",
    { { "branches", "table<string, function>", "name -> what it does" } },
    { { "table results", "name -> what it returned" } },
    "r.parallel { heat = heat_up, thread = thread_web }" },
  { "wait_until", "Wait with a reason in words.", {
    { "label", "string", "what is waited for, as a person says it" },
    { "condition", "fun(): boolean, string|nil", "may only read; false and what is missing" },
    { "options?", "linewright.wait", "" } },
    { { "boolean held", "false: the time was over, and `otherwise` was \"continue\"" } },
    'r.wait_until("oven is hot", function() return eq.oven:settled "2 K" end, { within = "40 min" })' },
  { "wait_first", "Wait for the first of several.", {
    { "conditions", "table<string, function>", "name -> condition; may only read" },
    { "options?", "linewright.wait_first", "" } },
    { { "string name", "of the one that came true" } },
    'r.wait_first({ done = is_done, empty = is_empty }, { within = "2 h" })' },
  { "dwell", "Let a time pass.", {
    { "time", "linewright.time", "how long [s]" }, { "options?", "linewright.dwell", "" } }, {},
    'r.dwell("24 h", { clock = "wall" })' },
  { "loop", "Periodic work until its scope ends; bad readings freeze it.", {
    { "name", "string", "as it stands in records" }, { "options", "linewright.loop", "" } },
    { { "table state", "the one that `run` gets" } },
    'r.loop("trim", { every = "1 s", state = { metres = 0 }, run = trim })' },
  { "ask", "A question to the operator.", { { "question", "linewright.question", "" } },
    { { "string answer", "one of the choices" } },
    'r.ask { prompt = "streaks?", choices = { "ok", "defect" }, within = "2 min", default = "defect" }' },
  { "approve", "One key of each role, from different people.",
    { { "question", "linewright.approval", "" } },
    { { "boolean approved", "a refusal or silence is a no" },
      { "string[] people", "who said yes" } },
    'r.approve { prompt = "release?", roles = { "process", "quality" } }' },
  { "keep", "Put a trained model and its card on the line's shelf.", {
    { "name", "string", "letters, digits, _ and -" }, { "model", "table", "of train.linear, train.trees" } },
    { { "table kept", "name, digest, file, card" } }, 'local kept = r.keep("tiles", m)' },
  { "promote", "Ask for the keys, then enter a kept model in the list of those that may run.", {
    { "kept", "table", "as r.keep gave it" }, { "options?", "linewright.promotion", "" } },
    { { "boolean approved", "a refusal or silence is a no" }, { "string[] people", "who said yes" } },
    'r.promote(kept, { roles = { "process", "quality" } })' },
  { "hold", "Leave Execute for Held.", REASON, {}, 'r.hold "no slurry"' },
  { "stop", "End the batch.", REASON, {}, 'r.stop "roll is used up"' },
  { "abort", "End the batch at once, with the safe values of an abort.", REASON, {},
    'r.abort "smoke in the dryer"' },
  { "suspend", "Wait until the line is fed again.", REASON, {}, 'r.suspend "next roll is late"' },
  { "alarm", "Tell the operator.", { { "text", "string", "what a person reads" },
    { "options?", "linewright.alarm_options", "" } }, {},
    'r.alarm("coat weight drifts", { priority = "low" })' },
  { "mark", "Note something on the roll map.", { { "label", "string", "what it is" },
    { "data?", "table", "plain data: at, conf, ..." } }, {}, 'r.mark("streak", { at = 12.5 })' },
  { "record", "Keep a result of the batch.", { { "name", "string", "what was measured" },
    { "value", "number|string", "[unit]" }, { "unit?", "string", "of the value" },
    { "limits?", "linewright.result_limits", "" } }, {},
    'r.record("coat_weight", 117.9, "g/m2", { target = 118, tolerance = 3 })' },
  { "judge", "One of the recipe's `judges` with what it knows beforehand.", {
    { "name", "string", "its key in `judges`" },
    { "known?", "table", "plain data: limits, means; recorded once" } },
    { { "fun(x: any): table, table judge",
      "what it says of x, and the evidence for `from` of r.decision" } },
    'local said, by = r.judge("part", { limit = 0.9 }) { score = 0.97 }' },
  { "decision", "Keep a decision with what it was made from.", {
    { "name", "string", "what is decided" }, { "data", "linewright.decision", "" } },
    { { "any outcome", "as given, or as the judge said" } },
    'r.decision("part", { outcome = "scrap", score = 0.97, limits = { limit = 0.9 } })' },
  { "produced", "Quantities made since it was last told; OEE is computed from them.",
    { { "quantities", "linewright.quantities", "" } }, {},
    'r.produced { total = 60, scrap = { streak = 1.2 }, unit = "m", planned = "10 min" }' },
  { "restore_setpoints", "Set-points as they were in Execute; for `unholding`.",
    { { "pattern?", "string", "of channels, \"^oven\"; default all" } }, {},
    'r.restore_setpoints "^oven"' },
  { "reprove", "Prove the kept conditions again; for `unholding`.", {}, {}, "r.reprove()" },
  { "release", "A kept condition need not hold any more.",
    { { "label", "string", "of its wait" } }, {}, 'r.release "oven is hot"' },
}
