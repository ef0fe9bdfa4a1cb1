#include "cli/line_difference.h"

#include <stdint.h>
#include <string.h>

/* More than that is shown as all old lines and all new ones. */
enum { COMPARISONS_MAX = 4 * 1000 * 1000 };

struct line {
	const char *bytes;
	size_t length;
};

struct lines {
	struct line *items;
	size_t count;
};

static struct lines split(struct arena *arena, const struct source *source)
{
	struct lines lines = {NULL, 0};
	const char *at = source ? source->text : "", *end = at + (source ? source->length : 0);
	size_t count = 1;

	for (const char *c = at; c < end; c++)
		count += *c == '\n';
	lines.items = ARENA_ARRAY(arena, struct line, count);
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;

		/* What ends without a line break differs from what ends with one. */
		lines.items[lines.count++] = (struct line){at, (size_t)(next - at)};
		at = next;
	}
	return lines;
}

static bool are_same(const struct line *a, const struct line *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static void show(struct text *text, const char *mark, const struct line *line)
{
	bool is_ended = line->bytes[line->length - 1] == '\n';

	text_add(text, mark);
	for (size_t i = 0; i < line->length - is_ended; i++) {
		size_t length = strcspn(line->bytes + i, "\t");

		if (length > line->length - is_ended - i)
			length = line->length - is_ended - i;
		text_add_visible(text, line->bytes + i, length);
		i += length;
		if (i < line->length - is_ended)
			text_add(text, line->bytes[i] == '\t' ? "\t" : "\\x00");
	}
	text_add(text, "\n");
}

static void show_all(struct text *text, const char *mark, const struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		show(text, mark, &lines->items[i]);
}

static void cut_common(struct lines *before, struct lines *after)
{
	while (before->count && after->count && are_same(before->items, after->items)) {
		before->items++, before->count--;
		after->items++, after->count--;
	}
	while (before->count && after->count &&
		are_same(&before->items[before->count - 1], &after->items[after->count - 1])) {
		before->count--;
		after->count--;
	}
}

/* The longest sequence that both have in common, from each pair of lines on. */
static uint32_t *measure(struct arena *arena, const struct lines *a, const struct lines *b)
{
	size_t width = b->count + 1;
	uint32_t *lengths = ARENA_ARRAY(arena, uint32_t, (a->count + 1) * width);

	for (size_t i = a->count; i-- > 0;) {
		for (size_t j = b->count; j-- > 0;) {
			uint32_t down = lengths[(i + 1) * width + j],
				 right = lengths[i * width + j + 1];

			lengths[i * width + j] = are_same(&a->items[i], &b->items[j])
							 ? lengths[(i + 1) * width + j + 1] + 1
						 : down > right ? down
								: right;
		}
	}
	return lengths;
}

void line_difference(struct text *text, const struct source *before, const struct source *after)
{
	struct lines a = split(text->arena, before), b = split(text->arena, after);

	cut_common(&a, &b);
	if (a.count && b.count > COMPARISONS_MAX / a.count) {
		show_all(text, "  - ", &a);
		show_all(text, "  + ", &b);
		return;
	}
	const uint32_t *lengths = measure(text->arena, &a, &b);
	size_t width = b.count + 1;

	for (size_t i = 0, j = 0; i < a.count || j < b.count;) {
		if (i < a.count && j < b.count && are_same(&a.items[i], &b.items[j])) {
			i++, j++;
		} else if (j == b.count || (i < a.count && lengths[(i + 1) * width + j] >=
								   lengths[i * width + j + 1])) {
			show(text, "  - ", &a.items[i++]);
		} else {
			show(text, "  + ", &b.items[j++]);
		}
	}
}

void line_list(struct text *text, const struct source *source)
{
	struct lines lines = split(text->arena, source);

	show_all(text, "    ", &lines);
}
