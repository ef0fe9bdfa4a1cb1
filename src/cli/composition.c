#include "cli/composition.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "cli/protections.h"
#include "profile/parameters.h"
#include "profile/sbpl.h"

/* The presets that are put together. */
struct selection {
	struct arena *arena;
	const struct preset_path *path;
	const struct preset_name *names; /* -NAME: left out where another includes it */
	struct preset_use *first, **end;
};

static struct preset_use *add_preset(
	struct selection *selection, const char *name, struct origin origin);

static bool is_left_out(const struct selection *selection, const struct fragment *fragment)
{
	for (const struct preset_name *at = selection->names; at; at = at->next) {
		if (at->name[0] == '-' &&
			(strcmp(at->name + 1, fragment->name) == 0 ||
				fragment_has_word(fragment->aliases, at->name + 1)))
			return true;
	}
	return false;
}

static void add_included(struct selection *selection, const struct fragment *by)
{
	const char *rest = by->includes, *word;
	size_t length;

	while (text_split(&rest, " ,\t", &word, &length)) {
		if (!length)
			continue;
		const char *name = arena_copy(selection->arena, word, length);
		struct origin origin = {by->source, (uint32_t)0, 1};

		if (!is_left_out(selection,
			    fragment_require(selection->arena, selection->path, name, origin)))
			add_preset(selection, name, origin);
	}
}

/* is_included stays true until somebody names the preset himself. */
static struct preset_use *add_preset(
	struct selection *selection, const char *name, struct origin origin)
{
	const struct fragment *fragment =
		fragment_require(selection->arena, selection->path, name, origin);

	/* Naming a preset twice, by name or alias, is naming it once. */
	for (struct preset_use *use = selection->first; use; use = use->next) {
		if (strcmp(use->fragment->name, fragment->name) == 0)
			return use;
	}
	struct preset_use *use = ARENA_NEW(selection->arena, struct preset_use);

	use->fragment = fragment;
	use->is_included = true;
	*selection->end = use;
	selection->end = &use->next;
	add_included(selection, fragment);
	return use;
}

static void find_presets(struct arena *arena, const struct preset_path *path,
	const struct options *options, struct request *request)
{
	struct selection selection = {.arena = arena, .path = path, .names = options->preset_names};

	selection.end = &selection.first;
	for (const struct preset_name *at = options->preset_names; at; at = at->next) {
		if (at->name[0] == '-') /* a misspelt one must not be left in force in silence */
			fragment_require(arena, path, at->name + 1, at->origin);
		else
			add_preset(&selection, at->name, at->origin)->is_included = false;
	}
	request->presets = selection.first;
}

static const struct source *read_text(struct arena *arena, const struct profile_text *from)
{
	struct source *source = ARENA_NEW(arena, struct source);

	if (from->source)
		return from->source;
	if (!from->path) {
		*source = (struct source){.name = "<expr>",
			.text = from->text,
			.length = strlen(from->text),
			.importer = from->origin.source ? &from->origin : NULL,
			.confined = from->origin.source != NULL};
		return source;
	}
	const struct source *file = file_read(arena, from->path);

	if (!file)
		die_errno("profile %s", from->path);
	return file;
}

struct extra *composition_read(struct arena *arena, const struct profile_text *texts)
{
	struct extra *first = NULL, **end = &first;

	for (const struct profile_text *at = texts; at; at = at->next) {
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
	**end = (struct layer){options->accesses, composition_read(arena, options->texts), NULL};
	return first;
}

static struct request make_request(struct arena *arena, const struct preset_path *path,
	const struct options *options, const char *command)
{
	struct request request = {
		.definitions = options->definitions,
		.allow_all = options->allow_all,
		.dry_run = options->dry_run,
		.words = options->command,
	};

	request.layers = make_layers(arena, options);
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

static void append(struct arena *arena, struct profile *profile, struct policy *policy,
	const struct part *part)
{
	struct scheme_error error;

	if (!sbpl_append(profile, part, arena, policy, &error))
		die_at(error.origin, "%s", error.text);
}

static void protect(struct arena *arena, struct composition *composition,
	const struct preset_path *path, const struct rc_file *files)
{
	if (!protections_are_needed(arena, composition->policy, files))
		return;
	struct text text = protections_text(arena, path, files);

	append(arena, &composition->profile, composition->policy,
		profile_add_text(&composition->profile, arena, "<protections>", text));
}

/*
 * Its parameters are its own: -D MUST NOT make it speak of other places. A back end that takes the
 * text gets the values as well.
 */
static void append_mandatory(struct arena *arena, struct profile *profile, struct policy *policy,
	const struct source *source)
{
	struct request *request = ARENA_NEW(arena, struct request);
	struct profile *own = ARENA_NEW(arena, struct profile);

	request->dry_run = true;
	profile_init(own, profile->library);
	parameters_supply(arena, request, own);
	append(arena, own, policy, profile_add(profile, arena, PART_MANDATORY, source));
	for (const struct parameter *at = own->parameters; at; at = at->next) {
		if (!profile_get(profile, at->name))
			profile_set(profile, arena, at->name, at->value);
	}
}

void composition_add_mandatory(struct arena *arena, struct profile *profile, struct policy *policy)
{
	static const char path[] = "/etc/" PROGRAM_NAME "/mandatory.sb";
	const struct source *source = file_read(arena, path);

	if (source)
		append_mandatory(arena, profile, policy, source);
	else if (errno != ENOENT && errno != ENOTDIR)
		die_errno("%s", path);
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
	if (!options->unprotected)
		protect(arena, composition, &path, options->rc_files);
	composition_add_mandatory(arena, profile, composition->policy);
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
	for (const struct extra *at = composition_read(arena, options->texts); at; at = at->next)
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
