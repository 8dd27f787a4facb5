# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints scores as Markdown tables, the target beside each figure."""
from score import calibration, figures

COLUMNS = (
    # key, title, printed as, more is better
    ("found", "found", "%", True),
    ("visible", "of the visible", "%", True),
    ("alarms", "false alarms/h", "n", False),
    ("side", "side", "%", True),
    ("onset", "onset error", "ms", False),
    ("end", "end error", "ms", False),
    ("delay50", "delay, median", "ms", False),
    ("delay95", "delay, 95 %", "ms", False),
    ("form", "form", "%", True),
    ("spread", "spread", "%", True),
    ("whole", "one as one", "%", True),
    ("cuts", "same when cut", "%", True),
)


def number(value, kind):
    if value is None:
        return "-"
    if kind == "%":
        return f"{100 * value:.1f} %"
    return f"{1000 * value:.0f} ms" if kind == "ms" else f"{value:.2f}"


def meets(value, target, more):
    return value >= target - 1e-9 if more else value <= target + 1e-9


def cell(key, kind, more, values, targets):
    """The figure with its target behind it; bold where it misses it."""
    value, target = values[key], targets.get(key)
    text = number(value, kind)
    if value is None or target is None:
        return text, True
    fine = meets(value, target, more)
    text = f"{text} ({'≥' if more else '≤'} {number(target, kind)})"
    return (text if fine else f"**{text}**"), fine


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def condition_row(condition, score):
    """One row, and how many of its figures miss their target."""
    values = figures(score)
    cells = [cell(key, kind, more, values, condition.targets) for key, _, kind, more in COLUMNS]
    size = f"{score.episodes} in {score.hours:.1f} h" if score.episodes else f"{score.hours:.1f} h"
    missed = sum(not fine for _, fine in cells)
    return [condition.name, size] + [text for text, _ in cells], missed


def condition_table(scores):
    rows = [condition_row(condition, score)[0] for condition, score in scores]
    return table(["condition", "episodes"] + [title for _, title, _, _ in COLUMNS], rows)


def missed_targets(scores):
    return sum(condition_row(condition, score)[1] for condition, score in scores)


def made_of(condition):
    if condition.units:
        return ", ".join(dict.fromkeys(condition.units))
    return f"`{condition.scene}` {' '.join(condition.options)}".strip()


def condition_list(scores):
    rows = [(c.name, c.what, f"{c.rate} Hz", made_of(c)) for c, _ in scores]
    return table(("condition", "what", "rate", "scenes and options"), rows)


def calibration_table(scores):
    pairs = [pair for _, score in scores for pair in score.confidence]
    if not pairs:
        return "No confidence was given."
    rows = [
        (f"{low:.2f} to {high:.2f}", str(count), f"{mean:.3f}", f"{true:.3f}")
        for low, high, count, mean, true in calibration(pairs)
    ]
    return table(("confidence", "spasms reported", "mean of it", "share that was right"), rows)


def kinds_table(scores):
    total = {}
    for _, score in scores:
        for kind, (there, seen) in score.kinds.items():
            have = total.setdefault(kind, [0, 0])
            have[0] += there
            have[1] += seen
    rows = [(kind, str(there), number(seen / there, "%")) for kind, (there, seen) in total.items()]
    return table(("what was done", "times", "reported as that"), rows)


def comparison_table(compared):
    """@compared: [(condition, {name: score})]."""
    rows = []
    for condition, by_name in compared:
        for name, score in by_name.items():
            v = figures(score)
            rows.append((condition.name, name) + tuple(
                number(v[key], kind) for key, _, kind, _ in COLUMNS
                if key in ("found", "alarms", "side", "onset", "end", "delay50", "delay95")))
    return table(("condition", "detector", "found", "false alarms/h", "side", "onset error",
                  "end error", "told, median", "told, 95 %"), rows)


def real_table(rows):
    body = [(r["recording"], r["what"], r["value"] if r["fine"] else f"**{r['value']}**",
             r["target"]) for r in rows]
    return table(("recording", "what", "figure", "target"), body)
