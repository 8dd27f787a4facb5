# SPDX-License-Identifier: GPL-2.0-or-later
"""What the end-to-end tests share: TAP, the emulated headset, its IIO device.

Runs inside a VM (tests/vm/run), as root, in the top folder of the tree.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback

GADGET = "build/emg-headset-gadget"
READER = "build/e2e/iio-read"
SERIAL = "OEH-00000001"

# Sanitizers make everything slower; what is timed is given more time there.
SLOW = os.environ.get("SPASMD_VM", "stock") != "stock"
PATIENCE = 60 if SLOW else 30


class Failure(Exception):
    """The test can't go on."""


def wait_for(condition, what, timeout=PATIENCE):
    """Waits until condition() is true and returns its value."""
    end = time.monotonic() + timeout
    pause = 0.01
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"waited {timeout} s for {what}")
        time.sleep(pause)
        # Asking takes its time too, of what is waited for.
        pause = min(0.1, 1.5 * pause)


class Tap:
    """Prints TAP lines; check() returns whether it was right."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, right, name, detail=""):
        self.count += 1
        self.failed += not right
        print(f"{'ok' if right else 'not ok'} {self.count} - {name}")
        if not right and detail != "":
            print(f"# {detail}")
        sys.stdout.flush()
        return right

    def equal(self, got, wanted, name):
        return self.check(got == wanted, name, f"got {got!r}, wanted {wanted!r}")

    def done(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def run_tests(*tests):
    """Calls each test with a Tap; one that dies has failed."""
    tap = Tap()
    for test in tests:
        try:
            test(tap)
        except Exception as error:  # whatever it is, the other tests should run
            tap.check(False, f"{test.__name__} came to its end", repr(error))
            traceback.print_exc()
            for gadget in Gadget.running:
                gadget.describe()
        for gadget in list(Gadget.running):
            try:
                gadget.close()
            except (Failure, subprocess.TimeoutExpired) as error:
                tap.check(False, f"{test.__name__}: the headset ends", repr(error))
                gadget.describe()
    tap.done()


def load_bus(ports=1):
    """The emulated bus. Built in, it has as many ports as the command line says."""
    subprocess.run(["modprobe", "-a", "libcomposite", "usb_f_fs", "configfs"], check=False)
    subprocess.run(["modprobe", "dummy_hcd", f"num={ports}"], check=False)
    wait_for(lambda: len(os.listdir("/sys/class/udc")) >= ports, f"{ports} ports of dummy_hcd", 5)


class Gadget:
    """A running emg-headset-gadget."""

    running = []

    def __init__(self, *args, serial=SERIAL, wait=True):
        self.serial = serial
        self.folder = tempfile.mkdtemp(prefix="gadget.")
        self.fifo = os.path.join(self.folder, "control")
        self.output = os.path.join(self.folder, "output")
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [GADGET, "--serial", serial, "--control", self.fifo,
                 # a busy machine is no reason to lose samples here
                 "--memory", "10", "--queue", "1024", *map(str, args)],
                stdout=output,
            )
        Gadget.running.append(self)
        if wait:
            self.wait_ready()

    def lines(self):
        with open(self.output, encoding="utf-8") as output:
            return output.read().splitlines()

    def ready_count(self):
        return sum(line.startswith("ready:") for line in self.lines())

    def wait_ready(self, count=1):
        def ready():
            if self.process.poll() is not None:
                raise Failure(f"the gadget ended with {self.process.returncode}")
            return self.ready_count() >= count

        wait_for(ready, "the host to set up the headset")

    def command(self, text):
        """Gives a command and waits until it was carried out."""
        before = self.lines().count(f"done: {text}")
        with open(self.fifo, "w", encoding="utf-8") as fifo:
            fifo.write(text + "\n")
        wait_for(lambda: self.lines().count(f"done: {text}") > before, f"the command '{text}'")

    def events(self, kind=None):
        events = [json.loads(line) for line in self.lines() if line.startswith("{")]
        return [e for e in events if kind in (None, e["event"])]

    def stats(self):
        """The statistics of now."""
        self.command("stats")
        return self.events("stats")[-1]

    def unplug(self):
        self.command("unplug")

    def plug(self):
        before = self.ready_count()
        self.command("plug")
        self.wait_ready(before + 1)

    def device(self):
        """The folder of its IIO device, once the driver has made it."""
        return wait_for(lambda: find_device(self.serial), f"an IIO device of {self.serial}")

    def statistics(self):
        """What the driver has counted."""
        interface = os.path.basename(os.path.dirname(os.path.realpath(self.device())))
        path = f"/sys/kernel/debug/usb/emg_headset-{interface}/statistics"
        wait_for(lambda: os.path.exists(path), path)
        with open(path, encoding="ascii") as file:
            return {key: int(value) for key, value in map(str.split, file)}

    def describe(self):
        """What it said, and where in the kernel it is, for the reader of a failure."""
        print("\n".join(f"# {line[:200]}" for line in self.lines()[-5:]))
        for name in "status", "syscall", "stack":
            try:
                with open(f"/proc/{self.process.pid}/{name}", encoding="ascii") as file:
                    print("".join(f"# {name}: {line}" for line in file
                                  if name != "status" or line.startswith(("State", "Sig"))))
            except OSError as error:
                print(f"# {name}: {error}")

    def close(self):
        Gadget.running.remove(self)
        self.process.terminate()
        status = self.process.wait(timeout=PATIENCE)
        if status != 0:
            raise Failure(f"the gadget ended with {status}")


def find_device(serial):
    for path in glob.glob("/sys/bus/iio/devices/iio:device*"):
        try:
            with open(f"{path}/label", encoding="ascii") as label:
                if label.read().strip() == serial:
                    return path
        except OSError:
            pass  # on its way out
    return None


class Reader:
    """iio-read at work."""

    def __init__(self, gadget, *args, seconds=2):
        gadget.device()
        self.process = subprocess.Popen(
            [READER, "--label", gadget.serial, "--pattern", "--seconds", str(seconds),
             *map(str, args)],
            stdout=subprocess.PIPE,
        )

    def end(self):
        """Before its time. It must be reading already."""
        self.process.terminate()
        return self.result()

    def result(self):
        output, _ = self.process.communicate()
        result = json.loads(output)
        result["status"] = self.process.returncode
        return result


def read(gadget, *args, seconds=2):
    return Reader(gadget, *args, seconds=seconds).result()


def kernel_log():
    """The kernel's messages from now on: call it for those since the last call."""
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(log, 0, os.SEEK_END)

    def new():
        lines = []
        while True:
            try:
                lines.append(os.read(log, 8192).decode(errors="replace").split(";", 1)[-1])
            except BlockingIOError:
                return lines
            except BrokenPipeError:
                continue  # some were overwritten

    return new
