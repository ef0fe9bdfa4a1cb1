/* What --help prints of the options. */
#include <string.h>

#include "base/name.h"

#include "cli/options.h"
#include "profile/fragment.h"

static void help_line(struct text *text, const struct option_entry *entry)
{
	char *option = text_format(text->arena, "%s--%s%s%s%s", entry->letter ? "" : "    ",
		entry->name, entry->argument == ARGUMENT_OPTIONAL ? "[" : "",
		entry->argument == ARGUMENT_NONE ? "" : "=", entry->value ? entry->value : "");

	if (entry->letter)
		option = text_format(text->arena, "-%c, %s", entry->letter, option);
	if (entry->argument == ARGUMENT_OPTIONAL)
		option = text_format(text->arena, "%s]", option);
	text_addf(text, "  %-42s  %s\n", option, entry->help);
}

static bool is_all_form(const struct option_entry *entry)
{
	size_t length = strlen(entry->name);

	return entry->argument == ARGUMENT_NONE && !entry->letter && length > 4 &&
	       strcmp(entry->name + length - 4, "-all") == 0;
}

static void help_lines(struct text *text, const char *names)
{
	const struct option_entry *entry;

	for (size_t i = 0; (entry = options_entry(i)); i++) {
		bool listed =
			names ? options_verb_takes(names, entry->name) : !options_is_of_ctl(entry);

		if (listed && !is_all_form(entry)) /* those share one line */
			help_line(text, entry);
	}
	if (!names || fragment_has_word(names, "policy"))
		text_add(text, "      --allow-OP-all, --deny-OP-all               the same for"
			       " everything OP covers\n");
}

void options_help_verb(struct text *text, const char *names)
{
	help_lines(text, names);
}

void options_help(struct text *text)
{
	text_add(text, "Usage: " PROGRAM_NAME " [OPTION]... [--] COMMAND [ARG]...\n"
		       "       " PROGRAM_NAME
		       "-NAME [OPTION]... [--] COMMAND [ARG]...   (" PROGRAM_NAME " -p NAME)\n"
		       "\n"
		       "Runs COMMAND in a sandbox. Options:\n");
	help_lines(text, NULL);
	text_add(text,
		"\n"
		"Exit status: 125 when " PROGRAM_NAME
		" itself fails, 126 when COMMAND cannot be executed,\n"
		"127 when it is not found, otherwise COMMAND's own.\n"
		"Presets are listed by: " PROGRAM_NAME "ctl list. More: man " PROGRAM_NAME ".\n");
}
