/* sbxctl explain: what the policy answers to one question, and why. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "cli/composition.h"
#include "cli/ctl.h"
#include "cli/rule_text.h"
#include "policy/explanation.h"
#include "policy/query.h"
#include "profile/sbpl.h"

enum { RUNNERS_UP_MAX = 20, RULE_WIDTH = 160 };

/* The question as it was put, and as it was understood. */
struct asked {
	struct question question;
	const char *words;  /* as typed */
	const char *object; /* the path that is asked for, where it was not typed like that */
	bool is_link;       /* because a symbolic link leads there */
};

/* True when it takes more than the current directory to make canonical out of path. */
static bool leads_through_link(struct arena *arena, const char *path, const char *canonical)
{
	const char *directory = path[0] == '/' ? "/" : path_current(arena);
	const char *absolute = directory ? path_join(arena, directory, path) : path;

	return path_is_normal(absolute, strlen(absolute)) && strcmp(absolute, canonical) != 0;
}

/* A path is asked for as the kernel would see it: absolute, symlinks resolved. */
static void add_path(struct arena *arena, struct asked *asked, const char *path)
{
	const char *canonical = path_canonical(arena, path);

	if (!canonical)
		die_errno("%s", path);
	if (strcmp(canonical, path) != 0)
		asked->object = canonical;
	asked->is_link = leads_through_link(arena, path, canonical);
	if (!question_add(&asked->question, canonical))
		die("%s", asked->question.error);
}

static struct asked ask(struct arena *arena, char **words)
{
	struct asked asked = {.question = {.arena = arena, .constant = sbpl_number}};
	struct text text = text_make(arena);
	bool has_object = false;

	if (!words[0])
		die("explain needs an operation (" PROGRAM_NAME "ctl explain --help)");
	if (!question_begin(&asked.question, words[0]))
		die("%s", asked.question.error);
	for (char **word = words + 1; *word; word++) {
		bool is_object = !question_has_key(*word);

		if (is_object && has_object)
			die("more than one object: '%s'", *word);
		has_object |= is_object;
		if (is_object && question_takes_path(&asked.question, *word))
			add_path(arena, &asked, *word);
		else if (!question_add(&asked.question, *word))
			die("%s", asked.question.error);
	}
	question_end(&asked.question);
	for (char **word = words; *word; word++) {
		text_add(&text, word == words ? "" : " ");
		text_add_visible(&text, *word, strlen(*word));
	}
	asked.words = text.bytes;
	return asked;
}

static void print_rule(struct text *text, const struct contender *contender)
{
	const char *rule = rule_text(text->arena, contender->rule, RULE_WIDTH);

	if (rule[0])
		text_addf(text, "      %s\n", rule);
}

static void print_runners_up(struct text *text, const struct contender *deciding)
{
	unsigned count = 0;

	for (const struct contender *at = deciding->next; at; at = at->next, count++) {
		if (count >= RUNNERS_UP_MAX)
			continue;
		text_addf(text, "%s  %-5s  %s on %s: %s\n", count ? "" : "\nWithout it:\n",
			action_name(at->action), rule_place(text->arena, at->rule),
			operation_name(at->operation), contender_reason(text->arena, at, deciding));
		print_rule(text, at);
	}
	if (count > RUNNERS_UP_MAX)
		text_addf(text, "  and %u more (--json lists all)\n", count - RUNNERS_UP_MAX);
}

static void print_text(
	struct text *text, const struct asked *asked, const struct contender *deciding)
{
	text_addf(text, "%s: %s\n", action_name(deciding->action), asked->words);
	if (asked->object) {
		text_add(text, "  as the kernel sees it: ");
		text_add_visible(text, asked->object, strlen(asked->object));
		text_add(text, asked->is_link ? " (a symbolic link leads there)\n" : "\n");
	}
	if (deciding->rule)
		text_addf(text, "  %s on %s\n", rule_place(text->arena, deciding->rule),
			operation_name(deciding->operation));
	else
		text_addf(text, "  no rule matches: %s\n",
			deciding->operation == OP_DEFAULT
				? "what nothing allows is denied"
				: text_format(text->arena, "%s answers so by itself",
					  operation_name(deciding->operation)));
	print_rule(text, deciding);
	print_runners_up(text, deciding);
}

static void json_contender(struct json *json, struct arena *arena, const char *name,
	const struct contender *contender, const struct contender *deciding)
{
	json_object(json, name);
	json_string(json, "action", action_name(contender->action));
	json_string(json, "operation", operation_name(contender->operation));
	json_boolean(json, "builtin", !contender->rule);
	rule_json(json, arena, contender->rule);
	if (contender != deciding)
		json_string(json, "reason", contender_reason(arena, contender, deciding));
	json_end_object(json);
}

static void print_json(
	struct text *text, const struct asked *asked, const struct contender *deciding)
{
	struct json json = json_make(text);

	json_object(&json, NULL);
	json_string(&json, "decision", action_name(deciding->action));
	json_string(&json, "operation", operation_name(asked->question.query.operation));
	json_string(&json, "question", asked->words);
	json_string(&json, "path", asked->question.query.texts[TEXT_PATH]);
	json_contender(&json, text->arena, "rule", deciding, deciding);
	json_array(&json, "runners_up");
	for (const struct contender *at = deciding->next; at; at = at->next)
		json_contender(&json, text->arena, NULL, at, deciding);
	json_end_array(&json);
	json_end_object(&json);
	text_add(text, "\n");
}

_Noreturn void ctl_explain(struct arena *arena, struct options *options)
{
	struct text text = text_make(arena);
	struct composition composed;

	if (options->batch)
		explain_batch(arena, options);
	struct asked asked = ask(arena, options->command);

	options->dry_run = true; /* explaining makes no directory */
	if (options->bare)
		composition_make_bare(arena, options, &composed);
	else
		composition_make(arena, options, NULL, &composed);
	const struct contender *deciding = explain(arena, composed.policy, &asked.question.query);

	if (options->json)
		print_json(&text, &asked, deciding);
	else
		print_text(&text, &asked, deciding);
	print(&text);
	_exit(deciding->action == ACTION_ALLOW ? CTL_YES : CTL_NO);
}
