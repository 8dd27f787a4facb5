#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the listeners of bus-listeners heard, as TAP lines.

bus-latency.py FOLDER STOPPED HEADSET=LOG...

LOG is what the emulated headset has logged of its frames. A delay runs from the frame with
the last needed sample leaving the headset to the signal in the client, for each start. The
first listener is judged by it, as a client that is alone; the others stand in a queue, and
are late beyond LATE_MS. All is judged by the empty round trips of the same run, and not at
all where these say that the machine has no time for it.
"""
import bisect
import json
import os
import sys

MEDIAN_ABOVE_MS, P99_ABOVE_MS, LATE_MS = 4, 10, 250
BUSY_MS = 60  # 99 % of the round trips; emulated and otherwise idle it is 20
ON_THEIR_WAY_US = 3_000_000


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))]


def frames_read(path):
    """First samples of the frames of the newest capture, and when each left."""
    samples, times = [], []
    with open(path, encoding="ascii") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the last line, not yet whole
            if entry["log"] == "start":
                samples, times = [], []
            elif entry["log"] == "frame":
                samples.append(entry["sample"])
                times.append(entry["boottime"])
    return samples, times


def listener_read(path):
    with open(path, encoding="ascii") as file:
        rows = [line.split() for line in file if line.endswith("\n")]
    return [(member, int(serial), headset, int(number), int(detected), int(received))
            for member, serial, headset, number, detected, received in rows]


def delays(events, frames):
    for member, _, headset, _, detected, received in events:
        if member != "Started" or headset not in frames:
            continue
        samples, times = frames[headset]
        i = bisect.bisect_right(samples, detected) - 1
        if i >= 0:
            yield (received / 1e6 - times[i]) * 1e3


def gaps(events):
    serials = [e[1] for e in events]
    return sum(b != a + 1 for a, b in zip(serials, serials[1:]))


def check(right, name):
    print(f"{'ok' if right else 'not ok'} {name}")


def check_time(ping99, right, name):
    if ping99 > BUSY_MS:
        print(f"skip {name} # SKIP the machine is busy: an empty round trip takes {ping99:.0f} ms")
    else:
        check(right, name)


def main():
    folder, stopped = sys.argv[1], int(sys.argv[2])
    frames = {h: frames_read(log) for h, log in (a.split("=", 1) for a in sys.argv[3:])}
    names = sorted((n for n in os.listdir(folder) if n.isdigit()), key=int)
    heard = [listener_read(f"{folder}/{n}") for n in names]
    running, slow = heard[:len(heard) - stopped], heard[len(heard) - stopped:]

    wanted = {(e[0], e[2], e[3]) for events in running for e in events if e[0] != "Updated"}
    # The last may be on their way to some of them.
    last = max((e[5] for events in running for e in events), default=0) - ON_THEIR_WAY_US
    first = max((events[0][5] for events in running if events), default=0)  # all had subscribed
    due = {(e[0], e[2], e[3]) for events in running for e in events
           if e[0] != "Updated" and first < e[5] < last}
    lost = sum(len(due - {(e[0], e[2], e[3]) for e in events}) for events in running)
    print(f"# {len(running)} listeners, {len(wanted)} events besides updates, "
          f"{sum(map(len, running))} signals")
    check(len(due) > 0 and lost == 0, f"- those that read heard all ({lost} lost)")
    check(all(gaps(events) == 0 for events in running), "- ... without a gap in their serials")

    with open(f"{folder}/ping", encoding="ascii") as file:
        pings = [int(line) / 1e3 for line in file if line.endswith("\n")]
    alone = list(delays(running[0], frames))
    queued = [d for events in running for d in delays(events, frames)]
    if not alone or not pings:
        check(False, "- there are delays to judge")
        sys.exit(1)
    ping50, ping99 = quantile(pings, 0.5), quantile(pings, 0.99)
    delay50, delay99 = quantile(alone, 0.5), quantile(alone, 0.99)
    print(f"# empty round trip {ping50:.1f} ms (median), {ping99:.1f} ms (99 %), {len(pings)}")
    print(f"# delay of a start {delay50:.1f} ms (median), {delay99:.1f} ms (99 %), {len(alone)}")
    print(f"# ... to all listeners {quantile(queued, 0.5):.1f} ms (median), "
          f"{quantile(queued, 0.99):.1f} ms (99 %), {max(queued):.1f} ms (longest)")
    check_time(ping99, max(queued) <= LATE_MS, f"- nobody hears later than {LATE_MS} ms")
    check_time(ping99, delay50 <= ping50 + MEDIAN_ABOVE_MS,
               f"- the delay is {delay50 - ping50:.1f} ms above a round trip, median")
    check_time(ping99, delay99 <= ping99 + P99_ABOVE_MS,
               f"- ... and {delay99 - ping99:.1f} ms above it, 99 %")
    bridged = list(delays(listener_read(f"{folder}/bridged"), frames))
    check(len(bridged) > 0, "- a match rule on the session bus hears as well")
    if bridged:
        bridged50 = quantile(bridged, 0.5)
        print(f"# ... over the bridge {bridged50:.1f} ms (median), "
              f"{quantile(bridged, 0.99):.1f} ms (99 %)")
        check_time(ping99, bridged50 <= 2 * delay50,
                   f"- ... with {bridged50 / delay50:.1f} times the delay, median")
    if stopped:
        back = [events for events in slow if events]
        check(len(back) == stopped, "- those that were stopped hear again when they go on")
        print(f"# of those, {sum(gaps(e) > 0 for e in slow)} found a gap in their serials")


if __name__ == "__main__":
    main()
