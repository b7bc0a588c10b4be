--- The exception ladder as data: what an event of a level does in a state, what
--- a failed handler leads to, which safe outputs belong to which state.
--- Source: DSL.md section 2.9, 2.10 and the table below them.

local packml = require "linewright.packml"

local ladder = {}

--- Level word that entering a state puts on the outputs.
ladder.LEVEL = {
  Holding = "hold", Stopping = "stop", Aborting = "abort", Suspending = "suspend",
  Clearing = "stop", Resetting = "none", Starting = "none", Unholding = "none",
  Unsuspending = "none",
}

--- State whose handler failed -> command that follows.
ladder.ON_ERROR = {
  Execute = "hold", Unholding = "hold", Unsuspending = "hold", Holding = "stop",
  Starting = "stop", Completing = "stop", Suspending = "stop", Resetting = "stop",
  Stopping = "abort", Clearing = "abort",
}

--- States in which the recipe's handler runs, and that handler's name.
ladder.HANDLER = {
  Resetting = "resetting", Starting = "starting", Completing = "completing", Holding = "holding",
  Unholding = "unholding", Suspending = "suspending", Unsuspending = "unsuspending",
  Stopping = "stopping", Aborting = "aborting", Clearing = "clearing",
}

-- In these a hold cannot be reached: Starting and Completing are not in the hold
-- set, so what would hold stops.
local ESCALATE = { Starting = "stop", Completing = "stop", Resetting = "stop" }

--- The command that an event of a level means in a state.
---@param state string
---@param level string "suspend", "hold", "stop", "abort"
---@return string|nil command nil: nothing can or need be done in this state
function ladder.command(state, level)
  if packml.command(state, level) then return level end
  if level == "hold" and ESCALATE[state] then return ESCALATE[state] end
  -- Suspending is for Execute alone; elsewhere a starved line is no event.
  return nil
end

-- At work, and without a way to suspend.
local CANNOT_SUSPEND = {
  Resetting = true, Starting = true, Completing = true, Unholding = true, Unsuspending = true,
}

--- The level that a trip of the scan has in a state. The scan has put the outputs to
--- rest and keeps them there, so no state may go on at work as if nothing had happened.
---@param state string
---@param level string of the trip
---@return string level
function ladder.of_trip(state, level)
  return level == "suspend" and CANNOT_SUSPEND[state] and "hold" or level
end

-- After a crash: what the state found in the journal comes back as. Anything
-- that was under way in the hold set is Held; a person goes on from there.
local AFTER = {
  Execute = "Held", Suspending = "Held", Suspended = "Held", Unsuspending = "Held",
  Unholding = "Held", Holding = "Held", Held = "Held", Aborting = "Aborted",
  Aborted = "Aborted", Complete = "Complete",
}

--- The state a run comes back in after a restart, and its level.
---@param state string|nil newest in the journal
---@return string state
---@return string level
function ladder.after_restart(state)
  local to = AFTER[state] or "Stopped"
  local level = to == "Held" and "hold" or to == "Aborted" and "abort" or "stop"
  return to, level
end

return ladder
