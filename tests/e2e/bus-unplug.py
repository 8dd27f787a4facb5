#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The headset is unplugged while each method is being called: bus-unplug.py HEADSET CONTROL

HEADSET is its object, CONTROL takes the commands of the emulated headset. Methods are called
some at a time, each again as soon as it is answered. Prints "ok - names" or "not ok - names",
and as a row of a table how long after the plug was put back it streamed.
Python is the system's: D-Bus comes with it as a package.
"""
import sys
import time

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

# By hand nobody is faster, and udevd has done with the unplugging before.
AWAY_S = 1.0
PATIENCE_S, WITHIN_MS = 60, 2000
STREAMING = 2
ROOT, HEADSET = "/org/spasmd1", sys.argv[1]
DEVICE, EPISODES, MANAGER = (f"org.spasmd1.{i}" for i in ("Headset", "Episodes", "Manager"))
SCALE = "ScalesAvailable"  # stands for one of these where it is an argument of SetGain

# What is called at the same time: object, interface, member, arguments.
ROUNDS = [
    [(HEADSET, DEVICE, "SetRate", 2000.0),
     (HEADSET, DEVICE, "SetGain", dbus.UInt32(0), SCALE),
     (HEADSET, DEVICE, "SetMontage", dbus.Array([], signature="s")),
     (HEADSET, DEVICE, "Identify", True)],
    [(HEADSET, DEVICE, "CheckImpedance"),
     (HEADSET, DEVICE, "Pause"),
     (HEADSET, DEVICE, "Resume")],
    [(ROOT, EPISODES, "Subscribe"),
     (ROOT, EPISODES, "GetState"),
     (ROOT, EPISODES, "Unsubscribe"),
     (ROOT, MANAGER, "Reload")],
    [(HEADSET, dbus.PROPERTIES_IFACE, "Get", DEVICE, SCALE),
     (HEADSET, dbus.PROPERTIES_IFACE, "GetAll", DEVICE),
     (ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"),
     (HEADSET, dbus.INTROSPECTABLE_IFACE, "Introspect")],
]


class Caller:
    """Calls each of a round, and again when it is answered, until it is told to stop."""

    def __init__(self, bus, calls, scale):
        self.bus, self.scale, self.calls = bus, scale, calls
        self.stopped, self.in_flight = False, 0
        self.answers, self.silent = 0, []
        for call in calls:
            self.call(call)

    def call(self, call):
        path, interface, member, *arguments = call
        proxy = self.bus.get_object("org.spasmd1", path, introspect=False)
        self.in_flight += 1
        if member == "SetGain":
            arguments[1] = self.scale
        proxy.get_dbus_method(member, interface)(
            *arguments, reply_handler=lambda *_: self.answered(call),
            error_handler=lambda error: self.refused(call, error), timeout=PATIENCE_S)

    def answered(self, call):
        self.answers += 1
        self.in_flight -= 1
        if not self.stopped:
            self.call(call)

    def refused(self, call, error):
        # Refused is answered as well; only silence is not.
        if error.get_dbus_name() in ("org.freedesktop.DBus.Error.NoReply",
                                     "org.freedesktop.DBus.Error.Timeout"):
            self.silent.append(str(error))
        self.answered(call)


class Watcher:
    """What the bus tells of the headset."""

    def __init__(self, bus):
        self.streams_since, self.gone = None, False
        bus.add_signal_receiver(self.added, "InterfacesAdded", bus_name="org.spasmd1")
        bus.add_signal_receiver(self.removed, "InterfacesRemoved", bus_name="org.spasmd1")
        bus.add_signal_receiver(self.changed, "PropertiesChanged", bus_name="org.spasmd1",
                                path=HEADSET)

    def added(self, path, interfaces):
        if path == HEADSET:
            self.changed(None, interfaces[DEVICE], [])

    def removed(self, path, _):
        if path == HEADSET:
            self.gone, self.streams_since = True, None

    def changed(self, _, properties, __):
        if "State" in properties:
            streams = properties["State"] == STREAMING
            self.streams_since = time.monotonic() if streams else None


def wait_for(condition):
    """Lets the loop run until condition() is true; False where it does not become so."""
    end = time.monotonic() + PATIENCE_S
    context = GLib.MainContext.default()
    wake = GLib.timeout_add(50, lambda: True)
    while not condition() and time.monotonic() < end:
        context.iteration(True)
    GLib.source_remove(wake)
    return condition()


def unplug_during(bus, watcher, calls, scale):
    """Returns milliseconds from plugging in to streaming, or what is wrong."""
    watcher.gone = False
    caller = Caller(bus, calls, scale)
    if not wait_for(lambda: caller.answers >= len(calls)):
        return "it is not answered"
    with open(sys.argv[2], "w", encoding="ascii") as control:
        control.write(f"unplug {AWAY_S}\n")
    back = time.monotonic() + AWAY_S
    if not wait_for(lambda: watcher.gone):
        return "the headset does not go"
    caller.stopped = True
    if not wait_for(lambda: caller.in_flight == 0) or caller.silent:
        return f"not all calls are answered: {caller.silent}"
    if not wait_for(lambda: watcher.streams_since):
        return "it does not stream"
    return (watcher.streams_since - back) * 1000


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SystemBus()
    watcher = Watcher(bus)
    properties = dbus.Interface(bus.get_object("org.spasmd1", HEADSET), dbus.PROPERTIES_IFACE)
    scale = properties.Get(DEVICE, SCALE)[0][0]
    for calls in ROUNDS:
        name = ", ".join(call[2] for call in calls)
        result = unplug_during(bus, watcher, calls, scale)
        right = isinstance(result, float)
        print(f"{'ok' if right else 'not ok'} - unplugged during {name}: it streams again"
              f"{'' if right else ': ' + result}")
        if right:
            print(f"# | unplugged during {name}: streams after | {result:.0f} ms "
                  f"| {WITHIN_MS} ms |", flush=True)


if __name__ == "__main__":
    main()
