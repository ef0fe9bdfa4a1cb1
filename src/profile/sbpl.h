#ifndef PROFILE_SBPL_H
#define PROFILE_SBPL_H

#include "policy/policy.h"
#include "profile/profile.h"
#include "scheme/scheme.h"

/* SBPL on top of Scheme (SBPL.md sections 1 to 4). */

struct sbpl {
	struct scheme scheme;
	struct arena *arena;
	struct policy *policy;
	struct profile *profile;
	enum part_kind part_kind;
	int version;           /* 0 until (version n) */
	unsigned imports;      /* nested at this moment */
	unsigned long filters; /* that a walk over all rules meets */
	bool has_trace;
	const char *missing_param; /* the last (param ...) that was not set */
};

/*
 * Evaluates the parts of a profile in order and adds Apple's implicit rules. False after an error,
 * which *error describes. The policy must be zeroed.
 */
bool sbpl_evaluate(struct profile *profile, struct arena *arena, struct policy *policy,
	struct scheme_error *error);

/* For the files of this module: the tables of names, and what they share. */
extern const struct foreign_type sbpl_operation_type, sbpl_filter_type, sbpl_modifier_type,
	sbpl_protocol_type;
extern const struct primitive sbpl_rule_primitives[], sbpl_filter_primitives[];

/* A constant's cell, or NULL. */
struct cell *sbpl_constant(struct scheme *scheme, const char *name);

/* All the filters of a list, as one that matches when any does; NULL after an error. */
const struct filter *sbpl_any(struct scheme *scheme, struct cell *filters);

#endif
