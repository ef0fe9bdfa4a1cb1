#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/source.h"
#include "policy/filter.h"
#include "policy/operation.h"

/* How a rule's author wants its decisions treated; never which rule wins (SBPL.md section 4). */
enum modifier {
	MODIFIER_NO_LOG = 1,
	MODIFIER_REPORT = 2,
	MODIFIER_NO_SANDBOX = 4,
	MODIFIER_KILL = 8, /* termination */
	MODIFIER_SIGNAL = 16,
	MODIFIER_MESSAGE = 32,
	MODIFIER_DEFAULT_SANDBOX = 64,
	MODIFIER_NO_TIMES = 128,
	MODIFIER_GRANT = 256,
	MODIFIER_ROOTLESS = 512,
	MODIFIER_STORAGE_CLASS = 1024,
	MODIFIER_TELEMETRY = 2048,
	MODIFIER_TELEMETRY_BACKTRACE = 4096,
	MODIFIER_USER_APPROVAL = 8192,
	MODIFIER_NO_APPROVAL_PROMPT = 16384,
	MODIFIER_AUTHORITY = 32768,
	MODIFIER_ERRNO = 65536,
	MODIFIER_NO_CALLOUT = 131072,
	MODIFIER_PARTIAL_SYMBOLICATION = 262144,
	MODIFIER_MESSAGE_FILTER = 524288,
};

struct rule {
	enum action action;
	const struct filter *filter; /* NULL: the operation's own default */
	unsigned modifiers;
	const char *message; /* of (with message "..."), or NULL */
	struct origin origin;
};

struct rule_link {
	const struct rule *rule;
	const struct rule_link *next;
};

/* What one operation was told: filtered rules, the latest first, and the latest unfiltered one. */
struct operation_rules {
	const struct rule_link *filtered;
	const struct rule *unfiltered;
};

/* Every rule in the order in which it was added, also one that another has replaced since. */
struct history_entry {
	enum operation operation;
	const struct rule *rule;
	struct history_entry *next;
};

struct history {
	struct history_entry *first, *last;
};

/* What a profile says that comes to nothing, or to something else than it seems. */
enum remark_kind {
	REMARK_INAPPLICABLE,   /* subject: a filter that the operation's objects do not have */
	REMARK_TRAILING_SLASH, /* subject: a subpath; the slash is ignored */
	REMARK_REGEX,          /* subject: a pattern; reason says what is odd about it */
};

/* Recorded while a profile is evaluated, for sbxctl check. */
struct remark {
	enum remark_kind kind;
	enum operation operation; /* of REMARK_INAPPLICABLE */
	const char *subject;
	const char *reason; /* of REMARK_REGEX */
	struct origin origin;
	struct remark *next;
};

struct policy {
	struct operation_rules operations[OPERATION_COUNT];
	struct history *history; /* NULL: nobody asks for it */
	unsigned modifiers;      /* of all rules together */
	struct remark *remarks, *last_remark;
};

struct decision {
	enum action action;
	const struct rule *rule;  /* NULL: built in, no rule was asked */
	enum operation operation; /* whose list decided */
};

/* Both answers that a partial query can get. */
struct outcomes {
	bool may_allow, may_deny;
	struct decision allow, deny; /* the first of each; valid where the flag is set */
};

/* Adds rule to operation's list: in front when filtered, else in place of its default. */
void policy_add(struct policy *policy, struct arena *arena, enum operation operation,
	const struct rule *rule);

/* Adds a copy of the remark. */
void policy_remark(struct policy *policy, struct arena *arena, const struct remark *remark);

/* The reference: what SBPL answers, and why (SBPL.md section 5). */
struct decision policy_decide(const struct policy *policy, const struct query *query);

/* The same for all objects that a partial query or a region stands for. */
struct outcomes policy_outcomes(const struct policy *policy, const struct query *query);

/* What operation answers where none of its filtered rules does; false: its parent does. */
bool policy_default(
	const struct policy *policy, enum operation operation, struct decision *decision);

/* Adds one more possible decision; the first of each kind stays. */
void outcomes_add(struct outcomes *outcomes, struct decision decision);

/* Adds the outcomes of further objects; the first decision of each kind stays. */
void outcomes_merge(struct outcomes *all, const struct outcomes *outcomes);

/* True when the same rules in the same order decide both operations, whatever the object. */
bool policy_is_alike(const struct policy *policy, enum operation a, enum operation b);

/* True when some rule other than those of default speaks of the operation or its ancestors. */
bool policy_has_rules(const struct policy *policy, enum operation operation);

#endif
