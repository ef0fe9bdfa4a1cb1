#include "base/home.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"

/* From passwd(5), without what a static program cannot load. */
static const char *home_of_user(struct arena *arena, uid_t user)
{
	const struct source *file = file_read(arena, "/etc/passwd");
	const char *rest = file ? file->text : NULL;
	const char *line;
	size_t length;

	while (text_split(&rest, "\n", &line, &length)) {
		const char *fields = arena_copy(arena, line, length);
		const char *field = fields;
		unsigned long number = user + 1ul;

		for (int i = 0; field && i < 6 && text_split(&fields, ":", &field, &length); i++) {
			if (i == 2)
				number = strtoul(field, NULL, 10);
			if (i == 5 && number == user)
				return arena_copy(arena, field, length);
		}
	}
	return NULL;
}

const char *home_directory(struct arena *arena)
{
	const char *home = getenv("HOME");

	if (!home || home[0] != '/')
		home = home_of_user(arena, getuid());
	return home && home[0] == '/' ? path_canonical(arena, home) : NULL;
}
