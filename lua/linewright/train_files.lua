--- A trained model as files: its bytes, and its card beside it. For trusted code; recipes have
--- r.keep.

local hash = require "linewright.hash"
local sys = require "linewright.sys"

local files = {}

--- What the files hold.
---@param model table of train.linear, train.classes or train.trees
---@return table|nil texts bytes, kind ("onnx" or "json"), digest, card
---@return string|nil message
function files.texts(model)
  local bytes, kind = model:file()
  if not bytes then return nil, kind end
  local digest = hash.sha256(bytes)
  return { bytes = bytes, kind = kind, digest = digest,
    card = model:card() .. "- file SHA-256 " .. digest .. "\n" }
end

--- Where the card of a model lies.
---@param path string of the model
---@return string
function files.card(path) return path .. ".card.md" end

--- Write both.
---@param path string of the model
---@param texts table
---@return true|nil
---@return string|nil message
---@return string|nil code
function files.write(path, texts)
  local ok, message, code = sys.write_file(path, texts.bytes)
  if not ok then return nil, message, code end
  return sys.write_file(files.card(path), texts.card)
end

--- Write a model to a path.
---@return string|nil sha256 of the file
---@return string|nil message
function files.save(model, path)
  local texts, message = files.texts(model)
  if not texts then return nil, message end
  local ok
  ok, message = files.write(path, texts)
  if not ok then return nil, message end
  return texts.digest
end

return files
