/* sbxctl check: are these profiles valid, what do they say, and what comes of it on this host? */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "cli/check.h"
#include "base/name.h"
#include "cli/ctl.h"
#include "profile/fragment.h"
#include "profile/parameters.h"
#include "profile/sbpl.h"

struct checking {
	struct arena *arena;
	const struct options *options;
	struct preset_path path;
	const struct host *host;
};

/* A preset has no beginning of its own: what comes before it when it is used alone. */
static const char *beginning(const struct source *source, enum part_kind *kind)
{
	static const struct {
		const char *header;
		enum part_kind kind;
		const char *beginning;
	} kinds[] = {
		{";; kind: restrict", PART_RESTRICT, "(version 1)\n(allow default)\n"},
		{";; kind: grant", PART_GRANT,
			"(version 1)\n(deny default)\n(import \"system.sb\")\n"},
		{";; kind: base", PART_GRANT,
			"(version 1)\n(deny default)\n(import \"system.sb\")\n"},
	};
	const char *rest = source->text;
	const char *line;
	size_t length;

	while (text_split(&rest, "\n", &line, &length) && length && line[0] == ';') {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (length == strlen(kinds[i].header) &&
				memcmp(line, kinds[i].header, length) == 0) {
				*kind = kinds[i].kind;
				return kinds[i].beginning;
			}
		}
	}
	*kind = PART_PLAIN;
	/* What is made to be imported leaves the version to the importer. */
	return text_starts_with(source->text, ";; summary:") ? "(version 1)\n(deny default)\n"
							     : NULL;
}

/* The profile of a preset gets sbx's parameters; any other only what -D says, as with sandbox-exec.
 */
static void add_parts(const struct checking *checking, struct checked *checked,
	struct request *request, struct profile *profile)
{
	struct arena *arena = checking->arena;
	enum part_kind kind;
	const char *text = beginning(checked->source, &kind);

	*request = (struct request){.definitions = checking->options->definitions, .dry_run = true};
	if (text) {
		struct text begin = text_make(arena);

		text_add(&begin, text);
		profile_add_text(profile, arena, "<defaults>", begin);
		parameters_supply(arena, request, profile);
	}
	for (const struct parameter *at = request->definitions; at; at = at->next)
		profile_set(profile, arena, at->name, at->value);
	profile_add(profile, arena, kind, checked->source);
}

/* Only what the file itself says, not what it imports. */
static bool is_own(const struct checked *checked, const struct rule *rule)
{
	return rule && rule->origin.source == checked->source;
}

static struct advice *own_advice(const struct checked *checked, struct advice *advice)
{
	struct advice *first = NULL, **end = &first;

	for (; advice; advice = advice->next) {
		if (!is_own(checked, advice->rule))
			continue;
		*end = advice;
		end = &advice->next;
	}
	*end = NULL;
	return first;
}

static void evaluate(const struct checking *checking, struct checked *checked)
{
	struct arena *arena = checking->arena;
	struct request *request = ARENA_NEW(arena, struct request);
	struct profile *profile = ARENA_NEW(arena, struct profile);

	checked->policy = ARENA_NEW(arena, struct policy);
	checked->policy->history = ARENA_NEW(arena, struct history);
	profile_init(profile, checking->path.directories[PRESET_DIRECTORIES - 1]);
	add_parts(checking, checked, request, profile);
	checked->valid = sbpl_evaluate(profile, arena, checked->policy, &checked->error);
	if (!checked->valid)
		return;
	checked->advice = own_advice(checked, advise(arena, checked->policy));
	checked->plan = plan_make(arena, checked->policy, checking->host, NULL);
}

static struct checked *check_file(const struct checking *checking, const char *name)
{
	struct checked *checked = ARENA_NEW(checking->arena, struct checked);

	checked->name = name;
	checked->source = file_read(checking->arena, name);
	if (checked->source)
		evaluate(checking, checked);
	else
		checked->error.text = strerror(errno);
	return checked;
}

static void report(const struct checked *checked)
{
	if (!checked->source)
		warn("%s: %s", checked->name, checked->error.text);
	else if (!checked->valid && checked->error.origin.source)
		warn_at(checked->error.origin, "%s", checked->error.text);
	else if (!checked->valid)
		warn("%s: %s", checked->name, checked->error.text);
	for (const struct advice *at = checked->advice; at; at = at->next) {
		if (at->other && at->other->origin.source == at->rule->origin.source)
			warn_at(at->rule->origin, "warning: %s (line %u)", at->text,
				origin_position(at->other->origin).line);
		else
			warn_at(at->rule->origin, "warning: %s", at->text);
	}
}

_Noreturn void ctl_check(struct arena *arena, struct options *options)
{
	struct checking checking = {arena, options, preset_path(arena), host_probe(arena)};
	struct text text = text_make(arena);
	struct json json = json_make(&text);
	enum ctl_status status = CTL_YES;

	if (!options->command[0])
		die("check needs a FILE (" PROGRAM_NAME "ctl check --help)");
	if (options->json)
		json_array(&json, NULL);
	for (char **name = options->command; *name; name++) {
		struct checked *checked = check_file(&checking, *name);
		bool is_clean = !checked->advice && (!checked->plan || !plan_gaps(checked->plan));

		if (!checked->valid)
			status = CTL_ERROR;
		else if (options->strict && !is_clean && status == CTL_YES)
			status = CTL_NO;
		if (options->json) {
			check_json(&json, arena, checked);
			continue;
		}
		report(checked);
		check_print(&text, checked);
	}
	if (options->json) {
		json_end_array(&json);
		text_add(&text, "\n");
	}
	print(&text);
	_exit((int)status);
}
