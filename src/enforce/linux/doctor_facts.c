/* What the host is like: what sbxctl doctor prints above its trials. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/name.h"
#include "enforce/doctor.h"
#include "enforce/linux/plan.h"

struct facts {
	struct arena *arena;
	struct fact *first, **end;
};

static void add(struct facts *facts, const char *name, const char *value)
{
	struct fact *fact = ARENA_NEW(facts->arena, struct fact);

	*fact = (struct fact){name, value};
	*facts->end = fact;
	facts->end = &fact->next;
}

/* The first line of a file; NULL when it cannot be read. */
static const char *read_line(struct arena *arena, const char *path)
{
	const struct source *source = file_read(arena, path);

	if (!source)
		return NULL;
	return arena_copy(arena, source->text, strcspn(source->text, "\n"));
}

static const char *name_kernel(struct arena *arena)
{
	struct utsname name;

	if (uname(&name) != 0)
		return strerror(errno);
	return text_format(arena, "%s %s %s", name.sysname, name.release, name.machine);
}

static const char *describe_landlock(struct arena *arena, const struct host *host)
{
	if (host->landlock_abi > 0)
		return text_format(arena, "ABI %d", host->landlock_abi);
	syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
	if (errno == EOPNOTSUPP)
		return "none: this kernel was booted without it";
	return text_format(arena, "none: %s", strerror(errno));
}

/* A child tries: what it becomes, it stays. */
static const char *try_user_namespace(struct arena *arena)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(unshare(CLONE_NEWUSER) == 0 ? 0 : errno);
	if (child < 0)
		return text_format(arena, "not tried: %s", strerror(errno));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return "possible (" PROGRAM_NAME " needs none)";
	return text_format(
		arena, "refused: %s (" PROGRAM_NAME " needs none)", strerror(WEXITSTATUS(status)));
}

static const char *describe_seccomp(struct arena *arena)
{
	const char *actions = read_line(arena, "/proc/sys/kernel/seccomp/actions_avail");
	int mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);

	if (mode < 0)
		return "none: this kernel was built without it";
	return text_format(arena, "%s%s", mode ? "this process is restricted already; " : "",
		actions ? actions : "which actions there are is not known");
}

const struct fact *host_facts(struct arena *arena, const struct host *host)
{
	static const struct {
		const char *name, *path;
	} settings[] = {
		{"security modules", "/sys/kernel/security/lsm"},
		{"kernel.yama.ptrace_scope", "/proc/sys/kernel/yama/ptrace_scope"},
		{"kernel.unprivileged_userns_clone", "/proc/sys/kernel/unprivileged_userns_clone"},
		{"kernel.apparmor_restrict_unprivileged_userns",
			"/proc/sys/kernel/apparmor_restrict_unprivileged_userns"},
		{"user.max_user_namespaces", "/proc/sys/user/max_user_namespaces"},
		{"dev.tty.legacy_tiocsti", "/proc/sys/dev/tty/legacy_tiocsti"},
	};
	struct facts facts = {.arena = arena, .end = &facts.first};

	add(&facts, "kernel", name_kernel(arena));
	add(&facts, "Landlock", describe_landlock(arena, host));
	add(&facts, "seccomp", describe_seccomp(arena));
	add(&facts, "broker",
		host->has_listener ? "none: the sandbox around this one has the only one"
				   : "no other is in the way");
	add(&facts, "user namespaces", try_user_namespace(arena));
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const char *value = read_line(arena, settings[i].path);

		add(&facts, settings[i].name, value ? value : "not there");
	}
	return facts.first;
}
