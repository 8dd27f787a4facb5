#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints every signal of org.spasmd1 on the system bus that a match rule alone brings."""
import dbus
import dbus.mainloop.glib
from gi.repository import GLib

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SystemBus()
bus.add_match_string("type='signal',sender='org.spasmd1'")


def heard(_, message):
    if message.get_type() == 4 and message.get_sender() != "org.freedesktop.DBus":
        print("heard", message.get_member(), message.get_args_list())


bus.add_message_filter(heard)
print("listening")
GLib.MainLoop().run()
