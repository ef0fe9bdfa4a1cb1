#include "profile/parameters.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/path.h"
#include "profile/python.h"
#include "profile/tmpdir.h"

static bool is_needed(const struct request *request, const char *name)
{
	for (const struct preset_use *use = request->presets; use; use = use->next) {
		if (fragment_has_word(use->fragment->needs, name))
			return true;
	}
	return false;
}

static void set_path(
	struct arena *arena, struct profile *profile, const char *name, const char *path)
{
	const char *canonical = path && path[0] == '/' ? path_canonical(arena, path) : NULL;

	if (canonical)
		profile_set(profile, arena, name, canonical);
}

static void set_python(struct arena *arena, const struct request *request, struct profile *profile)
{
	struct python python = python_find(arena, request->command, request->interpreter);

	set_path(arena, profile, "PYTHON_PREFIX", python.prefix);
	set_path(arena, profile, "PYTHON_BASE_PREFIX", python.base_prefix);
	set_path(arena, profile, "PYTHON_LAUNCHER",
		python.launcher ? python.launcher : python.prefix);
}

void parameters_supply(struct arena *arena, const struct request *request, struct profile *profile)
{
	const char *directory = path_current(arena);
	const char *tmpdir = getenv("TMPDIR");

	if (!directory)
		die_errno("the current directory has no path");
	profile_set(profile, arena, "CWD", directory);
	set_path(arena, profile, "HOME", getenv("HOME"));
	set_path(arena, profile, "TMPDIR", tmpdir && tmpdir[0] == '/' ? tmpdir : "/tmp");
	profile_set(profile, arena, "UID", text_format(arena, "%u", (unsigned)getuid()));
	set_path(arena, profile, "COMMAND", request->command);
	if (is_needed(request, "XDG_RUNTIME_DIR"))
		set_path(arena, profile, "XDG_RUNTIME_DIR", getenv("XDG_RUNTIME_DIR"));
	if (is_needed(request, "PRIVATE_TMPDIR"))
		profile_set(
			profile, arena, "PRIVATE_TMPDIR", tmpdir_of_project(arena, directory));
	if (is_needed(request, "PYTHON_PREFIX"))
		set_python(arena, request, profile);
	for (const struct parameter *at = request->definitions; at; at = at->next)
		profile_set(profile, arena, at->name, at->value);
}
