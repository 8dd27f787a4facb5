#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints spasms as they begin and end: a match rule on the session bus is enough."""
import dbus
import dbus.mainloop.glib
from gi.repository import GLib

SIDES = {1: "left", 2: "right"}
SPASM = 1  # kind, see org.spasmd1(5)


def on_event(_serial, event, member):
    if event["kind"] != SPASM or member not in ("Started", "Ended"):
        return
    side = SIDES.get(int(event.get("side", 0)), "unknown side")
    print(member, side, flush=True)


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
bus.add_signal_receiver(on_event, dbus_interface="org.spasmd1.Episodes",
                        path="/org/spasmd1", member_keyword="member")

# Asking for a property starts the bridge, should nobody have done so yet.
properties = dbus.Interface(bus.get_object("org.spasmd1", "/org/spasmd1"),
                            "org.freedesktop.DBus.Properties")
print("in spasm now" if properties.Get("org.spasmd1.Bridge", "InSpasm") else "no spasm now",
      flush=True)
GLib.MainLoop().run()
