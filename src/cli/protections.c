#include "cli/protections.h"

#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "cli/rc_find.h"
#include "cli/trust.h"
#include "profile/profile.h"

/* On each leaf, so that no rule on a more specific operation outranks them. */
static const char writes[] =
	"file-write* file-write-data file-write-create file-write-unlink file-write-mode"
	" file-write-owner file-write-flags file-write-times file-write-acl file-write-xattr"
	" file-write-finderinfo file-mknod";

static void add_filter(struct text *text, const char *filter, const char *path)
{
	text_addf(text, " (%s ", filter);
	profile_quote(text, path);
	text_add(text, ")");
}

/* The directories above, which could be given another name with all that is in them. */
static void add_parents(struct arena *arena, struct text *text, const char *path)
{
	while (path[1]) {
		path = path_parent(arena, path);
		if (path[1])
			add_filter(text, "literal", path);
	}
}

static bool mentions_writes(const struct source *source)
{
	return strstr(source->text, "file-write") != NULL;
}

/* Whether any rule could stop a write: else it is the one of a sandbox that leaves files alone. */
static bool restricts_writes(const struct request *request)
{
	bool restricts = !request->presets && !request->allow_all;

	for (const struct preset_use *use = request->presets; use; use = use->next) {
		if (use->fragment->kind != FRAGMENT_RESTRICT)
			restricts = !request->allow_all;
		restricts |= mentions_writes(use->fragment->source);
	}
	for (const struct layer *layer = request->layers; layer; layer = layer->next) {
		for (const struct access *at = layer->accesses; at; at = at->next)
			restricts |= at->action == ACTION_DENY &&
				     text_starts_with(at->operation, "file");
		for (const struct extra *at = layer->extras; at; at = at->next)
			restricts |= mentions_writes(at->source);
	}
	return restricts;
}

struct text protections_text(struct arena *arena, const struct request *request,
	const struct preset_path *presets, const struct rc_file *files)
{
	struct text text = text_make(arena), parents = text_make(arena);
	const char *store = trust_store(arena);

	if (!files && !(store && access(store, F_OK) == 0) && !restricts_writes(request))
		return text;
	store = store ? path_canonical(arena, store) : NULL;
	text_addf(&text, "(deny %s", writes);
	text_add(&parents, "(deny file-write-create file-write-unlink");
	if (store) {
		add_filter(&text, "subpath", store);
		add_parents(arena, &parents, store);
	}
	for (int i = 0; i < PRESET_DIRECTORIES; i++) {
		const char *directory = presets->directories[i];
		const char *canonical = directory ? path_canonical(arena, directory) : NULL;

		if (!canonical)
			continue;
		/* The user's and the system's stand in a directory of sbx's own. */
		if (strcmp(path_last(canonical), "presets") == 0)
			canonical = path_parent(arena, canonical);
		add_filter(&text, "subpath", canonical);
		add_parents(arena, &parents, canonical);
	}
	for (; files; files = files->next) {
		if (!files->copies)
			continue;
		add_filter(&text, "literal", files->path);
		add_parents(arena, &parents, files->path);
	}
	text_addf(&text, ")\n%s)\n", parents.bytes);
	return text;
}
