#ifndef PROFILE_COMPOSE_H
#define PROFILE_COMPOSE_H

#include "policy/operation.h"
#include "profile/fragment.h"
#include "profile/profile.h"

/* What the user asked for, and the profile that says it in SBPL (DESIGN.md section 3). */

/* One of --allow-OP, --deny-OP, --allow-OP-all, --deny-OP-all. */
struct access {
	enum action action;
	const char *operation; /* OP */
	const char *list;      /* comma-separated paths or HOST:PORT; NULL: all */
	struct origin origin;  /* in an .sbxrc, or nowhere */
	struct access *next;
};

struct extra {
	const struct source *source; /* of -e or -f */
	struct extra *next;
};

/* What one .sbxrc says, or the command line: a later layer may override an earlier one. */
struct layer {
	struct access *accesses;
	struct extra *extras;
	struct layer *next;
};

struct preset_use {
	const struct fragment *fragment;
	bool is_included; /* by another preset, and not named */
	struct preset_use *next;
};

struct request {
	struct preset_use *presets;
	struct layer *layers;
	struct parameter *definitions; /* -D */
	bool allow_all, dry_run;
	const char *command; /* as found: absolute, not resolved; NULL with --dry-run alone */
	char *const *words;  /* the command line, or NULL */
};

/* The operations that options speak of, ended by NULL: "file", "file-read", ... */
extern const char *const access_operations[];

/* True when nothing at all was said about what the command may do. */
bool request_is_empty(const struct request *request);

/* Adds the texts in the order that makes restrictions hold. Dies on a bad list. */
void compose(struct arena *arena, const struct request *request, struct profile *profile);

/* The whole text, for reading: each part below its name. */
void compose_print(struct text *text, const struct profile *profile);

/* The texts alone, for what evaluates them anew. Dies on a NUL, which would cut them short. */
const char *compose_text(struct arena *arena, const struct profile *profile);

/* The parameters that were set or asked for so far: KEY=VALUE, ended by NULL. */
const char *const *compose_parameters(struct arena *arena, const struct profile *profile);

#endif
