# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said about recordings of real people (none of them has spasms)."""
import csv
import os

WITHIN = 0.025  # s: a burst begins this close to a listed one

OPENBCI_MONTAGE = """[montage]
0 = L-OOc
1 = R-OOc
2 = L-Oth
3 = R-Oth
4 = L-Oth
5 = R-Oth
6 = L-Oth
7 = -
"""


def data_folder():
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("SPASMD_DATA") or os.path.join(here, "..", "..", "..", "shared", "data")


def listed(folder, name):
    with open(os.path.join(folder, name, "events.csv"), encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [
            dict(row, start=float(row["onset_s"]), end=float(row["offset_s"])) for row in rows
        ]


def only(found, kind):
    return [e for e in found if e["event"] == kind]


def overlapping(event, others):
    return any(min(event["end"], o["end"]) > max(event["start"], o["start"]) for o in others)


def row(recording, what, value, target, fine):
    return dict(recording=recording, what=what, value=value, target=target, fine=fine)


def no_spasm(recording, found):
    count = len(only(found, "spasm"))
    return row(recording, "spasms reported", str(count), "0", count == 0)


def near_bursts(recording, events, bursts):
    near = sum(any(abs(b["start"] - e["start"]) <= WITHIN for b in bursts) for e in events)
    return row(recording, "listed bursts with an onset within 25 ms", f"{near} of {len(events)}",
               "all", near == len(events))


def extra_bursts(recording, events, bursts):
    extra = sum(not overlapping(b, events) for b in bursts)
    return row(recording, "bursts outside of the listed ones", str(extra), "0", extra == 0)


def openbci(folder, analyze, scratch):
    name = "openbci-blink-clench"
    montage = os.path.join(scratch, "montage.conf")
    with open(montage, "w", encoding="utf-8") as file:
        file.write(OPENBCI_MONTAGE)
    found = analyze(os.path.join(folder, name, "blink-clench.txt"), "--montage", montage)
    rows = [no_spasm(name, found)]
    events = listed(folder, name)
    for letter, side in (("A", "left"), ("B", "right")):
        clenches = [e for e in events if e["event"] == f"clench_side{letter}"]
        mine = [c for c in only(found, "contraction") if c.get("side") == side]
        seen = sum(overlapping(e, mine) for e in clenches)
        rows.append(row(name, f"clenches of the {side} reported as its contraction",
                        f"{seen} of {len(clenches)}", "all", seen == len(clenches)))
    blinks = [e for e in events if e["event"].startswith("blink")]
    seen = sum(overlapping(e, only(found, "blink")) for e in blinks)
    rows.append(row(name, "blinks and trains of blinks reported as blink",
                    f"{seen} of {len(blinks)}", "all", seen == len(blinks)))
    late = [e for e in only(found, "contraction") + only(found, "movement") if e["start"] > 26.0]
    rows.append(row(name, "contractions and movements in the rest after 26 s", str(len(late)), "0",
                    not late))
    return rows


def plux(folder, analyze, _scratch):
    name = "plux-biceps"
    found = analyze(os.path.join(folder, name, "bursts.csv"), "--rate", "1000", "--unit",
                    repr(3e6 / 65536 / 1000))
    events, bursts = listed(folder, name), only(found, "burst")
    return [no_spasm(name, found), near_bursts(name, events, bursts),
            extra_bursts(name, events, bursts)]


def numbers(path, skip):
    """The rows of numbers of a text file, without what leads them."""
    with open(path, encoding="latin-1") as file:
        for line in file:
            words = line.replace(",", " ").split()
            try:
                values = [float(word) for word in words]
            except ValueError:
                continue
            if len(values) > skip:
                yield values


def as_csv(target, rows, factor):
    with open(target, "w", encoding="utf-8") as file:
        file.write("# rate=1000\n# unit=uV\n")
        for values in rows:
            file.write(",".join(f"{value * factor:.3f}" for value in values) + "\n")


def biosppy(folder, analyze, scratch):
    name, target = "biosppy-rest", os.path.join(scratch, "rest.csv")
    # 12 bits over 3.3 V at a gain of 1000, as is usual for such a device.
    as_csv(target, numbers(os.path.join(folder, name, "rest.txt"), 0), 3.3e6 / 4096 / 1000)
    found = analyze(target)
    duration = sum(e.get("duration", 0.0) for e in only(found, "summary"))
    active = sum(b["end"] - b["start"] for b in only(found, "burst"))
    value = f"{active / duration:.3f}" if duration else "no duration"
    return [no_spasm(name, found),
            row(name, "share of the time called a burst (muscle near rest, 4 dB)", value, "-", True)]


def uci(folder, analyze, scratch):
    name, target = "uci-sit-stand", os.path.join(scratch, "sit.csv")
    rows = [values[:4] for values in numbers(os.path.join(folder, name, "sit-stand.txt"), 3)]
    as_csv(target, rows, 1000.0)
    found = analyze(target)
    bursts = [b for b in only(found, "burst") if b.get("channel") == 2]
    events = listed(folder, name)
    return [no_spasm(name, found), near_bursts(name, events, bursts)]


def judge(analyze, scratch):
    """Rows of the table of real recordings; empty, with a word, where there are none."""
    folder = data_folder()
    if not os.path.isdir(folder):
        print(f"No recordings in {folder}: set SPASMD_DATA to their folder. Skipped.")
        return []
    rows = []
    for part in (openbci, plux, biosppy, uci):
        rows += part(folder, analyze, scratch)
    return rows
