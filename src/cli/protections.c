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

bool protections_are_needed(
	struct arena *arena, const struct policy *policy, const struct rc_file *files)
{
	static const enum operation operations[] = {
		OP_FILE_WRITE_DATA, OP_FILE_WRITE_CREATE, OP_FILE_WRITE_UNLINK};
	const char *store = trust_store(arena);
	bool denies = files || (store && access(store, F_OK) == 0), allows = false;

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		struct query query = {.operation = operations[i], .partial = true};
		struct outcomes outcomes = policy_outcomes(policy, &query);

		denies |= outcomes.may_deny;
		allows |= outcomes.may_allow;
	}
	return denies && allows;
}

struct text protections_text(
	struct arena *arena, const struct preset_path *presets, const struct rc_file *files)
{
	struct text text = text_make(arena), parents = text_make(arena);
	const char *store = trust_store(arena);

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
