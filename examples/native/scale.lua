-- examples/native/scale.lua -- the vendor's software of a laboratory scale writes
-- each weighing into an SQLite file; the library that reads it is libsqlite3.
-- Nothing is compiled: these declarations are from the library's own manual.
local ffi = require "ffi"

ffi.cdef [[
  typedef struct sqlite3 sqlite3;
  typedef struct sqlite3_stmt sqlite3_stmt;
  int sqlite3_open_v2(const char *file, sqlite3 **db, int flags, const char *vfs);
  int sqlite3_close(sqlite3 *db);
  int sqlite3_busy_timeout(sqlite3 *db, int ms);
  const char *sqlite3_errmsg(sqlite3 *db);
  int sqlite3_prepare_v2(sqlite3 *db, const char *sql, int n, sqlite3_stmt **out, const char **tail);
  int sqlite3_step(sqlite3_stmt *s);
  int sqlite3_reset(sqlite3_stmt *s);
  int sqlite3_finalize(sqlite3_stmt *s);
  double sqlite3_column_double(sqlite3_stmt *s, int column);
  int64_t sqlite3_column_int64(sqlite3_stmt *s, int column);
]]

local OK, ROW, READ_ONLY = 0, 100, 1
local NEWEST = "SELECT grams, area_cm2, id FROM weighing ORDER BY id DESC LIMIT 1"

local lib = ffi.load "libsqlite3.so.0"

local function check(device, code)
  if code ~= OK then error(ffi.string(lib.sqlite3_errmsg(device.db[0])), 0) end
end

return {
  open = function(options)
    local device = { db = ffi.new "sqlite3 *[1]", newest = ffi.new "sqlite3_stmt *[1]" }
    check(device, lib.sqlite3_open_v2(options.database, device.db, READ_ONLY, nil))
    lib.sqlite3_busy_timeout(device.db[0], 100)
    check(device, lib.sqlite3_prepare_v2(device.db[0], NEWEST, -1, device.newest, nil))
    return device
  end,

  -- The newest weighing; none yet: nothing, which reads as bad.
  read = function(device)
    local q = device.newest[0]
    local out = {}
    if lib.sqlite3_step(q) == ROW then
      local grams, area = lib.sqlite3_column_double(q, 0), lib.sqlite3_column_double(q, 1)
      out.mass = grams / (area / 1e4) -- g/m2
      out.count = lib.sqlite3_column_int64(q, 2)
    end
    lib.sqlite3_reset(q)
    return out
  end,

  close = function(device)
    lib.sqlite3_finalize(device.newest[0])
    lib.sqlite3_close(device.db[0])
  end,
}
