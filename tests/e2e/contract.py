#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is what runs what dbus/*.xml says? contract.py --system|--user PATH XML...

Compares the interfaces of the XML files with the live introspection of org.spasmd1 at
PATH: every member with its arguments, and nothing beside them. Reads the documentation
too: each member must have a comment before it.
"""
import subprocess
import sys
import xml.etree.ElementTree as ET

STANDARD = "org.freedesktop.DBus."
NAME = STANDARD + "Property.EmitsChangedSignal"


def member_describe(member):
    """A member as a value that can be compared."""
    arguments = tuple((a.get("name"), a.get("type"),
                       a.get("direction") or ("out" if member.tag == "signal" else "in"))
                      for a in member.findall("arg"))
    notes = {a.get("name"): a.get("value") for a in member.findall("annotation")}
    changes = notes.pop(NAME, "true") if member.tag == "property" else None
    # What a program needs privileges for is the daemon's business, not the contract's.
    notes.pop("org.freedesktop.systemd1.Privileged", None)
    return (member.tag, member.get("type"), member.get("access"), changes, arguments,
            tuple(sorted(notes.items())))


def interfaces_read(text):
    found = {}
    for interface in ET.fromstring(text).findall("interface"):
        found[interface.get("name")] = {
            m.get("name"): member_describe(m)
            for m in interface if m.tag in ("method", "signal", "property")}
    return found


def undocumented(path):
    """Names of members that no comment precedes."""
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    missing = []
    for interface in ET.parse(path, parser).getroot().iter("interface"):
        before = None
        for element in interface:
            if element.tag is not ET.Comment and before is not ET.Comment:
                missing.append(element.get("name"))
            before = element.tag
    return missing


def differences(name, wanted, live):
    for member in sorted(wanted.keys() | live.keys()):
        if wanted.get(member) != live.get(member):
            yield (f"{name}.{member}:\n  written {wanted.get(member, 'nowhere')}"
                   f"\n  live    {live.get(member, 'nowhere')}")


def main():
    bus, path, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    live = interfaces_read(subprocess.run(
        ["busctl", bus, "introspect", "--xml-interface", "org.spasmd1", path],
        check=True, capture_output=True, text=True).stdout)
    wanted, problems = {}, []
    for file in files:
        with open(file, encoding="utf-8") as f:
            wanted.update(interfaces_read(f.read()))
        problems += [f"{file}: {member} has no documentation" for member in undocumented(file)]

    for name in wanted:
        if name not in live:
            problems.append(f"{name} is not offered at {path}")
        else:
            problems += differences(name, wanted[name], live[name])
    problems += [f"{name} is offered at {path} and not written down" for name in live
                 if name not in wanted and not name.startswith(STANDARD)]
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
