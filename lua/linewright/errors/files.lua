-- Errors that are found in files, before anything moves.

return {
  ["E-ADDRESS"] = {
    text = "An address is not one of its driver, or two tags claim one place of the device.",
    why = "A set-point that goes to another register moves another thing.",
    fix = "Take the address from the device's list. `linewright port` prints a sheet to compare.",
    example = "E-ADDRESS web.speed: 'hr:ten' is no address of modbus_tcp",
  },
  ["E-API"] = {
    text = "A file names no version of the language, or one that this host does not know.",
    why = "A recipe must mean in ten years what it means today, or be refused.",
    fix = "Write api = 1, or run the file with the newer host that it was written for.",
    example = "E-API recipe 'soak' asks for api 2; this host has api 1",
  },
  ["E-CONTRACT"] = {
    text = "A contract that a recipe needs or a line offers is not there, or not kept.",
    why = "Contracts are all that a recipe knows of a line.",
    fix = "Correct the name and version, or put the contract's file into a folder capabilities/.",
    example = "E-CONTRACT capability 'zoned_drier@1' is not in the library. "
      .. "Did you mean 'zoned_dryer'?",
  },
  ["E-GLOBAL"] = {
    text = "A function assigns a global name.",
    why = "Global variables survive no restart: after a power loss the recipe would see others.",
    fix = "Write `local` before it. What must survive belongs into the state of an r.loop.",
    example = "E-GLOBAL 'count' cannot be assigned: names are fixed once a file is loaded, "
      .. "use local",
  },
  ["E-KEY"] = {
    text = "A table has a key that nothing reads.",
    why = "A misspelt `safe` that is passed over would be an output without a safe value.",
    fix = "Take the spelling that the message offers, or one from the reference pages.",
    example = "E-KEY unknown key 'rnage' in tag oven.zones[1].setpoint. Did you mean 'range'?",
  },
  ["E-NAME"] = {
    text = "A name is used that nothing defines.",
    why = "Equipment comes from `needs`, parameters from `params`, words from the language.",
    fix = "Correct the spelling, or declare the name where the message says.",
    example = "E-NAME eq.ovn is not in `needs` (oven). Did you mean 'oven'?",
  },
  ["E-POLICY"] = {
    text = "The line's release rules do not allow this recipe.",
    why = "A line in production runs what was tested and signed, nothing else.",
    fix = "Run the specs and sign a pack with `linewright pack`, or use a line for engineering.",
    example = "E-POLICY line 'line-B' runs signed packs only; soak.lua is none",
  },
  ["E-RANGE"] = {
    text = "A number lies outside what is allowed.",
    why = "Limits stand in the recipe, in the profile and in the contract; the tightest counts.",
    fix = "Give a number inside the range that the message names, in the unit that it names.",
    example = "E-RANGE die.flow: 5000 mL/min is outside the limits of line 'line-B' "
      .. "(0..3960 mL/min = 0..330 rpm)",
  },
  ["E-SAFE"] = {
    text = "An output declares no range, or no safe value for a level.",
    why = "When a recipe or computer dies, the scan writes these values at once.",
    fix = 'Write safe = { hold = VALUE, stop = VALUE, abort = VALUE }; "keep" writes nothing.',
    example = "E-SAFE oven.zones[1].setpoint declares no safe.stop",
  },
  ["E-SHAPE"] = {
    text = "A model or table has other sizes than its use.",
    why = "Numbers in the wrong place of a model give an answer that looks right.",
    fix = "Compare with `linewright infer describe FILE`; name inputs and outputs by its names.",
    example = "E-SHAPE model 'defects': the recipe expects input f32[64], the file has 'x' f32[32]",
  },
  ["E-SYNTAX"] = {
    text = "The text cannot be read as Lua, or as what it stands for.",
    why = "A file is read as a whole or not at all.",
    fix = "Look at the line and the one above: a comma, `end` or bracket is often missing there.",
    example = "E-SYNTAX '}' expected (to close '{' at line 3) near 'execute'",
  },
  ["E-TYPE"] = {
    text = "A value is of another kind than is wanted, such as a text for a table.",
    why = "Nothing is converted in silence but quantities with a unit.",
    fix = "Write it as the message shows.",
    example = "E-TYPE range must be a table, got number: write range = { least, most }",
  },
  ["E-UNIT"] = {
    text = "A unit is unknown, or does not fit the quantity.",
    why = "A number in the wrong unit is the costliest slip in process automation.",
    fix = 'Use the spelling of UDUNITS-2: degC, g/m2, m/min, "%" as 0.01, per minute as 1/min.',
    example = "E-UNIT cannot convert degC (temperature) to m/min (speed)",
  },
}
