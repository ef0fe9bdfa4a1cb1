#include "cli/environment.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/name.h"
#include "base/path.h"

extern char **environ;

struct variables {
	char **items;
	size_t count;
};

bool environment_matches(
	struct arena *arena, const char *globs, const char *separators, const char *name)
{
	const char *word;
	size_t length;

	while (text_split(&globs, separators, &word, &length)) {
		if (length && fnmatch(arena_copy(arena, word, length), name, 0) == 0)
			return true;
	}
	return false;
}

static bool any_change(struct arena *arena, const struct options *options,
	enum environment_kind kind, const char *name)
{
	for (const struct environment_change *at = options->environment; at; at = at->next) {
		if (at->kind == kind && (!name || environment_matches(arena, at->value, ",", name)))
			return true;
	}
	return false;
}

/* What programs expect of any environment, and what says nothing about the user's accounts. */
static const char base_keeps[] =
	"PATH HOME USER LOGNAME SHELL TERM TERMINFO TERMINFO_DIRS TERM_PROGRAM COLORTERM LS_COLORS"
	" NO_COLOR CLICOLOR CLICOLOR_FORCE FORCE_COLOR COLUMNS LINES LANG LANGUAGE LC_* TZ"
	" PWD OLDPWD SHLVL _ TMPDIR TMPPREFIX XDG_RUNTIME_DIR XDG_CONFIG_HOME XDG_CONFIG_DIRS"
	" XDG_CACHE_HOME XDG_DATA_HOME XDG_DATA_DIRS XDG_STATE_HOME"
	" PAGER EDITOR VISUAL CI SOURCE_DATE_EPOCH SBX_*";

static bool has_base(const struct request *request)
{
	for (const struct preset_use *use = request->presets; use; use = use->next) {
		if (use->fragment->kind == FRAGMENT_BASE)
			return true;
	}
	return false;
}

/* A base keeps few variables, and those that any chosen preset names. */
static bool presets_keep(struct arena *arena, const struct request *request, const char *name)
{
	bool keeps = !has_base(request) || environment_matches(arena, base_keeps, " ", name);

	for (const struct preset_use *use = request->presets; use; use = use->next)
		keeps = keeps || environment_matches(arena, use->fragment->env_keep, " ,\t", name);
	for (const struct preset_use *use = request->presets; use; use = use->next)
		keeps = keeps && !environment_matches(arena, use->fragment->env_drop, " ,\t", name);
	return keeps;
}

static bool is_kept(struct arena *arena, const struct options *options,
	const struct request *request, const char *name)
{
	bool named = any_change(arena, options, ENVIRONMENT_KEEP, name);

	if (any_change(arena, options, ENVIRONMENT_DROP, name))
		return false;
	if (any_change(arena, options, ENVIRONMENT_CLEAR, NULL) ||
		(any_change(arena, options, ENVIRONMENT_KEEP, NULL) && !has_base(request)))
		return named;
	return named || presets_keep(arena, request, name);
}

static bool keeps_all(const struct options *options, const struct request *request)
{
	for (const struct preset_use *use = request->presets; use; use = use->next) {
		if (use->fragment->env_drop[0])
			return false;
	}
	return !options->environment && !has_base(request);
}

static const char *name_of(struct arena *arena, const char *variable)
{
	return arena_copy(arena, variable, strcspn(variable, "="));
}

void environment_print(
	struct text *text, const struct options *options, const struct request *request)
{
	size_t before = text->length;

	if (keeps_all(options, request))
		return;
	for (char **variable = environ; *variable; variable++) {
		const char *name = name_of(text->arena, *variable);

		if (is_kept(text->arena, options, request, name))
			continue;
		text_add(text, text->length == before ? "environment: drops " : " ");
		text_add_visible(text, name, strlen(name));
	}
	if (text->length != before)
		text_add(text, "\n");
}

/* Adds NAME=VALUE in place of an earlier value. */
static void set(struct variables *variables, char *assignment)
{
	size_t length = strcspn(assignment, "=") + 1;

	for (size_t i = 0; i < variables->count; i++) {
		if (strncmp(variables->items[i], assignment, length) == 0) {
			variables->items[i] = assignment;
			return;
		}
	}
	variables->items[variables->count++] = assignment;
}

static char *active_presets(struct arena *arena, const struct request *request)
{
	const char *outer = getenv("SBX_ACTIVE");
	struct text text = text_make(arena);
	const char *comma = outer && outer[0] ? "," : "";

	text_addf(&text, "SBX_ACTIVE=%s", outer ? outer : "");
	if (!request->presets)
		text_addf(&text, "%s" PROGRAM_NAME, comma);
	for (const struct preset_use *use = request->presets; use; use = use->next) {
		if (use->is_included)
			continue;
		text_addf(&text, "%s%s", comma, use->fragment->name);
		comma = ",";
	}
	return text.bytes;
}

static size_t count_changes(const struct options *options)
{
	size_t count = 0;

	for (const struct environment_change *at = options->environment; at; at = at->next)
		count++;
	return count;
}

/* What has a state has its temporary files there, whatever else it may write to. */
static const char *tmpdir_of_state(struct arena *arena, const char *state)
{
	const char *tmpdir = path_join(arena, state, "tmp");

	return access(tmpdir, W_OK) == 0 ? tmpdir : state;
}

char **environment_make(struct arena *arena, const struct options *options,
	const struct request *request, const struct profile *profile)
{
	const char *state = profile_get(profile, "STATE");
	const char *tmpdir =
		state ? tmpdir_of_state(arena, state) : profile_get(profile, "PRIVATE_TMPDIR");
	size_t inherited = 0;

	while (environ[inherited])
		inherited++;
	/* SBX_ACTIVE, SBX_STATE, TMPDIR, TMPPREFIX and the final NULL. */
	struct variables variables = {
		.items = ARENA_ARRAY(arena, char *, inherited + count_changes(options) + 5)};

	bool keeps = keeps_all(options, request);

	for (size_t i = 0; i < inherited; i++) {
		if (keeps || is_kept(arena, options, request, name_of(arena, environ[i])))
			variables.items[variables.count++] = environ[i];
	}
	set(&variables, active_presets(arena, request));
	if (state)
		set(&variables, text_format(arena, "SBX_STATE=%s", state));
	if (tmpdir) {
		set(&variables, text_format(arena, "TMPDIR=%s", tmpdir));
		set(&variables, text_format(arena, "TMPPREFIX=%s/zsh", tmpdir));
	}
	for (const struct environment_change *at = options->environment; at; at = at->next) {
		if (at->kind == ENVIRONMENT_SET)
			set(&variables, arena_copy(arena, at->value, strlen(at->value)));
	}
	return variables.items;
}
