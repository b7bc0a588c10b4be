-- Errors of the world around: files, devices, databases, other processes.

return {
  ["E-AGAIN"] = {
    text = "There is nothing yet; the next try may find it.",
    why = "Something before it has not come to its end.",
    fix = "Try again in a moment.",
    example = "E-AGAIN outputs are still on their way back",
  },
  ["E-CORRUPT"] = {
    text = "A file does not hold what it held when it was written.",
    why = "Records are chained and signed so that this shows.",
    fix = "Fetch the copy that was archived; `linewright verify` tells from which record on.",
    example = "E-CORRUPT linewright.db: record 210 was changed after it was written",
  },
  ["E-CRASH"] = {
    text = "A process that read or ran a recipe died.",
    why = "Recipes live in processes of their own, so that this costs nothing else.",
    fix = "Keep the file and report it: text alone must never do this.",
    example = "E-CRASH the Lua engine crashed while reading soak.lua (Segmentation fault)",
  },
  ["E-DENIED"] = {
    text = "It is not allowed: rights of a file, or a line that is only looked at.",
    why = "Only one may write to a line.",
    fix = "Use the account that owns the file; stop the run that has the line.",
    example = "E-DENIED web.speed: a run has this line, it is only looked at",
  },
  ["E-EXISTS"] = {
    text = "There is one already.",
    why = "Nothing is written over in silence.",
    fix = "Take another name, or remove the old one yourself.",
    example = "E-EXISTS batch 0417 is in the database already",
  },
  ["E-FULL"] = {
    text = "There is no room left.",
    why = "Queues, tables and disks have an end, and it must be told rather than lost.",
    fix = "Make room: on the disk, or with fewer things at one time.",
    example = "E-FULL the records cannot be written: no space left on the device",
  },
  ["E-IO"] = {
    text = "A file, socket or device could not be read or written.",
    why = "The operating system refused, in the words at the end of the message.",
    fix = "See to the path, cable, rights or address that the message names.",
    example = "E-IO cannot open linewright.db: permission denied",
  },
  ["E-NOMEM"] = {
    text = "The machine has no memory left.",
    why = "The host asks for its memory when it starts, and says so if there is none.",
    fix = "Free memory, or make the line's `memory` and history smaller.",
    example = "E-NOMEM out of memory",
  },
  ["E-NOTFOUND"] = {
    text = "There is no such file, batch, tag or host.",
    why = "Relative paths are looked for here, in examples/ and in the installed files.",
    fix = "Compare the spelling with what the message lists; give --db or a full path.",
    example = "E-NOTFOUND recipe: recipes/soap.lua: no such file",
  },
  ["E-PROTO"] = {
    text = "A device or host answered with an error or with what cannot be understood.",
    why = "Often another device or another version is behind that address.",
    fix = "See to address, unit id and function code; make both ends the same version.",
    example = "E-PROTO plc: read hr:10: illegal data address (exception 2)",
  },
  ["E-QUESTION"] = {
    text = "A question about the records was not understood.",
    why = "A guess would be a wrong number that looks like an answer.",
    fix = "Ask in the words that the message offers, or with --sql.",
    example = "E-QUESTION 'sped' is no tag, figure or word. Did you mean 'speed'?",
  },
  ["E-RELOAD"] = {
    text = "The changed profile cannot be taken up under this run.",
    why = "The recipe has counted on what the old one offered.",
    fix = "Take the change back, or end the batch; docs/reload.md lists what can change.",
    example = "E-RELOAD the profile cannot be exchanged under this run; nothing was changed",
  },
  ["E-TIMEOUT"] = {
    text = "No answer came within the time.",
    why = "A wait without an end would hide a cut cable.",
    fix = "See whether the other end is there; a longer time-out is the last thing to try.",
    example = "E-TIMEOUT plc: no answer within 300 ms",
  },
  ["E-UNSUPPORTED"] = {
    text = "This program, device or terminal cannot do that.",
    why = "It was built or is used without what this needs.",
    fix = "The message names what is missing, such as a backend or a package.",
    example = "E-UNSUPPORTED this terminal shows no pictures; use plot or :save",
  },
  ["E-USAGE"] = {
    text = "The command line is wrong.",
    why = "Nothing was done.",
    fix = "`linewright COMMAND --help` shows how it is used.",
    example = "E-USAGE linewright run: which line? --line LINE is missing",
  },
}
