/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The few transcendental functions that the scenes need, made of IEEE
 * additions and multiplications: libm's differ in the last bit from machine to
 * machine, and a scene must not. Build with -ffp-contract=off.
 */

/* Sine and cosine of an angle in turns (1 = 2 pi). */
double exact_sin(double turns);
double exact_cos(double turns);

/* Tangent of an angle in turns. */
double exact_tan(double turns);

/* e to the @x, |x| < 700. */
double exact_exp(double x);
