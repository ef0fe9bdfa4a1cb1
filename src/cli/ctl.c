#include <string.h>

#include "base/message.h"
#include "cli/ctl.h"
#include "base/name.h"
#include "profile/fragment.h"

/* The verbs of sbxctl: one table for the dispatch and the help. */

typedef void verb_function(struct arena *arena, struct options *options);

struct verb {
	const char *name, *arguments, *help;
	const char *options; /* words: see options_parse_verb */
	verb_function *function;
	int failure; /* exit status after an error, where it is not CTL_ERROR */
};

static void verb_list(struct arena *arena, struct options *options)
{
	struct preset_path path = preset_path(arena);
	struct text text = text_make(arena);
	size_t count;
	const struct fragment **all = fragment_list(arena, &path, &count);

	if (options->command[0])
		die("list takes no argument");
	for (size_t i = 0; i < count; i++) {
		const char *names = text_format(arena, "%s%s%s", all[i]->name,
			all[i]->aliases[0] ? ", " : "", all[i]->aliases);

		text_addf(&text, "%-36s %-9s %s\n", names, fragment_kind_name(all[i]->kind),
			all[i]->summary);
	}
	print_and_exit(&text);
}

static void verb_show(struct arena *arena, struct options *options)
{
	char **arguments = options->command;
	struct preset_path path = preset_path(arena);
	struct text text = text_make(arena);

	if (!arguments[0] || arguments[1])
		die("show takes the name of one preset");
	const struct fragment *fragment =
		fragment_require(arena, &path, arguments[0], (struct origin){NULL, 0, 0});

	text_addf(&text, ";;; %s\n", fragment->source->name);
	text_add_bytes(&text, fragment->source->text, fragment->source->length);
	print_and_exit(&text);
}

static void verb_help(struct arena *arena, struct options *options);

static const struct verb verbs[] = {
	{"list", "", "list the presets: names, kind, what they do", "", verb_list},
	{"show", "NAME", "print the text of a preset and where it stands", "", verb_show},
	{"check", "FILE...", "check profiles: what they say, and what comes of it here",
		"define json strict", ctl_check},
	{"explain", "OPERATION [OBJECT | KEY=VALUE...]",
		"say what a policy answers, and which rule", "policy bare batch json", ctl_explain},
	{"tree", "", "draw what a policy gives: files, network, the rest", "policy bare color",
		ctl_tree},
	{"trust", "[DIR]", "let the .sbxrc of a directory apply, after showing it", "worktrees yes",
		ctl_trust},
	{"distrust", "[DIR]", "let it no longer apply", "", ctl_distrust, CTL_ERROR},
	{"status", "", "list the .sbxrc files in force here", "json shell", ctl_status},
	{"diff", "[DIR]", "compare an .sbxrc with the copy that is trusted", "", ctl_diff,
		CTL_ERROR},
	{"doctor", "", "try out what this host enforces, and by what", "json", ctl_doctor,
		EXIT_SBX_FAILED},
	{"init", "SHELL", "print the functions for a shell: zsh, bash or fish", "undo", ctl_init,
		EXIT_SBX_FAILED},
	{"help", "", "print this help", "", verb_help},
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static void verb_help(struct arena *arena, struct options *options)
{
	struct text text = text_make(arena);

	(void)options;
	text_add(&text, "Usage: " PROGRAM_NAME "ctl VERB [OPTION]... [ARG]...\n\n");
	for (int i = 0; i < VERBS; i++) {
		const char *call = text_format(arena, "%s %s", verbs[i].name, verbs[i].arguments);

		text_addf(&text, "  %-41s %s\n", call, verbs[i].help);
	}
	text_add(&text, "\n" PROGRAM_NAME "ctl VERB --help lists the options of a verb.\n");
	print_and_exit(&text);
}

static void help_of_verb(struct arena *arena, const struct verb *verb)
{
	struct text text = text_make(arena);

	text_addf(&text, "Usage: " PROGRAM_NAME "ctl %s%s%s%s\n\n%c%s. Options:\n", verb->name,
		verb->options[0] ? " [OPTION]..." : "", verb->arguments[0] ? " " : "",
		verb->arguments, verb->help[0] - 'a' + 'A', verb->help + 1);
	options_help_verb(&text, verb->options);
	print_and_exit(&text);
}

_Noreturn static void run_verb(struct arena *arena, const struct verb *verb, char **words)
{
	/* Those with options answer a question: 1 is no, and an error is something else. */
	if (verb->options[0] || verb->failure)
		message_speak_as(PROGRAM_NAME, verb->failure ? verb->failure : CTL_ERROR);
	struct options options = options_parse_verb(arena, words, verb->name, verb->options);

	if (options.help)
		help_of_verb(arena, verb);
	verb->function(arena, &options);
	die("%s came to no end", verb->name);
}

_Noreturn void ctl(struct arena *arena, char **argv)
{
	const char *name = argv[1] ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		struct text text = text_make(arena);

		text_add(&text, PROGRAM_NAME " " SBX_VERSION "\n");
		print_and_exit(&text);
	}
	for (int i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			run_verb(arena, &verbs[i], argv + 2);
	}
	if (!name[0])
		die("no verb given (" PROGRAM_NAME "ctl --help lists them)");
	die("unknown verb '%s' (" PROGRAM_NAME "ctl --help lists them)", name);
}
