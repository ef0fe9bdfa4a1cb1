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

/*
 * Evaluates one more part, when the policy is whole: what other parts define does not reach it. The
 * same about errors.
 */
bool sbpl_append(struct profile *profile, const struct part *part, struct arena *arena,
	struct policy *policy, struct scheme_error *error);

/* The number that a constant stands for (policy/query.h asks); false when there is none. */
bool sbpl_number(const char *name, long *value);

/* A constant's cell, or NULL. */
struct cell *sbpl_constant(struct scheme *scheme, const char *name);

/* For the files of this module: the tables of names, and what they share. */
extern const struct foreign_type sbpl_operation_type, sbpl_filter_type, sbpl_modifier_type,
	sbpl_modifier_name_type, sbpl_protocol_type;
extern const struct primitive sbpl_rule_primitives[], sbpl_directive_primitives[],
	sbpl_filter_primitives[], sbpl_endpoint_primitives[];
extern const struct form sbpl_forms[];

/* Candidates for "did you mean": the nearest so far. */
struct nearest {
	const char *name; /* what is looked for */
	const char *near; /* NULL: nothing so far */
	unsigned distance;
};

/* Takes the candidate when it is nearer. */
void nearest_try(struct nearest *nearest, const char *candidate);

/* The names of constants and of filters, tried one by one. */
void sbpl_constants_near(struct arena *arena, struct nearest *nearest);
void sbpl_filters_near(struct arena *arena, struct nearest *nearest);
void sbpl_modifiers_near(struct nearest *nearest);

/* Long work takes its share of the steps that a profile may make. */
void sbpl_charge(struct scheme *scheme, size_t steps);

/* The string of a cell that must be one, NUL-terminated as it looks; NULL after an error. */
const char *sbpl_pattern(struct scheme *scheme, const struct cell *cell);

/* Fails because of the (param ...) that was not set, with those that are; returns NULL. */
const char *sbpl_fail_missing(struct scheme *scheme);

/* A filter constructor's cell, or NULL. */
struct cell *sbpl_filter(struct scheme *scheme, const char *name);

struct filter *sbpl_new_filter(struct scheme *scheme, enum filter_kind kind);
struct cell *sbpl_filter_cell(struct scheme *scheme, const struct filter *filter);

/* All the filters of a list, as one that matches when any, or all, do; NULL after an error. */
const struct filter *sbpl_any(struct scheme *scheme, struct cell *filters);
const struct filter *sbpl_all(struct scheme *scheme, struct cell *filters);

/* Makes filter match the pattern, as far as macOS would; false after an error. */
bool sbpl_regex(struct scheme *scheme, struct filter *filter, const char *pattern);

/* A modifier's name as a cell, or NULL. */
struct cell *sbpl_modifier_name(struct scheme *scheme, const char *name);

/* A modifier with the arguments of (with ...), the name first; NULL after an error. */
struct cell *sbpl_modifier(struct scheme *scheme, struct cell *arguments);

/* (apply-message-filter ...) in a rule is a modifier as well. */
struct cell *sbpl_message_filter(struct scheme *scheme);

/* Adds what the modifier means to the rule; false after an error. */
bool sbpl_modify(struct scheme *scheme, struct rule *rule, const struct cell *modifier);

/* False after an error: the modifier is not for rules on the operation. */
bool sbpl_check_modifiers(struct scheme *scheme, const struct rule *rule, enum operation operation);

#endif
