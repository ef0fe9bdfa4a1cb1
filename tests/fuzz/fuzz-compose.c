/*
 * Whatever options, parameters and presets say, the composed profile holds no other rules than they
 * ask for: a path given to an option is one string in it, with all its bytes.
 *
 * An input is a sequence of parts; each begins with a line "--- KIND [NAME]", the rest is its body:
 * allow OP, deny OP (body: the list), all OP, preset, expr, param NAME, command, allow-all.
 */
#include "harness.h"

#include <string.h>

#include "base/message.h"
#include "base/path.h"
#include "profile/compose.h"
#include "profile/sbpl.h"
#include "scheme/reader.h"

enum { PARTS_MAX = 32, STRING_MAX = 1023 };

struct input {
	struct arena *arena;
	struct request request;
	struct layer layer;
	struct preset_path path;
	unsigned presets;
};

static const char system_text[] = "(allow file-read* (subpath \"/usr/lib\"))\n";

/* What is quoted and read again is the same string. */
static void check_quote(struct arena *arena, const char *string)
{
	struct scheme *scheme = ARENA_NEW(arena, struct scheme);
	struct text text = text_make(arena);

	profile_quote(&text, string);
	struct source source = {"quoted", text.bytes, text.length};
	struct reader reader = {.scheme = scheme, .source = &source};

	scheme_init(scheme, arena, NULL);
	const struct cell *cell = reader_next(&reader);

	if (strlen(string) > STRING_MAX) {
		FUZZ_CHECK(!cell);
		return;
	}
	FUZZ_CHECK(cell && cell->type == CELL_STRING);
	FUZZ_CHECK(cell->string.length == strlen(string));
	FUZZ_CHECK(memcmp(cell->string.bytes, string, cell->string.length) == 0);
	FUZZ_CHECK(!reader_next(&reader) && !scheme->error.text);
}

static const char *access_operation(const char *name)
{
	size_t i = 0;

	while (access_operations[i] && strcmp(access_operations[i], name) != 0)
		i++;
	return access_operations[i];
}

static void add_access(
	struct input *input, enum action action, const char *operation, const char *list)
{
	struct access *access = ARENA_NEW(input->arena, struct access);
	struct access **end = &input->layer.accesses;

	if (!operation)
		return;
	*access = (struct access){.action = action, .operation = operation, .list = list};
	while (*end)
		end = &(*end)->next;
	*end = access;
}

static void add_preset(struct input *input, const char *body, size_t length)
{
	const char *name = text_format(input->arena, "p%u", input->presets++);
	struct preset_use *use = ARENA_NEW(input->arena, struct preset_use);

	fuzz_add_file(text_format(input->arena, "/presets/%s.sb", name), body, length);
	use->fragment = fragment_find(input->arena, &input->path, name);
	if (!use->fragment)
		return; /* without a kind it is a library */
	use->next = input->request.presets;
	input->request.presets = use;
}

static void add_expr(struct input *input, const char *body, size_t length)
{
	struct source *source = ARENA_NEW(input->arena, struct source);
	struct extra *extra = ARENA_NEW(input->arena, struct extra);

	*source = (struct source){"<expr>", body, length};
	*extra = (struct extra){source, input->layer.extras};
	input->layer.extras = extra;
}

static void add_param(struct input *input, const char *name, const char *value)
{
	struct parameter *parameter = ARENA_NEW(input->arena, struct parameter);

	*parameter = (struct parameter){name, value, input->request.definitions};
	input->request.definitions = parameter;
}

static void add_part(struct input *input, const char *head, const char *body, size_t length)
{
	const char *space = strchr(head, ' ');
	const char *name = space ? space + 1 : "";

	if (text_starts_with(head, "allow "))
		add_access(input, ACTION_ALLOW, access_operation(name), body);
	else if (text_starts_with(head, "deny "))
		add_access(input, ACTION_DENY, access_operation(name), body);
	else if (text_starts_with(head, "all "))
		add_access(input, ACTION_ALLOW, access_operation(name), NULL);
	else if (text_starts_with(head, "preset"))
		add_preset(input, body, length);
	else if (text_starts_with(head, "expr"))
		add_expr(input, body, length);
	else if (text_starts_with(head, "param "))
		add_param(input, name, body);
	else if (text_starts_with(head, "command"))
		input->request.command = body;
	else if (text_starts_with(head, "allow-all"))
		input->request.allow_all = true;
}

/* Cuts the input at "\n--- ", and each part at the end of its first line. */
static void split(struct input *input, const char *bytes, size_t length)
{
	static const char mark[] = "\n--- ";
	const char *end = bytes + length;

	for (int parts = 0; parts < PARTS_MAX && bytes < end; parts++) {
		const char *next = memmem(bytes, (size_t)(end - bytes), mark, sizeof(mark) - 1);
		const char *stop = next ? next : end;
		const char *line = memchr(bytes, '\n', (size_t)(stop - bytes));
		const char *body = line ? line + 1 : stop;
		size_t skip = bytes + 4 <= stop && memcmp(bytes, "--- ", 4) == 0 ? 4 : 0;
		const char *head = arena_copy(
			input->arena, bytes + skip, (size_t)((line ? line : stop) - bytes) - skip);
		const char *copy = arena_copy(input->arena, body, (size_t)(stop - body));

		check_quote(input->arena, copy);
		add_part(input, head, copy, (size_t)(stop - body));
		bytes = next ? next + 1 : end;
	}
}

static bool is_asked_for(const struct input *input, const char *text)
{
	const struct access *access = input->layer.accesses;
	const char *word;
	size_t length;

	for (; access; access = access->next) {
		const char *rest = access->list ? access->list : "/";

		while (text_split(&rest, ",", &word, &length)) {
			const char *path = path_canonical(
				input->arena, arena_copy(input->arena, word, length));

			if (path && strcmp(path, text) == 0)
				return true;
		}
	}
	return false;
}

static void check_filter(const struct input *input, const struct filter *filter)
{
	if (filter->kind == FILTER_TEXT)
		FUZZ_CHECK(is_asked_for(input, filter->text.bytes));
	if (filter->kind != FILTER_ALL && filter->kind != FILTER_ANY && filter->kind != FILTER_NOT)
		return;
	for (size_t i = 0; i < filter->group.count; i++)
		check_filter(input, filter->group.items[i]);
}

/* Rules of the options name no other path than the options do. */
static void check_rules(const struct input *input, const struct policy *policy)
{
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		const struct rule_link *link = policy->operations[i].filtered;

		for (; link; link = link->next) {
			const struct source *source = link->rule->origin.source;

			if (source && strcmp(source->name, "<options>") == 0)
				check_filter(input, link->rule->filter);
		}
	}
}

static void run_compose(struct arena *arena, const char *bytes, size_t length)
{
	struct input *input = ARENA_NEW(arena, struct input);
	struct policy *policy = ARENA_NEW(arena, struct policy);
	struct scheme_error error;
	struct profile profile;
	struct text text = text_make(arena);

	*input = (struct input){.arena = arena, .path = {{"/presets", NULL, NULL}}};
	fuzz_add_file("/presets/system.sb", system_text, sizeof(system_text) - 1);
	split(input, bytes, length);
	profile_init(&profile, "/presets");
	profile_set(&profile, arena, "CWD", "/home/user/a b\"c");
	for (const struct parameter *at = input->request.definitions; at; at = at->next)
		profile_set(&profile, arena, at->name, at->value);
	input->request.layers = &input->layer;
	compose(arena, &input->request, &profile);
	compose_print(&text, &profile);
	FUZZ_CHECK(strlen(text.bytes) <= text.length);
	if (!sbpl_evaluate(&profile, arena, policy, &error))
		die_at(error.origin, "%s", error.text);
	check_rules(input, policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	return fuzz_run(run_compose, bytes, length);
}
