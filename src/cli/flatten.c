/*
 * Invariant: one sandbox in place of two MUST NOT allow what one of the two would refuse: the
 * command's words may come from elsewhere (sbx-python "$@"). It is made only where this follows
 * from the law of composition, that no grant gives back what a restriction takes.
 */
#include "cli/flatten.h"

#include <string.h>

#include "base/file.h"
#include "base/name.h"
#include "base/path.h"
#include "cli/environment.h"

enum { INCLUDES_MAX = 8 };

static const char prefix[] = PROGRAM_NAME "-";

const char *flatten_find(struct arena *arena, const char *name)
{
	struct preset_path path = preset_path(arena);

	if (strchr(name, '/'))
		return NULL;
	if (strcmp(name, PROGRAM_NAME) != 0 &&
		!(text_starts_with(name, prefix) &&
			fragment_find(arena, &path, name + strlen(prefix))))
		return NULL;
	return file_own_executable(arena);
}

/* Under any name but those that make another program of it. */
static bool is_own(struct arena *arena, const char *path, const char *word)
{
	const char *name = path_last(word);

	return strcmp(name, PROGRAM_NAME "ctl") != 0 && strcmp(name, "sandbox-exec") != 0 &&
	       file_is_own_executable(arena, path);
}

/* What may allow more, give another meaning to presets, or accept that something is missing. */
static bool has_more_than_denials(const struct options *options)
{
	for (const struct access *at = options->accesses; at; at = at->next) {
		if (at->action == ACTION_ALLOW)
			return true;
	}
	return options->texts || options->definitions || options->kept_fds || options->best_effort;
}

/* It, and all that it includes, takes away only. */
static bool restricts(
	struct arena *arena, const struct preset_path *path, const char *name, unsigned depth)
{
	const struct fragment *fragment =
		fragment_require(arena, path, name, (struct origin){NULL, 0, 0});
	const char *rest = fragment->includes, *word;
	size_t length;
	bool all = fragment->kind == FRAGMENT_RESTRICT && depth < INCLUDES_MAX;

	while (all && text_split(&rest, " ,\t", &word, &length))
		all = !length || restricts(arena, path, arena_copy(arena, word, length), depth + 1);
	return all;
}

/* Each call to a preset that is not there ends here, as it would later. */
static bool all_restrict(
	struct arena *arena, const struct preset_path *path, const struct preset_name *names)
{
	bool all = true;

	for (; names; names = names->next)
		all = restricts(arena, path, names->name, 0) && all;
	return all;
}

/* -NAME takes away what another preset includes. */
static bool leaves_out(const struct preset_name *names)
{
	while (names && names->name[0] != '-')
		names = names->next;
	return names != NULL;
}

/* The variables that give presets their places. */
static bool is_read_by_sbx(struct arena *arena, const char *globs, const char *separators)
{
	static const char *const names[] = {
		"PATH", "HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "PYENV_VERSION"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (environment_matches(arena, globs, separators, names[i]))
			return true;
	}
	return false;
}

/* Dropping variables is the same at once or one after the other; keeping and setting is not. */
static bool environments_join(struct arena *arena, const struct preset_path *path,
	const struct options *outer, const struct options *inner)
{
	for (const struct environment_change *at = inner->environment; at; at = at->next) {
		if (at->kind == ENVIRONMENT_KEEP)
			return false;
	}
	for (const struct environment_change *at = outer->environment; at; at = at->next) {
		if (at->kind != ENVIRONMENT_DROP || is_read_by_sbx(arena, at->value, ","))
			return false;
	}
	for (const struct preset_name *at = outer->preset_names; at; at = at->next) {
		if (is_read_by_sbx(arena, fragment_find(arena, path, at->name)->env_drop, " ,\t"))
			return false;
	}
	return true;
}

/*
 * Without a preset and --allow-all everything is denied by default, and with one more preset it
 * would not be. Restrictions take from whatever the outer sandbox gives. A grant inside takes the
 * default away, and gives of it what it names: so outside there must be nothing but the default and
 * restrictions.
 */
static bool may_join(struct arena *arena, const struct options *outer, const struct options *inner)
{
	struct preset_path path = preset_path(arena);

	if (inner->help || inner->version || inner->allow_all || !inner->preset_names)
		return false;
	if (inner->no_rc != outer->no_rc || leaves_out(inner->preset_names) ||
		leaves_out(outer->preset_names))
		return false;
	if (!outer->preset_names && !outer->allow_all)
		return false;
	if (has_more_than_denials(outer) || has_more_than_denials(inner))
		return false;
	if (!environments_join(arena, &path, outer, inner))
		return false;
	return all_restrict(arena, &path, inner->preset_names) ||
	       (!outer->allow_all && all_restrict(arena, &path, outer->preset_names));
}

#define APPEND(type, list, more)                                                                   \
	do {                                                                                       \
		type **end = &(list);                                                              \
		while (*end)                                                                       \
			end = &(*end)->next;                                                       \
		*end = (more);                                                                     \
	} while (0)

/* As if those of next had been typed behind the others. What may_join() refuses is not there. */
static void join(struct options *options, const struct options *next)
{
	APPEND(struct preset_name, options->preset_names, next->preset_names);
	APPEND(struct access, options->accesses, next->accesses);
	APPEND(struct environment_change, options->environment, next->environment);
	options->dry_run |= next->dry_run;
	options->quiet |= next->quiet;
	options->verbose |= next->verbose;
	options->command = next->command;
}

bool flatten(struct arena *arena, struct options *options, const char *path)
{
	if (!is_own(arena, path, options->command[0]))
		return false;
	struct options inner = options_parse(arena, options->command);

	if (!may_join(arena, options, &inner))
		return false;
	join(options, &inner);
	return true;
}
