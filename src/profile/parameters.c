#include "profile/parameters.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/message.h"
#include "base/path.h"
#include "profile/git_guard.h"
#include "profile/python.h"
#include "profile/server.h"
#include "profile/tmpdir.h"
#include "profile/worktree.h"

static const char *canonical(struct arena *arena, const char *path)
{
	return path && path[0] == '/' ? path_canonical(arena, path) : NULL;
}

static const char *current_directory(struct arena *arena)
{
	const char *directory = path_current(arena);

	if (!directory)
		die_errno("the current directory has no path");
	return directory;
}

static const char *system_name(struct arena *arena)
{
	struct utsname names;

	if (uname(&names) != 0)
		die_errno("the system has no name");
	return arena_copy(arena, names.sysname, strlen(names.sysname));
}

/* One search finds all three. */
static const char *supply_python(struct arena *arena, struct profile *profile,
	const struct request *request, const char *name)
{
	struct python python = python_find(arena, request->command);

	profile_set(profile, arena, "PYTHON_PREFIX", python.prefix);
	profile_set(profile, arena, "PYTHON_BASE_PREFIX", python.base_prefix);
	profile_set(profile, arena, "PYTHON_LAUNCHER",
		python.launcher ? python.launcher : python.prefix);
	return profile_get(profile, name);
}

/* One search finds all of them; a launcher and a package need not be there. */
static const char *supply_server(struct arena *arena, struct profile *profile,
	const struct request *request, const char *name)
{
	static char *const nothing[] = {NULL};

	if (!request->command)
		return strcmp(name, "RUNTIME_LAUNCHER") == 0 || strcmp(name, "PACKAGE") == 0
			       ? NULL
			       : text_format(arena, "/%s", name);
	struct server server =
		server_find(arena, request->command, request->words ? request->words : nothing);
	const char *values[][2] = {{"RUNTIME", server.runtime}, {"RUNTIME_PREFIX", server.prefix},
		{"RUNTIME_BASE_PREFIX", server.base_prefix}, {"RUNTIME_LAUNCHER", server.launcher},
		{"PACKAGE", server.package}};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i][1] && !profile_get(profile, values[i][0]))
			profile_set(profile, arena, values[i][0], values[i][1]);
	}
	return profile_get(profile, name);
}

static void set(struct profile *profile, struct arena *arena, const char *name, const char *value)
{
	if (value)
		profile_set(profile, arena, name, value);
}

/*
 * The directories are for presets to grant: only what the repository itself confirms, and nothing
 * that the current directory lies in.
 */
static const char *supply_git(struct arena *arena, struct profile *profile, const char *name)
{
	const char *directory = profile_parameter(profile, arena, "CWD");
	size_t length = strlen(directory);
	struct worktree tree;

	if (text_is(name, "GIT_NAMES") || text_is(name, "GIT_TREES")) {
		struct git_guard guard = git_guard(arena, directory);

		set(profile, arena, "GIT_NAMES", guard.names);
		set(profile, arena, "GIT_TREES", guard.trees);
		return profile_get(profile, name);
	}
	if (!worktree_find(arena, directory, &tree))
		return NULL;
	set(profile, arena, "GIT_WORK_TREE", tree.top);
	if (tree.is_mutual &&
		!path_is_within(directory, length, tree.directory, strlen(tree.directory)) &&
		!path_is_within(directory, length, tree.common, strlen(tree.common))) {
		set(profile, arena, "GIT_DIR", tree.directory);
		set(profile, arena, "GIT_COMMON_DIR", tree.common);
	}
	return profile_get(profile, name);
}

static const char *supply_state(
	struct arena *arena, struct profile *profile, const struct request *request)
{
	const char *package = profile_parameter(profile, arena, "PACKAGE");
	const char *owner = package ? package : request->command ? request->command : "/COMMAND";

	return server_state(arena, owner, !request->dry_run);
}

/* The environment says where these are; presets know where they are otherwise. */
static const char *supply_place(struct arena *arena, const char *name)
{
	static const char *const names[] = {"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
		"XDG_DATA_HOME", "SSH_AUTH_SOCK", "XAUTHORITY", "CARGO_HOME", "GOPATH", "GOCACHE",
		"GOMODCACHE", "GRADLE_USER_HOME", "CCACHE_DIR", "PIP_CACHE_DIR",
		"npm_config_cache"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (text_is(names[i], name))
			return canonical(arena, getenv(name));
	}
	return NULL;
}

static const char *supply(struct profile *profile, struct arena *arena, const char *name)
{
	const struct request *request = profile->supply_from;
	const char *tmpdir = getenv("TMPDIR");

	if (strcmp(name, "CWD") == 0)
		return current_directory(arena);
	if (strcmp(name, "HOME") == 0)
		return canonical(arena, getenv("HOME"));
	if (strcmp(name, "TMPDIR") == 0)
		return canonical(arena, tmpdir && tmpdir[0] == '/' ? tmpdir : "/tmp");
	if (strcmp(name, "UID") == 0)
		return text_format(arena, "%u", (unsigned)getuid());
	if (strcmp(name, "SYSTEM") == 0)
		return system_name(arena);
	if (strcmp(name, "COMMAND") == 0)
		return request->command ? canonical(arena, request->command) : "/COMMAND";
	if (strcmp(name, "PRIVATE_TMPDIR") == 0)
		return tmpdir_of_project(
			arena, profile_parameter(profile, arena, "CWD"), !request->dry_run);
	if (text_starts_with(name, "PYTHON_"))
		return supply_python(arena, profile, request, name);
	if (text_starts_with(name, "RUNTIME") || strcmp(name, "PACKAGE") == 0)
		return supply_server(arena, profile, request, name);
	if (strcmp(name, "STATE") == 0)
		return supply_state(arena, profile, request);
	if (text_starts_with(name, "GIT_"))
		return supply_git(arena, profile, name);
	return supply_place(arena, name);
}

void parameters_supply(struct arena *arena, const struct request *request, struct profile *profile)
{
	profile->supply = supply;
	profile->supply_from = request;
	profile->supplied =
		"CWD HOME TMPDIR UID XDG_RUNTIME_DIR COMMAND PRIVATE_TMPDIR"
		" PYTHON_PREFIX PYTHON_BASE_PREFIX PYTHON_LAUNCHER"
		" RUNTIME RUNTIME_PREFIX RUNTIME_BASE_PREFIX RUNTIME_LAUNCHER PACKAGE STATE"
		" GIT_DIR GIT_COMMON_DIR GIT_WORK_TREE GIT_NAMES GIT_TREES"
		" XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME SSH_AUTH_SOCK XAUTHORITY"
		" CARGO_HOME GOPATH GOCACHE GOMODCACHE GRADLE_USER_HOME CCACHE_DIR"
		" PIP_CACHE_DIR npm_config_cache";
	for (const struct parameter *at = request->definitions; at; at = at->next)
		profile_set(profile, arena, at->name, at->value);
}
