---@meta
--- The words of specs (busted) that ours use; busted has more.

--- A group of specs.
---@param title string
---@param fn function
function describe(title, fn) end

--- One spec; its title states a fact.
---@param title string
---@param fn function
function it(title, fn) end

---@param fn function runs before each spec of the group
function before_each(fn) end

---@param fn function runs after each spec of the group
function after_each(fn) end

---@param fn function runs once before the group
function setup(fn) end

---@param fn function runs once after the group
function teardown(fn) end

---@class linewright.assert
---@overload fun(value: any, message?: any, ...: any): any
assert = {}

---@param expected any
---@param value any
---@param message? string
function assert.equal(expected, value, message) end

--- Tables that hold the same.
---@param expected any
---@param value any
---@param message? string
function assert.same(expected, value, message) end

---@param expected any
---@param value any
---@param message? string
function assert.not_equal(expected, value, message) end

--- Numbers that differ by no more than the tolerance.
---@param expected number
---@param value number
---@param tolerance number in the value's unit
---@param message? string
function assert.is_near(expected, value, tolerance, message) end

---@param value any
---@param message? string
function assert.is_true(value, message) end

---@param value any
---@param message? string
function assert.is_false(value, message) end

---@param value any
---@param message? string
function assert.is_nil(value, message) end

---@param value any neither nil nor false
---@param message? string
function assert.truthy(value, message) end

--- The function raises an error.
---@param fn function
---@param message? string
function assert.has_error(fn, message) end

---@param pattern string of Lua
---@param text string
function assert.matches(pattern, text) end
