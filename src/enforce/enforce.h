#ifndef ENFORCE_ENFORCE_H
#define ENFORCE_ENFORCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "policy/policy.h"

/* What a back end offers: probe the host, plan (which changes nothing), apply (which decides
 * nothing). */

/* Part of the policy that this host cannot enforce. */
struct gap {
	enum operation operation;
	const char *reason;
	struct origin origin; /* of the rule that calls for it; nowhere for built-in answers */
	struct gap *next;
};

/* What the policy grants and this host cannot: the command gets less than it might. */
struct limit {
	const char *text;
	struct origin origin; /* of the rule that grants it; nowhere for the host's own limits */
	struct limit *next;
};

struct host;
struct plan;

struct host *host_probe(struct arena *arena);

/* True inside of a sandbox that has a broker: there can be no other. */
bool host_is_supervised(const struct host *host);

/* The command's path (or NULL) is for what it needs to start: loader and interpreter. */
struct plan *plan_make(struct arena *arena, const struct policy *policy, const struct host *host,
	const char *command);

const struct gap *plan_gaps(const struct plan *plan);

/* The operations that share the gap's rule and reason; NULL when an earlier gap names them. */
const char *gap_operations(struct arena *arena, const struct plan *plan, const struct gap *gap);

const struct limit *plan_limits(const struct plan *plan);

/* How the denials of one operation are enforced. */
enum enforcement_kind {
	ENFORCEMENT_GAP = 0,
	ENFORCEMENT_MECHANISM,
	ENFORCEMENT_NEEDLESS, /* the policy denies none of it */
	ENFORCEMENT_NOTHING,  /* this system has nothing like it */
};

struct enforcement {
	enum enforcement_kind kind;
	const char *text; /* the mechanism, or the reason of the gap */
};

struct enforcement plan_enforcement(struct plan *plan, enum operation operation);

void plan_print(struct text *text, const struct plan *plan);

/*
 * What is started: the command, and the profile as text for a back end that hands it on
 * (start_takes_profile; NULL for the others).
 */
struct start {
	const char *path; /* NULL: nothing is started, the plan is only printed */
	char **words;     /* the command's argv */
	char **environment;
	const char *profile;
	const char *const *parameters; /* KEY=VALUE, ended by NULL */
};

extern const bool start_takes_profile;

/* How the command would be started, where that is not plainly by itself. */
void start_print(struct text *text, const struct start *start);

/* Puts this process and all it starts into the sandbox, for good. Dies when that fails. */
void plan_apply(const struct plan *plan);

/* After plan_apply: executes the command. Returns only when that fails, with errno. */
void start_exec(struct arena *arena, const struct start *start);

#endif
