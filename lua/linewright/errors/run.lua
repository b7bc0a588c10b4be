-- Errors of a recipe while it runs.

return {
  ["E-ARG"] = {
    text = "A word was called with an argument that it does not take.",
    why = "Verbs check their arguments before they do anything.",
    fix = "Write the call as the message says; `linewright check` finds most of them before.",
    example = 'E-ARG r.loop \'trim\': every is missing, e.g. every = "1 s"',
  },
  ["E-BUDGET"] = {
    text = "Code used more computing time or memory than it may.",
    why = "An endless loop would stop everything that has to go on meanwhile.",
    fix = "Wait with r.wait_until or r.dwell, repeat with r.loop; `while` must not wait.",
    example = "E-BUDGET CPU budget of 50 ms exceeded",
  },
  ["E-INFER"] = {
    text = "A model could not be run, and the recipe gave no fallback.",
    why = "A decision must not be made from an answer that never came.",
    fix = "Give m:call an `otherwise`, and find the cause in the rest of the message.",
    example = "E-INFER model 'defects': no answer within 200 ms",
  },
  ["E-JOURNAL"] = {
    text = "A value cannot be stored, so a restart could not give it back.",
    why = "Finished steps are not run again after a power loss; they return what they returned.",
    fix = "Return numbers, strings, booleans and plain tables from steps, without functions.",
    example = "E-JOURNAL step 'x' returned a function; only numbers, strings, booleans and plain "
      .. "tables can be stored",
  },
  ["E-MEMORY"] = {
    text = "The recipe used more memory than its line allows.",
    why = "A recipe that takes all memory would take it from the scan, too.",
    fix = "Keep sums and windows instead of every value; `memory` of the profile is the limit.",
    example = "E-MEMORY the script used more than 64 MiB, the `memory` of its line",
  },
  ["E-OWNER"] = {
    text = "Two branches set one output.",
    why = "Which of them wins would be chance.",
    fix = "Let one branch set it, or end the branch or loop that owns it first (r.release).",
    example = "E-OWNER die.flow is owned by branch 'a'; branch 'b' may not set it at the same time",
  },
  ["E-READONLY"] = {
    text = "Something was set that can only be read.",
    why = "Parameters, properties and readings are what they are; outputs are set with :set.",
    fix = "Copy it into a local, or set the output that moves it.",
    example = "E-READONLY gauge.mass is a reading, it cannot be set",
  },
  ["E-REGEX"] = {
    text = "A regular expression cannot be read, or takes too long.",
    why = "It is PCRE2's language, with a limit on how far it may search.",
    fix = "Mend it at the byte that the message names; in quotes a backslash is written twice.",
    example = "E-REGEX '(a': missing closing parenthesis at byte 3",
  },
  ["E-REPLAY"] = {
    text = "Equipment or a changeable parameter was used outside of a step.",
    why = "After a power loss the recipe runs again from its top. Finished steps give back what "
      .. "they gave; code between them would see another plant, and go another way.",
    fix = "Put the use into r.step(...) and work with what it returns.",
    example = "E-REPLAY oven.zones[1].temp was read outside a step, wait, loop, guard or state "
      .. "handler.",
  },
  ["E-SCRIPT"] = {
    text = "The code of a file stopped with an error of its own.",
    why = "Nothing of ours: Lua says in its words what went wrong.",
    fix = "Look at the line; most often a name is nil there.",
    example = "E-SCRIPT attempt to perform arithmetic on a nil value (field 'rate')",
  },
  ["E-STATE"] = {
    text = "What was asked for is not allowed in this state.",
    why = "PackML says which command leads out of which state.",
    fix = "The message, or `linewright status`, says what can be commanded now.",
    example = "E-STATE a profile is exchanged while the run is Held; it is Execute.",
  },
  ["E-STEP"] = {
    text = "A step, loop or scope begins inside a step.",
    why = "A step is the smallest thing that is repeated or not after a restart.",
    fix = "Group steps with r.phase or r.operation.",
    example = "E-STEP step 'purge' is inside step 'clean'; a step is the smallest action, use "
      .. "r.phase to group steps",
  },
  ["E-STOP"] = {
    text = "Ctrl-C ended the evaluation.",
    why = "Work at the prompt can always be stopped; the line and the session go on.",
    fix = "Nothing to mend.",
    example = "E-STOP stopped by Ctrl-C",
  },
  ["E-TIME"] = {
    text = "A text is no duration.",
    why = "A time without its unit is seconds to one and minutes to the next.",
    fix = 'Write "90 s", "5 min", "2 h". A bare number without quotes is seconds.',
    example = "E-TIME r.dwell: cannot convert kg (mass) to s (time)",
  },
  ["E-TOUCH"] = {
    text = "A condition, guard or alarm sets an output.",
    why = "Conditions are asked many times, whenever the host wants to know.",
    fix = "Only read in conditions; set in a step, a loop or a state handler.",
    example = 'E-TOUCH die.flow was set inside a condition, which may only read',
  },
  ["E-TWIN"] = {
    text = "The twin lacks something, or its code failed.",
    why = "The twin stands for the plant; without it nothing can be tried out.",
    fix = "Mend the twin's file: it returns start and step, and lists its signals.",
    example = "E-TWIN shed: step failed: shed.lua:14: attempt to index a nil value",
  },
  ["E-WAIT"] = {
    text = "A verb that waits was used where nothing may wait.",
    why = "Conditions, guards and loops run within one tick.",
    fix = "Wait in execute or in a state handler; a loop comes again by itself.",
    example = "E-WAIT r.dwell cannot be used in loop 'trim', which may not wait",
  },
}
