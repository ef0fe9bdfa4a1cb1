/* Linux needs no help to start a command: the process is in the sandbox already. */
#include "base/program.h"
#include "enforce/enforce.h"

const bool start_takes_profile = false;

void start_print(struct text *text, const struct start *start)
{
	(void)text;
	(void)start;
}

void start_exec(struct arena *arena, const struct start *start)
{
	program_execute(arena, start->path, start->words, start->environment);
}
