--- A linear model as an ONNX file, so that what was trained here runs on every backend:
--- Gemm, and Sigmoid when it is a chance or Softmax when it tells classes apart.
---
--- Source of the field numbers: onnx/onnx.proto, ONNX 1.12, operator set 13.

local dsp = require "linewright.dsp"

local onnx_write = {}

local char = string.char

local function varint(n)
  local out = {}
  while n >= 128 do
    out[#out + 1] = char(n % 128 + 128)
    n = math.floor(n / 128)
  end
  return table.concat(out) .. char(n)
end

local function number(field, n) return varint(field * 8) .. varint(n) end
local function bytes(field, text) return varint(field * 8 + 2) .. varint(#text) .. text end

local FLOAT, INT = 1, 7

-- NodeProto: input 1, output 2, op_type 4, attribute 5.
local function node(kind, inputs, output, attributes)
  local out = {}
  for _, name in ipairs(inputs) do out[#out + 1] = bytes(1, name) end
  out[#out + 1] = bytes(2, output) .. bytes(4, kind) .. (attributes or "")
  return table.concat(out)
end

-- TensorProto: dims 1, data_type 2, name 8, raw_data 9.
local function tensor(name, dims, samples)
  local out = {}
  for _, d in ipairs(dims) do out[#out + 1] = number(1, d) end
  return table.concat(out) .. number(2, FLOAT) .. bytes(8, name) .. bytes(9, (samples:pack "f32"))
end

-- ValueInfoProto of [batch, n]: TypeProto.tensor_type, its shape's dimensions.
local function value(name, n)
  local dims = bytes(1, bytes(2, "rows")) .. bytes(1, number(1, n))
  return bytes(1, name) .. bytes(2, bytes(1, number(1, FLOAT) .. bytes(2, dims)))
end

-- Weights of all outputs one after the other, and their constants.
local function split(list)
  local d = #list[1] - 1
  local w, b = dsp.samples(d * #list), dsp.samples(#list)
  for i, weights in ipairs(list) do
    for k = 1, d do w:set((i - 1) * d + k, weights:get(k)) end
    b:set(i, weights:get(d + 1))
  end
  return d, w, b
end

-- One dense layer of `list` outputs, `map` behind it.
local function dense(list, map)
  local d, w, b = split(list)
  local trans_b = bytes(5, bytes(1, "transB") .. number(3, 1) .. number(20, 2))
  local graph = { bytes(1, node("Gemm", { "x", "w", "b" }, map and "z" or "y", trans_b)) }
  if map then graph[2] = bytes(1, node(map, { "z" }, "y")) end
  graph[#graph + 1] = bytes(2, "linear")
  graph[#graph + 1] = bytes(5, tensor("w", { #list, d }, w))
  graph[#graph + 1] = bytes(5, tensor("b", { #list }, b))
  graph[#graph + 1] = bytes(11, value("x", d)) .. bytes(12, value("y", #list))
  return number(1, INT) .. bytes(2, "linewright") .. bytes(7, table.concat(graph))
    .. bytes(8, number(2, 13))
end

--- The bytes of a model y = w x + constant, or its logistic chance.
---@param weights linewright.Samples d numbers, then the constant
---@param is_chance boolean
---@return string
function onnx_write.linear(weights, is_chance)
  return dense({ weights }, is_chance and "Sigmoid")
end

--- The bytes of a model that gives a share to each class.
---@param list linewright.Samples[] weights of each class, as for `linear`
---@return string
function onnx_write.classes(list) return dense(list, "Softmax") end

return onnx_write
