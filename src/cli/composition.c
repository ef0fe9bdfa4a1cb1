#include "cli/composition.h"

#include <string.h>

#include "base/file.h"
#include "base/message.h"
#include "base/path.h"
#include "profile/parameters.h"
#include "profile/sbpl.h"

static void add_preset(struct arena *arena, const struct preset_path *path, const char *name,
	const struct request *request, struct preset_use ***end)
{
	const struct fragment *fragment = fragment_require(arena, path, name);

	/* Naming a preset twice, by name or alias, is naming it once. */
	for (const struct preset_use *use = request->presets; use; use = use->next) {
		if (strcmp(use->fragment->name, fragment->name) == 0)
			return;
	}
	struct preset_use *use = ARENA_NEW(arena, struct preset_use);

	use->fragment = fragment;
	**end = use;
	*end = &use->next;
}

static void find_presets(struct arena *arena, const struct preset_path *path,
	const struct options *options, struct request *request)
{
	struct preset_use **end = &request->presets;

	for (const struct preset_name *at = options->preset_names; at; at = at->next)
		add_preset(arena, path, at->name, request, &end);
}

static const struct source *read_text(struct arena *arena, const struct profile_text *from)
{
	struct source *source = ARENA_NEW(arena, struct source);

	if (!from->path) {
		*source = (struct source){"<expr>", from->text, strlen(from->text)};
		return source;
	}
	const struct source *file = file_read(arena, from->path);

	if (!file)
		die_errno("profile %s", from->path);
	return file;
}

static struct extra *read_texts(struct arena *arena, const struct options *options)
{
	struct extra *first = NULL, **end = &first;

	for (const struct profile_text *at = options->texts; at; at = at->next) {
		*end = ARENA_NEW(arena, struct extra);
		(*end)->source = read_text(arena, at);
		end = &(*end)->next;
	}
	return first;
}

static const char *absolute(struct arena *arena, const char *path)
{
	const char *directory = path[0] == '/' ? "/" : path_current(arena);

	if (!directory)
		die_errno("the current directory has no path");
	return path_join(arena, directory, path);
}

static struct request make_request(struct arena *arena, const struct preset_path *path,
	const struct options *options, const char *command)
{
	struct request request = {
		.accesses = options->accesses,
		.extras = read_texts(arena, options),
		.definitions = options->definitions,
		.allow_all = options->allow_all,
		.dry_run = options->dry_run,
	};

	find_presets(arena, path, options, &request);
	if (command)
		request.command = absolute(arena, command);
	return request;
}

static void evaluate(struct arena *arena, struct composition *composition)
{
	struct scheme_error error;

	composition->policy = ARENA_NEW(arena, struct policy);
	if (!sbpl_evaluate(&composition->profile, arena, composition->policy, &error))
		die_at(error.origin, "%s", error.text);
}

void composition_make(struct arena *arena, const struct options *options, const char *command,
	struct composition *composition)
{
	struct preset_path path = preset_path(arena);
	struct profile *profile = &composition->profile;

	composition->request = make_request(arena, &path, options, command);
	profile_init(profile, path.directories[PRESET_DIRECTORIES - 1]);
	parameters_supply(arena, &composition->request, profile);
	compose(arena, &composition->request, profile);
	evaluate(arena, composition);
}

void composition_make_bare(
	struct arena *arena, const struct options *options, struct composition *composition)
{
	struct preset_path path = preset_path(arena);
	struct profile *profile = &composition->profile;

	if (options->preset_names || options->accesses || options->allow_all)
		die("--bare takes only what -f, -e and -D give");
	if (!options->texts)
		die("--bare needs a profile (-f FILE or -e TEXT)");
	*composition = (struct composition){.request = {.definitions = options->definitions}};
	profile_init(profile, path.directories[PRESET_DIRECTORIES - 1]);
	for (const struct parameter *at = options->definitions; at; at = at->next)
		profile_set(profile, arena, at->name, at->value);
	for (const struct extra *at = read_texts(arena, options); at; at = at->next)
		profile_add(profile, arena, PART_PLAIN, at->source);
	evaluate(arena, composition);
}

bool composition_tolerates(const struct profile *profile, const struct gap *gap)
{
	const struct part *part =
		gap->origin.source ? profile_part_of(profile, gap->origin.source) : NULL;

	return part && part->tolerates &&
	       fragment_has_word(part->tolerates, operation_name(gap->operation));
}
