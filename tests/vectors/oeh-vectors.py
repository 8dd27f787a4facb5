#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Write oeh_vectors.h: OEH 1 messages, byte by byte, with what they mean.

It stands on Python's struct and zlib alone, and on the tables of PROTOCOL.md:
none of our C code has a part in it. Run it when the protocol changes.
"""

import struct
import sys
import zlib

OUT = []


def c_bytes(name, data):
    OUT.append(f"static const unsigned char {name}[] = {{")
    for i in range(0, len(data), 12):
        OUT.append("\t" + " ".join(f"0x{b:02x}," for b in data[i:i + 12]))
    OUT.append("};")
    OUT.append("")


def c_ints(name, values):
    # INT_MIN has no literal of type int.
    text = ["-0x7fffffff - 1" if v == -2**31 else str(v) for v in values]
    OUT.append(f"static const int {name}[] = {{")
    for i in range(0, len(text), 6):
        OUT.append("\t" + " ".join(f"{t}," for t in text[i:i + 6]))
    OUT.append("};")
    OUT.append("")


# ---- DESCRIBE -----------------------------------------------------------------

def describe(d):
    extra_h, extra_c = d.get("header_extra", b""), d.get("channel_extra", b"")
    body = b"".join(struct.pack("<BBHIQ", s, m, g, 0, lsb) + extra_c
                    for s, m, g, lsb in d["channels"])
    body += struct.pack(f"<{len(d['rates'])}I", *d["rates"])
    body += struct.pack(f"<{len(d['gains'])}H", *d["gains"])
    head = struct.pack("<IHBBBBBBBBHIIII32s32s", 0x5848454f, 96 + len(extra_h) + len(body), 1,
                       d["minor"], 96 + len(extra_h), 16 + len(extra_c), len(d["channels"]),
                       len(d["rates"]), len(d["gains"]), d["bits"], 0, d["caps"],
                       d["clock"], d["limit"], 0, d["serial"].encode(),
                       d["firmware"].encode())
    return head + extra_h + body


SITES = [(side, muscle) for side in (1, 2) for muscle in (1, 3, 4, 6)]

DESCRIBE = {
    "small": {  # 2 channels, in PROTOCOL.md; 2000 Hz are too much for its bus
        "minor": 0, "bits": 16, "caps": 0, "clock": 1000000, "limit": 2000,
        "serial": "OEH-0002", "firmware": "1.0",
        "channels": [(1, 3, 0x1, 1000000000), (2, 3, 0x3, 1000000000)],
        "rates": [250, 1000, 2000], "gains": [1, 4], "usable": 2,
    },
    "reference": {  # the headset of the design: 4.5 V reference, 24 bits
        "minor": 0, "bits": 24, "caps": 0x1f, "clock": 48000000, "limit": 32000,
        "serial": "OEH-00000001", "firmware": "emg-headset-gadget 0.1.0",
        "channels": [(s, m, 0x7f, 536441803) for s, m in SITES],
        "rates": [250, 500, 1000, 2000, 4000], "gains": [1, 2, 3, 4, 6, 8, 12],
        "usable": 5,
    },
    "later": {  # version 1.1: longer header and entries, a muscle of the future
        "minor": 1, "bits": 32, "caps": 0x80000000, "clock": 4294967295, "limit": 16000,
        "serial": "a serial number that fills it up", "firmware": "", "header_extra": b"\xa5" * 8,
        "channel_extra": b"\x5a" * 4, "channels": [(0, 200, 0x1, 2000)],
        "rates": [16000], "gains": [2], "usable": 1,
    },
}


def emit_describe():
    for name, d in DESCRIBE.items():
        c_bytes(f"oeh_describe_{name}", describe(d))

    OUT.append("static const struct oeh_describe_vector oeh_describe_vectors[] = {")
    for name, d in DESCRIBE.items():
        OUT.append("\t{")
        OUT.append(f"\t\t.name = \"{name}\",")
        OUT.append(f"\t\t.data = oeh_describe_{name},")
        OUT.append(f"\t\t.len = sizeof(oeh_describe_{name}),")
        OUT.append("\t\t.info = {")
        OUT.append("\t\t\t.channel = {")
        for s, m, g, lsb in d["channels"]:
            m = m if m <= 8 else 0
            OUT.append(f"\t\t\t\t{{ {lsb}, {g:#x}, {s}, {m} }},")
        OUT.append("\t\t\t},")
        rates = ", ".join(str(r) for r in d["rates"][:d["usable"]])
        OUT.append(f"\t\t\t.rates = {{ {rates} }},")
        OUT.append(f"\t\t\t.caps = {d['caps']:#x},")
        OUT.append(f"\t\t\t.clock_hz = {d['clock']}u,")
        OUT.append(f"\t\t\t.gains = {{ {', '.join(str(g) for g in d['gains'])} }},")
        OUT.append(f"\t\t\t.version_minor = {d['minor']},")
        OUT.append(f"\t\t\t.channel_count = {len(d['channels'])},")
        OUT.append(f"\t\t\t.rate_count = {d['usable']},")
        OUT.append(f"\t\t\t.gain_count = {len(d['gains'])},")
        OUT.append(f"\t\t\t.bits = {d['bits']},")
        OUT.append(f"\t\t\t.serial = \"{d['serial']}\",")
        OUT.append(f"\t\t\t.firmware = \"{d['firmware']}\",")
        OUT.append("\t\t},")
        OUT.append("\t},")
    OUT.append("};")
    OUT.append("")


# Each: what is written over where in the small description, what is then wrong.
# The small one: header 96, 2 channels at 96, 3 rates at 128, 2 gains at 140, 144 in all.
BAD_DESCRIBE = [
    ("magic", 0, "<I", 0x5848454e, "MAGIC"),
    ("major version 2", 6, "<B", 2, "VERSION"),
    ("major version 0", 6, "<B", 0, "VERSION"),
    ("total length one more", 4, "<H", 145, "LENGTH"),
    ("total length one less", 4, "<H", 143, "LENGTH"),
    ("total length 65535", 4, "<H", 65535, "LENGTH"),
    ("header of 95", 8, "<B", 95, "HEADER_LENGTH"),
    ("header of 97", 8, "<B", 97, "LENGTH"),
    ("header of 255", 8, "<B", 255, "LENGTH"),
    ("entry of 15", 9, "<B", 15, "CHANNEL_LENGTH"),
    ("entry of 255", 9, "<B", 255, "LENGTH"),
    ("no channel", 10, "<B", 0, "CHANNEL_COUNT"),
    ("33 channels", 10, "<B", 33, "CHANNEL_COUNT"),
    ("255 channels", 10, "<B", 255, "CHANNEL_COUNT"),
    ("3 channels, room for 2", 10, "<B", 3, "LENGTH"),
    ("no rate", 11, "<B", 0, "RATE_COUNT"),
    ("17 rates", 11, "<B", 17, "RATE_COUNT"),
    ("no gain", 12, "<B", 0, "GAIN_COUNT"),
    ("17 gains", 12, "<B", 17, "GAIN_COUNT"),
    ("15 bits", 13, "<B", 15, "BITS"),
    ("33 bits", 13, "<B", 33, "BITS"),
    ("clock of 999999 Hz", 20, "<I", 999999, "CLOCK"),
    ("clock that stands", 20, "<I", 0, "CLOCK"),
    ("bus too slow for any", 24, "<I", 499, "BUS_LIMIT"),
    ("no serial", 32, "<Q", 0, "SERIAL"),
    ("control character in serial", 33, "<B", 10, "SERIAL"),
    ("serial goes on after NUL", 62, "<B", 65, "SERIAL"),
    ("8 bit character in firmware", 64, "<B", 0xe4, "FIRMWARE"),
    ("side 3", 96, "<B", 3, "SIDE"),
    ("no gain for a channel", 98, "<H", 0, "GAIN_MASK"),
    ("gain that is not listed", 98, "<H", 4, "GAIN_MASK"),
    ("scale of 0", 104, "<Q", 0, "SCALE"),
    ("scale under 1 pV", 120, "<Q", 3999, "SCALE"),
    ("scale over 1 V", 104, "<Q", 10**15 + 1, "SCALE"),
    ("scale of 2^64 - 1", 104, "<Q", 2**64 - 1, "SCALE"),
    ("rate of 249", 128, "<I", 249, "RATE"),
    ("rate of 16001", 136, "<I", 16001, "RATE"),
    ("rate of 2^31", 136, "<I", 2**31, "RATE"),
    ("rates equal", 132, "<I", 250, "RATE_ORDER"),
    ("gain of 0", 140, "<H", 0, "GAIN"),
    ("gains equal", 142, "<H", 1, "GAIN"),
]

BAD_STATUS = [
    ("rate of 0", 4, "<I", 0, "STATUS_RATE"),
    ("rate beyond the bus", 4, "<I", 2000, "STATUS_RATE"),
    ("gain beyond the list", 32, "<B", 2, "STATUS_GAIN"),
    ("gain beyond any shift", 32, "<B", 255, "STATUS_GAIN"),
    ("gain that is not this channel's", 32, "<B", 1, "STATUS_GAIN"),
]

BAD_FRAME = [
    ("type", 0, "<B", 0xd2, "FRAME_TYPE"),
    ("no sample", 2, "<H", 0, "FRAME_SAMPLES"),
    ("more than 4 ms", 2, "<H", 5, "FRAME_SAMPLES"),
    ("65535 samples", 2, "<H", 65535, "FRAME_SAMPLES"),
    ("fewer samples than bytes", 2, "<H", 1, "FRAME_LENGTH"),
    ("more samples than bytes", 2, "<H", 3, "FRAME_LENGTH"),
    ("flags", 1, "<B", 0x80, "FRAME_CRC"),
    ("sequence", 4, "<I", 0, "FRAME_CRC"),
    ("a sample", 30, "<B", 0x55, "FRAME_CRC"),
    ("checksum", 36, "<I", 0, "FRAME_CRC"),
]


def emit_bad(name, rows):
    OUT.append(f"static const struct oeh_bad_vector oeh_bad_{name}_vectors[] = {{")
    for what, offset, form, value, error in rows:
        data = struct.pack(form, value)
        text = ", ".join(f"0x{b:02x}" for b in data)
        OUT.append(f"\t{{ \"{what}\", {offset}, {len(data)},")
        OUT.append(f"\t  {{ {text} }}, OEH_BAD_{error} }},")
    OUT.append("};")
    OUT.append("")


# ---- STATUS -------------------------------------------------------------------

def emit_status():
    gain = bytes([0, 1]) + bytes(30)
    data = struct.pack("<IIIIIIQ", 0x9, 1000, 12345, 49380, 7, 0, 0x0123456789abcdef) + gain
    c_bytes("oeh_status_small", data)
    OUT.append("static const struct oeh_state oeh_status_small_state = {")
    OUT.append("\t.clock = 0x0123456789abcdef,")
    OUT.append("\t.flags = OEH_STATUS_STREAMING | OEH_STATUS_TEST_SIGNAL,")
    OUT.append("\t.rate = 1000,")
    OUT.append("\t.sequence = 12345,")
    OUT.append("\t.counter = 49380,")
    OUT.append("\t.dropped = 7,")
    OUT.append("\t.gain = { 0, 1 },")
    OUT.append("};")
    OUT.append("")


# ---- GET_IMPEDANCE, and a request -------------------------------------------------

def emit_requests():
    c_bytes("oeh_impedance_half", struct.pack("<II", 12345, 0xffffffff))
    # bmRequestType, bRequest, wValue, wIndex, wLength: as USB 2.0 has them, 9.3
    c_bytes("oeh_setup_gain", struct.pack("<BBHHH", 0x41, 0x04, 3 << 8 | 1, 0, 0))


# ---- frames --------------------------------------------------------------------

def frame(f):
    width = (f["bits"] + 7) // 8
    data = struct.pack("<BBHIIIQ", 0xd1, f["flags"], len(f["values"]) // f["channels"],
                       f["sequence"], f["counter"], f["lead_off"], f["clock"])
    data += b"".join(v.to_bytes(width, "little", signed=True) for v in f["values"])
    if (len(data) + 4) % 64 == 0:
        data += bytes(4)
    return data + struct.pack("<I", zlib.crc32(data))


def ramp(count, bits):
    """Values over the whole range of this resolution, ends and signs included."""
    ends = [-2**(bits - 1), 2**(bits - 1) - 1, -1, 1, 0]
    return (ends + [(-1)**i * (i * 0x2f3d71 % 2**(bits - 1)) for i in range(count)])[:count]


FRAMES = {
    # 2 channels x 24 bits at 1 kHz, in PROTOCOL.md: two scans, then its checksum
    "24": dict(rate=1000, channels=2, bits=24, flags=0x04, sequence=7, counter=14,
               lead_off=0x2, clock=0x0000000100000002, values=ramp(4, 24)),
    "24_pad": dict(rate=1000, channels=4, bits=24, flags=0x00, sequence=0xffffffff,
                   counter=0xfffffffe, lead_off=0, clock=2**64 - 1, values=ramp(12, 24)),
    "16": dict(rate=250, channels=2, bits=16, flags=0x01, sequence=0, counter=0,
               lead_off=0, clock=0, values=ramp(2, 16)),
    "16_pad": dict(rate=4000, channels=2, bits=16, flags=0x02, sequence=1, counter=9,
                   lead_off=0, clock=9250, values=ramp(18, 16)),
    "32": dict(rate=500, channels=1, bits=32, flags=0x04, sequence=3, counter=6,
               lead_off=1, clock=10**15, values=ramp(2, 32)),
    "32_pad": dict(rate=2000, channels=3, bits=32, flags=0x00, sequence=4, counter=8,
                   lead_off=0, clock=5, values=ramp(9, 32)),
    # 20 bits travel in 3 bytes, their sign extended
    "20": dict(rate=2000, channels=1, bits=20, flags=0x00, sequence=5, counter=40,
               lead_off=0, clock=6, values=ramp(8, 20)),
}


def emit_frames():
    for name, f in FRAMES.items():
        c_bytes(f"oeh_frame_{name}", frame(f))
        c_ints(f"oeh_frame_{name}_values", f["values"])

    OUT.append("static const struct oeh_frame_vector oeh_frame_vectors[] = {")
    for name, f in FRAMES.items():
        OUT.append("\t{")
        OUT.append(f"\t\t.name = \"{name}\",")
        OUT.append(f"\t\t.data = oeh_frame_{name},")
        OUT.append(f"\t\t.len = sizeof(oeh_frame_{name}),")
        OUT.append(f"\t\t.format = {{ .rate = {f['rate']}, .channels = {f['channels']}, "
                   f".bits = {f['bits']} }},")
        OUT.append("\t\t.frame = {")
        OUT.append(f"\t\t\t.clock = {f['clock']:#x}ull,")
        OUT.append(f"\t\t\t.sequence = {f['sequence']:#x},")
        OUT.append(f"\t\t\t.counter = {f['counter']:#x},")
        OUT.append(f"\t\t\t.lead_off = {f['lead_off']:#x},")
        OUT.append(f"\t\t\t.samples = {len(f['values']) // f['channels']},")
        OUT.append(f"\t\t\t.flags = {f['flags']:#x},")
        OUT.append("\t\t},")
        OUT.append(f"\t\t.values = oeh_frame_{name}_values,")
        OUT.append("\t},")
    OUT.append("};")
    OUT.append("")


# ---- marker --------------------------------------------------------------------

MARKERS = {
    "pressed": (1, 3, 4711, 0x0000001122334455),
    "released": (0, 4, 0, 2**64 - 1),
}


def emit_markers():
    for name, (flags, sequence, counter, clock) in MARKERS.items():
        c_bytes(f"oeh_marker_{name}", struct.pack("<BBHIQ", 0xd2, flags, sequence, counter, clock))

    OUT.append("static const struct oeh_marker_vector oeh_marker_vectors[] = {")
    for name, (flags, sequence, counter, clock) in MARKERS.items():
        OUT.append("\t{")
        OUT.append(f"\t\t.name = \"{name}\",")
        OUT.append(f"\t\t.data = oeh_marker_{name},")
        OUT.append(f"\t\t.len = sizeof(oeh_marker_{name}),")
        OUT.append("\t\t.marker = {")
        OUT.append(f"\t\t\t.clock = {clock:#x}ull,")
        OUT.append(f"\t\t\t.counter = {counter},")
        OUT.append(f"\t\t\t.sequence = {sequence},")
        OUT.append(f"\t\t\t.pressed = {'true' if flags & 1 else 'false'},")
        OUT.append("\t\t},")
        OUT.append("\t},")
    OUT.append("};")
    OUT.append("")


HEAD = """\
/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages of the Open EMG Headset protocol, byte by byte, with what they mean.
 * Written by oeh-vectors.py; read by the module's KUnit tests, the unit tests of
 * the protocol code and those of the emulated headset.
 */
#ifndef OEH_VECTORS_H
#define OEH_VECTORS_H

#include "oeh_describe.h"
#include "oeh_frame.h"

struct oeh_describe_vector {
	const char *name;
	const unsigned char *data;
	size_t len;
	struct oeh_info info;
};

struct oeh_frame_vector {
	const char *name;
	const unsigned char *data;
	size_t len;
	struct oeh_format format;
	struct oeh_frame_info frame;	/* without data */
	const int *values;		/* scan after scan */
};

struct oeh_marker_vector {
	const char *name;
	const unsigned char *data;
	size_t len;
	struct oeh_marker_info marker;
};

/* A valid message with a few bytes overwritten, and what is then wrong with it. */
struct oeh_bad_vector {
	const char *name;
	size_t offset;
	size_t len;
	unsigned char data[8];
	enum oeh_error error;
};
"""


def main():
    OUT.append(HEAD)
    emit_describe()
    OUT.append("/* Written over oeh_describe_small. */")
    emit_bad("describe", BAD_DESCRIBE)
    OUT.append("/* From the headset that oeh_describe_small describes. */")
    emit_status()
    OUT.append("/* Written over oeh_status_small. */")
    emit_bad("status", BAD_STATUS)
    emit_requests()
    emit_frames()
    OUT.append("/* Written over oeh_frame_24. */")
    emit_bad("frame", BAD_FRAME)
    emit_markers()
    OUT.append("#endif /* OEH_VECTORS_H */")
    sys.stdout.write("\n".join(OUT) + "\n")


if __name__ == "__main__":
    main()
