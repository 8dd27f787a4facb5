/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sine, cosine, tangent and exponential with the same bits everywhere. */
#include <math.h>

#include "exact.h"

#define TWO_PI 6.283185307179586476925
#define LN2    0.693147180559945309417

double exact_sin(double turns)
{
	double x, x2, term, sum;

	turns -= floor(turns + 0.5); /* -0.5 to 0.5 */
	if (turns > 0.25)
		turns = 0.5 - turns;
	else if (turns < -0.25)
		turns = -0.5 - turns;

	x = turns * TWO_PI;
	x2 = x * x;
	sum = term = x;
	for (int n = 3; n <= 19; n += 2) {
		term *= -x2 / (n * (n - 1));
		sum += term;
	}

	return sum;
}

double exact_cos(double turns)
{
	return exact_sin(turns + 0.25);
}

double exact_tan(double turns)
{
	return exact_sin(turns) / exact_cos(turns);
}

double exact_exp(double x)
{
	double k = floor(x / LN2 + 0.5), f = x - k * LN2;
	double term = 1.0, sum = 1.0;

	for (int n = 1; n <= 16; n++) {
		term *= f / n;
		sum += term;
	}

	return ldexp(sum, (int)k);
}
