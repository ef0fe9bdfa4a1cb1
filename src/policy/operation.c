#include "policy/operation.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

/* Kinds that only macOS has are one: nothing here distinguishes them. */
enum {
	TAKES_AE_DESTINATION = TAKES_OTHER,
	TAKES_AUTH_RIGHT_NAME = TAKES_OTHER,
	TAKES_BOOT_ARG = TAKES_OTHER,
	TAKES_CODESIGNING = TAKES_OTHER,
	TAKES_EXTENSION_CLASS = TAKES_OTHER,
	TAKES_FCNTL = TAKES_OTHER,
	TAKES_FSCTL = TAKES_OTHER,
	TAKES_INFO = TAKES_OTHER,
	TAKES_IOKIT_CONNECTION = TAKES_OTHER,
	TAKES_IOKIT_METHOD = TAKES_OTHER,
	TAKES_IOKIT_PROPERTY = TAKES_OTHER,
	TAKES_IOKIT_REGISTRY_ENTRY = TAKES_OTHER,
	TAKES_IOKIT_TRAP = TAKES_OTHER,
	TAKES_KAS = TAKES_OTHER,
	TAKES_KEXT_BUNDLE_ID = TAKES_OTHER,
	TAKES_MAC = TAKES_OTHER,
	TAKES_MACHTRAP = TAKES_OTHER,
	TAKES_MACH_DERIVED = TAKES_OTHER,
	TAKES_MACH_SPECIAL_PORT = TAKES_OTHER,
	TAKES_MEMORYSTATUS = TAKES_OTHER,
	TAKES_MESSAGE = TAKES_OTHER,
	TAKES_MIG = TAKES_OTHER,
	TAKES_NECP = TAKES_OTHER,
	TAKES_NOTIFICATION = TAKES_OTHER,
	TAKES_NVRAM = TAKES_OTHER,
	TAKES_PRIV = TAKES_OTHER,
	TAKES_REBOOT_FLAGS = TAKES_OTHER,
	TAKES_SEMAPHORE = TAKES_OTHER,
	TAKES_SNAPSHOT = TAKES_OTHER,
	TAKES_SOCKET_OPTION = TAKES_OTHER,
	TAKES_SYSCALL = TAKES_OTHER,
	TAKES_TASK_SPECIAL_PORT = TAKES_OTHER,
};

#define BIT(kind) (1u << TAKES_##kind)

struct operation_entry {
	const char *name;
	uint16_t parent;
	uint8_t builtin;
	uint32_t takes;
};

static const struct operation_entry operations[] = {
#define OPERATION(name, spelling, parent, builtin, takes)                                          \
	[OP_##name] = {spelling, OP_##parent, BUILTIN_##builtin, takes},
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

bool operation_takes(enum operation operation, enum operation_takes kind)
{
	return operations[operation].takes & (1u << kind);
}

bool operation_takes_alike(enum operation a, enum operation b)
{
	return operations[a].takes == operations[b].takes;
}

enum operation operation_find(const char *name, bool *ignored)
{
	*ignored = false;
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		if (text_is(operations[i].name, name))
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

const char *operation_nearest(const char *name)
{
	const char *nearest = NULL;
	unsigned best = (unsigned)strlen(name) / 3 + 1;

	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		unsigned distance = text_distance(name, operations[i].name);

		if (distance <= best) {
			best = distance - (distance > 0);
			nearest = operations[i].name;
		}
	}
	return nearest;
}
