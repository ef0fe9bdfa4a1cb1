#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "enforce/doctor.h"
#include "profile/fragment.h"

/* What sbxctl doctor found. */

enum finding_state { FINDING_MISSING = 0, FINDING_OK, FINDING_NOT_APPLICABLE };

struct finding {
	const struct protection *protection; /* NULL: about a preset */
	const struct fragment *preset;
	enum finding_state state;
	const char *mechanism; /* "" for presets */
	const char *text;      /* what happened, when that is not all that it should; else "" */
	const char *advice;    /* or NULL */
	struct finding *next;
};

/* What is no matter of enforcement and should be known all the same. */
struct warning {
	const char *text;
	struct warning *next;
};

struct diagnosis {
	const struct fact *facts;
	const struct warning *warnings;
	const struct finding *findings;
	bool is_complete; /* nothing is missing that a preset needs */
};

/* Tries it in a child. */
struct finding *doctor_try(struct arena *arena, const struct host *host, const struct stage *stage,
	const struct protection *protection);

/* Enters the sandbox of the preset alone in a child; some cannot be composed everywhere. */
struct finding *doctor_try_preset(struct arena *arena, const struct fragment *preset);

void doctor_print(struct text *text, const struct diagnosis *diagnosis);
void doctor_json(struct text *text, const struct diagnosis *diagnosis);

#endif
