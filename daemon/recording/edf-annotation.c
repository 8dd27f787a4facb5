/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "edf-annotation.h"
#include "number.h"

#define TEXT_END       '\x14'
#define DURATION_BEGIN '\x15'

bool tal_next(struct tal_reader *r, struct tal *ret)
{
	const char *end, *p;

	while (r->p < r->end && !*r->p) /* padding */
		r->p++;
	if (r->p == r->end || (*r->p != '+' && *r->p != '-'))
		return false;
	end = memchr(r->p, '\0', (size_t)(r->end - r->p));
	if (!end)
		return false;
	p = number_parse(r->p, end, &ret->onset);
	if (!p || !isfinite(ret->onset))
		return false;
	if (p < end && *p == DURATION_BEGIN)
		p = memchr(p, TEXT_END, (size_t)(end - p));
	if (!p || p == end || *p != TEXT_END)
		return false;
	ret->texts = p + 1;
	ret->end = end;
	r->p = end;

	return true;
}

bool tal_text(struct tal *t, const char **ret, size_t *length)
{
	const char *end = memchr(t->texts, TEXT_END, (size_t)(t->end - t->texts));

	if (!end)
		return false;
	*ret = t->texts;
	*length = (size_t)(end - t->texts);
	t->texts = end + 1;

	return true;
}
