/* Filter constructors (SBPL.md section 3): one for each attribute, and those that combine. */
#include <string.h>

#include "base/text.h"
#include "profile/sbpl.h"
#include "scheme/builtins.h"

enum { MODE_MAX = 07777 };

const struct foreign_type sbpl_filter_type = {"filter"};

struct filter *sbpl_new_filter(struct scheme *scheme, enum filter_kind kind)
{
	struct filter *filter = ARENA_NEW(scheme->arena, struct filter);

	filter->kind = kind;
	return filter;
}

struct cell *sbpl_filter_cell(struct scheme *scheme, const struct filter *filter)
{
	return filter ? scheme_foreign(scheme, &sbpl_filter_type, filter) : NULL;
}

/* A group of as many filters as there are arguments; the caller fills it in. */
static struct filter *new_group(
	struct scheme *scheme, enum filter_kind kind, const struct cell *arguments)
{
	struct filter *filter = sbpl_new_filter(scheme, kind);

	filter->group.count = (size_t)scheme_length(arguments);
	filter->group.items =
		ARENA_ARRAY(scheme->arena, const struct filter *, filter->group.count);
	return filter;
}

/* Negated, what matches too little matches too much. */
static uint8_t negated(uint8_t doubt)
{
	return (uint8_t)((doubt & DOUBT_MISSES ? DOUBT_OVERDOES : 0) |
			 (doubt & DOUBT_OVERDOES ? DOUBT_MISSES : 0));
}

/* What a group has of its items; false when walks over it would take too long. */
static bool measure(struct filter *group)
{
	uint64_t size = group->group.count, bytes = 0;

	for (size_t i = 0; i < group->group.count; i++) {
		const struct filter *item = group->group.items[i];

		size += item->size;
		bytes += item->bytes;
		group->kinds |= item->kinds;
		group->doubt |= item->doubt;
		if (item->depth >= group->depth)
			group->depth = (uint16_t)(item->depth + 1);
	}
	if (group->kind == FILTER_NOT)
		group->doubt = negated(group->doubt);
	group->size = (unsigned)size;
	group->bytes = bytes < UINT32_MAX ? (unsigned)bytes : UINT32_MAX;
	return group->depth <= FILTER_DEPTH_MAX && size < FILTER_SIZE_MAX;
}

static const struct filter *finish(struct scheme *scheme, struct filter *group)
{
	if (!measure(group))
		return scheme_fail(scheme, NULL, "the filter is too large or nested too deeply");
	return group;
}

/* The group, or its only item. */
static const struct filter *any_of(struct scheme *scheme, struct filter *group)
{
	return group->group.count == 1 ? group->group.items[0] : finish(scheme, group);
}

static struct filter *group_of(struct scheme *scheme, enum filter_kind kind, struct cell *arguments)
{
	struct filter *group = new_group(scheme, kind, arguments);

	for (size_t i = 0; i < group->group.count; i++, arguments = arguments->pair.tail) {
		struct cell *argument = arguments->pair.head;

		group->group.items[i] = scheme_object(argument, &sbpl_filter_type);
		if (!group->group.items[i])
			return scheme_fail(scheme, NULL, "%s: expected a filter, got %s",
				scheme->calling->name, scheme_type_name(argument));
	}
	return group;
}

const struct filter *sbpl_any(struct scheme *scheme, struct cell *filters)
{
	struct filter *group = group_of(scheme, FILTER_ANY, filters);

	return group ? any_of(scheme, group) : NULL;
}

const struct filter *sbpl_all(struct scheme *scheme, struct cell *filters)
{
	struct filter *group = group_of(scheme, FILTER_ALL, filters);

	return group ? finish(scheme, group) : NULL;
}

static struct cell *combine(struct scheme *scheme, struct cell *arguments)
{
	const enum filter_kind *kind = scheme->calling->datum;

	if (arguments->type == CELL_NIL)
		return scheme_fail(scheme, NULL, "%s requires %s filter", scheme->calling->name,
			*kind == FILTER_NOT ? "exactly one" : "at least one");
	struct filter *group = group_of(scheme, *kind, arguments);

	if (!group)
		return NULL;
	return sbpl_filter_cell(
		scheme, *kind == FILTER_ANY ? any_of(scheme, group) : finish(scheme, group));
}

const char *sbpl_pattern(struct scheme *scheme, const struct cell *cell)
{
	const struct sbpl *sbpl = scheme->host;

	if (cell->type != CELL_STRING && sbpl->missing_param && !scheme_is_true(cell))
		return sbpl_fail_missing(scheme);
	if (cell->type != CELL_STRING)
		return scheme_fail(scheme, NULL,
			"invalid data type of path filter; expected pattern, got %s",
			scheme_type_name(cell));
	if (strlen(cell->string.bytes) != cell->string.length)
		return scheme_fail(scheme, NULL, "NUL byte in a pattern");
	return cell->string.bytes;
}

/* What a text filter's name stands for. */
struct text_kind {
	enum text_attribute attribute;
	enum pattern pattern;
};

static bool set_subpath(struct scheme *scheme, struct filter *filter)
{
	const struct sbpl *sbpl = scheme->host;
	size_t length = filter->text.length;
	struct remark remark = {.kind = REMARK_TRAILING_SLASH,
		.subject = filter->text.bytes,
		.origin = scheme->place};

	if (length == 0)
		return scheme_fail(scheme, NULL, "subpath must not be empty") != NULL;
	while (length > 1 && filter->text.bytes[length - 1] == '/')
		length--;
	if (length == filter->text.length)
		return true;
	policy_remark(sbpl->policy, sbpl->arena, &remark);
	filter->text.bytes = arena_copy(scheme->arena, filter->text.bytes, length);
	filter->text.length = length;
	return true;
}

static const struct filter *text_filter(
	struct scheme *scheme, const struct text_kind *kind, const struct cell *argument)
{
	const char *bytes = sbpl_pattern(scheme, argument);
	struct filter *filter = sbpl_new_filter(scheme, FILTER_TEXT);

	if (!bytes)
		return NULL;
	filter->kinds = UINT64_C(1) << text_attribute_kind(kind->attribute);
	filter->bytes = (unsigned)argument->string.length;
	filter->text.attribute = kind->attribute;
	filter->text.pattern = kind->pattern;
	filter->text.bytes = bytes;
	filter->text.length = argument->string.length;
	if (kind->pattern == PATTERN_SUBPATH && !set_subpath(scheme, filter))
		return NULL;
	if (kind->pattern == PATTERN_REGEX && !sbpl_regex(scheme, filter, bytes))
		return NULL;
	return filter;
}

static struct cell *make_text_filters(struct scheme *scheme, struct cell *arguments)
{
	const struct text_kind *kind = scheme->calling->datum;
	struct filter *group = new_group(scheme, FILTER_ANY, arguments);

	for (size_t i = 0; i < group->group.count; i++, arguments = arguments->pair.tail) {
		group->group.items[i] = text_filter(scheme, kind, arguments->pair.head);
		if (!group->group.items[i])
			return NULL;
	}
	return sbpl_filter_cell(scheme, any_of(scheme, group));
}

/* Every directory above the paths, as literals; not the paths themselves. */
static struct cell *path_ancestors(struct scheme *scheme, struct cell *arguments)
{
	static const struct text_kind literal = {TEXT_PATH, PATTERN_LITERAL};
	struct cell *filters = &scheme->nil;

	for (; arguments->type == CELL_PAIR; arguments = arguments->pair.tail) {
		const char *path = sbpl_pattern(scheme, arguments->pair.head);

		if (!path)
			return NULL;
		if (path[0] != '/' && !text_starts_with(path, "${"))
			return scheme_fail(scheme, NULL, "path must start with a /");
		for (size_t i = 0; path[i] && !scheme->error.text; i++) {
			if (path[i] != '/' || !path[i + 1])
				continue;
			struct cell *text = scheme_string(scheme, path, i ? i : 1);

			filters = scheme_cons(scheme,
				sbpl_filter_cell(scheme, text_filter(scheme, &literal, text)),
				filters);
		}
	}
	return scheme->error.text ? NULL : sbpl_filter_cell(scheme, sbpl_any(scheme, filters));
}

static struct filter *number_filter(
	struct scheme *scheme, enum number_attribute attribute, long value)
{
	struct filter *filter = sbpl_new_filter(scheme, FILTER_NUMBER);

	filter->kinds = UINT64_C(1) << number_attribute_kind(attribute);
	filter->number.attribute = attribute;
	filter->number.value = value;
	return filter;
}

static struct cell *make_number_filters(struct scheme *scheme, struct cell *arguments)
{
	const enum number_attribute *attribute = scheme->calling->datum;
	struct filter *group = new_group(scheme, FILTER_ANY, arguments);

	for (size_t i = 0; i < group->group.count; i++, arguments = arguments->pair.tail) {
		const struct cell *number = argument_at(scheme, arguments, (int)i, CELL_INTEGER);

		if (!number)
			return NULL;
		if (*attribute == NUMBER_FILE_MODE &&
			(number->integer < 0 || number->integer > MODE_MAX))
			return scheme_fail(scheme, NULL, "file-mode must be between 0 and #o7777");
		group->group.items[i] = number_filter(scheme, *attribute, number->integer);
	}
	return sbpl_filter_cell(scheme, any_of(scheme, group));
}

/* A filter whose name says it all. */
struct fixed {
	enum number_attribute attribute;
	const char *constant;
};

static struct cell *make_fixed(struct scheme *scheme, struct cell *arguments)
{
	const struct fixed *fixed = scheme->calling->datum;
	const struct cell *constant = sbpl_constant(scheme, fixed->constant);

	(void)arguments;
	return sbpl_filter_cell(scheme, number_filter(scheme, fixed->attribute, constant->integer));
}

/* Filters on what nothing outside macOS has: they never match. */
static struct cell *make_never(struct scheme *scheme, struct cell *arguments)
{
	(void)arguments;
	return sbpl_filter_cell(scheme, sbpl_new_filter(scheme, FILTER_NEVER));
}

#define COMBINATION(name, most, kind)                                                              \
	{                                                                                          \
		name, combine, 0, most, &(const enum filter_kind)                                  \
		{                                                                                  \
			kind                                                                       \
		}                                                                                  \
	}

#define PATHS(name, pattern)                                                                       \
	{                                                                                          \
		name, make_text_filters, 1, -1, &(const struct text_kind)                          \
		{                                                                                  \
			TEXT_PATH, PATTERN_##pattern                                               \
		}                                                                                  \
	}

#define FIXED(name, attribute, constant)                                                           \
	{                                                                                          \
		name, make_fixed, 0, 0, &(const struct fixed)                                      \
		{                                                                                  \
			NUMBER_##attribute, constant                                               \
		}                                                                                  \
	}

#define NEVER(name, least)                                                                         \
	{                                                                                          \
		name, make_never, least, -1, NULL                                                  \
	}

const struct primitive sbpl_filter_primitives[] = {
	PATHS("literal", LITERAL),
	PATHS("subpath", SUBPATH),
	PATHS("prefix", PREFIX),
	PATHS("regex", REGEX),
	{"path-ancestors", path_ancestors, 1, -1, NULL},
	COMBINATION("require-any", -1, FILTER_ANY),
	COMBINATION("require-all", -1, FILTER_ALL),
	COMBINATION("require-not", 1, FILTER_NOT),
	FIXED("tty", VNODE_TYPE, "TTY"),
	FIXED("debug-mode", SYSTEM_ATTRIBUTE, "sandbox-debug-mode"),
	FIXED("process-is-plugin", PROCESS_ATTRIBUTE, "is-plugin"),
	FIXED("process-is-installer", PROCESS_ATTRIBUTE, "is-installer"),
	NEVER("extension", 0),
	NEVER("extension-class", 1),
	NEVER("extension-class-prefix", 1),
	NEVER("extension-class-regex", 1),
	NEVER("require-entitlement", 1),
	NEVER("require-ancestor-with-entitlement", 1),
	NEVER("require-target-with-entitlement", 1),
	NEVER("entitlement-value", 0),
	NEVER("entitlement-value-regex", 0),
	NEVER("state-flag", 0),
	NEVER("user-intent-extension", 0),
	{NULL, NULL, 0, 0, NULL},
};

struct suffix {
	const char *text;
	enum pattern pattern;
};

static const struct suffix suffixes[] = {
	{"-literal", PATTERN_LITERAL},
	{"-prefix", PATTERN_PREFIX},
	{"-regex", PATTERN_REGEX},
	{"-subpath", PATTERN_SUBPATH},
};

enum { SUFFIXES = sizeof(suffixes) / sizeof(suffixes[0]) };

static bool has_subpaths(enum text_attribute attribute)
{
	return attribute == TEXT_PATH || attribute == TEXT_PROCESS_PATH ||
	       attribute == TEXT_MOUNT_RELATIVE_PATH;
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);

	return length > end && strcmp(name + length - end, suffix) == 0;
}

/* The name of an attribute under its older names. */
static const char *current_name(const char *name)
{
	static const char *const names[][2] = {
		{"iokit-user-client-class", "iokit-registry-entry-class"},
		{"mount-relative", "mount-relative-path"},
		{"syscall-mask", "syscall-number"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (text_is(names[i][0], name))
			return names[i][1];
	}
	return name;
}

/* NAME, or NAME-regex and so on, of an attribute that is a text. */
static bool find_text(struct arena *arena, const char *name, struct text_kind *kind)
{
	*kind = (struct text_kind){text_attribute_find(current_name(name)), PATTERN_LITERAL};
	for (int i = 0; i < SUFFIXES && kind->attribute == TEXT_COUNT; i++) {
		if (!ends_in(name, suffixes[i].text))
			continue;
		size_t length = strlen(name) - strlen(suffixes[i].text);

		kind->attribute =
			text_attribute_find(current_name(arena_copy(arena, name, length)));
		kind->pattern = suffixes[i].pattern;
	}
	return kind->attribute != TEXT_COUNT &&
	       (kind->pattern != PATTERN_SUBPATH || has_subpaths(kind->attribute));
}

static struct cell *constructor(
	struct scheme *scheme, const char *name, primitive_function *function, const void *datum)
{
	struct primitive *primitive = ARENA_NEW(scheme->arena, struct primitive);

	*primitive = (struct primitive){name, function, 1, -1, datum};
	return builtin_primitive(scheme, primitive);
}

static struct cell *find_attribute(struct scheme *scheme, const char *name)
{
	enum number_attribute number = number_attribute_find(current_name(name));
	struct text_kind text;

	if (number != NUMBER_COUNT) {
		enum number_attribute *datum = ARENA_NEW(scheme->arena, enum number_attribute);

		*datum = number;
		return constructor(scheme, name, make_number_filters, datum);
	}
	if (!find_text(scheme->arena, name, &text))
		return NULL;
	struct text_kind *datum = ARENA_NEW(scheme->arena, struct text_kind);

	*datum = text;
	return constructor(scheme, name, make_text_filters, datum);
}

static const struct primitive *const tables[] = {sbpl_filter_primitives, sbpl_endpoint_primitives};

enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

struct cell *sbpl_filter(struct scheme *scheme, const char *name)
{
	for (int i = 0; i < TABLES; i++) {
		for (const struct primitive *entry = tables[i]; entry->name; entry++) {
			if (text_is(entry->name, name))
				return builtin_primitive(scheme, entry);
		}
	}
	return find_attribute(scheme, name);
}

void sbpl_filters_near(struct arena *arena, struct nearest *nearest)
{
	for (int i = 0; i < TABLES; i++) {
		for (const struct primitive *entry = tables[i]; entry->name; entry++)
			nearest_try(nearest, entry->name);
	}
	for (unsigned i = 0; i < NUMBER_COUNT; i++)
		nearest_try(nearest, number_attribute_name((enum number_attribute)i));
	for (unsigned i = 0; i < TEXT_COUNT; i++) {
		const char *name = text_attribute_name((enum text_attribute)i);

		nearest_try(nearest, name);
		for (int j = 0; j < SUFFIXES; j++) {
			if (suffixes[j].pattern != PATTERN_SUBPATH ||
				has_subpaths((enum text_attribute)i))
				nearest_try(nearest,
					text_format(arena, "%s%s", name, suffixes[j].text));
		}
	}
}
