/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The D-Bus interfaces as C has them: the daemon and the session bridge offer
 * the same members, so each is written here once. dbus/ has the same with words.
 */
#include <systemd/sd-bus.h>

#define SPASMD_BUS_NAME		  "org.spasmd1"
#define SPASMD_OBJECT		  "/org/spasmd1"
#define SPASMD_HEADSET_OBJECT	  "/org/spasmd1/headset"
#define SPASMD_MANAGER_INTERFACE  "org.spasmd1.Manager"
#define SPASMD_HEADSET_INTERFACE  "org.spasmd1.Headset"
#define SPASMD_EPISODES_INTERFACE "org.spasmd1.Episodes"
#define SPASMD_BRIDGE_INTERFACE	  "org.spasmd1.Bridge"

#define SPASMD_ERROR_DEVICE	   "org.spasmd1.Error.Device"
#define SPASMD_ERROR_TOO_MANY	   "org.spasmd1.Error.TooManySubscribers"
#define SPASMD_ERROR_CONFIGURATION "org.spasmd1.Error.Configuration"

enum headset_state {
	HEADSET_UNKNOWN,
	HEADSET_CONNECTED, /* there, no samples asked for or none came yet */
	HEADSET_STREAMING,
	HEADSET_STALLED, /* samples should come and do not */
	HEADSET_PAUSED,	 /* by Pause() */
};

/* Signal quality of a channel; says nothing of contact with the skin. */
enum headset_quality {
	QUALITY_UNKNOWN, /* left out, or not judged yet */
	QUALITY_GOOD,
	QUALITY_MAINS, /* swamped by mains */
	QUALITY_CLIPPING,
};

/* The bridge's link to the daemon, property Connection on the session bus. */
enum bridge_connection {
	BRIDGE_UNKNOWN,
	BRIDGE_CONNECTED,
	BRIDGE_NO_DAEMON,
	BRIDGE_NOT_ALLOWED,
};

/* The name of an argument in a vtable's list of names. */
#define ARG(name) name "\0"

#define CONST_	 SD_BUS_VTABLE_PROPERTY_CONST
#define CHANGES_ SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

/* P(member, signature, getter, flags) */
#define MANAGER_PROPERTIES(P) P("Version", "s", version, CONST_)

/* M(member, signature, names, result, result names, handler) */
#define MANAGER_METHODS(M) M("Reload", "", "", "", "", reload)

#define HEADSET_PROPERTIES(P)                                 \
	P("Name", "s", name, CONST_)                          \
	P("Manufacturer", "s", manufacturer, CONST_)          \
	P("Serial", "s", serial, CONST_)                      \
	P("SysfsPath", "s", sysfs_path, CONST_)               \
	P("DeviceNode", "s", device_node, CONST_)             \
	P("Labels", "as", labels, CHANGES_)                   \
	P("Montage", "as", montage, CHANGES_)                 \
	P("Rate", "d", rate, CHANGES_)                        \
	P("RatesAvailable", "ad", rates_available, CONST_)    \
	P("Scales", "ad", scales, CHANGES_)                   \
	P("ScalesAvailable", "aad", scales_available, CONST_) \
	P("State", "u", state, CHANGES_)                      \
	P("Quality", "au", quality, CHANGES_)                 \
	P("Samples", "t", samples, 0)                         \
	P("Lost", "t", lost, 0)                               \
	P("Overrun", "t", overrun, 0)                         \
	P("NotCaptured", "t", not_captured, 0)                \
	P("Gaps", "t", gaps, 0)                               \
	P("HasMarker", "b", has_marker, CHANGES_)

#define BRIDGE_PROPERTIES(P)                          \
	P("Connection", "u", connection, CHANGES_)    \
	P("InSpasm", "b", in_spasm, CHANGES_)         \
	P("LastSpasm", "a{sv}", last_spasm, CHANGES_) \
	P("Serial", "t", serial, 0)

#define HEADSET_METHODS(M)                                                \
	M("SetRate", "d", ARG("hz"), "", "", set_rate)                    \
	M("SetGain", "ud", ARG("channel") ARG("scale"), "", "", set_gain) \
	M("SetMontage", "as", ARG("sites"), "", "", set_montage)          \
	M("CheckImpedance", "", "", "aad", ARG("ohms"), check_impedance)  \
	M("Identify", "b", ARG("on"), "", "", identify)                   \
	M("Pause", "", "", "", "", pause)                                 \
	M("Resume", "", "", "", "", resume)

#define EPISODES_METHODS(M)                                                     \
	M("Subscribe", "", "", "a{sv}t", ARG("state") ARG("serial"), subscribe) \
	M("GetState", "", "", "a{sv}", ARG("state"), get_state)                 \
	M("Unsubscribe", "", "", "", "", unsubscribe)

/* S(member): each is (t serial, a{sv} event) */
#define EPISODES_SIGNALS(S) \
	S("Started")        \
	S("Updated")        \
	S("Ended")          \
	S("Event")

#define EPISODES_SIGNAL(member) \
	SD_BUS_SIGNAL_WITH_NAMES(member, "ta{sv}", ARG("serial") ARG("event"), 0),
#define EPISODES_REVOKED "Revoked"
