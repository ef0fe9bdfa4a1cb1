/* The modifiers of rules (SBPL.md section 4). */
#include <string.h>

#include "base/text.h"
#include "profile/sbpl.h"
#include "scheme/builtins.h"

const struct foreign_type sbpl_modifier_type = {"modifier"};
const struct foreign_type sbpl_modifier_name_type = {"name of a modifier"};

enum argument { NOTHING = 0, STRING, SIGNAL, NUMBER, ANYTHING };

enum { SIGNAL_MAX = 31, ERRNO_MAX = 255, PLACES = 4 };

struct modifier_name {
	const char *name;
	enum modifier modifier;
	bool on_allow, on_deny;
	enum argument argument;
	enum operation operations[PLACES]; /* the only ones, ended by OP_DEFAULT; none: all */
};

static const struct modifier_name names[] = {
	{"no-log", MODIFIER_NO_LOG, false, true, NOTHING, {0}},
	{"no-report", MODIFIER_NO_LOG, false, true, NOTHING, {0}},
	{"report", MODIFIER_REPORT, true, false, NOTHING, {0}},
	{"message", MODIFIER_MESSAGE, true, true, STRING, {0}},
	{"send-signal", MODIFIER_SIGNAL, true, true, SIGNAL, {0}},
	{"termination", MODIFIER_KILL, false, true, NOTHING, {0}},
	{"no-sandbox", MODIFIER_NO_SANDBOX, true, false, NOTHING, {OP_PROCESS_EXEC_ALL}},
	{"no-profile", MODIFIER_NO_SANDBOX, true, false, NOTHING, {OP_PROCESS_EXEC_ALL}},
	{"default-sandbox", MODIFIER_DEFAULT_SANDBOX, true, false, STRING, {OP_PROCESS_EXEC_ALL}},
	{"no-times", MODIFIER_NO_TIMES, true, false, NOTHING, {OP_FILE_READ_METADATA}},
	{"grant", MODIFIER_GRANT, true, false, NOTHING, {OP_SYSTEM_PRIVILEGE}},
	{"rootless", MODIFIER_ROOTLESS, false, true, NOTHING, {0}},
	{"assign-storage-class", MODIFIER_STORAGE_CLASS, true, false, STRING,
		{OP_STORAGE_CLASS_MAP}},
	{"telemetry", MODIFIER_TELEMETRY, true, true, ANYTHING, {0}},
	{"telemetry-backtrace", MODIFIER_TELEMETRY_BACKTRACE, true, true, ANYTHING, {0}},
	{"user-approval", MODIFIER_USER_APPROVAL, true, true, ANYTHING, {0}},
	{"no-approval-prompt", MODIFIER_NO_APPROVAL_PROMPT, true, true, ANYTHING, {0}},
	{"authority", MODIFIER_AUTHORITY, true, true, ANYTHING, {0}},
	{"errno", MODIFIER_ERRNO, false, true, NUMBER, {0}},
	{"no-callout", MODIFIER_NO_CALLOUT, true, true, NOTHING, {0}},
	{"partial-symbolication", MODIFIER_PARTIAL_SYMBOLICATION, true, true, NOTHING, {0}},
	{"apply-message-filter", MODIFIER_MESSAGE_FILTER, true, true, ANYTHING,
		{OP_MACH_LOOKUP, OP_IOKIT_OPEN_ALL, OP_MACH_BOOTSTRAP}},
};

enum { NAMES = sizeof(names) / sizeof(names[0]), MESSAGE_FILTER = NAMES - 1 };

struct modifier_object {
	const struct modifier_name *name;
	const char *message;
};

struct cell *sbpl_modifier_name(struct scheme *scheme, const char *name)
{
	const struct sbpl *sbpl = scheme->host;

	for (size_t i = 0; i < MESSAGE_FILTER; i++) {
		if (!text_is(names[i].name, name))
			continue;
		if (names[i].modifier == MODIFIER_ERRNO && sbpl->version != 3)
			return NULL;
		return scheme_foreign(scheme, &sbpl_modifier_name_type, &names[i]);
	}
	return NULL;
}

void sbpl_modifiers_near(struct nearest *nearest)
{
	for (size_t i = 0; i < MESSAGE_FILTER; i++)
		nearest_try(nearest, names[i].name);
}

static bool is_number_up_to(const struct cell *argument, long most)
{
	return argument->type == CELL_INTEGER && argument->integer > 0 && argument->integer <= most;
}

/* What the modifier wants and did not get, or NULL. */
static const char *wanted(const struct modifier_name *name, const struct cell *argument)
{
	switch (name->argument) {
	case NOTHING:
		return argument ? "no argument" : NULL;
	case STRING:
		return argument && argument->type == CELL_STRING ? NULL : "a string";
	case SIGNAL:
		return argument && is_number_up_to(argument, SIGNAL_MAX) ? NULL : "a signal";
	case NUMBER:
		return argument && is_number_up_to(argument, ERRNO_MAX) ? NULL : "an error number";
	case ANYTHING:
		return NULL;
	}
	return NULL;
}

struct cell *sbpl_modifier(struct scheme *scheme, struct cell *arguments)
{
	const struct modifier_name *name =
		scheme_object(arguments->pair.head, &sbpl_modifier_name_type);
	const struct cell *argument =
		arguments->pair.tail->type == CELL_PAIR ? arguments->pair.tail->pair.head : NULL;

	if (!name)
		return scheme_fail(scheme, NULL, "with: expected a modifier, got %s",
			scheme_type_name(arguments->pair.head));
	if (wanted(name, argument))
		return scheme_fail(scheme, NULL, "%s modifier requires %s", name->name,
			wanted(name, argument));
	struct modifier_object *modifier = ARENA_NEW(scheme->arena, struct modifier_object);

	modifier->name = name;
	if (name->modifier == MODIFIER_MESSAGE)
		modifier->message = argument->string.bytes;
	return scheme_foreign(scheme, &sbpl_modifier_type, modifier);
}

struct cell *sbpl_message_filter(struct scheme *scheme)
{
	static const struct modifier_object filter = {&names[MESSAGE_FILTER], NULL};

	return scheme_foreign(scheme, &sbpl_modifier_type, &filter);
}

bool sbpl_modify(struct scheme *scheme, struct rule *rule, const struct cell *cell)
{
	const struct modifier_object *modifier = scheme_object(cell, &sbpl_modifier_type);
	const struct modifier_name *name = modifier->name;
	bool allow = rule->action == ACTION_ALLOW;

	if (allow ? !name->on_allow : !name->on_deny)
		return scheme_fail(scheme, NULL, "%s modifier does not apply to %s action",
			       name->name, allow ? "allow" : "deny") != NULL;
	if (rule->modifiers & name->modifier)
		return scheme_fail(scheme, NULL, "%s modifier can only appear once per rule",
			       name->name) != NULL;
	rule->modifiers |= name->modifier;
	if (modifier->message)
		rule->message = modifier->message;
	return true;
}

static bool applies(const struct modifier_name *name, enum operation operation)
{
	const enum operation *at = name->operations;

	for (; *at != OP_DEFAULT; at++) {
		if (operation_is_within(operation, *at))
			return true;
	}
	return at == name->operations;
}

bool sbpl_check_modifiers(struct scheme *scheme, const struct rule *rule, enum operation operation)
{
	if (!rule->modifiers)
		return true;
	for (size_t i = 0; i < NAMES; i++) {
		if (rule->modifiers & names[i].modifier && !applies(&names[i], operation))
			return scheme_fail(scheme, NULL,
				       "%s modifier does not apply to %s operation", names[i].name,
				       operation_name(operation)) != NULL;
	}
	return true;
}
