#ifndef CLI_COMPOSITION_H
#define CLI_COMPOSITION_H

#include "cli/options.h"
#include "enforce/enforce.h"
#include "policy/policy.h"
#include "profile/fragment.h"

/* What the options ask for: composed into a profile, evaluated into a policy. */
struct composition {
	struct request request;
	struct profile profile;
	struct policy *policy;
};

/*
 * The composition must not move afterwards. The command (as found) may be NULL. Dies with the
 * reason.
 */
void composition_make(struct arena *arena, const struct options *options, const char *command,
	struct composition *composition);

/* The text of -f and -e alone, with -D, as sandbox-exec has it. Dies with the reason. */
void composition_make_bare(
	struct arena *arena, const struct options *options, struct composition *composition);

/* What -e and -f give, read. Dies with the reason. */
struct extra *composition_read(struct arena *arena, const struct profile_text *texts);

/* What this machine's administrator denies to everyone: /etc/sbx/mandatory.sb, the last part. */
void composition_add_mandatory(struct arena *arena, struct profile *profile, struct policy *policy);

/* True when the preset that asks for it accepts that it is not enforced. */
bool composition_tolerates(const struct profile *profile, const struct gap *gap);

#endif
