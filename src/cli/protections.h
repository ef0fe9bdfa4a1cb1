#ifndef CLI_PROTECTIONS_H
#define CLI_PROTECTIONS_H

#include "profile/compose.h"

struct rc_file;

/*
 * What no sandbox may change, whatever its policy allows: what is trusted, sbx's own configuration
 * and presets, and the .sbxrc files in force, be they there or not. NULL where the policy cannot
 * meet them: when files may be written everywhere, nothing is trusted so far and no .sbxrc is in
 * force.
 */
struct text protections_text(struct arena *arena, const struct request *request,
	const struct preset_path *presets, const struct rc_file *files);

#endif
