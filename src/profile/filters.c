/* Filter constructors (SBPL.md sections 3 and 7). */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/sbpl.h"
#include "scheme/builtins.h"

const struct foreign_type sbpl_filter_type = {"filter"};
const struct foreign_type sbpl_protocol_type = {"protocol"};

static struct filter *new_filter(struct scheme *scheme, enum filter_kind kind)
{
	struct filter *filter = ARENA_NEW(scheme->arena, struct filter);

	filter->kind = kind;
	return filter;
}

static struct cell *filter_cell(struct scheme *scheme, const struct filter *filter)
{
	return filter ? scheme_foreign(scheme, &sbpl_filter_type, filter) : NULL;
}

/* A group of as many filters as there are arguments; the caller fills it in. */
static struct filter *new_group(
	struct scheme *scheme, enum filter_kind kind, const struct cell *arguments)
{
	struct filter *filter = new_filter(scheme, kind);

	filter->group.count = (size_t)scheme_length(arguments);
	filter->group.items =
		ARENA_ARRAY(scheme->arena, const struct filter *, filter->group.count);
	return filter;
}

static bool is_walkable(const struct filter *group)
{
	unsigned depth = 0;
	unsigned long size = 1;

	for (size_t i = 0; i < group->group.count; i++) {
		const struct filter *item = group->group.items[i];

		size += item->size + 1ul;
		if (item->depth > depth)
			depth = item->depth;
	}
	return depth < FILTER_DEPTH_MAX && size < FILTER_SIZE_MAX;
}

static void measure(struct filter *group)
{
	for (size_t i = 0; i < group->group.count; i++) {
		group->size += group->group.items[i]->size + 1;
		if (group->group.items[i]->depth >= group->depth)
			group->depth = group->group.items[i]->depth + 1;
	}
}

/* The group once its items are in place; NULL after an error. */
static struct filter *measured(struct scheme *scheme, struct filter *group)
{
	if (!is_walkable(group))
		return scheme_fail(scheme, NULL, "the filter is too large or nested too deeply");
	measure(group);
	return group;
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
	return measured(scheme, group);
}

const struct filter *sbpl_any(struct scheme *scheme, struct cell *filters)
{
	struct filter *group = group_of(scheme, FILTER_ANY, filters);

	return group && group->group.count == 1 ? group->group.items[0] : group;
}

static struct cell *require_any(struct scheme *scheme, struct cell *arguments)
{
	return filter_cell(scheme, sbpl_any(scheme, arguments));
}

static struct cell *require_all(struct scheme *scheme, struct cell *arguments)
{
	return filter_cell(scheme, group_of(scheme, FILTER_ALL, arguments));
}

static struct cell *require_not(struct scheme *scheme, struct cell *arguments)
{
	return filter_cell(scheme, group_of(scheme, FILTER_NOT, arguments));
}

/* What a text filter's name stands for. */
struct text_kind {
	enum text_attribute attribute;
	enum pattern pattern;
};

static const char *check_string(struct scheme *scheme, const struct cell *cell)
{
	struct sbpl *sbpl = scheme->host;

	if (cell->type != CELL_STRING) {
		if (sbpl->missing_param && !scheme_is_true(cell))
			return scheme_fail(scheme, NULL,
				"invalid data type of path filter; expected pattern, got boolean:"
				" parameter %s is not set (-D %s=VALUE sets it)",
				sbpl->missing_param, sbpl->missing_param);
		return scheme_fail(scheme, NULL,
			"invalid data type of path filter; expected pattern, got %s",
			scheme_type_name(cell));
	}
	if (strlen(cell->string.bytes) != cell->string.length)
		return scheme_fail(scheme, NULL, "NUL byte in a pattern");
	return cell->string.bytes;
}

enum { EXPANDED_MAX = 8192 };

/* The largest number of {m}, {m,} or {m,n}; *at is left behind it. */
static unsigned long read_repetition(const char **at)
{
	unsigned long largest = 1;

	for (++*at; **at && **at != '}'; ++*at) {
		unsigned long value = strtoul(*at, NULL, 10);

		if (value > largest)
			largest = value;
	}
	return largest < EXPANDED_MAX ? largest : EXPANDED_MAX;
}

static void skip_bracket(const char **at)
{
	++*at;
	*at += **at == '^';
	*at += **at == ']';
	while (**at && **at != ']')
		++*at;
}

/*
 * How many characters the expression has when its counted repetitions are written out, up to the
 * next ')': nested ones multiply, and (a{255}){255} takes gigabytes to compile.
 */
static unsigned long expanded_length(const char **at)
{
	unsigned long total = 0, last = 0;

	for (; **at && **at != ')' && total + last < EXPANDED_MAX; *at += **at != '\0') {
		if (**at == '{') {
			last *= read_repetition(at);
			continue;
		}
		total += last;
		last = 1;
		if (**at == '(') {
			++*at;
			last = expanded_length(at);
		} else if (**at == '[') {
			skip_bracket(at);
		} else if (**at == '\\' && (*at)[1]) {
			++*at;
		}
	}
	return total + last;
}

static const regex_t *compile_regex(struct scheme *scheme, const char *pattern)
{
	unsigned long length = 0;

	for (const char *at = pattern; *at && length < EXPANDED_MAX; at += *at == ')')
		length += expanded_length(&at);
	if (length >= EXPANDED_MAX)
		return scheme_fail(scheme, NULL, "regular expression is too large");
	regex_t *regex = ARENA_NEW(scheme->arena, regex_t);
	int error = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);
	char text[128];

	if (error == 0)
		return regex;
	regerror(error, regex, text, sizeof(text));
	return scheme_fail(scheme, NULL, "bad regular expression %s: %s", pattern, text);
}

static const struct filter *text_filter(
	struct scheme *scheme, const struct text_kind *kind, const struct cell *argument)
{
	const char *bytes = check_string(scheme, argument);
	struct filter *filter = new_filter(scheme, FILTER_TEXT);
	size_t length = argument->string.length;

	if (!bytes)
		return NULL;
	if (kind->pattern == PATTERN_SUBPATH) {
		if (length == 0)
			return scheme_fail(scheme, NULL, "subpath must not be empty");
		while (length > 1 && bytes[length - 1] == '/')
			length--;
		bytes = arena_copy(scheme->arena, bytes, length);
	}
	filter->text.attribute = kind->attribute;
	filter->text.pattern = kind->pattern;
	filter->text.bytes = bytes;
	filter->text.length = length;
	if (kind->pattern == PATTERN_REGEX) {
		filter->text.regex = compile_regex(scheme, bytes);
		if (!filter->text.regex)
			return NULL;
	}
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
	return filter_cell(
		scheme, group->group.count == 1 ? group->group.items[0] : measured(scheme, group));
}

/* Every directory above the paths, as literals; not the paths themselves. */
static struct cell *path_ancestors(struct scheme *scheme, struct cell *arguments)
{
	static const struct text_kind literal = {TEXT_PATH, PATTERN_LITERAL};
	struct cell *filters = &scheme->nil;

	for (; arguments->type == CELL_PAIR; arguments = arguments->pair.tail) {
		const char *path = check_string(scheme, arguments->pair.head);

		if (!path)
			return NULL;
		if (path[0] != '/')
			return scheme_fail(scheme, NULL, "path must start with a /");
		for (size_t i = 0; path[i]; i++) {
			if (path[i] != '/' || !path[i + 1])
				continue;
			struct cell *text = scheme_string(scheme, path, i ? i : 1);

			filters = scheme_cons(scheme,
				filter_cell(scheme, text_filter(scheme, &literal, text)), filters);
		}
	}
	return filter_cell(scheme, sbpl_any(scheme, filters));
}

static struct cell *make_number_filters(struct scheme *scheme, struct cell *arguments)
{
	const enum number_attribute *attribute = scheme->calling->datum;
	struct filter *group = new_group(scheme, FILTER_ANY, arguments);

	for (size_t i = 0; i < group->group.count; i++, arguments = arguments->pair.tail) {
		struct cell *number = argument_at(scheme, arguments, (int)i, CELL_INTEGER);

		if (!number)
			return NULL;
		struct filter *filter = new_filter(scheme, FILTER_NUMBER);

		filter->number.attribute = *attribute;
		filter->number.value = number->integer;
		group->group.items[i] = filter;
	}
	return filter_cell(
		scheme, group->group.count == 1 ? group->group.items[0] : measured(scheme, group));
}

/* Filters on what only macOS has: they take any arguments and never match. */
static struct cell *make_never(struct scheme *scheme, struct cell *arguments)
{
	(void)arguments;
	return filter_cell(scheme, new_filter(scheme, FILTER_NEVER));
}

static bool parse_port(const char *text, int *port)
{
	char *end;

	*port = PORT_ANY;
	if (strcmp(text, "*") == 0)
		return true;
	if (text[0] < '0' || text[0] > '9')
		return false;
	long number = strtol(text, &end, 10);

	*port = (int)number;
	return !*end && number <= 65535;
}

static bool parse_address(struct scheme *scheme, const char *text, struct endpoint *endpoint)
{
	const char *colon = strrchr(text, ':');

	if (!colon)
		return scheme_fail(scheme, NULL, "port missing in network address") != NULL;
	size_t length = (size_t)(colon - text);

	endpoint->localhost = length == 9 && memcmp(text, "localhost", 9) == 0;
	if (!endpoint->localhost && !(length == 1 && text[0] == '*'))
		return scheme_fail(scheme, NULL,
			       "host must be * or localhost in network address") != NULL;
	if (!parse_port(colon + 1, &endpoint->port))
		return scheme_fail(scheme, NULL, "invalid port in network address") != NULL;
	return true;
}

/* (remote P ["HOST:PORT"]) and (remote unix-socket [path-filter]); local likewise. */
static struct cell *make_endpoint(struct scheme *scheme, struct cell *arguments)
{
	const enum filter_kind *kind = scheme->calling->datum;
	const unsigned *protocol = scheme_object(arguments->pair.head, &sbpl_protocol_type);
	struct cell *rest = arguments->pair.tail;
	struct filter *filter = new_filter(scheme, *kind);

	if (!protocol)
		return scheme_fail(scheme, NULL, "%s: expected a protocol, got %s",
			scheme->calling->name, scheme_type_name(arguments->pair.head));
	filter->endpoint = (struct endpoint){.protocol = *protocol, .port = PORT_ANY};
	if (rest->type == CELL_NIL)
		return filter_cell(scheme, filter);
	const struct filter *path = scheme_object(rest->pair.head, &sbpl_filter_type);

	if (*protocol == PROTOCOL_UNIX && path) {
		struct filter *both = new_filter(scheme, FILTER_ALL);

		both->group.count = 2;
		both->group.items = ARENA_ARRAY(scheme->arena, const struct filter *, 2);
		both->group.items[0] = filter;
		both->group.items[1] = path;
		return filter_cell(scheme, measured(scheme, both));
	}
	if (rest->pair.head->type != CELL_STRING)
		return scheme_fail(
			scheme, NULL, "%s expects string argument", scheme->calling->name);
	if (strlen(rest->pair.head->string.bytes) != rest->pair.head->string.length)
		return scheme_fail(scheme, NULL, "NUL byte in network address");
	if (!parse_address(scheme, rest->pair.head->string.bytes, &filter->endpoint))
		return NULL;
	return filter_cell(scheme, filter);
}

#define PATTERNS(name, attribute)                                                                  \
	{name, make_text_filters, 1, -1, &(const struct text_kind){attribute, PATTERN_LITERAL}},   \
		{name "-regex", make_text_filters, 1, -1,                                          \
			&(const struct text_kind){attribute, PATTERN_REGEX}},                      \
	{                                                                                          \
		name "-prefix", make_text_filters, 1, -1, &(const struct text_kind)                \
		{                                                                                  \
			attribute, PATTERN_PREFIX                                                  \
		}                                                                                  \
	}

#define NUMBERS(name, attribute)                                                                   \
	{                                                                                          \
		name, make_number_filters, 1, -1, &(const enum number_attribute)                   \
		{                                                                                  \
			attribute                                                                  \
		}                                                                                  \
	}

#define PATH(name, pattern)                                                                        \
	{                                                                                          \
		name, make_text_filters, 1, -1, &(const struct text_kind)                          \
		{                                                                                  \
			TEXT_PATH, pattern                                                         \
		}                                                                                  \
	}

#define NEVER(name)                                                                                \
	{                                                                                          \
		name, make_never, 0, -1, NULL                                                      \
	}

#define ENDPOINT(name, kind)                                                                       \
	{                                                                                          \
		name, make_endpoint, 1, 2, &(const enum filter_kind)                               \
		{                                                                                  \
			kind                                                                       \
		}                                                                                  \
	}

const struct primitive sbpl_filter_primitives[] = {
	{"require-any", require_any, 1, -1, NULL},
	{"require-all", require_all, 1, -1, NULL},
	{"require-not", require_not, 1, 1, NULL},
	PATH("literal", PATTERN_LITERAL),
	PATH("path", PATTERN_LITERAL),
	PATH("path-literal", PATTERN_LITERAL),
	PATH("subpath", PATTERN_SUBPATH),
	PATH("path-subpath", PATTERN_SUBPATH),
	PATH("prefix", PATTERN_PREFIX),
	PATH("path-prefix", PATTERN_PREFIX),
	PATH("regex", PATTERN_REGEX),
	PATH("path-regex", PATTERN_REGEX),
	{"path-ancestors", path_ancestors, 1, -1, NULL},
	PATTERNS("xattr", TEXT_XATTR),
	PATTERNS("global-name", TEXT_MACH_GLOBAL_NAME),
	PATTERNS("local-name", TEXT_MACH_LOCAL_NAME),
	PATTERNS("xpc-service-name", TEXT_XPC_SERVICE_NAME),
	PATTERNS("ipc-posix-name", TEXT_IPC_POSIX_NAME),
	PATTERNS("sysctl-name", TEXT_SYSCTL_NAME),
	PATTERNS("preference-domain", TEXT_PREFERENCE_DOMAIN),
	PATTERNS("iokit-registry-entry-class", TEXT_OTHER),
	PATTERNS("iokit-user-client-class", TEXT_OTHER),
	PATTERNS("iokit-property", TEXT_OTHER),
	PATTERNS("notification-name", TEXT_OTHER),
	NUMBERS("vnode-type", NUMBER_VNODE_TYPE),
	NUMBERS("file-mode", NUMBER_FILE_MODE),
	NUMBERS("socket-domain", NUMBER_SOCKET_DOMAIN),
	NUMBERS("socket-type", NUMBER_SOCKET_TYPE),
	NUMBERS("socket-protocol", NUMBER_SOCKET_PROTOCOL),
	NUMBERS("target", NUMBER_TARGET),
	NUMBERS("signal-number", NUMBER_SIGNAL),
	ENDPOINT("remote", FILTER_REMOTE),
	ENDPOINT("to", FILTER_REMOTE),
	ENDPOINT("local", FILTER_LOCAL),
	ENDPOINT("from", FILTER_LOCAL),
	NEVER("extension"),
	NEVER("extension-class"),
	NEVER("require-entitlement"),
	NEVER("system-attribute"),
	NEVER("process-attribute"),
	NEVER("csr"),
	NEVER("debug-mode"),
	{NULL, NULL, 0, 0, NULL},
};
