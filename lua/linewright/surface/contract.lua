-- What stands in contracts and twins.

return {
  { class = "contract", open = true,
    text = "What stands in `capability \"name@1\" { ... }`: channels by name, and these.",
    { "help?", "string", "what kind of equipment it is" },
    { "props?", "table<string, string|linewright.property>", "name -> unit, or `prop`" },
    { "methods?", "table<string, function>", "called as eq.role:name(...), made of channels only" },
    { "model?", "true|linewright.contract_model",
      "a line may name a model: true, recipes load it by role; a table, methods call it as u.model" },
  },

  { class = "contract_model", text = "The shapes of a contract's own model.",
    { "input?", "integer[]", "{30}: any number of rows of 30" },
    { "output?", "integer[]|string", "sizes, or the property whose length it has" },
  },

  { class = "property", text = "A property: `prop { \"m\", default = 4 }`.",
    { "[1]", "string", "its unit, or \"text\"" },
    { "default?", "any", "taken when the line says nothing [the property's unit]" },
    { "list?", "boolean", "the line gives several" },
    { "optional?", "boolean", "the line may leave it out" },
    { "help?", "string", "what it means" },
  },

  { class = "member", text = "A channel of a contract: `readable { \"degC\", key = true }`.",
    { "[1]", "string", "its unit; of what is only read also \"text\" or \"picture\"" },
    { "key?", "boolean", "shown in the progress line" },
    { "optional?", "boolean", "the line may leave it out" },
    { "help?", "string", "what it means" },
  },

  { class = "twin", text = "What stands in `twin \"name\" { ... }`.",
    { "title?", "string", "what it models" },
    { "help?", "string", "what there is to know of it" },
    { "options?", "table<string, linewright.parameter>", "name -> `param`: what a line may set" },
    { "signals", "table<string, string>|fun(o: table): table<string, string>", "signal -> unit" },
    { "start", "fun(o: table, at: fun(signal: string): integer): table",
      "the state at the start; `at` gives the number of a signal" },
    { "step", "fun(s: table, io: linewright.twin_io, dt: number)", "one tick; dt in [s]" },
  },
}
