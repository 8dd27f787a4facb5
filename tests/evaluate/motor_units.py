# SPDX-License-Identifier: GPL-2.0-or-later
"""A second patient, made in another way than tests/scenes on purpose.

A detector that leans on how one generator happens to work shows here. Muscles
are pools of motor units: each has a waveform of its own and fires at random,
the more of them and the faster the stronger the effort. In a spasm all units
of all muscles fire in volleys at 150 to 400 a second within a burst, together.
Bursts are rectangular, a mouth that follows the eye copies it, noise is white.
Sources as in tests/scenes/assumption.c; what is not there is inference.
"""
import json

import numpy as np

import signals

MUSCLES = ("Fro", "OOc", "Zyg", "OOr", "Mas")  # the last has no site
SITES = [f"{side}-{muscle}" for side in "LR" for muscle in MUSCLES[:4]]
UNITS = 16  # a muscle
NEIGHBOURS = {("Fro", "OOc"): 0.10, ("OOc", "Zyg"): 0.12, ("Zyg", "OOr"): 0.12,
              ("Mas", "Zyg"): 0.15, ("Mas", "OOr"): 0.06, ("Mas", "OOc"): 0.03}
ACTS = {  # muscles with their levels, RMS in uV, length, ramp in s
    "smile": ({"Zyg": 1.0, "OOr": 0.3, "OOc": 0.4}, (20, 90), (1.0, 4.0), (0.3, 0.7)),
    "squeeze": ({"OOc": 1.0, "Zyg": 0.3, "Fro": 0.1}, (40, 150), (0.6, 2.0), (0.08, 0.3)),
    "brow": ({"Fro": 1.0}, (20, 100), (0.5, 2.0), (0.08, 0.3)),
    "blink": ({"OOc": 1.0}, (8, 45), (0.12, 0.35), (0.03, 0.06)),
    "wink": ({"OOc": 1.0, "Zyg": 0.3}, (25, 110), (0.25, 0.7), (0.04, 0.1)),
}
KINDS = {"smile": "movement", "squeeze": "movement", "brow": "movement", "blink": "blink",
         "wink": "contraction", "speech": "speech", "chewing": "chewing"}


class Patient:
    """One face; its methods add to the efforts and volleys, render() makes the signal."""

    def __init__(self, seed, rate, seconds, spasm_uv, noise_uv, mains_uv, weak, affected):
        self.rng = np.random.default_rng([0x6D75, seed])
        self.rate, self.size = rate, int(rate * seconds)
        self.seconds, self.spasm_uv = seconds, spasm_uv
        self.noise_uv, self.mains_uv = noise_uv, mains_uv
        self.affected = affected
        self.effort = {(s, m): np.zeros(self.size) for s in "LR" for m in MUSCLES}
        self.volley = {key: np.zeros(self.size) for key in self.effort}
        self.truth = []
        self.strength = {}
        for m in MUSCLES:
            ratio = float(np.clip(self.rng.normal(0.8, 0.17), 0.4, 1.0))
            weaker = self.rng.choice(["L", "R"])
            for s in "LR":
                self.strength[s, m] = ratio if s == weaker else 1.0
        self.weak = {s: 1.0 / 3.0 if s == weak else 1.0 for s in "LR"}

    def between(self, pair):
        return float(self.rng.uniform(*pair))

    def put(self, key, start, shape, level):
        first = int(start * self.rate)
        end = min(first + len(shape), self.size)
        if first < end:
            part = self.effort[key][first:end]
            np.maximum(part, level * shape[: end - first], out=part)

    def event(self, name, start, end, **more):
        self.truth.append(dict(dict(event=KINDS.get(name, name), start=start, end=end, act=name),
                               **more))

    def trapezoid(self, length, ramp):
        n, r = max(2, int(length * self.rate)), max(1, int(ramp * self.rate))
        t = np.arange(n)
        return np.clip(np.minimum(t + 1, n - t) / r, 0.0, 1.0)

    def act(self, name, t, side=None):
        parts, rms, length, ramp = ACTS[name]
        level, length = self.between(rms), self.between(length)
        shape = self.trapezoid(length, min(self.between(ramp), 0.45 * length))
        for muscle, share in parts.items():
            for s in "LR":
                own = self.strength[s, muscle] * self.weak[s] * self.between((0.9, 1.1))
                if side and s != side:
                    own *= 0.15
                self.put((s, muscle), t + self.between((0.0, 0.008)), shape, level * share * own)
        more = dict(side="left" if side == "L" else "right") if side else {}
        self.event(name, t, t + length, **more)
        return t + length

    def repeated(self, name, t, muscles, rms, rate, length, duty):
        end, level, start = t + self.between(length), self.between(rms), t
        uneven = {"L": 1.0, "R": 1.0}
        if name == "chewing":
            uneven[str(self.rng.choice(["L", "R"]))] = self.between((0.35, 1.0))
        while t < end:
            step = 1.0 / self.between(rate)
            span = step * self.between(duty)
            for muscle, share in muscles.items():
                height = level * share * self.between((0.4, 1.0))
                for s in "LR":
                    own = self.strength[s, muscle] * uneven[s]
                    own *= 1.0 if muscle == "Mas" else self.weak[s]
                    self.put((s, muscle), t, self.trapezoid(span, 0.3 * span), height * own)
            last, t = t + span, t + step
        self.event(name, start, last)
        return last

    def speech(self, t):
        return self.repeated("speech", t, {"OOr": 1.0, "Zyg": 0.4}, (10, 45), (3, 6), (1, 6),
                             (0.6, 1.0))

    def chewing(self, t):
        return self.repeated("chewing", t, {"Mas": 1.0, "OOr": 0.12}, (40, 180), (1, 2), (4, 12),
                             (0.35, 0.55))

    def bursts(self, form):
        """[(start, end)] in seconds from the episode's start."""
        if form == "twitch":
            return [(0.0, self.between((0.015, 0.1)))]
        out, t = [], 0.0
        if form != "tonic":
            rate = self.between((5.0, 18.0))
            for _ in range(int(self.rng.integers(4, 25))):
                span = min(self.between((0.015, 0.1)), 0.6 / rate)
                out.append((t, t + span))
                t += self.between((0.8, 1.25)) / rate
        if form != "clonic":
            out.append((t, t + self.between((1.1, 8.0))))
        return out

    def spasm(self, t):
        form = str(self.rng.choice(["twitch", "clonic", "tonic", "mixed"], p=[0.25, 0.35, 0.15, 0.25]))
        spread = "simultaneous" if form == "twitch" else str(
            self.rng.choice(["typical", "simultaneous", "atypical", "single_region"],
                            p=[0.5, 0.3, 0.1, 0.1]))
        lag = self.between((0.07, 0.3))
        late = {"typical": {"Zyg", "OOr"}, "atypical": {"Fro", "OOc"}}.get(spread, set())
        muscles = ("Fro", "OOc") if spread == "single_region" else MUSCLES[:4]
        s, peak, bursts = self.affected, self.between(self.spasm_uv), self.bursts(form)
        levels = {m: self.between((0.5, 1.0)) for m in muscles}
        levels[str(self.rng.choice(["OOc", "Zyg"] if "Zyg" in muscles else ["OOc"]))] = 1.0
        for first, end in bursts:
            strength = self.between((0.7, 1.0))
            for m in muscles:
                a = int((t + first + (lag if m in late else 0.0)) * self.rate)
                b = a + max(2, int((end - first) * self.rate))
                self.volley[s, m][a:b] = peak / 3.0 * strength * levels[m] * self.weak[s]
        stop = t + bursts[-1][1] + (lag if late else 0.0)
        self.event("spasm", t, stop, side="left" if s == "L" else "right", form=form,
                   spread=spread, peak_uv=round(peak * self.weak[s], 1), muscles=list(muscles))
        return stop

    def run(self, kinds, pause):
        """Puts one thing after the other, at random, until the time is over."""
        t = self.between((2.5, 4.0))
        while t < self.seconds - 16.0:
            kind = str(self.rng.choice(kinds))
            if kind in ("spasm", "speech", "chewing"):
                t = getattr(self, kind)(t)
            elif kind == "wink":
                t = self.act(kind, t, str(self.rng.choice(["L", "R"])))
            else:
                t = self.act(kind, t)
            t += self.between(pause)

    def waveform(self):
        """A unit's potential at the skin: two or three phases of some ms."""
        width = self.between((0.0008, 0.0022)) * self.rate
        t = np.arange(-int(4 * width) - 1, int(4 * width) + 2) / width
        first = -t * np.exp(-0.5 * t * t)
        second = (1.0 - t * t) * np.exp(-0.5 * t * t)
        w = first + self.between((-0.7, 0.7)) * second
        return (w - w.mean()) / np.sqrt((w * w).sum())

    def volleys(self):
        """Instants at which all units of all muscles fire together in a spasm."""
        gaps = self.rng.uniform(1 / 400, 1 / 150, int(400 * self.seconds) + 1)
        at = (np.cumsum(gaps) * self.rate).astype(int)
        return at[at < self.size]

    def pool(self, effort, volley, shots):
        """The signal of one muscle: its RMS is about its effort or its volley."""
        out = np.zeros(self.size)
        rates = self.rng.uniform(20, 60, UNITS) / self.rate
        for unit in range(UNITS):
            fires = (self.rng.random(self.size) < rates[unit]) * effort
            jitter = shots + self.rng.integers(-1, 2, len(shots))
            jitter = np.clip(jitter, 0, self.size - 1)
            together = np.zeros(self.size)
            together[jitter] = volley[jitter]
            sum_of = fires / np.sqrt(UNITS * rates[unit])
            # Volleys of units whose waveforms differ add like noise, mostly.
            sum_of += together * np.sqrt(self.rate / (250.0 * UNITS))
            out += np.convolve(sum_of, self.waveform(), mode="same")
        return out

    def share(self, source, site):
        (side, muscle), (there, other) = source, site.split("-")
        if side == there:
            if muscle == other:
                return 1.0
            pair = NEIGHBOURS.get((muscle, other), NEIGHBOURS.get((other, muscle), 0.0))
            return pair * self.between((0.6, 1.4))
        if muscle == other == "OOr":
            return self.between((0.15, 0.3))
        return 0.05 if muscle == other == "Fro" else 0.0

    def render(self):
        shots = self.volleys()
        out = np.zeros((len(SITES), self.size))
        for key, effort in self.effort.items():
            signal = self.pool(effort, self.volley[key], shots)
            for c, site in enumerate(SITES):
                out[c] += self.share(key, site) * signal
        t = np.arange(self.size) / self.rate
        hz = float(self.rng.choice([50.0, 60.0])) + self.between((-0.1, 0.1))
        for c in range(len(SITES)):
            out[c] += self.rng.normal(0.0, self.between(self.noise_uv), self.size)
            size, phase = self.between((0.3, 1.0)) * self.mains_uv, self.between((0, 6.28))
            for order, part in ((1, 1.0), (3, 0.15), (5, 0.05)):
                if order * hz < 0.45 * self.rate:
                    out[c] += size * part * np.sin(2 * np.pi * order * hz * t + order * phase)
            out[c] += self.between((-30000, 30000)) + 40 * np.sin(2 * np.pi * 0.2 * t + c)
        return out


def write_scene(path, truth_path, seed, rate, seconds, kinds, weak="", **options):
    """A scene in the two files that emg-scene writes."""
    affected = "L" if seed % 2 else "R"
    weak = {"affected": affected, "other": "R" if affected == "L" else "L", "": ""}[weak]
    settings = dict(dict(spasm_uv=(60, 350), noise_uv=(1, 4), mains_uv=10), **options)
    patient = Patient(seed, rate, seconds, weak=weak, affected=affected, **settings)
    patient.run(kinds, (1.6, 6.0))
    signals.write_bdf(path, [f"EMG {site}" for site in SITES], rate, patient.render())
    with open(truth_path, "w", encoding="utf-8") as file:
        for event in sorted(patient.truth, key=lambda e: e["start"]):
            file.write(json.dumps(event) + "\n")
