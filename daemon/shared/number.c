/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "number.h"

/* A double holds these powers, and whole numbers up to 2^53, exactly. */
#define EXACT_POWERS 23
#define EXACT_MAX    (UINT64_C(1) << 53)
#define DIGITS_MAX   19	 /* that always fit 64 bits */
#define EXPONENT_MAX 400 /* beyond any double */

static const double powers[EXACT_POWERS] = {1e0,  1e1,	1e2,  1e3,  1e4,  1e5,	1e6,  1e7,
					    1e8,  1e9,	1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
					    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static inline bool is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

/* Adds the digits at @p to *@mantissa, which wraps when they are too many. */
static inline const char *digits_parse(const char *p, const char *end, uint64_t *mantissa)
{
	uint64_t m = *mantissa;

	for (; p < end; p++) {
		unsigned int digit = (unsigned char)*p - (unsigned int)'0';

		if (digit > 9)
			break;
		m = m * 10 + digit;
	}
	*mantissa = m;
	return p;
}

/* The same for any number of digits, a point among them: those that fit, and their power. */
static int digits_long(const char *p, const char *end, uint64_t *mantissa)
{
	bool fraction = false;
	int exponent = 0, n = 0;

	*mantissa = 0;
	for (; p < end; p++) {
		if (*p == '.') {
			fraction = true;
		} else if (n < DIGITS_MAX) {
			*mantissa = *mantissa * 10 + (uint64_t)(*p - '0');
			n += *mantissa != 0;
			exponent -= fraction;
		} else {
			exponent += !fraction;
		}
	}
	return exponent;
}

/* "e-3"; an "e" without digits is not part of the number. */
static const char *exponent_parse(const char *p, const char *end, int *exponent)
{
	const char *q = p + 1;
	bool negative = false;
	int value = 0;

	if (q < end && (*q == '+' || *q == '-'))
		negative = *q++ == '-';
	if (q >= end || !is_digit(*q))
		return p;
	for (; q < end && is_digit(*q); q++)
		if (value < EXPONENT_MAX * 2)
			value = value * 10 + (*q - '0');
	*exponent = negative ? -value : value;
	return q;
}

/* In steps, so that neither the power nor what is between overflows early. */
static double scale_long(double value, int e)
{
	if (e > EXPONENT_MAX)
		e = EXPONENT_MAX;
	if (e < -EXPONENT_MAX)
		e = -EXPONENT_MAX;
	for (; e >= EXACT_POWERS; e -= EXACT_POWERS - 1)
		value *= powers[EXACT_POWERS - 1];
	for (; e <= -EXACT_POWERS; e += EXACT_POWERS - 1)
		value /= powers[EXACT_POWERS - 1];
	return e < 0 ? value / powers[-e] : value * powers[e];
}

static inline double scale(uint64_t mantissa, int e)
{
	if (mantissa <= EXACT_MAX && e <= 0 && e > -EXACT_POWERS)
		return (double)(int64_t)mantissa / powers[-e];
	return mantissa ? scale_long((double)mantissa, e) : 0;
}

const char *number_parse(const char *p, const char *end, double *ret)
{
	const char *begin, *fraction;
	uint64_t mantissa = 0;
	bool negative = false;
	int exponent = 0;
	ptrdiff_t n;

	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	begin = p;
	p = digits_parse(p, end, &mantissa);
	n = p - begin;
	if (p < end && *p == '.') {
		fraction = p + 1;
		p = digits_parse(fraction, end, &mantissa);
		exponent = (int)(fraction - p);
		n += p - fraction;
	}
	if (n == 0)
		return NULL;
	if (n > DIGITS_MAX)
		exponent = digits_long(begin, p, &mantissa);
	if (p < end && (*p == 'e' || *p == 'E')) {
		int power = 0;

		p = exponent_parse(p, end, &power);
		exponent += power;
	}
	*ret = scale(mantissa, exponent);
	if (negative)
		*ret = -*ret;
	return p;
}

bool number_is_whole(const char *text, size_t length, double *ret)
{
	const char *p = text, *end = text + length;

	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return number_parse(p, end, ret) == end && p < end && isfinite(*ret);
}

const char *number_format(double value, unsigned int decimals, char buf[NUMBER_TEXT_MAX])
{
	const char *sign = value < 0 ? "-" : "";
	double scaled = fabs(value) * powers[decimals < 9 ? decimals : 9];
	unsigned long long n, unit;

	decimals = decimals < 9 ? decimals : 9;
	unit = (unsigned long long)powers[decimals];
	if (!(scaled < 9e18)) {
		snprintf(buf, NUMBER_TEXT_MAX, "null");
		return buf;
	}
	n = (unsigned long long)llround(scaled);
	if (!n)
		sign = "";
	if (decimals)
		snprintf(buf, NUMBER_TEXT_MAX, "%s%llu.%0*llu", sign, n / unit, (int)decimals,
			 n % unit);
	else
		snprintf(buf, NUMBER_TEXT_MAX, "%s%llu", sign, n);
	return buf;
}
