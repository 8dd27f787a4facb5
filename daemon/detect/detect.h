/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The detector: facial EMG in, events out. Pure code, causal, one pass; its
 * output does not depend on how the samples are cut into blocks.
 *
 * Memory is taken by detector_new() alone: 42 KiB and what remembers the last
 * second of all channels, together 84 KiB for eight of them at 1 kHz, 232 KiB for
 * 32 (tests/bench/RESULTS.md). Latency: scans are looked at in frames of 4 ms; an
 * event's @detected tells how long it took to be certain of it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "montage.h"
#include "personal.h"

#define DETECTOR_MIN_RATE 250.0 /* Hz */
#define DETECTOR_MAX_RATE 16000.0

enum event_kind {
	EVENT_SPASM,
	EVENT_CONTRACTION, /* one side active without evidence of spasm */
	EVENT_BLINK,
	EVENT_MOVEMENT, /* voluntary, both sides */
	EVENT_SPEECH,
	EVENT_CHEWING,
	EVENT_BILATERAL, /* spasms of both sides at once */
	EVENT_ARTEFACT,
	EVENT_BURST, /* activity of one channel, without any montage */
	EVENT_MARKER,
	EVENT_GAP,
	EVENT_KIND_COUNT
};

/* A spasm is announced while it lasts; other kinds are told when they end. */
enum event_phase {
	PHASE_STARTED, /* never withdrawn; start, side and detected are final */
	PHASE_UPDATED, /* at most 5 a second */
	PHASE_ENDED,   /* all measures are final */
};

enum spasm_form { FORM_UNKNOWN, FORM_TWITCH, FORM_CLONIC, FORM_TONIC, FORM_MIXED };
enum spasm_spread {
	SPREAD_UNKNOWN,
	SPREAD_TYPICAL,	 /* the eye region leads the mouth by 60 ms or more */
	SPREAD_ATYPICAL, /* the mouth leads */
	SPREAD_SIMULTANEOUS,
	SPREAD_SINGLE_REGION
};
enum artefact_cause {
	CAUSE_NONE,
	CAUSE_MOTION,
	CAUSE_POP,
	CAUSE_CONTACT,
	CAUSE_CLIPPING,
	CAUSE_MAINS
};

struct detector_event {
	enum event_kind kind;
	enum event_phase phase;
	uint64_t start; /* first sample of the first burst */
	uint64_t
		end; /* one past the last burst's last sample; as known so far before PHASE_ENDED */
	uint64_t detected;  /* one past the newest sample seen when the start was announced */
	bool open;	    /* the recording ended within the event */
	bool brow_with_eye; /* frontalis and orbicularis oculi together, same side ("other
			       Babinski") */
	uint8_t side;	    /* enum oeh_side */
	enum spasm_form form;
	enum spasm_spread spread;
	enum artefact_cause cause;
	int channel;	  /* artefact, burst: the channel; else -1 */
	uint32_t muscles; /* bit per enum oeh_muscle */
	unsigned int n_bursts;
	float peak_uv;	  /* largest rectified value after the band limits */
	float rms_uv;	  /* over the event, strongest channel */
	float confidence; /* 0 to 1, 0: not judged */
};

typedef void (*detector_event_fn)(const struct detector_event *event, void *userdata);

enum channel_state {
	CHANNEL_UNUSED,	  /* left out by the montage */
	CHANNEL_SETTLING, /* after start, a gap, or lost contact */
	CHANNEL_GOOD,
	CHANNEL_NO_CONTACT,
	CHANNEL_CLIPPING,
	CHANNEL_ARTEFACT, /* motion or pop */
	CHANNEL_MAINS	  /* swamped by mains */
};

struct channel_quality {
	enum channel_state state;
	float noise_uv; /* RMS at rest after the filters */
	float mains_uv; /* amplitude of the mains that is being removed */
};

struct detector_config {
	double rate; /* Hz, DETECTOR_MIN_RATE to DETECTOR_MAX_RATE */
	struct montage montage;
	float clip_uv[MONTAGE_MAX]; /* largest magnitude that the converter gives; 0: not known */
	const struct personal *personal; /* what is known of this face, or NULL; copied */
	detector_event_fn event;
	void *userdata;
};

struct detector;

/*
 * Samples are microvolts at the electrode, DC included, scan after scan, each
 * scan detector_stride() floats long and aligned to 16 bytes; the floats past
 * the montage's channels are ignored. NaN: this channel has no sample here.
 */
static inline size_t detector_stride(unsigned int n_channels)
{
	return ((size_t)n_channels + 3) & ~(size_t)3;
}

/* Returns 0, -EINVAL (rate or montage out of range) or -ENOMEM. */
int detector_new(const struct detector_config *config, struct detector **ret);
struct detector *detector_free(struct detector *d); /* returns NULL */

/* @lead_off: bit N: channel N has no contact, for the whole block. */
void detector_feed(struct detector *d, const float *uv, size_t n_scans, uint32_t lead_off);

/* @n_scans are missing here: time goes on, nothing is known of it. */
void detector_gap(struct detector *d, uint64_t n_scans);

/* The marker button was pressed at the newest sample. */
void detector_marker(struct detector *d);

/* End of the recording: what is under way is reported with open set. */
void detector_finish(struct detector *d);

/* Samples seen so far, gaps included: the time base of all events. */
uint64_t detector_position(const struct detector *d);

void detector_get_quality(const struct detector *d, unsigned int channel,
			  struct channel_quality *ret);

/* What has been learnt of this face so far. */
void detector_get_personal(const struct detector *d, struct personal *ret);

/* Sum over the whole run, for the summary line of analyze and the daemon. */
struct detector_totals {
	uint64_t samples; /* gaps included */
	uint64_t usable;  /* at least one side could be judged */
	uint64_t in_spasm;
	unsigned int events[EVENT_KIND_COUNT];
};
void detector_get_totals(const struct detector *d, struct detector_totals *ret);
