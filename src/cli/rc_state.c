#include "cli/rc_state.h"

#include <string.h>

#include "base/name.h"
#include "base/text.h"

const char *rc_state_word(const struct rc_file *file)
{
	static const char *const words[] = {
		[RC_UNTRUSTED] = "untrusted",
		[RC_TRUSTED] = "trusted",
		[RC_CHANGED] = "changed",
		[RC_DELETED] = "deleted",
	};

	return file->refused ? "refused" : words[file->state];
}

const char *rc_shell_word(struct arena *arena, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789/._-+,:@%";
	struct text text = text_make(arena);

	if (word[0] && word[0] != '-' && strspn(word, plain) == strlen(word))
		return word;
	text_add(&text, "'");
	for (const char *at = word; *at; at++)
		text_addf(&text, *at == '\'' ? "'\\''" : "%c", *at);
	text_add(&text, "'");
	return text.bytes;
}

const char *rc_notice(struct arena *arena, const struct rc_file *file)
{
	const char *path = file->path, *directory = rc_shell_word(arena, file->directory);

	if (file->refused)
		return text_format(arena, "%s is refused: %s%s", path, file->refused,
			file->copies ? "; the copy that was trusted applies" : "");
	switch (file->state) {
	case RC_UNTRUSTED:
		return text_format(arena,
			"%s does not apply: it was never trusted ('" PROGRAM_NAME
			"ctl trust %s' shows what it"
			" says, and asks)",
			path, directory);
	case RC_CHANGED:
		return text_format(arena,
			"%s, or a profile that it names, has changed since it was trusted: the"
			" trusted copy applies ('" PROGRAM_NAME "ctl diff %s' shows what is new)",
			path, directory);
	case RC_DELETED:
		return text_format(arena,
			"%s is gone: the copy that was trusted applies ('" PROGRAM_NAME
			"ctl distrust %s' ends"
			" that)",
			path, directory);
	case RC_TRUSTED:
		break;
	}
	return NULL;
}
