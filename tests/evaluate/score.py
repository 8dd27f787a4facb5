# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what was reported with what is true.

The rules, each in one place:
- A reported spasm belongs to the episode within which it starts; up to EARLY
  seconds before the episode's start still count as within.
- An episode is found when a spasm of its side belongs to it. It is reported
  as one when exactly one does.
- Everything else that is reported as a spasm is a false alarm: of the wrong
  side, too early, or where there is none.
- An episode is visible where it adds, at one of its sites and within VISIBLE
  seconds of its start, at least as much power as there is without it.
- Onset and end error are absolute; delay is `detected` less the true onset.
"""
from dataclasses import dataclass, field

EARLY = 0.150  # s
VISIBLE = 0.150  # s
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001)  # of confidence
KINDS = ("blink", "movement", "speech", "chewing", "contraction", "artefact")


@dataclass
class Score:
    """Sums over any number of recordings; add() joins two."""

    hours: float = 0.0
    episodes: int = 0
    found: int = 0
    visible: int = 0  # episodes that add at least as much power as is there
    found_visible: int = 0
    whole: int = 0
    side_right: int = 0
    side_wrong: int = 0
    false_alarms: int = 0
    form_right: int = 0
    spread_right: int = 0
    onset: list = field(default_factory=list)  # s, absolute
    end: list = field(default_factory=list)
    delay: list = field(default_factory=list)
    confidence: list = field(default_factory=list)  # (confidence, true or false)
    kinds: dict = field(default_factory=dict)  # kind: [there, seen as it]
    confusion: dict = field(default_factory=dict)  # ("form", true, said): count
    notes: list = field(default_factory=list)  # what went wrong, in words
    cuts: int = 0
    cuts_same: int = 0

    def add(self, other):
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if name == "kinds":
                for kind, (there, seen) in value.items():
                    have = mine.setdefault(kind, [0, 0])
                    have[0] += there
                    have[1] += seen
            elif name == "confusion":
                for key, count in value.items():
                    mine[key] = mine.get(key, 0) + count
            else:
                setattr(self, name, mine + value)


def overlap(a, b):
    return min(a["end"], b["end"]) - max(a["start"], b["start"])


def episode_of(spasm, episodes):
    for episode in episodes:
        if episode["start"] - EARLY <= spasm["start"] < episode["end"]:
            return episode
    return None


def reason_of(spasm, truth):
    """Why a false alarm is one: what was really going on."""
    best, most = "nothing", 0.0
    for event in truth:
        if event["event"] == "summary":
            continue
        amount = overlap(spasm, event)
        if amount > most:
            best, most = event.get("act", event["event"]), amount
    return best


def note(kind, event, why):
    keys = ("side", "form", "spread", "peak_uv", "confidence", "muscles")
    words = " ".join(f"{key}={event[key]}" for key in keys if key in event)
    return f"{kind} {event['start']:.3f}-{event['end']:.3f} {words} ({why})"


def judge_spasms(truth, found):
    """Returns [(episode, [its spasms])] and [(false alarm, why)]."""
    episodes = [e for e in truth if e["event"] == "spasm"]
    matches = [(e, []) for e in episodes]
    alarms = []
    for spasm in found:
        if spasm["event"] != "spasm":
            continue
        episode = episode_of(spasm, episodes)
        if episode is None:
            early = any(overlap(spasm, e) > 0 for e in episodes)
            alarms.append((spasm, "early" if early else reason_of(spasm, truth)))
        elif spasm.get("side") != episode["side"]:
            alarms.append((spasm, "wrong side"))
        else:
            matches[episodes.index(episode)][1].append(spasm)
    return matches, alarms


def score_episode(score, episode, spasms):
    visible = episode.get("visible", True)
    score.episodes += 1
    score.visible += visible
    if not spasms:
        why = "not reported" if visible else "not reported; hidden in other activity"
        score.notes.append(note("missed", episode, why))
        return
    first, last = spasms[0], spasms[-1]
    score.found += 1
    score.found_visible += visible
    score.side_right += 1
    if len(spasms) == 1:
        score.whole += 1
    else:
        score.notes.append(note("split", episode, f"in {len(spasms)}"))
    score.onset.append(abs(first["start"] - episode["start"]))
    score.end.append(abs(last["end"] - episode["end"]))
    if "detected" in first:
        score.delay.append(first["detected"] - episode["start"])
        if score.delay[-1] > 0.2:
            score.notes.append(note("late", episode, f"{score.delay[-1]:.3f} s"))
    for name, right in (("form", "form_right"), ("spread", "spread_right")):
        said = first.get(name, "unknown")
        key = (name, episode[name], said)
        score.confusion[key] = score.confusion.get(key, 0) + 1
        if said == episode[name]:
            setattr(score, right, getattr(score, right) + 1)
        else:
            score.notes.append(note(name, episode, f"said {said}"))


def score_kinds(score, truth, found):
    """How many acts away from spasms were reported as what they are."""
    spasms = [e for e in truth if e["event"] == "spasm"]
    for event in truth:
        kind = event["event"]
        if kind not in KINDS or any(overlap(event, s) > -0.3 for s in spasms):
            continue
        seen = any(f["event"] == kind and overlap(event, f) > 0 for f in found)
        have = score.kinds.setdefault(kind, [0, 0])
        have[0] += 1
        have[1] += seen


def score_recording(truth, found, duration):
    """One recording: truth and report as lists of events in order of start."""
    score = Score(hours=duration / 3600.0)
    found = [e for e in found if e["event"] != "summary"]
    matches, alarms = judge_spasms(truth, found)
    for episode, spasms in matches:
        score_episode(score, episode, spasms)
        score.confidence += [(s["confidence"], True) for s in spasms if "confidence" in s]
    for spasm, why in alarms:
        score.false_alarms += 1
        score.side_wrong += why == "wrong side"
        score.notes.append(note("false alarm", spasm, why))
        if "confidence" in spasm:
            score.confidence.append((spasm["confidence"], False))
    score_kinds(score, truth, found)
    return score


def quantile(values, share):
    """The value below which this share lies; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def share(part, whole):
    return part / whole if whole else None


def figures(score):
    """The figures of the report, None where there is nothing to count."""
    return {
        "found": share(score.found, score.episodes),
        "visible": share(score.found_visible, score.visible),
        "alarms": share(score.false_alarms, score.hours),
        "side": share(score.side_right, score.side_right + score.side_wrong),
        "onset": quantile(score.onset, 0.5),
        "end": quantile(score.end, 0.5),
        "delay50": quantile(score.delay, 0.5),
        "delay95": quantile(score.delay, 0.95),
        "form": share(score.form_right, score.found),
        "spread": share(score.spread_right, score.found),
        "whole": share(score.whole, score.found),
        "cuts": share(score.cuts_same, score.cuts),
    }


def calibration(pairs):
    """Per bin of confidence: (low, high, count, mean confidence, share true)."""
    rows = []
    for low, high in zip(BINS, BINS[1:]):
        inside = [(c, t) for c, t in pairs if low <= c < high]
        if inside:
            count = len(inside)
            mean = sum(c for c, _ in inside) / count
            rows.append((low, min(high, 1.0), count, mean, sum(t for _, t in inside) / count))
    return rows
