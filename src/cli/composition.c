#include "cli/composition.h"

#include <string.h>

#include "base/message.h"
#include "base/path.h"
#include "cli/protections.h"
#include "profile/parameters.h"
#include "profile/sbpl.h"

static void add_preset(struct arena *arena, const struct preset_path *path, const char *name,
	struct origin origin, const struct request *request, struct preset_use ***end)
{
	const struct fragment *fragment = fragment_require(arena, path, name, origin);

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
	const struct options *options, const char *own, struct request *request)
{
	struct preset_use **end = &request->presets;

	if (own)
		add_preset(arena, path, own, (struct origin){NULL, 0, 0}, request, &end);
	for (const struct preset_name *at = options->preset_names; at; at = at->next)
		add_preset(arena, path, at->name, at->origin, request, &end);
}

static const char *absolute(struct arena *arena, const char *path)
{
	const char *directory = path[0] == '/' ? "/" : path_current(arena);

	if (!directory)
		die_errno("the current directory has no path");
	return path_join(arena, directory, path);
}

/* Those of .sbxrc files, then the command line's own. */
static struct layer *make_layers(struct arena *arena, const struct options *options)
{
	struct layer *first = NULL, **end = &first;

	for (const struct layer *layer = options->rc_layers; layer; layer = layer->next) {
		*end = ARENA_NEW(arena, struct layer);
		**end = (struct layer){layer->accesses, layer->extras, NULL};
		end = &(*end)->next;
	}
	*end = ARENA_NEW(arena, struct layer);
	**end = (struct layer){options->accesses, options->extras, NULL};
	return first;
}

static struct request make_request(struct arena *arena, const struct preset_path *path,
	const struct options *options, const char *own_preset, const char *command)
{
	struct request request = {
		.definitions = options->definitions,
		.allow_all = options->allow_all,
		.dry_run = options->dry_run,
	};

	request.layers = make_layers(arena, options);
	find_presets(arena, path, options, own_preset, &request);
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

void composition_make(struct arena *arena, const struct options *options, const char *own_preset,
	const char *command, struct composition *composition)
{
	struct preset_path path = preset_path(arena);
	struct profile *profile = &composition->profile;

	composition->request = make_request(arena, &path, options, own_preset, command);
	profile_init(profile, path.directories[PRESET_DIRECTORIES - 1]);
	parameters_supply(arena, &composition->request, profile);
	compose(arena, &composition->request, profile);
	struct text text = text_make(arena);

	if (!options->unprotected)
		text = protections_text(arena, &composition->request, &path, options->rc_files);
	if (text.length)
		profile_add_text(profile, arena, "<protections>", text)->alone = true;
	evaluate(arena, composition);
}

void composition_make_bare(
	struct arena *arena, const struct options *options, struct composition *composition)
{
	struct preset_path path = preset_path(arena);
	struct profile *profile = &composition->profile;

	if (options->preset_names || options->accesses || options->allow_all)
		die("--bare takes only what -f, -e and -D give");
	if (!options->extras)
		die("--bare needs a profile (-f FILE or -e TEXT)");
	*composition = (struct composition){.request = {.definitions = options->definitions}};
	profile_init(profile, path.directories[PRESET_DIRECTORIES - 1]);
	for (const struct parameter *at = options->definitions; at; at = at->next)
		profile_set(profile, arena, at->name, at->value);
	for (const struct extra *at = options->extras; at; at = at->next)
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
