#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The summary of the demo: demo-summary.py EVENTS GADGET-LOG GADGET-OUTPUT DAEMON-LOG

EVENTS is what `spasmctl monitor --json` heard, GADGET-LOG has what was played and when,
GADGET-OUTPUT ends with what the headset counted, DAEMON-LOG with what the daemon did.
Exit status 1 when nothing came through.
"""
import collections
import json
import re
import statistics
import sys

EARLY = 0.15  # s: an onset that is found may lie so far before the one that was put in


def lines_read(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.startswith("{")]


def daemon_counters_read(path):
    """What the daemon counted until the headset was unplugged."""
    with open(path, encoding="utf-8") as f:
        found = re.findall(r"unplugged after (\d+) samples, (\d+) lost, \d+ not read in time, (\d+) not", f.read())
    if not found:
        sys.exit("demo-summary: the daemon has not seen the end of the headset")
    return map(int, found[-1])


def delay_text(name, seconds):
    return (f"  {name:<44}{1e3 * statistics.median(seconds):8.1f} median "
            f"{1e3 * max(seconds):8.1f} max")


def started_in(events, truth):
    """The first announcement of a spasm that begins within this one."""
    begin = truth["boottime"] - EARLY
    end = truth["boottime"] + truth["end"] - truth["start"]
    for e in events:
        if (e["event"] == "spasm" and e.get("phase") == "started"
                and begin <= e["start_boottime"] / 1e6 <= end):
            return e
    return None


def delays_print(events, truths):
    pairs = [(t, started_in(events, t)) for t in truths if t["kind"] == "spasm"]
    found = [(t, e) for t, e in pairs if e]
    if pairs:
        print(f"Spasms: {len(pairs)} were played (synthetic), {len(found)} announced")
    print("Delay, ms")
    if found:
        print(delay_text("skin to signal",
                         [e["received_boottime"] / 1e6 - t["boottime"] for t, e in found]))
        print(delay_text("  of it, samples needed to be certain",
                         [e["detected_boottime"] / 1e6 - t["boottime"] for t, e in found]))
        print(delay_text("  of it, from the last of these to the client",
                         [(e["received_boottime"] - e["detected_boottime"]) / 1e6
                          for _, e in found]))
    # A spasm's end and updates do not say which sample they needed, and what ends with the
    # headset waits for its unplugging.
    live = [e for e in events if "open" not in e
            and (e["event"] != "spasm" or e.get("phase") == "started")]
    if live:
        print(delay_text("all events: last needed sample to the client",
                         [(e["received_boottime"] - e["detected_boottime"]) / 1e6
                          for e in live]))
    print("  (skin: when the emulated headset took the spasm's first sample; client: when the"
          "\n  client on the session bus had the signal in hand; both CLOCK_BOOTTIME)")


def main():
    events = lines_read(sys.argv[1])
    log = lines_read(sys.argv[2])
    played = lines_read(sys.argv[3])[-1]
    samples, lost, not_captured = daemon_counters_read(sys.argv[4])

    kinds = collections.Counter(e["event"] for e in events if "phase" not in e)
    print("Events:", ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()) or "none")
    print(f"Samples: {samples} received by the daemon, {played['acquired']} taken by the headset "
          "until it was unplugged (each of all channels)")
    causes = ", ".join(f"{played[c]['samples']} {c}" for c in ("device", "bus", "corrupt", "short"))
    print(f"Lost: {lost} by the daemon's count; by cause, as the headset knows: {causes}; "
          f"not captured: {not_captured}")
    delays_print(events, [line for line in log if line.get("log") == "truth"
                          and line["start"] < played["acquired"] / played["rate"]])

    heard = kinds - collections.Counter(gap=kinds["gap"], marker=kinds["marker"])
    if not heard or not samples:
        print("The chain delivered nothing.")
        return 1
    spasms = [line for line in log if line.get("kind") == "spasm"]
    if spasms and not kinds["spasm"]:
        print("Spasms were played and none was announced.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
