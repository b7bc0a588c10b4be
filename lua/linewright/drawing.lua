--- A procedure as a chart: rows for a terminal, or an SVG file.

local printable = require "linewright.printable"

local drawing = {}

local NAMES = { wait_until = "wait", wait_first = "first of" }

local function words_of(node)
  if node.verb == "handler" then return node.label end
  local out = { NAMES[node.verb] or node.verb }
  if node.label then out[2] = '"' .. node.label .. '"' end
  if node.note then out[#out + 1] = "(" .. node.note .. ")" end
  if node.is_repeated then out[#out + 1] = "[repeats]" end
  if node.is_unexplored then out[#out + 1] = "[not explored]" end
  return table.concat(out, " ")
end

-- One row, whatever the label holds.
local function text_of(node) return printable(words_of(node)) end

-- Depth first: { node, text, stems, is_last }.
local function rows_of(node, stems, is_last, out)
  out[#out + 1] = { node = node, text = text_of(node), stems = stems, is_last = is_last }
  for i, child in ipairs(node.children) do
    local below = {}
    for k, stem in ipairs(stems) do below[k] = stem end
    below[#below + 1] = not is_last
    rows_of(child, below, i == #node.children, out)
  end
  return out
end

local function line_of(row)
  local stems = row.stems
  if #stems == 0 then return row.text end
  local out = {}
  for k = 2, #stems do out[#out + 1] = stems[k] and "│  " or "   " end
  return ("%s%s%s  :%d"):format(table.concat(out), row.is_last and "└─ " or "├─ ", row.text,
    row.node.line)
end

--- The chart as text.
---@param roots table[] from linewright.dryplan
---@return string
function drawing.text(roots)
  local out = {}
  for _, root in ipairs(roots) do
    for _, row in ipairs(rows_of(root, {}, true, {})) do out[#out + 1] = line_of(row) end
    if root.ended then
      out[#out + 1] = ("   (a pass ended: %s)"):format(printable(root.ended:match "^[^\r\n]*"))
    end
    out[#out + 1] = ""
  end
  return table.concat(out, "\n")
end

local ROW, INDENT, LEFT, TOP = 26, 24, 14, 44
local FILL = { handler = "#dfe7f3", operation = "#e8f0e4", unit = "#e8f0e4", phase = "#e8f0e4",
  parallel = "#f3ecdd", branch = "#f3ecdd", step = "#ffffff", loop = "#efe6f5", ask = "#fde9c9",
  wait_until = "#e2f1f5", wait_first = "#e2f1f5", dwell = "#e2f1f5" }

local ESCAPE = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local function escape(text) return (text:gsub('[&<>"]', ESCAPE)) end

local function box(out, row, x, y)
  local width = 16 + 7.2 * #row.text
  out[#out + 1] = ('<rect x="%d" y="%d" width="%.0f" height="%d" rx="4" fill="%s" '
    .. 'stroke="#667" %s/>'):format(x, y, width, ROW - 6, FILL[row.node.verb] or "#ffffff",
      row.node.is_unexplored and 'stroke-dasharray="4 3"' or "")
  out[#out + 1] = ('<text x="%d" y="%d">%s</text>'):format(x + 8, y + 14, escape(row.text))
  return x + width
end

-- Lines go from a node down to its last child and across to each.
local function connect(out, row, y, tops)
  local depth = #row.stems
  if depth == 0 then return end
  local x = LEFT + (depth - 1) * INDENT + 10
  out[#out + 1] = ('<path d="M%d %d V%d H%d" fill="none" stroke="#889"/>'):format(x,
    tops[depth] + ROW - 6, y + 10, x + INDENT - 10)
end

--- The chart as an SVG file.
---@param roots table[]
---@param title string
---@return string
function drawing.svg(roots, title)
  local out, y, right, tops = {}, TOP, 300, {}
  for _, root in ipairs(roots) do
    for _, row in ipairs(rows_of(root, {}, true, {})) do
      local depth = #row.stems
      connect(out, row, y, tops)
      right = math.max(right, box(out, row, LEFT + depth * INDENT, y))
      tops[depth + 1] = y
      y = y + ROW
    end
    y = y + ROW / 2
  end
  local head = ('<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" '
    .. 'font-family="monospace" font-size="12">'):format(right + 14, y + 10)
  return table.concat({ head, '<rect width="100%" height="100%" fill="#fff"/>',
    ('<text x="14" y="26" font-size="16">%s</text>'):format(escape(title)),
    table.concat(out, "\n"), "</svg>", "" }, "\n")
end

return drawing
