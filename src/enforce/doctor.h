#ifndef ENFORCE_DOCTOR_H
#define ENFORCE_DOCTOR_H

#include <stdbool.h>

#include "base/arena.h"
#include "enforce/enforce.h"

/*
 * For sbxctl doctor: what a sandbox protects from, and how each protection is put to the test on
 * this host. The profile of a protection gets parameters: ALLOWED and DENIED are directories,
 * ALLOWED_PORT and DENIED_PORT are ports of this host.
 */

enum side { SIDE_ALLOWED, SIDE_DENIED, SIDES };

/* The place of all trials. What this host or its sandbox does not let be made is missing there. */
struct stage {
	struct arena *arena;
	const char *top, *directories[SIDES]; /* canonical paths */
	unsigned ports[SIDES];                /* where somebody listens; 0: nobody does */
	int bystander;                        /* a process that is in no sandbox of the trial's */
};

/* Does what the profile allows or denies. Returns 0 or errno; more than once in a process. */
typedef int attempt_function(const struct stage *stage, enum side side);

struct protection {
	const char *group, *name;
	const char *mechanism;
	const char *profile, *outer; /* texts; outer (or NULL) is the sandbox around the sandbox */
	const char *lost;            /* when it isn't kept */
	attempt_function *attempt;
	/* What both attempts work on, before the sandbox is there; returns 0 or errno. May be NULL.
	 */
	int (*prepare)(const struct stage *stage);
	enum operation operation; /* whose mechanism the plan tells; OP_DEFAULT: as above */
	bool is_extra;            /* no preset depends on it */
};

/* Ended by an entry without name. */
extern const struct protection protections[];

/* Makes the place, below the directory. Dies when that fails. */
void stage_make(struct arena *arena, const char *directory, struct stage *stage);
void stage_remove(const struct stage *stage);

/* What to do about a protection that this host does not keep; NULL: nothing that is known. */
const char *protection_advice(
	struct arena *arena, const struct host *host, const struct protection *protection);

/* What the host is like. */
struct fact {
	const char *name, *value;
	struct fact *next;
};

const struct fact *host_facts(struct arena *arena, const struct host *host);

#endif
