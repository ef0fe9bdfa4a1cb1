#include "policy/operation.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

struct operation_entry {
	const char *name;
	uint16_t parent;
	uint8_t builtin, length; /* of the name */
};

static const struct operation_entry operations[] = {
#define OPERATION(name, spelling, parent, builtin, takes)                                          \
	[OP_##name] = {spelling, OP_##parent, BUILTIN_##builtin, sizeof(spelling) - 1},
#define ALIAS(spelling, name)
#define IGNORED(spelling)
#include "policy/operations.def"
#undef OPERATION
#undef ALIAS
#undef IGNORED
};

#define BIT(kind) (UINT64_C(1) << TAKES_##kind)

const uint64_t operation_kinds[OPERATION_COUNT] = {
#define OPERATION(name, spelling, parent, builtin, takes) [OP_##name] = (takes) | BIT(PROCESS),
#define ALIAS(spelling, name)
#define IGNORED(spelling)
#include "policy/operations.def"
#undef OPERATION
#undef ALIAS
#undef IGNORED
};

struct alias {
	const char *name;
	enum operation operation;
};

static const struct alias aliases[] = {
#define OPERATION(name, spelling, parent, builtin, takes)
#define ALIAS(spelling, name) {spelling, OP_##name},
#define IGNORED(spelling)     {spelling, OP_NONE},
#include "policy/operations.def"
#undef OPERATION
#undef ALIAS
#undef IGNORED
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *operation_name(enum operation operation)
{
	return operations[operation].name;
}

enum operation operation_parent(enum operation operation)
{
	return (enum operation)operations[operation].parent;
}

enum builtin operation_builtin(enum operation operation)
{
	return (enum builtin)operations[operation].builtin;
}

bool operation_takes_alike(enum operation a, enum operation b)
{
	return operation_kinds[a] == operation_kinds[b];
}

bool operation_reaches(enum operation operation, enum operation_takes kind)
{
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		if (operation_takes((enum operation)i, kind) &&
			operation_is_within((enum operation)i, operation))
			return true;
	}
	return false;
}

enum operation operation_find(const char *name, bool *ignored)
{
	size_t length = strlen(name);

	*ignored = false;
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		if (operations[i].length == length && memcmp(operations[i].name, name, length) == 0)
			return (enum operation)i;
	}
	for (size_t i = 0; i < COUNT(aliases); i++) {
		if (text_is(aliases[i].name, name)) {
			*ignored = aliases[i].operation == OP_NONE;
			return aliases[i].operation;
		}
	}
	return OP_NONE;
}

bool operation_is_within(enum operation operation, enum operation ancestor)
{
	while (operation != OP_NONE && operation != ancestor)
		operation = operation_parent(operation);
	return operation == ancestor;
}

bool operation_is_legacy(const char *name)
{
	for (size_t i = 0; i < COUNT(aliases); i++) {
		if (text_is(aliases[i].name, name))
			return true;
	}
	/* A real operation until (version 3), as which it stands in operations.def. */
	return text_is("iokit-open", name);
}

const char *operation_spelling(unsigned index)
{
	if (index < OPERATION_COUNT)
		return operations[index].name;
	index -= OPERATION_COUNT;
	return index < COUNT(aliases) ? aliases[index].name : NULL;
}

const char *operation_nearest(const char *name)
{
	const char *nearest = NULL, *candidate;
	unsigned best = (unsigned)strlen(name) / 3 + 1;

	for (unsigned i = 0; (candidate = operation_spelling(i)) != NULL; i++) {
		unsigned distance = text_distance(name, candidate);

		if (distance < best) {
			best = distance;
			nearest = candidate;
		}
	}
	return nearest;
}
