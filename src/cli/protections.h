#ifndef CLI_PROTECTIONS_H
#define CLI_PROTECTIONS_H

#include "policy/policy.h"
#include "profile/fragment.h"

struct rc_file;

/*
 * What no sandbox may change, whatever its policy allows: what is trusted, sbx's own configuration
 * and presets, and the .sbxrc files in force, be they there or not.
 */
struct text protections_text(
	struct arena *arena, const struct preset_path *presets, const struct rc_file *files);

/*
 * False where a policy stops no write anyway, so that the user's programs can be changed as well,
 * as long as nothing is trusted and no .sbxrc is in force; and where it lets nothing be written.
 */
bool protections_are_needed(
	struct arena *arena, const struct policy *policy, const struct rc_file *files);

#endif
