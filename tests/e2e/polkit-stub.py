#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An authority that answers as it is told: for what a real polkit does seldom.

Reads commands from standard input, a line each, and answers "done": yes, no, challenge,
silent, fail (how it answers from now on), changed (emits the signal). Prints each call.
"""
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

INTERFACE = "org.freedesktop.PolicyKit1.Authority"


class Authority(dbus.service.Object):
    answer = "yes"

    @dbus.service.method(INTERFACE, in_signature="(sa{sv})sa{ss}us", out_signature="(bba{ss})",
                         async_callbacks=("reply", "error"))
    def CheckAuthorization(self, subject, action, _details, flags, cancellation, reply, error):
        print("check", subject[0], subject[1]["name"], action, flags, cancellation, flush=True)
        if self.answer == "fail":
            error(dbus.DBusException("out of order", name=INTERFACE + ".Error.Failed"))
        elif self.answer != "silent":
            reply((self.answer == "yes", self.answer == "challenge", {}))

    @dbus.service.method(INTERFACE, in_signature="s")
    def CancelCheckAuthorization(self, cancellation):
        print("cancel", cancellation, flush=True)

    @dbus.service.signal(INTERFACE)
    def Changed(self):
        pass


def on_command(_source, _condition, authority):
    command = sys.stdin.readline().strip()
    if not command:
        loop.quit()
        return False
    if command == "changed":
        authority.Changed()
    else:
        authority.answer = command
    print("done", command, flush=True)
    return True


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SystemBus()
name = dbus.service.BusName("org.freedesktop.PolicyKit1", bus)
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, on_command,
                  Authority(bus, "/org/freedesktop/PolicyKit1/Authority"))
print("ready", flush=True)
loop.run()
