/* What a profile can ask for besides rules and filters (SBPL.md section 1). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "profile/sbpl.h"
#include "scheme/builtins.h"

/* An import takes steps for its system calls, so that a tree of them comes to an end. */
enum { IMPORTS_MAX = 16, IMPORT_STEPS = 1000, PARAMETERS_SHOWN = 240 };

static struct cell *version(struct scheme *scheme, struct cell *arguments)
{
	struct sbpl *sbpl = scheme->host;
	struct cell *number = argument_of(scheme, arguments, 0, CELL_INTEGER);

	if (!number)
		return NULL;
	if (number->integer < 1 || number->integer > 3)
		return scheme_fail(scheme, NULL, "unsupported version: %ld", number->integer);
	if (sbpl->version && sbpl->version != number->integer)
		return scheme_fail(scheme, NULL, "only one version may be specified");
	sbpl->version = (int)number->integer;
	return &scheme->unspecified;
}

static struct cell *param(struct scheme *scheme, struct cell *arguments)
{
	struct sbpl *sbpl = scheme->host;
	struct cell *name = argument_of(scheme, arguments, 0, CELL_STRING);

	if (!name)
		return NULL;
	const char *value = profile_parameter(sbpl->profile, scheme->arena, name->string.bytes);

	if (value)
		return scheme_string(scheme, value, strlen(value));
	sbpl->missing_param = name->string.bytes;
	return &scheme->false_value;
}

const char *sbpl_fail_missing(struct scheme *scheme)
{
	const struct sbpl *sbpl = scheme->host;
	const char *name = sbpl->missing_param;
	struct nearest nearest = {name, NULL, (unsigned)strlen(name) / 3 + 1};
	struct text names = text_make(scheme->arena);
	const char *rest = sbpl->profile->supplied, *word;
	size_t length;

	for (const struct parameter *at = sbpl->profile->parameters; at; at = at->next) {
		text_addf(&names, " %s", at->name);
		nearest_try(&nearest, at->name);
	}
	while (text_split(&rest, " ", &word, &length)) {
		text_addf(&names, " %.*s", (int)length, word);
		nearest_try(&nearest, arena_copy(scheme->arena, word, length));
	}
	return scheme_fail(scheme, NULL,
		"invalid data type of path filter; expected pattern, got boolean:"
		" parameter %s is not set (-D %s=VALUE sets it)%s%s%s%s%.*s",
		name, name, nearest.near ? "; did you mean " : "", nearest.near ? nearest.near : "",
		nearest.near ? "?" : "", names.length ? "; there are:" : "", PARAMETERS_SHOWN,
		names.bytes);
}

/* A relative path that leads nowhere else, however the directory is called. */
static bool is_below(const char *name)
{
	const char *part;
	size_t length;

	while (text_split(&name, "/", &part, &length)) {
		if (length == 0 || (part[0] == '.' && length <= 2 && part[length - 1] == '.'))
			return false;
	}
	return true;
}

/* The first file of that name in the directories that imports are searched in. */
static const struct source *find_import(const struct sbpl *sbpl, const char *name)
{
	const char *given =
		scheme_is_confined(&sbpl->scheme) ? NULL : profile_get(sbpl->profile, "IMPORT_DIR");
	const char *const searched[] = {given ? given : sbpl->profile->library,
		"/System/Library/Sandbox/Profiles", "/usr/share/sandbox"};
	size_t count = given || name[0] == '/' ? 1 : sizeof(searched) / sizeof(searched[0]);
	const struct source *source = NULL;

	for (size_t i = 0; i < count && !source; i++) {
		if (i && errno != ENOENT)
			break; /* what is there counts, readable or not */
		source = file_read(sbpl->arena, path_join(sbpl->arena, searched[i], name));
	}
	return source;
}

/* The same text, that remembers what asked for it. */
static const struct source *imported(struct scheme *scheme, const struct source *source)
{
	struct source *copy = ARENA_NEW(scheme->arena, struct source);
	struct origin *importer = ARENA_NEW(scheme->arena, struct origin);

	*importer = scheme->place;
	*copy = *source;
	copy->importer = importer->source ? importer : NULL;
	return copy;
}

static struct cell *import(struct scheme *scheme, struct cell *arguments)
{
	struct sbpl *sbpl = scheme->host;
	const struct cell *name = argument_of(scheme, arguments, 0, CELL_STRING);
	struct origin place = scheme->place;

	if (!name)
		return NULL;
	if (sbpl->imports >= IMPORTS_MAX)
		return scheme_fail(scheme, NULL, "imports are nested too deeply");
	if (scheme_is_confined(scheme) && !is_below(name->string.bytes))
		return scheme_fail(scheme, NULL,
			"what an .sbxrc says imports by name, from sbx's own library: \"%s\"",
			name->string.bytes);
	const struct source *source = find_import(sbpl, name->string.bytes);

	if (!source)
		return scheme_fail(scheme, NULL, "unable to open \"%s\": %s", name->string.bytes,
			errno == ENOENT ? "not found" : strerror(errno));
	sbpl_charge(scheme, IMPORT_STEPS + source->length);
	sbpl->imports++;
	bool loaded = scheme_load(scheme, imported(scheme, source));

	sbpl->imports--;
	scheme->place = place;
	return loaded ? &scheme->unspecified : NULL;
}

/* Accepted as on macOS, where it has had no effect since 10.13. */
static struct cell *trace(struct scheme *scheme, struct cell *arguments)
{
	struct sbpl *sbpl = scheme->host;

	if (arguments->pair.head->type != CELL_STRING)
		return scheme_fail(scheme, NULL, "argument to trace must be a string");
	if (sbpl->has_trace)
		return scheme_fail(scheme, NULL, "only one trace path may be specified");
	sbpl->has_trace = true;
	return &scheme->unspecified;
}

static struct cell *ignore(struct scheme *scheme, struct cell *arguments)
{
	(void)arguments;
	return &scheme->unspecified;
}

/* A pattern that matches the string itself. */
static struct cell *regex_quote(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);
	struct text text = text_make(scheme->arena);

	if (!string)
		return NULL;
	for (size_t i = 0; i < string->string.length; i++) {
		const char *byte = string->string.bytes + i;

		if (*byte && strchr("^.[$()|*+?{\\", *byte))
			text_add(&text, "\\");
		text_add_bytes(&text, byte, 1);
	}
	return scheme_string(scheme, text.bytes, text.length);
}

/* The parts of a string between the separators, empty ones included. */
static struct cell *split_string(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);
	const struct cell *separator =
		string ? argument_of(scheme, arguments, 1, CELL_STRING) : NULL;
	struct cell *parts = &scheme->nil, **end = &parts;

	if (!separator)
		return NULL;
	if (separator->string.length == 0)
		return scheme_fail(scheme, NULL, "split-string: the separator is empty");
	const char *rest = string->string.bytes, *last = rest + string->string.length;

	for (const char *found = rest; found && !scheme->error.text;) {
		found = memmem(rest, (size_t)(last - rest), separator->string.bytes,
			separator->string.length);
		size_t length = (size_t)((found ? found : last) - rest);

		*end = scheme_cons(scheme, scheme_string(scheme, rest, length), &scheme->nil);
		end = &(*end)->pair.tail;
		rest += length + separator->string.length;
	}
	return parts;
}

/* The number of an ioctl: group and command, as filters compare it. */
static struct cell *io_command(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *group = argument_of(scheme, arguments, 0, CELL_STRING);
	const struct cell *number = group ? argument_of(scheme, arguments, 1, CELL_INTEGER) : NULL;

	if (!number)
		return NULL;
	if (group->string.length != 1 || number->integer < 0 || number->integer > 255)
		return scheme_fail(scheme, NULL, "_IO: needs one character and a number up to 255");
	return scheme_integer(
		scheme, 256 * (unsigned char)group->string.bytes[0] + number->integer);
}

static struct cell *is_filter(struct scheme *scheme, struct cell *arguments)
{
	return scheme_boolean(
		scheme, scheme_object(arguments->pair.head, &sbpl_filter_type) != NULL);
}

static size_t count_rules(const struct policy *policy, enum operation operation)
{
	size_t count = 1;

	for (; operation != OP_NONE; operation = operation_parent(operation)) {
		const struct rule_link *link = policy->operations[operation].filtered;

		for (; link; link = link->next)
			count += link->rule->filter->size + 1ul;
	}
	return count;
}

/* Whether the rules so far let the operation, on some object, be allowed (or denied). */
static struct cell *can_return(struct scheme *scheme, struct cell *arguments)
{
	const struct sbpl *sbpl = scheme->host;
	const enum operation *operation = scheme_object(arguments->pair.head, &sbpl_operation_type);
	const struct cell *action = argument_of(scheme, arguments, 1, CELL_SYMBOL);

	if (!action)
		return NULL;
	bool allow = strcmp(action->symbol.name, "allow") == 0;

	if (!operation || *operation == OP_NONE ||
		(!allow && strcmp(action->symbol.name, "deny") != 0))
		return scheme_fail(scheme, NULL,
			"sbpl-operation-can-return?: needs an operation and 'allow or 'deny");
	struct query query = {.operation = *operation, .partial = true};

	sbpl_charge(scheme, count_rules(sbpl->policy, *operation));
	struct outcomes outcomes = policy_outcomes(sbpl->policy, &query);

	return scheme_boolean(scheme, allow ? outcomes.may_allow : outcomes.may_deny);
}

const struct primitive sbpl_directive_primitives[] = {
	{"version", version, 1, 1, NULL},
	{"param", param, 1, 1, NULL},
	{"getenv", param, 1, 1, NULL},
	{"import", import, 1, 1, NULL},
	{"trace", trace, 1, 1, NULL},
	{"record", ignore, 0, -1, NULL},
	{"eliminate-duplicate-rules", ignore, 0, -1, NULL},
	{"disable-callouts", ignore, 0, -1, NULL},
	{"disable-full-symbolication", ignore, 0, -1, NULL},
	{"disable-syscall-inference", ignore, 0, -1, NULL},
	{"regex-quote", regex_quote, 1, 1, NULL},
	{"split-string", split_string, 2, 2, NULL},
	{"_IO", io_command, 2, 2, NULL},
	{"sbpl-filter?", is_filter, 1, 1, NULL},
	{"sbpl-operation-can-return?", can_return, 2, 2, NULL},
	{NULL, NULL, 0, 0, NULL},
};
