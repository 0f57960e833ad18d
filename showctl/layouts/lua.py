"""The scripts of a TouchOSC layout (Lua 5.1; hexler.net/touchosc/manual/script).

A message that a control is set to receive is handed to its script as well: `message[1]` is the address,
`message[2][n].value` an argument. The script of the root is handed all there are, with or without a setting.
"""

from __future__ import annotations

import re

from showctl.layouts.controls import Lamp, Layout, Readout, Row, Value

TOPICS = ("song", "section", "transport", "text", "led", "cue", "mix", "health")
"""What a layout shows; beats and positions would come many times a second for nothing."""

RECEIVE_PORT = 9000
"""Where it asks to be told if nothing comes back to the port that it speaks from."""

LINK = "link"
"""The name of the lamp that the root's script switches."""


def quoted(value: Value) -> str:
    """A Lua string; numbers as they are."""
    if not isinstance(value, str):
        return repr(value)
    escaped = re.sub(r'[\\"]', lambda found: f"\\{found[0]}", value)
    return '"' + re.sub(r"[\x00-\x1f]", lambda found: f"\\{ord(found[0]):03d}", escaped) + '"'


def root_script(layout: Layout) -> str:
    """Subscribes when the layout is opened, keeps the subscription alive, and again when nothing has been heard.

    The service tells its health once a second, so three silent seconds mean that it or the way to it is gone.
    """
    base = f"/{layout.prefix}" if layout.prefix else ""
    words = ", ".join(quoted(word) for word in (*TOPICS, "utf8", "mirror", *(["prefix"] if layout.prefix else [])))
    return f"""\
local RECEIVE_PORT = {RECEIVE_PORT} -- the "Receive Port" of the connection
local heard, asked, pinged, own_port = nil, nil, 0, true

local function subscribe()
  if own_port then
    sendOSC({quoted(base + "/subscribe")}, {words})
  else
    sendOSC({quoted(base + "/subscribe")}, RECEIVE_PORT, {words})
  end
  own_port = not own_port
end

function update()
  local now = getMillis()
  local linked = heard ~= nil and now - heard < 3000
  if not linked and (asked == nil or now - asked > 3000) then
    asked = now
    subscribe()
  end
  if now - pinged > 10000 then
    pinged = now
    sendOSC({quoted(base + "/ping")})
  end
  local lamp = self:findByName({quoted(LINK)}, true)
  local value = linked and 1 or 0
  if lamp ~= nil and lamp.values.x ~= value then
    lamp.values.x = value
  end
end

function onReceiveOSC(message, connections)
  local path = message[1]
  if path ~= {quoted(base + "/pong")} and path ~= {quoted(base + "/error")} then
    heard = getMillis()
  end
  return false
end
"""


def lamp_script(lamp: Lamp | None, row: Row | None, base: str) -> str:
    """Lit or not by the lamp's argument; coloured, and hidden where there is no name, by the row's."""
    parts = []
    if lamp:
        argument = f"arguments[{lamp.at + 1}]"
        parts.append(
            f"  if path == {quoted(base + lamp.address)} and {argument} ~= nil then\n"
            f"    self.values.x = {argument}.value == {quoted(lamp.equals)} and 1 or 0\n"
            "  end\n"
        )
    if row:
        parts.append(
            f"  if path == {quoted(base + row.address)} and arguments[{row.colour_at + 1}] ~= nil then\n"
            f"    local digits = string.match(arguments[{row.colour_at + 1}].value, '^#(%x%x%x%x%x%x)$')\n"
            f"    if digits == nil then digits = {quoted(row.plain.removeprefix('#'))} end\n"
            "    self.color = Color(tonumber(string.sub(digits, 1, 2), 16) / 255,\n"
            "      tonumber(string.sub(digits, 3, 4), 16) / 255, tonumber(string.sub(digits, 5, 6), 16) / 255, 1)\n"
            "    self.parent.visible = arguments[1].value ~= ''\n"
            "  end\n"
        )
    return (
        "function onReceiveOSC(message, connections)\n"
        "  local path, arguments = message[1], message[2]\n"
        f"{''.join(parts)}"
        "  return false\n"
        "end\n"
    )


def readout_script(readout: Readout, base: str) -> str:
    """A number as people read it."""
    form = quoted(f"%.{readout.decimals}f{readout.unit.replace('%', '%%')}")
    off = ""
    if readout.off_at is not None:
        off = f"    if number <= {readout.off_at:g} then self.values.text = 'off' end\n"
    return (
        "function onReceiveOSC(message, connections)\n"
        f"  local argument = message[2][1]\n"
        f"  if message[1] == {quoted(base + readout.address)} and argument ~= nil then\n"
        "    local number = tonumber(argument.value) or 0\n"
        f"    self.values.text = string.format({form}, number)\n"
        f"{off}"
        "  end\n"
        "  return false\n"
        "end\n"
    )
