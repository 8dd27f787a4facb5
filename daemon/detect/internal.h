/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The detector's parts and what they hand to each other, once per frame (about
 * 4 ms):
 *
 *   scans -> lanes.c     what is done to all channels side by side: is there
 *                        anything odd; filter, mains; sums
 *         -> artefact.c  which channels can be used
 *         -> burst.c     noise, bursts of each channel
 *         -> onset.c     did it begin at once, or was it built up
 *         -> verdict.c   what a rise looks like from one side
 *         -> gain.c      how strong the two sides are beside each other
 *         -> face.c      is a rise of activity one side's alone, and is it a
 *                        spasm's? Cross-talk is taken out here
 *         -> episode.c   spasms from start to end; train.c their bursts
 *         -> movement.c  everything else
 *         -> lids.c      blinks that only the lids show
 *         -> activity.c  without a montage, instead of these: bursts as they are
 *
 * Powers are in uV^2 in the detection band, times in samples ("position") or
 * frames ("tick"), evidence in nats (log-likelihood ratios).
 */
#include "detect.h"
#include "filter.h"
#include "mains.h"
#include "tuning.h"
#include "vec.h"

#define SHAPE_LANES    16  /* ONSET_SHAPES, up to whole vectors of any width */
#define HISTORY_FRAMES 256 /* a power of two; 1 s and more: two of the longest ramp */

/* ---- time ---- */
struct timing {
	double rate;	   /* Hz, of the scans that are fed */
	double inner_rate; /* after decimation */
	unsigned int decimate;
	unsigned int frame; /* inner samples in a frame */
	unsigned int scans; /* fed scans in a frame */
	float frame_s;
	float dof;		   /* degrees of freedom of a frame's power */
	unsigned int product_step; /* inner samples; products of channels need no others */
};

static inline unsigned int frames_of(const struct timing *t, double seconds)
{
	unsigned int n = (unsigned int)(seconds / t->frame_s + 0.5);

	return n ? n : 1;
}

/* ---- what the signal path gives for one frame ---- */
struct frame {
	uint64_t tick;			       /* counts frames since the last gap */
	uint64_t end;			       /* position one past its last sample */
	_Alignas(32) float power[MONTAGE_MAX]; /* mean square, EMG band */
	_Alignas(32) float peak[MONTAGE_MAX];  /* largest magnitude, EMG band */
};

/* ---- the last second: samples of the detection band and frame energies ---- */
struct history {
	unsigned int stride, frame;
	uint64_t tick;	/* of the newest frame; older ones are HISTORY_FRAMES back at most */
	uint64_t first; /* oldest tick since the last gap */
	float *samples; /* [HISTORY_FRAMES][frame][stride] */
	float *energy;	/* [HISTORY_FRAMES][stride] */
	float *low;	/* [HISTORY_FRAMES][stride], means of the unfiltered samples */
	struct {
		float *samples, *energy, *low; /* of the newest frame */
	} now;
};

static inline float *history_samples(const struct history *h, uint64_t tick)
{
	return h->samples + (size_t)(tick % HISTORY_FRAMES) * h->frame * h->stride;
}

static inline float *history_energy(const struct history *h, uint64_t tick)
{
	return h->energy + (size_t)(tick % HISTORY_FRAMES) * h->stride;
}

static inline float *history_low(const struct history *h, uint64_t tick)
{
	return h->low + (size_t)(tick % HISTORY_FRAMES) * h->stride;
}

static inline void history_advance(struct history *h, uint64_t tick)
{
	h->tick = tick;
	h->now.samples = history_samples(h, tick);
	h->now.energy = history_energy(h, tick);
	h->now.low = history_low(h, tick);
}

/* ---- quality ---- */
struct channel_health {
	enum channel_state state;
	enum artefact_cause cause;
	unsigned int settle;	/* frames until it may be used again */
	unsigned int flat;	/* frames of exactly equal samples */
	float last, last_flat;	/* newest sample, held over a missing one */
	unsigned int hold;	/* frames for which an artefact keeps it out */
	uint64_t strange_since; /* position; 0: nothing strange */
	enum artefact_cause strange;
	bool loud;	    /* stays out until it is quiet again */
	uint64_t bad_since; /* position */
	bool primed, bad;
};

/* ---- noise and bursts of the channels ---- */
struct burst_state {
	_Alignas(32) float noise[MONTAGE_MAX];		  /* power at rest */
	float fast[MONTAGE_MAX], background[MONTAGE_MAX]; /* smoothed power */
	float strong[MONTAGE_MAX], weak[MONTAGE_MAX];	  /* cumulative sums, nats */
	float level[MONTAGE_MAX];	 /* the burst's own power, slowly falling */
	int32_t hang[MONTAGE_MAX];	 /* frames since it was last above what ends it */
	int32_t refractory[MONTAGE_MAX]; /* frames until it may surge */
	float block[MONTAGE_MAX];	 /* sum of the noise's block */
};

/* What the bursts are measured by, once for all channels. */
struct burst_tuning {
	struct vf_constant strong_gain, strong_loss, weak_gain, weak_loss, cap, on;
	struct vf_constant quick, slow;	  /* smoothing of .fast and .background, per frame */
	int32_t hang;			  /* frames */
	int32_t after_onset, after_surge; /* frames before it may surge (again) */
	float first_agree, first_mean;
	float rest_floor, rest_least; /* of the noise: a low quantile, the least of 40 s */
	unsigned int skip_blocks, first_blocks; /* before the first estimate; in it */
};

/* What the channels did in a frame; a bit for each. */
struct burst_change {
	uint32_t over;	 /* what a burst has to reach */
	uint32_t loud;	 /* well over its noise, for artefact.c */
	uint32_t ended;	 /* of those in a burst */
	uint32_t surged; /* likewise */
};

struct channel_burst {
	uint64_t onset; /* tick */
	/* noise */
	float first, slot_min, slots[NOISE_SLOTS];
	float usual;	/* power at rest in earlier recordings; 0: not known */
	bool block_cut; /* this block is not whole */
	unsigned int n_skipped, n_first, slot, slot_n;
	float floor, rest_sum;
	unsigned int waiting, n_rest; /* blocks since the last quiet one */
	unsigned int n_silent;	      /* blocks in a row that no skin is as quiet as */
	bool ready;
};

/* ---- activity of one channel, told where there is no montage ---- */
struct activity {
	bool open;
	uint64_t start, last; /* positions */
	uint64_t onset;	      /* tick, as first seen */
	unsigned int unsure;  /* frames until the start is final */
	float base;	      /* power before it */
};

/* ---- the two sides ---- */
struct gain {		    /* ln of amplitude here over amplitude opposite, at will */
	float mean, weight; /* weight in events */
	float spread;	    /* sum of squares about the mean */
};

struct site_info {
	uint8_t side, muscle;
	enum face_region region;
	uint32_t opposite; /* channels of the other side to be compared with */
};

/* Products of channels, each with each, over some time. */
struct products {
	_Alignas(32) float of[MONTAGE_MAX][MONTAGE_MAX];
	float power[MONTAGE_MAX]; /* with itself */
};

/* A rise of activity that is being judged. */
struct rise {
	bool open;
	uint64_t onset;			     /* tick */
	unsigned int n;			     /* frames that are summed below, from the onset on */
	bool settled;			     /* plainly of both sides */
	uint32_t spoilt;		     /* channels with an artefact meanwhile */
	float base[MONTAGE_MAX];	     /* power before it */
	_Alignas(16) float sum[MONTAGE_MAX]; /* of frame energies since */
	struct products product;	     /* of samples, sums of means per frame */
};

/* What a rise, if no spasm's, can be: a movement of both sides, or one side's at will. */
enum against { AGAINST_BOTH, AGAINST_MEANT, AGAINST_COUNT };

/* What is seen of a rise, and what was seen of this face before. */
enum cue_id {
	CUE_ONE_SIDED,		     /* nats */
	CUE_ABRUPT,		     /* nats */
	CUE_SILENT,		     /* the other side, beside this one; dB */
	CUE_LASTING,		     /* its last frames beside its first; dB */
	CUE_EYE,		     /* channels of the eye region in it */
	CUE_MOUTH,		     /* ... and of the mouth */
	CUE_APART,		     /* channels that did what both sides did */
	CUE_AGE,		     /* s since its onset */
	CUE_BUSY,		     /* the other side of late, 0 to 1 */
	CUE_MOUTHED,		     /* movements of the mouth that were told of late */
	CUE_BEFORE,		     /* power before it, of the noise; dB */
	CUE_HELD,		     /* ... that this side alone had then; dB */
	CUE_CLEAR,		     /* 0 to 1: how well its course is seen */
	CUE_RISING,		     /* CUE_LASTING as long as it is very young; else 0 */
	CUE_RISE_COUNT,		     /* those above are seen of the rise itself */
	CUE_RECALL = CUE_RISE_COUNT, /* nats of one-sided rises just before */
	CUE_SPASMS,		     /* of this side so far */
	CUE_HABIT,		     /* spasms to contractions of this side, ln of their ratio */
	CUE_OTHER_SPASMS,	     /* of the other side */
	CUE_COUNT
};

/*
 * What a cue is worth at some values of it, nats; between them by straight lines. The
 * course of a clear rise tells more: then it is worth that much besides.
 */
#define CUE_KNOTS 8
struct cue {
	unsigned int n;
	float at[CUE_KNOTS], worth[AGAINST_COUNT][CUE_KNOTS], clear[AGAINST_COUNT][CUE_KNOTS];
};

/* What a rise looks like from one side. */
struct verdict {
	float rose;		      /* nats for "activity rose at all" */
	float one_sided;	      /* nats for "the other side is silent" */
	float abrupt;		      /* nats for "began at once" */
	float cue[CUE_RISE_COUNT];    /* what was seen of it */
	float against[AGAINST_COUNT]; /* nats against what else it can be, of this rise alone */
	float alone;		      /* against either; -INFINITY: out of the question */
	float nats;		      /* likewise, with what was known before */
	float recall;		      /* likewise, of the bursts before it */
	uint32_t own;		      /* channels active by themselves, not by cross-talk */
	uint32_t sure;		      /* ... alone, or out of rest */
	float busy;		      /* the other side of late, 0 to 1 */
	unsigned int apart;	      /* channels that did what both sides did */
	bool both, fresh;	      /* eye and mouth, out of rest; all of it out of rest */
	bool with_blink;	      /* the mouth alone, while both eyes move */
};

/* Short one-sided bursts of late that were not certain by themselves. */
struct recall {
	uint8_t side;
	uint32_t own;	      /* channels of the first one; 0: nothing to remember */
	uint64_t start, last; /* positions: of the first one, of the latest one's onset */
	float nats;
};

/* Factors on the power that a rise at will has on the other side, as far as known. */
struct gain_ratio {
	float shared[GAIN_STEPS]; /* the side's strength deviates more and more */
	v4f own;		  /* ... and this muscle's */
	float likely;		  /* ratio of powers, this channel to the other side */
};

/* A channel that rose, and what its counterpart did meanwhile; powers. */
struct counterpart {
	unsigned int channel;
	float rise, power, noise;
	float alone; /* likeliest if it did nothing */
	float most;  /* at will, at most */
	float half_dof;
	float is_alone, at_will[GAIN_STEPS]; /* nats; the latter by what the side has in common */
};

struct face {
	struct gain_ratio ratio[MONTAGE_MAX];
	_Alignas(32) float envelope[ONSET_FRAMES_MAX]
				   [SHAPE_LANES]; /* power of each shape of onset */
	int envelope_before;			  /* frames before the onset in it */
	struct rise rise;
	struct verdict verdict[3]; /* by enum oeh_side */
	struct recall recall;
	struct gain gain[MONTAGE_MAX], shared;
	_Alignas(16) float busy[3][4]; /* share of the time of late in which it was active ... */
	float busy_now[3][4];	       /* ... and whether it is; by side and enum face_region */
	uint32_t busy_with;	       /* the channels that make it so */
	uint8_t regions[3];	       /* by side: bit 0 eye, bit 1 mouth */
	unsigned int spasms[3], contractions[3]; /* so far, by side */
	float habit[3][AGAINST_COUNT];		 /* nats that follow from it */
	struct products product;		 /* running, while anything is active */
	_Alignas(32) float own[MONTAGE_MAX];	 /* power over noise that is no cross-talk; or 0 */
	float explained[MONTAGE_MAX];		 /* power that the other side explains */
	float excess[MONTAGE_MAX]; /* power that neither noise nor a movement at will explains */
	float over_noise[MONTAGE_MAX]; /* how many times the noise that is, beyond once */
	float product_frames;	       /* that are in product; older ones count for less */
	bool followed;		       /* product and excess are being kept ... */
	bool fresh;		       /* ... and new in this frame */
};

/* Samples in the history, which may lie in two pieces. */
struct product_span {
	const float *part[2];
	unsigned int n[2]; /* samples, in each */
	size_t apart;	   /* floats from one to the next */
	float scale;
};

/* What of a channel is cross-talk, from where. */
struct mix {
	unsigned int n, source[CROSSTALK_SOURCES];
	float share[CROSSTALK_SOURCES];
};

/* ---- a spasm under way ---- */
/* What muscles do in a frame, together. */
struct drive {
	unsigned int n; /* of them */
	float on, off;	/* nats for active against quiet: in a burst, in a pause */
	float alone;	/* power that the other side can't explain, of the muscles' levels */
};

struct train {
	bool on;	      /* within a burst */
	bool tonic;	      /* one of them was sustained */
	unsigned int n;	      /* bursts so far */
	uint64_t start, last; /* positions, of the burst: its start and its end so far */
	float evidence;	      /* nats that it has changed ... */
	uint64_t since;	      /* ... at this position */
	unsigned int doubt;   /* frames until a burst after a pause is believed or not ... */
	float looked;	      /* ... seconds' worth of what is one side's alone in it ... */
	struct {
		uint64_t start, last;
		unsigned int n;
	} sure; /* ... and what was before it */
};

/* A muscle that may have joined, until it is known whether both sides do the same. */
struct joining {
	unsigned int left; /* steps */
	uint64_t since;	   /* position */
	float own, shared; /* power that is no cross-talk; what the other side explains */
};

struct episode {
	bool open;
	struct detector_event event;
	struct train whole, train[REGION_JAW + 1]; /* all of the side; by enum face_region */
	uint64_t last_update;
	_Alignas(16) float level[MONTAGE_MAX];	  /* own power in the bursts */
	float top[MONTAGE_MAX];			  /* the largest that it was */
	float fade;				  /* of level, per step */
	_Alignas(16) int32_t active[MONTAGE_MAX]; /* steps in a row */
	struct joining joining[MONTAGE_MAX];
	/* of each muscle: nats for "active" per power, and what is taken off them */
	_Alignas(16) float gain[MONTAGE_MAX], cost[MONTAGE_MAX];
	float alone[MONTAGE_MAX]; /* as in struct drive */
	uint32_t known, part;	  /* muscles with a level; that have been active in this burst */
	uint64_t region_onset[4]; /* by enum face_region; 0: not yet */
	bool certain;		  /* without any help of what was known before */
	float nats;		  /* when it was announced */
	uint64_t both_since;   /* position at which the other side began one too; 0: it did not */
	unsigned int recalled; /* bursts before the start that belong to it */
	_Alignas(16) float peak[MONTAGE_MAX], rms_sum[MONTAGE_MAX]; /* uV; uV^2 ... */
	float step_peak[MONTAGE_MAX], step_power[MONTAGE_MAX]; /* ... and since the last step */
	unsigned int rms_n;
};

/* ---- activity that is no spasm ---- */
struct movement {
	bool open;
	uint64_t start, end; /* positions */
	unsigned int quiet;  /* frames */
	uint8_t one_sided;   /* side that alone was active, or none */
	bool both;
	bool spasm;				   /* overlaps one */
	float over[3];				   /* smoothed excess over noise, by side */
	uint8_t lean;				   /* side that alone was active of late, or none */
	unsigned int lean_frames, leaning[3];	   /* since when; frames by lean */
	_Alignas(32) float sum[MONTAGE_MAX];	   /* own energy */
	float peak[MONTAGE_MAX];		   /* uV */
	float over_noise[MONTAGE_MAX];		   /* largest power over noise */
	_Alignas(16) float own[MONTAGE_MAX];	   /* likewise, without cross-talk ... */
	unsigned int n_own;			   /* ... and how often it was added */
	unsigned int n, syllables, since_syllable; /* frames */
	uint32_t muscles;
	float confidence;     /* 0 to 1 */
	uint64_t previous[4]; /* starts of the latest ones at the mouth, positions */
};

/* ---- the lids' slow wave, where it is all that is seen of a blink ---- */
struct lids {
	uint32_t eyes;		 /* channels of the eye region */
	bool open;		 /* both sides have moved ... */
	bool returning;		 /* ... and are coming back from there */
	uint64_t since;		 /* tick */
	uint64_t start, end;	 /* positions, end: of the last one */
	unsigned int channel[3]; /* looked at; by side */
	float base[3], most[3];	 /* uV: before it; farthest from there */
};

struct detector {
	struct detector_config config;
	struct timing time;
	unsigned int n;
	size_t stride;
	struct site_info site[MONTAGE_MAX];
	uint32_t used; /* channels with a side */
	uint32_t on_side[3];
	bool can_spasm[3]; /* eye or mouth region there */
	bool has_montage;

	float *raw; /* scans of a frame that is being filled, or had to be mended */
	unsigned int n_raw;
	const float *scans; /* of the frame at hand: there, or where the caller has them */
	uint32_t lead_off;  /* seen in that frame */
	uint64_t position;

	struct filter_design design;
	bool plain; /* 1 kHz or so: frames of four samples, no filter but the usual */
	struct mains mains;
	const struct lanes *lanes; /* as wide as the processor has them */
	struct filter_state filter;
	struct mains_state mains_state;
	struct burst_state burst;
	struct channel_burst channel_burst[MONTAGE_MAX];
	struct activity activity[MONTAGE_MAX];
	struct channel_health health[MONTAGE_MAX];
	uint32_t usable;	/* channels that take part in this frame */
	uint32_t active, began; /* channels in a burst; that rose in this frame ... */
	uint32_t surged;	/* ... those of them that were active before */
	unsigned int noise_frames, noise_block; /* so far, and of the noise's whole block */
	struct burst_tuning burst_tuning;
	uint32_t loud; /* channels well over their noise, for artefact.c */
	uint32_t all;  /* every channel there is */
	uint32_t unsettled, unsettled_then, held; /* channels that artefact.c has to look at */
	_Alignas(32) float clip[MONTAGE_MAX];	  /* magnitudes at which the converter clips */
	struct history history;
	struct frame frame;
	struct face face;
	struct episode episode;
	struct movement movement;
	struct lids lids;
	struct detector_totals totals;
};

/* Walks the set bits of a mask of channels. */
#define for_each_channel(c, mask)               \
	for (uint32_t c##_left = (mask), c = 0; \
	     c##_left && (c = (uint32_t)__builtin_ctz(c##_left), 1); c##_left &= c##_left - 1)

static inline uint8_t side_other(uint8_t side)
{
	return side == OEH_SIDE_LEFT ? OEH_SIDE_RIGHT : OEH_SIDE_LEFT;
}

/* Power of a channel at rest, and now. */
static inline float burst_noise(const struct detector *d, unsigned int channel)
{
	return d->burst.noise[channel];
}

static inline float burst_fast(const struct detector *d, unsigned int channel)
{
	return d->burst.fast[channel];
}

/* Frames since it was last above what ends its burst. */
static inline int32_t burst_hang(const struct detector *d, unsigned int channel)
{
	return d->burst.hang[channel];
}

/* lanes.c, for four channels at once, and for eight where the processor can */
struct lanes {
	/* Filters the frame d->scans: its samples and energies go into the history. */
	void (*signal)(struct detector *d);
	/* @to times @keep, plus the span's products of all @channels with each other. */
	void (*products)(const struct product_span *p, uint32_t channels, float keep,
			 struct products *to);
	/* For each of the @n channels, which of them can be sources of cross-talk into it. */
	void (*sources)(const struct products *p, unsigned int n, uint32_t *ret);
	/* What of the channels' own power the other side does not explain; @own of the @loud ones.
	 */
	void (*excess)(struct detector *d, const float *own, uint32_t loud);
	/* Adds a frame of @channels, which are active; returns those above what ends that. */
	uint32_t (*movement)(struct detector *d, uint32_t channels);
	/* Adds to @nats the log-likelihood of @n energies for each envelope, times @scale. */
	void (*envelopes)(const float power[][SHAPE_LANES], const float *energy, unsigned int n,
			  float base, float scale, float *nats);
	/* What the frame's energies are beside the noise. */
	struct burst_change (*bursts)(struct burst_state *s, const struct burst_tuning *t,
				      const float *energy, unsigned int n, uint32_t active);
};
extern const struct lanes lanes_four, lanes_wide;
const struct lanes *lanes_eight(void); /* NULL where there are none */

/* artefact.c */
void artefact_check(struct detector *d, uint32_t channels);
void artefact_settle(struct detector *d);
void artefact_judge(struct detector *d);
void artefact_mark(struct detector *d, unsigned int channel, enum artefact_cause cause);
bool artefact_displaced(const struct detector *d, unsigned int channel, float ratio);
bool artefact_displaced_since(const struct detector *d, unsigned int channel, uint64_t onset);
bool artefact_is_pulse(const struct detector *d, unsigned int channel, uint64_t onset);
float artefact_hum(const struct detector *d, unsigned int channel, uint64_t from,
		   unsigned int n_frames);
void artefact_reset(struct detector *d);
void artefact_finish(struct detector *d);

/* burst.c */
void burst_init(struct detector *d);
void burst_restart(struct detector *d);
void burst_run(struct detector *d);
void burst_reset(struct detector *d);
void burst_reset_channel(struct detector *d, unsigned int channel);
uint64_t onset_refine(const struct detector *d, uint32_t channels, uint64_t around,
		      const float *base, const float *level, const struct mix *mix);

/* activity.c */
void activity_run(struct detector *d);
void activity_finish(struct detector *d);

/* face.c */
void face_init(struct detector *d);
void face_run(struct detector *d);
void face_reset(struct detector *d);

/* onset.c */
void onset_init(struct detector *d);
float abrupt_nats(const struct detector *d, const struct rise *r, uint32_t own);

/* verdict.c */
void rise_judge(struct detector *d, uint8_t side);
void busy_follow(struct detector *d);
float habit_ratio(const struct face *f, uint8_t side);
void face_spasm(struct detector *d, uint8_t side);
void face_contraction(struct detector *d, uint8_t side);
bool has_region(const struct detector *d, uint32_t channels, enum face_region region);

/* crosstalk.c */
void products_add(const struct detector *d, uint64_t from, uint64_t to, unsigned int step,
		  uint32_t channels, float keep, struct products *p);
void own_powers(const struct detector *d, const struct products *p, uint32_t channels, float *ret);
float own_power(const struct products *p, unsigned int c, uint32_t from, struct mix *mix);

/* gain.c */
void gain_update(struct detector *d);
void gain_learn(struct detector *d, const float *own, float scale);
void gain_load(struct detector *d, const struct personal *p);
void gain_explain(const struct detector *d, struct counterpart *p);
float gain_nats(const struct counterpart *pairs, unsigned int n_pairs);

/* episode.c */
void episode_start(struct detector *d, uint8_t side);
void episode_other_side(struct detector *d, uint32_t channels);
void episode_run(struct detector *d);
void episode_end(struct detector *d, bool open);
void episode_gap(struct detector *d, uint64_t at);

/* train.c */
void train_begin(const struct detector *d, struct train *t, uint64_t at);
void train_end(const struct detector *d, struct train *t);
void train_follow(const struct detector *d, struct train *t, const struct drive *now);
enum spasm_form train_form(const struct detector *d, const struct train *t);

/* movement.c */
void movement_run(struct detector *d);
void movement_end(struct detector *d, bool open);
bool movement_is_clear(const struct movement *m);

/* lids.c */
void lids_init(struct detector *d);
void lids_run(struct detector *d);

/* detect.c */
void detector_emit(struct detector *d, struct detector_event *event);
