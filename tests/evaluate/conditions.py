# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditions that scenes are made under, and what is asked of each."""
from dataclasses import dataclass

# found, form, spread, whole, side: at least; the others: at most. Seconds.
CLEAN = dict(found=0.99, alarms=2.0, side=1.0, onset=0.005, end=0.025, delay50=0.040,
             delay95=0.100, form=0.95, spread=0.95, whole=0.98, cuts=1.0)
AMONG = dict(CLEAN, found=0.97, onset=0.010, end=0.050, delay50=0.050, delay95=0.150, form=0.90,
             spread=0.90, whole=0.95)
HARD = dict(AMONG, found=0.95, delay50=0.060, delay95=0.200, form=0.85)
HEALTHY = dict(alarms=0.5)
WINKS = dict(alarms=2.0)
VARIED = {}  # nothing is asked but that it degrades gently

SPASM_UV = "60:350"  # peak; the weakest are a third of it on a weak side


@dataclass
class Condition:
    name: str
    what: str
    scene: str
    targets: dict
    options: tuple = ()
    rate: int = 1000
    seconds: int = 180  # of one face
    faces: int = 40  # in the full run
    quick: int = 3  # in the quick run
    compare: bool = False  # the published detectors run on it too
    units: tuple = ()  # made of motor units instead, with these things happening
    learnt: bool = False  # after a minute of LESSON with the same face
    weak: str = ""  # "affected", "other" or "" : which side has a third of its strength


def healthy(name, what, scene="healthy", targets=HEALTHY, **more):
    more = dict(dict(seconds=600, faces=30, quick=1), **more)
    return Condition(name, what, scene, targets, **more)


LIFE = "healthy,spasms,artefacts"
LESSON = "blinks,smile,squeeze"  # what teaches the personal parameters
NOISY = ("--noise-uv", "4:8", "--mains-uv", "80")
USUAL = ("--spasm-uv", SPASM_UV)

LIVELY = ("blink",) * 4 + ("smile", "squeeze", "brow", "speech", "speech", "chewing")

CONDITIONS = (
    Condition("clean", "spasms at rest", "spasms", CLEAN, compare=True),
    Condition("blinks", "spasms among blinks", "blinks,spasms", CLEAN, USUAL),
    Condition("movements", "spasms among movements, talk and meals", "healthy,spasms", AMONG, USUAL,
              compare=True),
    Condition("artefacts", "spasms among movements and artefacts", LIFE, AMONG, USUAL),
    Condition("weak", "spasms of 25 to 100 uV among blinks", "blinks,spasms", HARD,
              ("--spasm-uv", "25:100"), compare=True),
    Condition("noisy", "4 to 8 uV of noise, mains up to 80 uV", "blinks,spasms", HARD, USUAL + NOISY,
              compare=True),
    Condition("treated", "affected side at a third", "blinks,smile,spasms", HARD, USUAL,
              weak="affected", compare=True),
    Condition("treated-life", "affected side at a third, among movements", "healthy,spasms", HARD,
              USUAL, weak="affected"),
    Condition("other-weak", "the other side at a third, among movements", "healthy,spasms", AMONG,
              USUAL, weak="other"),
    Condition("cross-talk", "twice the usual cross-talk", "healthy,spasms", AMONG,
              USUAL + ("--crosstalk", "2")),
    Condition("spasms-winks", "spasms among winks and one-sided grimaces of the same face",
              "blinks,smile,wink,wink,spasms", AMONG, USUAL),
    Condition("weak-winks", "spasms of 25 to 100 uV among the same", "blinks,smile,wink,wink,spasms",
              HARD, ("--spasm-uv", "25:100")),
    Condition("weak-learnt", "weak, after a minute of blinks, smiles and squeezes", "blinks,spasms",
              HARD, ("--spasm-uv", "25:100"), learnt=True),
    Condition("treated-learnt", "treated, after the same", "blinks,smile,spasms", HARD, USUAL,
              weak="affected", learnt=True),
    Condition("other-weak-learnt", "other-weak, after the same", "healthy,spasms", AMONG, USUAL,
              weak="other", learnt=True),
    healthy("healthy", "healthy faces", compare=True),
    healthy("healthy-artefacts", "healthy faces, artefacts", "healthy,artefacts"),
    healthy("healthy-weak", "healthy but for one side at a third", weak="other", compare=True),
    healthy("healthy-weak-artefacts", "the same with artefacts", "healthy,artefacts", weak="other"),
    healthy("healthy-noisy", "healthy, noise and mains", options=NOISY, compare=True),
    healthy("healthy-uneven", "healthy, twice as uneven", options=("--asymmetry", "2")),
    healthy("winks", "healthy, with winks and one-sided grimaces", "healthy,wink", WINKS,
            compare=True),
    healthy("winks-only", "winks and blinks alone", "blinks,wink", WINKS),
    Condition("clean-250", "clean at 250 Hz", "spasms", VARIED, rate=250),
    Condition("clean-500", "clean at 500 Hz", "spasms", CLEAN, rate=500),
    Condition("clean-2000", "clean at 2 kHz", "spasms", CLEAN, rate=2000, faces=20),
    Condition("artefacts-500", "movements and artefacts at 500 Hz", LIFE, AMONG, USUAL, rate=500),
    Condition("artefacts-2000", "movements and artefacts at 2 kHz", LIFE, AMONG, USUAL, rate=2000,
              faces=20),
    healthy("healthy-500", "healthy faces at 500 Hz", rate=500),
    healthy("healthy-2000", "healthy faces at 2 kHz", rate=2000, faces=12),
    Condition("varied", "all assumptions off by up to 50 %", LIFE, VARIED,
              USUAL + ("--vary", "50")),
    healthy("healthy-varied", "healthy, all assumptions off by up to 50 %", targets=VARIED,
            options=("--vary", "50")),
    healthy("blepharospasm", "another disorder: both eyes", "blinks,blepharospasm", VARIED),
    healthy("synkinesis", "another disorder: mouth with eye", "synkinesis,smile", VARIED),
    Condition("units-clean", "another generator: spasms at rest", "", CLEAN, units=("spasm",)),
    Condition("units-life", "another generator: spasms between movements, talk and meals", "", AMONG,
              units=LIVELY + ("spasm",) * 5),
    Condition("units-weak", "another generator: spasms of 25 to 100 uV between blinks", "", HARD,
              dict(spasm_uv=(25, 100)), units=("blink", "spasm")),
    Condition("units-noisy", "another generator: noise and mains", "", HARD,
              dict(noise_uv=(2, 8), mains_uv=80), units=("blink", "spasm")),
    Condition("units-treated", "another generator: affected side at a third", "", HARD,
              units=("blink", "smile", "spasm", "spasm"), weak="affected"),
    healthy("units-healthy", "another generator: healthy", "", units=LIVELY),
    healthy("units-healthy-weak", "another generator: one side at a third", "", units=LIVELY,
            weak="other"),
    healthy("units-winks", "another generator: with winks", "", WINKS, units=LIVELY + ("wink",) * 3),
    Condition("two-sites", "one eye and one mouth site a side", "healthy,spasms", VARIED,
              USUAL + ("--montage", "L-OOc,L-Zyg,R-OOc,R-Zyg")),
    Condition("one-side", "one side only", "blinks,spasms", VARIED,
              ("--montage", "L-Fro,L-OOc,L-Zyg,L-OOr", "--side", "left")),
)

DEVELOPMENT_SEED = 1
JUDGING_SEED = 1000001  # never looked at one by one; only their sums are reported


def scene_command(program, condition, seed, spasms=True, lesson=False):
    """The command but for its output; weak sides alternate with the seed.

    Without its spasms a scene is the same otherwise, sample by sample; a lesson is
    a minute of the same face.
    """
    side = "left" if seed % 2 else "right"
    weak = side if condition.weak == "affected" else "right" if side == "left" else "left"
    scene = condition.scene if spasms else condition.scene.replace("spasms", "rest")
    seconds = 60 if lesson else condition.seconds
    command = [program, "--scene", LESSON if lesson else scene, "--seed", str(seed), "--rate",
               str(condition.rate), "--duration", str(seconds)]
    if condition.weak:
        command += ["--side", side, "--weak-side", weak]
    return command + list(condition.options)
