---@meta linewright.sys

--- Files, terminal and real time, for trusted code. What the system refuses comes back as
--- nil, message, code ("E-NOTFOUND", "E-DENIED", "E-EXISTS", "E-IO").
---@class linewright.sys
local sys = {}

---@param path string
---@return string|nil bytes
---@return string|nil message
---@return string|nil code
function sys.read_file(path) end

--- Can people be shown it as a name in one line: UTF-8 without control characters?
---@param text string
---@return boolean
function sys.is_plain(text) end

--- Create or replace a file.
---@param path string
---@param text string
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function sys.write_file(path, text) end

--- Like write_file, but E-EXISTS where a file stands that begins otherwise: what a
--- command makes takes the place of its like, never of a database, recipe or key.
---@param path string
---@param text string
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function sys.write_product(path, text) end

--- A new empty file in TMPDIR that only we may read.
---@param ending string ".json"
---@return string|nil path
---@return string|nil message
---@return string|nil code
function sys.temporary(ending) end

---@param path string
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function sys.remove(path) end

---@param path string
---@return "file"|"directory"|"other"|nil kind nil: there is no such thing
function sys.exists(path) end

--- When a file was last changed.
---@param path string
---@return number|nil ns since 1970 of the wall clock; nil: there is no such thing
function sys.modified(path) end

--- Names in a folder, sorted by their bytes, without "." and "..".
---@param dir string
---@return string[]|nil names
---@return string|nil message
---@return string|nil code
function sys.list(dir) end

--- Absolute path without links.
---@param path string
---@return string|nil path
---@return string|nil message
---@return string|nil code
function sys.realpath(path) end

--- The folder part of a path; "." when it has none.
---@param path string
---@return string
function sys.dirname(path) end

---@param path string
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function sys.mkdir(path) end

---@return string|nil path
---@return string|nil message
---@return string|nil code
function sys.cwd() end

--- Is this file descriptor (0, 1, 2) a terminal?
---@param fd integer
---@return boolean
function sys.isatty(fd) end

--- Width of the terminal on standard output, 80 when it is none.
---@return integer
function sys.columns() end

--- Where Linewright's own lua/, stdlib/, examples/ lie.
---@return string|nil path
---@return string|nil message
---@return string|nil code
function sys.datadir() end

---@param name string
---@return string|nil value
function sys.getenv(name) end

--- Write text as it is, at once.
---@param text string
---@return boolean ok
function sys.stdout(text) end

---@param text string
---@return boolean ok
function sys.stderr(text) end

--- Make a folder the working folder.
---@param path string
---@return true|nil ok
---@return string|nil message
---@return string|nil code
function sys.chdir(path) end

--- Run this program once more with other words, and wait for its end.
---@param ... string at most 16 words
---@return integer|nil status its exit code; 128 + signal when one ended it
---@return string|nil message
---@return string|nil code
function sys.again(...) end

--- End the process with an exit code, after the VM was closed; never returns.
---@param code integer|nil 0 when absent
function sys.exit(code) end

--- Monotonic real time, for benches and progress; a run's own time is its port's.
---@return number ns
function sys.real_ns() end

--- Sleep until real_ns() is there; returns at once when it was.
---@param t_ns number
function sys.wait_until(t_ns) end

--- Wall-clock time, for questions about yesterday; a run's own time is its port's.
---@return number ns UTC since 1970
function sys.wall_ns() end

--- How far local time (the system's zone, or TZ) is ahead of UTC at an instant.
---@param t_ns number UTC since 1970
---@return number seconds
function sys.utc_offset(t_ns) end

--- Sleep until virtual time now_ns is due in real time. The first call, a new speed and a
--- step back tie the two clocks together anew.
---@param now_ns number virtual time [ns]
---@param speed number virtual seconds per real second, > 0
function sys.pace(now_ns, speed) end

return sys
