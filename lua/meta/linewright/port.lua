---@meta linewright.port

--- The runtime's way to its line, from engine:port() or worker:port(). Tags count from 1, times
--- are nanoseconds of the line's clock. After the line is closed every method raises.
---@class linewright.Port
local Port = {}

---@return number now_ns
function Port:now_ns() end

---@return number wall_ns UTC since 1970
---@return boolean is_synced
function Port:wall_ns() end

--- Newest reading in the process unit; of a tag of type text the text, UTF-8 with other bytes
--- as \xNN.
---@param tag integer
---@return number|string|nil value nil when there never was one
---@return "good"|"uncertain"|"bad" quality
---@return number age_s
function Port:read(tag) end

--- Why a detector among the filters of the tag fired last; nothing when none did.
---@param tag integer
---@return string|nil why "cusum: shifted up"
---@return number|nil age_s of the sample at which it fired
function Port:fired(tag) end

--- Ask for a set-point; the scan checks again and applies it.
---@param tag integer
---@param value number process unit
---@return true|nil ok
---@return string|nil message
---@return string|nil code "E-DENIED" for a reading, "E-RANGE"
function Port:request(tag, value) end

--- Ask for the safe values of a level; requests made before are void.
---@param level "none"|"suspend"|"hold"|"stop"|"abort" none: only open a new epoch
---@return number epoch
function Port:level(level) end

--- Has the scan put the newest level on the outputs?
---@return boolean
function Port:applied() end

--- The newest trip not acknowledged yet, nil when there is none.
---@return number|nil seq
---@return string level
---@return string cause "interlock", "permit", "refused", "heartbeat", "store", "scan", "driver",
---  "busy", "restart", "changed"
---@return number|nil index of the rule (interlock, permit) or tag
---@return string text for people
function Port:trip() end

---@param seq number of the trip that was acted on
function Port:trip_ack(seq) end

--- Send a record to the journal.
---@param kind string "begin", "end", "state", ... (base/record.h)
---@param key string
---@param data string|nil JSON
---@param durable boolean|nil the kind's own when absent
---@return number|nil seq on disk once committed() has reached it
---@return string|nil message
---@return string|nil code "E-FULL", "E-RANGE" when longer than 96 KiB
function Port:emit(kind, key, data, durable) end

---@return number seq of the newest record on disk
function Port:committed() end

---@return true|nil ok
---@return string|nil message why the journal stopped
---@return string|nil code
function Port:store_ok() end

--- Next command of the host, nil when there is none.
---@return string|nil command
---@return string who
---@return string argument
function Port:command() end

--- A tick was done.
function Port:beat() end

---@param state string PackML name, shown to people
function Port:state(state) end

--- Set one of the texts that `status` shows; cut at 255 bytes.
---@param field "operation"|"step"|"waits"|"reason"|"readings"|"prompt"|"where"
---@param text string|nil
function Port:status(field, text) end

--- Publish the texts.
---@param until_ns number|nil when the wait expires
---@param verdict_n integer|nil commands taken
---@param refused number|nil which of the newest 48 were refused, bit 0 the newest
function Port:status_flush(until_ns, verdict_n, refused) end

---@param is_paused boolean
---@param is_finished boolean the worker may exit
function Port:flags(is_paused, is_finished) end

---@return number
function Port:tag_count() end

return Port
