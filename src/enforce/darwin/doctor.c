/* macOS: Seatbelt keeps all protections or none, and only of what sandbox-exec starts. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "enforce/doctor.h"

#ifndef SANDBOX_EXEC
#define SANDBOX_EXEC "/usr/bin/sandbox-exec"
#endif

const struct protection protections[] = {{NULL}};

void stage_make(struct arena *arena, const char *directory, struct stage *stage)
{
	(void)directory;
	*stage = (struct stage){.arena = arena};
}

void stage_remove(const struct stage *stage)
{
	(void)stage;
}

const char *protection_advice(
	struct arena *arena, const struct host *host, const struct protection *protection)
{
	(void)arena;
	(void)host;
	(void)protection;
	return NULL;
}

const struct fact *host_facts(struct arena *arena, const struct host *host)
{
	struct fact *facts = ARENA_ARRAY(arena, struct fact, 2);
	struct utsname name;

	(void)host;
	facts[0] = (struct fact){.name = "kernel", .value = "not known", .next = &facts[1]};
	if (uname(&name) == 0)
		facts[0].value =
			text_format(arena, "%s %s %s", name.sysname, name.release, name.machine);
	facts[1] = (struct fact){.name = "Seatbelt",
		.value = access(SANDBOX_EXEC, X_OK) == 0 ? SANDBOX_EXEC
				 " is there; nothing is tried here"
							 : "none: there is no " SANDBOX_EXEC};
	return facts;
}
