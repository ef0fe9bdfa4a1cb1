#include "cli/rc_draft.h"

#include <errno.h>
#include <string.h>

#include "base/message.h"
#include "base/path.h"
#include "cli/rc_read.h"

static struct trusted *new_copy(struct arena *arena, const char *name, const struct source *source)
{
	struct trusted *copy = ARENA_NEW(arena, struct trusted);
	struct source *confined = ARENA_NEW(arena, struct source);

	*confined = *source;
	confined->confined = true;
	copy->name = name;
	copy->source = confined;
	return copy;
}

static const struct source *read_profile(
	struct arena *arena, const struct rc_file *file, const struct rc_word *word)
{
	if (word->text[0] == '$')
		die_at(word->origin, "variables are not expanded here");
	const struct source *source = rc_read_profile(arena, file->directory, word->text);

	if (!source)
		die_at(word->origin, "profile %s: %s", word->text,
			errno == EINVAL ? "it is no regular file" : strerror(errno));
	return source;
}

struct trusted *rc_draft(struct arena *arena, const struct rc_file *file)
{
	struct trusted *first = new_copy(arena, path_last(file->path), file->found);
	const struct rc_line *line = rc_read(arena, first->source);

	for (; line; line = line->next) {
		const struct rc_word *word = line->words->next;
		struct trusted *last = first;

		if (strcmp(line->words->text, "profile") != 0 || !word)
			continue;
		while (last->next && strcmp(last->next->name, word->text) != 0)
			last = last->next;
		if (!last->next)
			last->next = new_copy(arena, word->text, read_profile(arena, file, word));
	}
	return first;
}
