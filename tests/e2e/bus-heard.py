#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the listeners of bus-listeners heard: checks as "ok - name", figures as rows of a table.

bus-heard.py FOLDER STOPPED HEADSET=LOG...

LOG is what the emulated headset has logged of its frames. A delay runs from the frame with
the last needed sample leaving the headset to the signal in the client, for each start. A
listener that is alone has a limit to it, above an empty round trip of the same run; of many,
who stand in a queue, the last has.
"""
import bisect
import os
import re
import sys

MEDIAN_ABOVE_MS, P99_ABOVE_MS, LATE_MS = 4, 10, 250


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))]


def frames_read(path):
    """First samples of the frames of the newest capture, and when each left."""
    # JSON would be taken apart too slowly: an hour has a million of them.
    with open(path, encoding="ascii") as file:
        frames = re.findall(r'"log":"frame",.*"sample":(\d+),.*"boottime":([\d.]+)}', file.read())
    samples, times = [int(sample) for sample, _ in frames], [float(time) for _, time in frames]
    # A capture counts from 0; the scene may begin anew within it.
    newest = max((i for i, sample in enumerate(samples) if sample == 0), default=0)
    return samples[newest:], times[newest:]


def numbers_read(path):
    with open(path, encoding="ascii") as file:
        return [int(line) for line in file if line.endswith("\n")]


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
        i = bisect.bisect_right(samples, detected - 1) - 1  # detected is one past it
        if i >= 0:
            yield (received / 1e6 - times[i]) * 1e3


def gaps(events):
    serials = [e[1] for e in events]
    return sum(b != a + 1 for a, b in zip(serials, serials[1:]))


def keys(events, start, end):
    """The events from start to end, as each listener knows them; updates may be left out."""
    return {(e[0], e[2], e[3]) for e in events if e[0] != "Updated" and start < e[5] < end}


def check(right, name):
    print(f"{'ok' if right else 'not ok'} - {name}")


def figure(name, value, limit=None):
    print(f"# | {name} | {value:.1f} ms | {'' if limit is None else f'{limit:.1f} ms'} |")


def figures_print(alone, running, bridged, pings):
    ping50, ping99 = quantile(pings, 0.5), quantile(pings, 0.99)
    figure("empty round trip, median", ping50)
    figure("empty round trip, 99 %", ping99)
    delay50, delay99 = quantile(running, 0.5), quantile(running, 0.99)
    figure("delay of a start, median", delay50, ping50 + MEDIAN_ABOVE_MS if alone else None)
    figure("delay of a start, 99 %", delay99, ping99 + P99_ABOVE_MS if alone else None)
    figure("delay of a start, longest", max(running), LATE_MS)
    figure("... over the bridge, median", quantile(bridged, 0.5), 2 * delay50)
    figure("... over the bridge, 99 %", quantile(bridged, 0.99))


def main():
    folder, stopped = sys.argv[1], int(sys.argv[2])
    frames = {h: frames_read(log) for h, log in (a.split("=", 1) for a in sys.argv[3:])}
    names = sorted((n for n in os.listdir(folder) if n.isdigit()), key=int)
    heard = [listener_read(f"{folder}/{n}") for n in names]
    running, slow = heard[:len(heard) - stopped], heard[len(heard) - stopped:]
    # Until then all listened, and have taken in what was sent.
    start, end = numbers_read(f"{folder}/span")

    due = set().union(*(keys(events, start, end) for events in running))
    lost = sum(len(due - keys(events, 0, sys.maxsize)) for events in running)
    print(f"# {len(running)} listeners, {len(due)} events besides updates, "
          f"{sum(map(len, running))} signals, {stopped} stopped")
    check(len(due) > 0 and lost == 0, f"those that read heard all ({lost} lost)")
    check(all(gaps(events) == 0 for events in running), "... without a gap in their serials")
    if stopped:
        check(all(slow), "those that were stopped hear again when they go on")
        print(f"# of those, {sum(gaps(e) > 0 for e in slow)} found a gap in their serials")

    direct = [d for events in running for d in delays(events, frames)]
    bridged = list(delays(listener_read(f"{folder}/bridged"), frames))
    pings = [us / 1e3 for us in numbers_read(f"{folder}/ping")]
    check(len(bridged) > 0, "a match rule on the session bus hears as well")
    check(direct and bridged and pings, "the delays are measured; `make bench-bus` judges them")
    if direct and bridged and pings:
        figures_print(len(running) == 1, direct, bridged, pings)


if __name__ == "__main__":
    main()
