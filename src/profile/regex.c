/*
 * Regular expressions: from AppleMatch's language to POSIX extended ones (SBPL.md section 6).
 * Invariants: a pattern that macOS may read in another way MUST NOT match here, and says so; what
 * is handed to regcomp(3) MUST mean the same in every C library, and be cheap to compile and run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/sbpl.h"

/*
 * Written out, nested repetitions multiply: (a{255}){255} takes gigabytes to compile. So do items
 * that can be empty and alternatives, each of which can be followed by all the others.
 */
enum {
	LENGTH_MAX = 4096,
	NESTING_MAX = 32,
	REPETITION_MAX = 255,
	EXPANDED_MAX = 4096,
	EMPTY_MAX = 512,
	STEPS_PER_REGEX = 500,
};

/* What stands before a repetition. */
enum item { ITEM_NONE = 0, ITEM_PLAIN, ITEM_EMPTY_OR_MORE, ITEM_REPEATED };

/* A group, or the whole: sizes when written out. */
struct level {
	unsigned long total, last;             /* characters; of the last item */
	unsigned long total_empty, last_empty; /* items that can be empty, alternatives */
};

struct translation {
	const char *at;
	struct text text;
	struct level levels[NESTING_MAX + 1];
	unsigned depth;
	enum item item;
	const char *error;
	const char *remark; /* what is odd */
	bool never;         /* macOS accepts it, and it matches nothing */
	bool doubtful;      /* nobody knows */
};

static bool fail(struct translation *translation, const char *error)
{
	translation->error = error;
	return false;
}

static bool doubt(struct translation *translation, const char *remark)
{
	translation->doubtful = true;
	translation->remark = remark;
	return true;
}

static struct level *level_of(struct translation *translation)
{
	return &translation->levels[translation->depth];
}

static void end_item(struct level *level)
{
	level->total += level->last;
	level->total_empty += level->last_empty;
	level->last = level->last_empty = 0;
}

static void begin_item(struct translation *translation, unsigned long size)
{
	struct level *level = level_of(translation);

	end_item(level);
	level->last = size;
	translation->item = ITEM_PLAIN;
}

static bool open_group(struct translation *translation)
{
	if (translation->at[1] == '?') {
		translation->never = true;
		translation->remark = "on macOS an expression with (?...) never matches";
		if (translation->at[2] != ':')
			return doubt(translation, "(?...) is not supported on macOS");
		return true;
	}
	if (translation->depth == NESTING_MAX)
		return fail(translation, "it is nested too deeply");
	begin_item(translation, 0);
	translation->levels[++translation->depth] = (struct level){.total = 0};
	translation->item = ITEM_NONE;
	text_add(&translation->text, "(");
	translation->at++;
	return true;
}

static bool close_group(struct translation *translation)
{
	struct level inner = *level_of(translation);

	if (translation->depth == 0)
		return fail(translation, "a ) closes nothing");
	end_item(&inner);
	translation->depth--;
	level_of(translation)->last = inner.total + 1;
	level_of(translation)->last_empty = inner.total_empty;
	translation->item = ITEM_PLAIN;
	text_add(&translation->text, ")");
	translation->at++;
	return true;
}

/* The end of [...], or NULL. */
static const char *bracket_end(const char *at)
{
	at += at[1] == '^' ? 2 : 1;
	if (*at == ']')
		at++;
	for (; *at && *at != ']'; at++) {
		if (*at == '[' && at[1] && strchr(":.=", at[1])) {
			const char closing[] = {at[1], ']', '\0'};

			at = strstr(at + 2, closing);
			if (!at)
				return NULL;
			at++;
		}
	}
	return *at ? at : NULL;
}

static bool is_alphanumeric(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9');
}

static bool add_bracket(struct translation *translation)
{
	const char *start = translation->at, *end = bracket_end(start);

	if (!end)
		return fail(translation, "a [ is not closed");
	for (const char *at = start + 1; at < end; at++) {
		if (*at == '\\' && (is_alphanumeric(at[1]) || at + 1 == end))
			doubt(translation, "a backslash in [...] can mean itself, or what follows");
	}
	if (end[-1] == '-' && end - start > 2 && !translation->remark)
		translation->remark = "a - at the end of [...] is said not to work on macOS";
	begin_item(translation, 1);
	text_add_bytes(&translation->text, start, (size_t)(end - start) + 1);
	translation->at = end + 1;
	return true;
}

static bool add_escaped(struct translation *translation)
{
	char byte = translation->at[1];

	if (!byte)
		return fail(translation, "it ends in a backslash");
	if (is_alphanumeric(byte))
		doubt(translation, "a backslash before a letter or digit is not portable");
	begin_item(translation, 1);
	/* Elsewhere a backslash could start an extension of the C library: \< and the like. */
	text_add_bytes(&translation->text, translation->at + !strchr("^.[$()|*+?{\\", byte),
		strchr("^.[$()|*+?{\\", byte) ? 2 : 1);
	translation->at += 2;
	return true;
}

/* The bounds of {m}, {m,} or {m,n}; false when they are none. */
static bool read_bounds(struct translation *translation, unsigned long *least, unsigned long *most)
{
	const char *at = translation->at + 1;
	char *end;

	*least = *most = strtoul(at, &end, 10);
	if (*end == ',' && end[1] == '}')
		end++;
	else if (*end == ',' && end[1] >= '0' && end[1] <= '9')
		*most = strtoul(end + 1, &end, 10);
	if (*end != '}')
		return fail(translation, "a { that is no repetition needs a backslash");
	if (*least > *most || *most > REPETITION_MAX)
		return fail(translation, "a repetition must not exceed 255");
	translation->at = end + 1;
	return true;
}

static bool check_repeatable(struct translation *translation)
{
	if (translation->item == ITEM_NONE)
		return fail(translation, "there is nothing to repeat before a * + ? or {");
	if (translation->item != ITEM_PLAIN)
		doubt(translation, "repeating a repetition is not portable");
	return true;
}

static bool add_bounds(struct translation *translation)
{
	const char *start = translation->at;
	struct level *level = level_of(translation);
	unsigned long least, most;

	if (!check_repeatable(translation) || !read_bounds(translation, &least, &most))
		return false;
	unsigned long copies = (most ? most : 1) + (translation->at[-2] == ',');

	level->last *= copies;
	level->last_empty = (level->last_empty + (least < most || least == 0)) * copies;
	text_add_bytes(&translation->text, start, (size_t)(translation->at - start));
	translation->item = ITEM_REPEATED;
	return true;
}

static bool add_repetition(struct translation *translation)
{
	char byte = *translation->at++;

	/* What is repeated as seldom as possible is found in the same texts. */
	if (byte == '?' && translation->item == ITEM_EMPTY_OR_MORE) {
		translation->item = ITEM_REPEATED;
		if (!translation->remark)
			translation->remark = "on macOS *? and ?? are not supported";
		return true;
	}
	if (!check_repeatable(translation))
		return false;
	level_of(translation)->last_empty += byte != '+';
	text_add_bytes(&translation->text, &byte, 1);
	translation->item = byte == '+' ? ITEM_REPEATED : ITEM_EMPTY_OR_MORE;
	return true;
}

static bool add_plain(struct translation *translation)
{
	char byte = *translation->at;

	begin_item(translation, 1);
	if (strchr("|^$", byte))
		translation->item = ITEM_NONE;
	level_of(translation)->last_empty = byte == '|';
	text_add_bytes(&translation->text, translation->at++, 1);
	return true;
}

static bool add_next(struct translation *translation)
{
	switch (*translation->at) {
	case '(':
		return open_group(translation);
	case ')':
		return close_group(translation);
	case '[':
		return add_bracket(translation);
	case '{':
		if (translation->at[1] >= '0' && translation->at[1] <= '9')
			return add_bounds(translation);
		doubt(translation, "a { that is no repetition needs a backslash");
		return add_plain(translation);
	case '\\':
		return add_escaped(translation);
	case '*':
	case '+':
	case '?':
		return add_repetition(translation);
	default:
		return add_plain(translation);
	}
}

static bool is_small(const struct level *level)
{
	return level->total + level->last <= EXPANDED_MAX &&
	       level->total_empty + level->last_empty <= EMPTY_MAX;
}

static bool translate(struct translation *translation, const char *pattern)
{
	translation->at = pattern;
	if (!*pattern)
		return fail(translation, "it is empty");
	if (strlen(pattern) > LENGTH_MAX)
		return fail(translation, "it is too large");
	while (*translation->at && !translation->never) {
		if (!add_next(translation))
			return false;
		if (!is_small(level_of(translation)))
			return fail(translation, "it is too large");
	}
	if (translation->depth && !translation->never)
		return fail(translation, "a ( is not closed");
	return true;
}

static bool compile(
	struct scheme *scheme, struct filter *filter, const char *pattern, const char *translated)
{
	regex_t *regex = ARENA_NEW(scheme->arena, regex_t);
	int error = regcomp(regex, translated, REG_EXTENDED | REG_NOSUB);
	char text[128];

	filter->text.regex = regex;
	if (error == 0)
		return true;
	regerror(error, regex, text, sizeof(text));
	return scheme_fail(scheme, NULL, "bad regular expression %s: %s", pattern, text) != NULL;
}

/* Compiling takes time and memory by the square of the size. */
static void charge(struct scheme *scheme, const struct level *whole)
{
	size_t size = whole->total + whole->last;
	size_t empty = whole->total_empty + whole->last_empty;

	sbpl_charge(scheme, STEPS_PER_REGEX + size * size / 16 + empty * empty * 2);
}

bool sbpl_regex(struct scheme *scheme, struct filter *filter, const char *pattern)
{
	const struct sbpl *sbpl = scheme->host;
	struct translation translation = {.text = text_make(scheme->arena)};
	struct remark remark = {.kind = REMARK_REGEX, .subject = pattern, .origin = scheme->place};

	if (!translate(&translation, pattern))
		return scheme_fail(scheme, NULL, "bad regular expression %s: %s", pattern,
			       translation.error) != NULL;
	remark.reason = translation.remark;
	if (translation.remark)
		policy_remark(sbpl->policy, sbpl->arena, &remark);
	if (translation.never || translation.doubtful) {
		filter->kind = FILTER_NEVER;
		filter->doubt = translation.doubtful ? DOUBT_MISSES : 0;
		return true;
	}
	charge(scheme, &translation.levels[0]);
	return compile(scheme, filter, pattern, translation.text.bytes);
}
