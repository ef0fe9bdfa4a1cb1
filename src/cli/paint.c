#include "cli/paint.h"

#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/message.h"

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && value[0];
}

static bool wants_colors(const char *when)
{
	const char *terminal = getenv("TERM");

	if (when && strcmp(when, "always") == 0)
		return true;
	if (when && strcmp(when, "never") == 0)
		return false;
	if (when && strcmp(when, "auto") != 0)
		die("--color: '%s' is none of always, never, auto", when);
	return !is_set("NO_COLOR") && isatty(STDOUT_FILENO) && terminal &&
	       strcmp(terminal, "dumb") != 0;
}

/* As the C library chooses the locale. */
static bool is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!is_set(names[i]))
			continue;
		const char *dot = strchr(getenv(names[i]), '.');

		return dot && (strcasecmp(dot, ".utf-8") == 0 || strcasecmp(dot, ".utf8") == 0);
	}
	return false;
}

struct paint paint_make(const char *when)
{
	return (struct paint){.has_colors = wants_colors(when), .has_lines = is_utf8()};
}

void paint_add(const struct paint *paint, struct text *text, enum color color, const char *string)
{
	static const char *const codes[] = {"0", "2", "1", "1;31", "32", "33", "34", "35", "36"};

	if (!paint->has_colors || color == COLOR_PLAIN || !string[0])
		text_add(text, string);
	else
		text_addf(text, "\033[%sm%s\033[0m", codes[color], string);
}
