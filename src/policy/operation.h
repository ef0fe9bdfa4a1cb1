#ifndef POLICY_OPERATION_H
#define POLICY_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

/* The operations that rules speak of (SBPL.md section 2). */
enum operation {
#define OPERATION(name, spelling, parent, builtin, takes) OP_##name,
#define ALIAS(spelling, name)
#define IGNORED(spelling)
#include "policy/operations.def"
#undef OPERATION
#undef ALIAS
#undef IGNORED
	OPERATION_COUNT,
	OP_NONE = OPERATION_COUNT,
};

enum action { ACTION_DENY = 0, ACTION_ALLOW };

/* What an operation without rules of its own answers. */
enum builtin { BUILTIN_INHERIT = 0, BUILTIN_DENY, BUILTIN_ALLOW };

/* The kinds of object an operation has, and so the filters that can match it. */
enum operation_takes {
	TAKES_PATH,
	TAKES_FILE_MODE,
	TAKES_VNODE_TYPE,
	TAKES_DEVICE,
	TAKES_FS,
	TAKES_IOCTL,
	TAKES_XATTR,
	TAKES_SOCKET,
	TAKES_NETWORK,
	TAKES_TARGET,
	TAKES_SIGNAL,
	TAKES_SYSCTL,
	TAKES_POSIX_IPC,
	TAKES_MACH,
	TAKES_PREFERENCE_DOMAIN,
	TAKES_OTHER, /* objects that only macOS has */
};

const char *operation_name(enum operation operation);
enum operation operation_parent(enum operation operation);
enum builtin operation_builtin(enum operation operation);
bool operation_takes(enum operation operation, enum operation_takes kind);
bool operation_takes_alike(enum operation a, enum operation b);

/* By name or alias; OP_NONE when there is none. *ignored tells names that are accepted without
 * effect. */
enum operation operation_find(const char *name, bool *ignored);

/* True when operation is ancestor, or reaches it by going on in parents. */
bool operation_is_within(enum operation operation, enum operation ancestor);

/* The nearest spelling, for "did you mean"; NULL when nothing is near. */
const char *operation_nearest(const char *name);

#endif
