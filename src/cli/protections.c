#include "cli/protections.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "cli/rc_find.h"
#include "cli/trust.h"
#include "profile/profile.h"

enum { LINKS_MAX = 40 }; /* as in the kernel */

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

/*
 * Every name on the way, the path's own included: what stands there could be given another name
 * with all that is in it. A symbolic link is one of them, and so is what it leads over.
 */
static void add_way(struct arena *arena, struct text *text, const char *path)
{
	char target[PATH_MAX];
	const char *at = "/", *rest = path;

	for (unsigned links = 0; *rest;) {
		size_t length = strcspn(rest, "/");
		const char *name = arena_copy(arena, rest, length);

		rest += length + (rest[length] == '/');
		if (!length || strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			at = path_parent(arena, at);
			continue;
		}
		const char *entry = path_join(arena, at, name);
		ssize_t size = readlink(entry, target, sizeof(target) - 1);

		add_filter(text, "literal", entry);
		if (size <= 0 || ++links > LINKS_MAX) {
			at = entry;
			continue;
		}
		target[size] = '\0';
		at = target[0] == '/' ? "/" : at;
		rest = text_format(arena, "%s/%s", target, rest);
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

	text_addf(&text, "(deny %s", writes);
	text_add(&parents, "(deny file-write-create file-write-unlink");
	if (store) {
		const char *canonical = path_canonical(arena, store);

		add_filter(&text, "subpath", canonical ? canonical : store);
		add_way(arena, &parents, store);
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
		add_way(arena, &parents, directory);
	}
	for (; files; files = files->next) {
		if (!files->copies)
			continue;
		add_filter(&text, "literal", files->path);
		add_way(arena, &parents, files->directory);
	}
	text_addf(&text, ")\n%s)\n", parents.bytes);
	return text;
}
