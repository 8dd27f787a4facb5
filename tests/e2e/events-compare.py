#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Are these the same events? events-compare.py ANALYZED LIVE

ANALYZED is from `spasmctl analyze --json`, LIVE from `spasmctl monitor --json`. The
headset's converter rounds samples once more than the file did: times may differ by one
step of the detector, 4 ms, and sizes by 1 % and the last decimal.
"""
import json
import sys

LIVE_ONLY = {"serial", "headset", "id", "start_boottime", "end_boottime", "detected_boottime",
             "received_boottime", "open"}  # a file ends, a headset goes on for a moment
NOT_COMPARED = {"gap", "marker", "summary"}
TIMES = {"start", "end", "detected"}
STEP = 0.004 + 1e-6


def events_read(path):
    with open(path, encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    return sorted(({k: v for k, v in e.items() if k not in LIVE_ONLY} for e in events
                   if "phase" not in e and e["event"] not in NOT_COMPARED),
                  key=lambda e: (e["event"], e.get("channel", -1), e["start"]))


def same(a, b):
    if a.keys() != b.keys():
        return False
    for key, value in a.items():
        if key in TIMES:
            good = abs(value - b[key]) <= STEP
        elif isinstance(value, float):
            good = abs(value - b[key]) <= 0.01 * abs(value) + 0.11
        else:
            good = value == b[key]
        if not good:
            return False
    return True


def main():
    analyzed, live = events_read(sys.argv[1]), events_read(sys.argv[2])
    if not analyzed:
        print("analyze finds nothing")
        return 1
    if len(analyzed) == len(live) and all(map(same, analyzed, live)):
        return 0
    for a in analyzed:
        if not any(same(a, b) for b in live):
            print("analyze only:", json.dumps(a))
    for b in live:
        if not any(same(a, b) for a in analyzed):
            print("live only:   ", json.dumps(b))
    return 1


if __name__ == "__main__":
    sys.exit(main())
