-- Sources whose small faults have to be noticed, each with the programs or specs that
-- have to notice, the quickest first. Those of `plain_tests` bring an allocator of their
-- own, which no sanitizer bears. `equal` holds mutants that do what the source does, each
-- with the reason; the mutated line is the key, as a line number would rot.
return {
  { name = "guard", source = "host/scan/guard.c", tests = { "test_guard" }, equal = {
    ["  if (!(fabs(g->value - g->last) < most + slack))"] = "the slack is there for this very case",
  } },
  { name = "rule", source = "host/scan/rule.c", tests = { "test_rule" } },
  { name = "setpoint", source = "host/scan/setpoint.c", tests = { "test_setpoint", "test_scan" }, equal = {
    ["  if (s->last <= s->tag->lo)"] = "gives lo either way",
    ["  if (s->last >= s->tag->hi)"] = "gives hi either way",
    ["  if (isnan(most) || isnan(from) || fabs(goal - from) < most * (1 + 1e-9))"] = "differs by a rounding",
  } },
  { name = "input", source = "host/scan/input.c", tests = { "test_input", "test_scan_text" } },
  { name = "convert", source = "host/image/convert.c", tests = { "test_convert" }, equal = {
    ["    [LW_TYPE_text] = {1, 0, 1}, // no number fits"] = "no number fits either way",
  } },
  { name = "trip", source = "host/scan/scan_trip.c", tests = { "test_trip", "test_scan", "test_invariants" }, equal = {
    ["    write_level(s, why->level >= level ? why->level : level);"] = "equal: both are the same",
  } },
  { name = "rules", source = "host/scan/scan_rules.c", tests = { "test_trip" } },
  { name = "scan", source = "host/scan/scan.c", plain_tests = { "test_oom" },
    tests = { "test_trip", "test_scan", "test_scan_text", "test_lost", "test_restart" }, equal = {
      ["    if (in->tag->access | LW_WRITE && in->plain.quality == LW_GOOD)"] = "a reading's set-point is never used",
      ["  s->dt_s = (double)(gap_ns <= 2 * period_ns ? gap_ns : 2 * period_ns) / LW_S;"] = "equal: both are the same",
      ["  for (uint32_t i = 0; s->inputs && i <= s->c.plan->tag_n; i++)"] = "there is room for one more, of zeros",
    } },
  { name = "scan_record", source = "host/scan/scan_record.c", tests = { "test_scan_record", "test_scan" }, equal = {
    ["  char text[63];"] = "a record of missed scans takes 33 bytes at most",
    ["  char text[65];"] = "a record of missed scans takes 33 bytes at most",
  } },
  { name = "scan_text", source = "host/scan/scan_text.c", tests = { "test_scan_text" }, plain_tests = { "test_oom" },
    equal = { ["  return 1;"] = "only what is below 0 is an error" } },
  { name = "packml", source = "host/base/packml.c", tests = { "test_packml" }, equal = {
    ["    if (!(mask >> shown[i] & 1) || at > n)"] = "snprintf into 0 bytes writes nothing",
  } },
  { name = "ring", source = "host/base/ring.c", tests = { "test_ring" }, equal = {
    ["  size_t first = n <= r->size - start ? n : r->size - start;"] = "equal: both are the same",
    ["  if (head - tail >= r->size || r->size - (head - tail) < framed(n))"] = "a full ring has no room either",
  } },
  { name = "record", source = "host/base/record.c", tests = { "test_record" }, equal = {
    ["  return kind > 0 && kind < LW_RECORD_N ? durables[kind] : 0;"] = "kind 0 is not durable",
    ["  return kind >= 1 && kind < LW_RECORD_N ? durables[kind] : 0;"] = "kind 0 is not durable",
    ["  uint8_t kind, durable, synced, pad[4];"] = "the compiler fills it up to 40",
  } },
  { name = "chain", source = "host/store/chain.c", tests = { "test_chain" }, equal = {
    ["  uint8_t bytes[255];"] = "how much is gathered changes no digest",
    ["  uint8_t bytes[257];"] = "how much is gathered changes no digest",
    ["  if (n >= sizeof s->bytes) {"] = "how much is gathered changes no digest",
    ["  if (n >= sizeof s->bytes - s->n)"] = "how much is gathered changes no digest",
    ["  uint8_t bytes[9];"] = "eight are used",
  } },
  { name = "journal", source = "host/store/journal.c", plain_tests = { "test_refused", "test_disk_faults" },
    tests = { "test_journal", "test_store" }, equal = {
      ["  if (rc >= 0 && sqlite3_column_bytes(q, 1) == LW_HASH_N) {"] = "without a row there are no bytes",
      ["  return s->stop.code ? s->stop.code : rc <= 0 ? rc : 0;"] = "equal: both are 0",
      ["  return s->stop.code ? s->stop.code : rc < 1 ? rc : 0;"] = "equal: both are 0",
      ["  return s->stop.code ? s->stop.code : rc < 0 ? rc : 1;"] = "what is not below 0 went well",
      ["  return 1;"] = "what is not below 0 went well",
      ["  rc = lw_store_verify_from(s, from >= 0 ? from + 1 : 1, refuse_damage, s,"] = "1 either way",
    } },
  { name = "pace", source = "host/store/pace.c", tests = { "test_pace" } },
  { name = "writer", source = "host/store/writer.c", plain_tests = { "test_refused", "test_disk_faults" },
    tests = { "test_sources", "test_journal", "test_locks", "test_writer" }, equal = {
      ["  lw_err e = {1};"] = "whoever fails fills it, and nobody else reads it",
      ["  lw_err why = {1};"] = "whoever fails fills it, and nobody else reads it",
    } },
  { name = "lua_journal", source = "lua/linewright/journal.lua",
    tests = { "tests/lua/journal_intent_spec.lua", "tests/lua/journal_spec.lua" }, equal = {
    ["    if n >= (self.high[base] or 0) then self.high[base] = n end"] = "equal: both are the same",
    ["    if key:sub(0, #path) == path then return true end"] = "a text has no place 0",
  } },
  { name = "ladder", source = "lua/linewright/ladder.lua", tests = { "tests/lua/states_spec.lua" } },
  { name = "transitions", source = "lua/linewright/transitions.lua",
    tests = { "tests/lua/states_spec.lua", "tests/lua/resume_spec.lua" } },
  { name = "resume", source = "lua/linewright/resume.lua",
    tests = { "tests/lua/resume_load_spec.lua", "tests/lua/resume_spec.lua" } },
}
