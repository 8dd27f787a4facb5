# SPDX-License-Identifier: GPL-2.0-or-later
"""What a host does to a headset beside reading it: bind, sleep, reset, load and unload.

For tests on the emulated bus. A function that acts raises OSError where the kernel refuses.
"""

import fcntl
import glob
import os
import subprocess
import threading
import time

from harness import Failure, Reader, wait_for

DRIVER = "/sys/bus/usb/drivers/emg_headset"
USBDEVFS_RESET = ord("U") << 8 | 20


def write(path, value):
    """One write() of the whole value, as the kernel wants it. No buffering: errors come at once."""
    file = os.open(path, os.O_WRONLY)
    try:
        os.write(file, str(value).encode())
    finally:
        os.close(file)


def text_of(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def usb_device(serial):
    """Its folder in sysfs, None while it is not there."""
    for path in glob.glob("/sys/bus/usb/devices/*/serial"):
        try:
            if text_of(path) == serial:
                return os.path.dirname(path)
        except OSError:
            pass  # on its way out
    return None


def interface(serial):
    """The name of its interface, as the driver's bind and unbind want it."""
    path = usb_device(serial)
    if path is None:
        raise OSError(f"no USB device {serial}")
    return f"{os.path.basename(path)}:1.0"


def bind(serial):
    write(f"{DRIVER}/bind", interface(serial))


def unbind(serial):
    write(f"{DRIVER}/unbind", interface(serial))


def usb_node_open(path):
    """What libusb has of it, /dev/bus/usb/BUS/DEVICE; path is its folder in sysfs."""
    if path is None:
        raise OSError("no USB device")
    bus, number = (int(text_of(f"{path}/{name}")) for name in ("busnum", "devnum"))
    return os.open(f"/dev/bus/usb/{bus:03}/{number:03}", os.O_RDWR)


def usb_reset(file):
    fcntl.ioctl(file, USBDEVFS_RESET)


def reset(serial):
    file = usb_node_open(usb_device(serial))
    try:
        usb_reset(file)
    finally:
        os.close(file)


def button(serial):
    """The node of its marker button."""
    path = f"/sys/bus/usb/devices/{interface(serial)}/input/input*/event*"
    nodes = [f"/dev/input/{os.path.basename(name)}" for name in glob.glob(path)]
    if not nodes:
        raise OSError("no button")
    return nodes[0]


def light(device):
    """The folder of the light that tells it by."""
    return f"/sys/class/leds/emg_headset{device.rsplit('device', 1)[1]}::identify"


def power_write(serial, name, value):
    path = usb_device(serial)
    if path is None:
        raise OSError(f"no USB device {serial}")
    write(f"{path}/power/{name}", value)


def sleep_prepare():
    """Sleep as deep as a machine without a clock that wakes it can: to its devices and back."""
    write("/sys/power/pm_test", "devices")
    write("/sys/module/suspend/parameters/pm_test_delay", 0)


def sleep(state):
    write("/sys/power/state", state)


def module_is_loaded():
    return os.path.isdir("/sys/module/emg_headset")


def module_load():
    subprocess.run(["modprobe", "emg_headset"], check=True)


def module_unload():
    """False when it is in use."""
    done = subprocess.run(["rmmod", "emg_headset"], capture_output=True, check=False)
    return done.returncode == 0


def statistics_path(serial):
    return f"/sys/kernel/debug/usb/emg_headset-{interface(serial)}/statistics"


def samples(path):
    """How many the driver has seen, by its statistics; 0 while there is no driver."""
    try:
        return int(text_of(path).split()[1])
    except OSError:
        return 0


def streams(gadget, what):
    """Waits until samples come, some more than there are now."""
    path = statistics_path(gadget.serial)
    before = samples(path)
    wait_for(lambda: samples(path) > before, f"{gadget.serial} to stream {what}")


def capture(gadget):
    """A reader at work, samples on their way. There must be no capture yet."""
    reader = Reader(gadget, "--length", 16384, seconds=600)
    streams(gadget, "at first")
    return reader


def kill(reader):
    """The hard way: the buffer stays enabled."""
    reader.process.kill()
    reader.process.wait()
    reader.process.stdout.close()


def stop(reader, gadget):
    """Before its time; the capture has ended then."""
    kill(reader)
    write(f"{gadget.device()}/buffer/enable", 0)


def input_name(name):
    """Empty when it has none, or has just gone."""
    try:
        return text_of(f"/sys/class/input/{name}/name")
    except OSError:
        return ""


def leftovers():
    """What of a driver that is unloaded, or of headsets that are unplugged, is still there."""
    found = glob.glob("/sys/bus/iio/devices/iio:device*") + glob.glob("/dev/iio:device*")
    found += glob.glob("/sys/kernel/debug/usb/emg_headset*")
    found += glob.glob("/sys/class/leds/emg_headset*")
    found += [name for name in os.listdir("/sys/class/input") if "EMG headset" in input_name(name)]
    return found


def headsets_left():
    """USB interfaces that are no hub's."""
    return [name for name in os.listdir("/sys/bus/usb/devices")
            if ":" in name and name[0] != "u" and not name.endswith("-0:1.0")]


class Threads:
    """Does a thing in several threads at once; what goes wrong in them is kept."""

    def __init__(self):
        self.errors = []
        self.threads = []

    def start(self, act, *args):
        def run():
            try:
                act(*args)
            except (OSError, Failure, ValueError) as error:
                self.errors.append(f"{act.__name__}: {error!r}")

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.threads.append(thread)

    def join(self, timeout):
        end = time.monotonic() + timeout
        for thread in self.threads:
            thread.join(max(0, end - time.monotonic()))
            if thread.is_alive():
                raise Failure("a thread hangs")
        return self.errors
