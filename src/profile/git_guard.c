/*
 * Invariant: whatever decides which program git runs on its own (hooks, core.fsmonitor, filters,
 * ...) for the work tree of the current directory MUST be in the list: it is read by every git
 * status, also by the one in a shell's prompt.
 */
#include "profile/git_guard.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "base/path.h"
#include "base/text.h"
#include "profile/git_config.h"
#include "profile/worktree.h"

enum { ENTRIES_MAX = 4096, INCLUDES_MAX = 10, MODULES_MAX = 8 };

struct guard {
	struct arena *arena;
	struct text names, trees;
	const char *home;
	int entries; /* of directories, that were looked at */
};

/* A configuration file that is being read. */
struct reading {
	struct guard *guard;
	const char *path;
	const char *base;     /* what a relative core.hooksPath is relative to */
	const char *worktree; /* found in it: core.worktree */
	int depth;
};

static void add_line(struct text *list, const char *path)
{
	if (strchr(path, '\n'))
		die("%s: a repository's path must not have a line feed", path);
	text_addf(list, "%s%s", list->length ? "\n" : "", path);
}

/* The path itself, its last part not followed. NULL when its directory cannot be told. */
static const char *own_path(struct arena *arena, const char *path)
{
	const char *parent = path_canonical(arena, path_parent(arena, path));
	const char *name = path_last(path);

	if (!name[0] || text_is(name, ".") || text_is(name, ".."))
		return NULL;
	return parent ? path_join(arena, parent[1] ? parent : "", name) : NULL;
}

/* By which git would find another repository. */
static void add_name(struct guard *guard, const char *directory, const char *name)
{
	const char *path = own_path(guard->arena, path_join(guard->arena, directory, name));

	if (path)
		add_line(&guard->names, path);
}

/* A place, and what stands there if it is a symlink. Devices have nothing to protect. */
static void add(struct guard *guard, const char *path)
{
	const char *own = own_path(guard->arena, path);
	const char *target = path_canonical(guard->arena, path);
	struct stat status;

	if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
		return;
	if (own)
		add_line(&guard->trees, own);
	if (target && (!own || strcmp(target, own) != 0))
		add_line(&guard->trees, target);
}

/* Entries without a dot in front. A directory that nobody could list in time ends the program. */
static struct dirent *next_entry(struct guard *guard, DIR *stream)
{
	struct dirent *entry;

	while (stream && (entry = readdir(stream)) != NULL) {
		if (guard->entries++ >= ENTRIES_MAX)
			die("the repository has too many hooks, submodules and work trees"
			    " (-p -protect-persistence leaves their protection out)");
		if (entry->d_name[0] != '.')
			return entry;
	}
	return NULL;
}

/* Scripts of the work tree are often linked from there. */
static void add_hooks(struct guard *guard, const char *hooks)
{
	DIR *stream = opendir(hooks);
	const struct dirent *entry;
	struct stat status;

	add(guard, hooks);
	while ((entry = next_entry(guard, stream)) != NULL) {
		const char *hook = path_join(guard->arena, hooks, entry->d_name);

		if (lstat(hook, &status) == 0 && S_ISLNK(status.st_mode))
			add(guard, hook);
	}
	if (stream)
		closedir(stream);
}

/* A path in a configuration file: ~/x is below HOME. */
static const char *expand(const struct guard *guard, const char *base, const char *value)
{
	if (value[0] != '~')
		return path_join(guard->arena, base, value);
	return guard->home && value[1] == '/' ? path_join(guard->arena, guard->home, value + 2)
					      : NULL;
}

static void read_config(struct reading *reading);

static void note_setting(void *context, const struct git_setting *setting)
{
	struct reading *reading = context;
	struct guard *guard = reading->guard;
	bool is_core = text_is(setting->section, "core");
	bool is_include = text_starts_with(setting->section, "include");
	const char *path = NULL;

	if (!setting->value[0])
		return;
	if (is_core && text_is(setting->key, "hookspath")) {
		path = expand(guard, reading->base, setting->value);
		if (path)
			add_hooks(guard, path);
	} else if (is_core && text_is(setting->key, "worktree")) {
		reading->worktree = setting->value;
	} else if (is_include && text_is(setting->key, "path")) {
		path = expand(guard, path_parent(guard->arena, reading->path), setting->value);
		struct reading included = {guard, path, reading->base, NULL, reading->depth + 1};

		if (path)
			read_config(&included);
	}
}

static void read_config(struct reading *reading)
{
	add(reading->guard, reading->path);
	if (reading->depth < INCLUDES_MAX) /* git allows as many */
		git_config_read(reading->guard->arena, reading->path, note_setting, reading);
}

/* The work tree that the directory's configuration names, or NULL. */
static const char *add_git_directory(struct guard *guard, const char *directory, const char *top)
{
	static const char *const configs[] = {"config", "config.worktree"};
	const char *worktree = NULL;

	add(guard, path_join(guard->arena, directory, "commondir"));
	add_hooks(guard, path_join(guard->arena, directory, "hooks"));
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		struct reading reading = {guard, path_join(guard->arena, directory, configs[i]),
			top ? top : directory, NULL, 0};

		read_config(&reading);
		if (reading.worktree)
			worktree = path_join(guard->arena, directory, reading.worktree);
	}
	return worktree;
}

/* Submodules are read by a git status above them. Their names may have slashes. */
static void add_modules(struct guard *guard, const char *modules, int depth)
{
	DIR *stream = depth < MODULES_MAX ? opendir(modules) : NULL;
	const struct dirent *entry;

	while ((entry = next_entry(guard, stream)) != NULL) {
		const char *directory = path_join(guard->arena, modules, entry->d_name);

		if (!worktree_is_git_directory(guard->arena, directory)) {
			add_modules(guard, directory, depth + 1);
			continue;
		}
		const char *top = add_git_directory(guard, directory, NULL);

		if (top)
			add_name(guard, top, ".git");
		add_modules(guard, path_join(guard->arena, directory, "modules"), depth + 1);
	}
	if (stream)
		closedir(stream);
}

static void add_worktrees(struct guard *guard, const char *worktrees)
{
	DIR *stream = opendir(worktrees);
	const struct dirent *entry;

	while ((entry = next_entry(guard, stream)) != NULL) {
		const char *directory = path_join(guard->arena, worktrees, entry->d_name);
		const char *git = worktree_line(
			guard->arena, path_join(guard->arena, directory, "gitdir"), "");

		add(guard, path_join(guard->arena, directory, "commondir"));
		add(guard, path_join(guard->arena, directory, "config.worktree"));
		if (git && git[0])
			add(guard, path_join(guard->arena, directory, git));
		add_modules(guard, path_join(guard->arena, directory, "modules"), 0);
	}
	if (stream)
		closedir(stream);
}

/* The user's own may say where hooks are, too. */
static void read_user_config(struct guard *guard, const char *top)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *paths[2] = {NULL, NULL};

	if (guard->home)
		paths[0] = path_join(guard->arena, guard->home, ".gitconfig");
	if (config && config[0] == '/')
		paths[1] = path_join(guard->arena, config, "git/config");
	else if (guard->home)
		paths[1] = path_join(guard->arena, guard->home, ".config/git/config");
	for (size_t i = 0; i < 2; i++) {
		struct reading reading = {guard, paths[i], top, NULL, 0};

		if (paths[i])
			read_config(&reading);
	}
}

static void add_repository(struct guard *guard, const struct worktree *tree)
{
	const char *directories[] = {tree->common, tree->directory};
	size_t count = strcmp(tree->directory, tree->common) != 0 ? 2 : 1;

	for (size_t i = 0; i < count; i++) {
		add_git_directory(guard, directories[i], tree->top);
		const char *modules = path_join(guard->arena, directories[i], "modules");

		/* git takes a submodule's directory that is there already for its own. */
		if (access(modules, F_OK) != 0)
			add_name(guard, directories[i], "modules");
		add_modules(guard, modules, 0);
	}
	add_worktrees(guard, path_join(guard->arena, tree->common, "worktrees"));
}

struct git_guard git_guard(struct arena *arena, const char *directory)
{
	const char *home = getenv("HOME");
	struct guard guard = {.arena = arena, .names = text_make(arena), .trees = text_make(arena)};
	struct worktree tree = {.top = NULL};
	bool is_found = worktree_find(arena, directory, &tree);
	const char *top = is_found && tree.top ? tree.top : directory;

	guard.home = home && home[0] == '/' ? home : NULL;
	add_name(&guard, directory, ".git");
	/* The file without which a directory is no repository by itself. */
	if (!is_found || strcmp(tree.directory, directory) != 0)
		add_name(&guard, directory, "HEAD");
	read_user_config(&guard, top);
	if (tree.top && strcmp(tree.top, directory) != 0)
		add_name(&guard, tree.top, ".git");
	if (is_found)
		add_repository(&guard, &tree);
	return (struct git_guard){guard.names.length ? guard.names.bytes : NULL,
		guard.trees.length ? guard.trees.bytes : NULL};
}
