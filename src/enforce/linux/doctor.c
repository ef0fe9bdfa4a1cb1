/* The protections of a sandbox on Linux, and what to do where one is not kept. */
#include "enforce/linux/doctor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/name.h"
#include "enforce/linux/plan.h"

#define ALL       "(version 1)\n(allow default)\n"
#define ELSEWHERE "(require-not (subpath (param \"ALLOWED\")))"
#define LANDLOCK  "Landlock"
#define SECCOMP   "seccomp"
#define BROKER    "seccomp, broker"
#define BOTH      "Landlock, seccomp"

const struct protection protections[] = {
	{"files", "read", LANDLOCK, ALL "(deny file-read-data " ELSEWHERE ")", NULL,
		"all files can be read", attempt_read, .operation = OP_FILE_READ_DATA},
	{"files", "write", LANDLOCK, ALL "(deny file-write-data " ELSEWHERE ")", NULL,
		"all files can be written", attempt_write, .operation = OP_FILE_WRITE_DATA},
	{"files", "create", LANDLOCK, ALL "(deny file-write-create " ELSEWHERE ")", NULL,
		"files can be made everywhere", attempt_create, .operation = OP_FILE_WRITE_CREATE},
	{"files", "remove", LANDLOCK, ALL "(deny file-write-unlink " ELSEWHERE ")", NULL,
		"files can be removed everywhere", attempt_remove,
		.operation = OP_FILE_WRITE_UNLINK},
	{"files", "move", LANDLOCK, ALL "(deny file-write-create file-write-unlink " ELSEWHERE ")",
		NULL, "files can be moved to another directory everywhere, or nowhere",
		attempt_move, .operation = OP_FILE_WRITE_CREATE},
	{"files", "truncate", LANDLOCK, ALL "(deny file-write-data " ELSEWHERE ")", NULL,
		"truncate(2) works everywhere, or nowhere", attempt_truncate,
		.operation = OP_FILE_WRITE_DATA},
	{"files", "execute", LANDLOCK, ALL "(deny process-exec* " ELSEWHERE ")", NULL,
		"all programs can be executed", attempt_execute, .operation = OP_PROCESS_EXEC_ALL},
	{"files", "ioctl on devices", LANDLOCK,
		ALL "(deny file-ioctl (require-not (literal \"/dev/urandom\")))", NULL,
		"all devices that can be opened take ioctl(2)", attempt_device,
		.operation = OP_FILE_IOCTL},
	{"metadata", "mode", BROKER, ALL "(deny file-write-mode " ELSEWHERE ")", NULL,
		"modes can be changed everywhere, or nowhere", attempt_mode,
		.operation = OP_FILE_WRITE_MODE},
	{"metadata", "times", BROKER, ALL "(deny file-write-times " ELSEWHERE ")", NULL,
		"times can be changed everywhere, or nowhere", attempt_times,
		.operation = OP_FILE_WRITE_TIMES},
	{"network", "all sockets", SECCOMP, ALL "(deny network*)\n(deny system-socket)", NULL,
		"everything can be connected to", attempt_socket, .operation = OP_NETWORK_OUTBOUND},
	{"network", "TCP by port", LANDLOCK,
		ALL "(deny network-outbound (require-all (remote tcp) (require-not (remote tcp"
		    " (string-append \"*:\" (param \"ALLOWED_PORT\"))))))",
		NULL, "a broker decides on ports instead", attempt_connect, .is_extra = true,
		.operation = OP_NETWORK_OUTBOUND},
	{"network", "TCP by host and port", BROKER,
		ALL "(deny network-outbound (remote tcp"
		    " (string-append \"localhost:\" (param \"DENIED_PORT\"))))",
		NULL, "rules on hosts cannot be enforced", attempt_connect, .is_extra = true,
		.operation = OP_NETWORK_OUTBOUND},
	{"network", "unix sockets by path", BROKER,
		ALL "(deny network-outbound"
		    " (literal (string-append (param \"DENIED\") \"/socket\")))",
		NULL, "rules on unix sockets cannot be enforced", attempt_connect_unix,
		.operation = OP_NETWORK_OUTBOUND},
	{"processes", "look into others", LANDLOCK, ALL, NULL,
		"other processes can be read and controlled (ptrace)", attempt_trace},
	{"processes", "signal others", LANDLOCK,
		ALL "(deny signal (require-not (target same-sandbox)))", NULL,
		"other processes get signals", attempt_signal, .operation = OP_SIGNAL},
	{"processes", "start processes", SECCOMP, ALL "(deny process-fork)", NULL,
		"processes can be started", attempt_fork, .operation = OP_PROCESS_FORK},
	{"in every sandbox", "gain privileges", "no_new_privs", ALL, NULL,
		"setuid programs run with their rights", attempt_privileges},
	{"in every sandbox", "type into the terminal", SECCOMP, ALL, NULL,
		"commands can be typed for the shell outside (TIOCSTI)", attempt_typing,
		prepare_typing},
	{"in every sandbox", "use inherited descriptors", "close-on-exec", ALL, NULL,
		"files that the caller has open can be used", attempt_descriptor,
		prepare_descriptor},
	{"in every sandbox", "sandbox in a sandbox", BOTH,
		ALL "(deny network*)\n(deny system-socket)",
		ALL "(deny file-read-data " ELSEWHERE ")", "only one of the two holds",
		attempt_nested},
	{NULL},
};

static const char *line_of(struct arena *arena, const char *path)
{
	const struct source *source = file_read(arena, path);

	if (!source)
		return NULL;
	return arena_copy(arena, source->text, strcspn(source->text, "\n"));
}

static const char *advice_on_landlock(struct arena *arena, const struct host *host)
{
	const char *modules = line_of(arena, "/sys/kernel/security/lsm");

	if (host->landlock_abi >= ABI_SCOPE)
		return NULL;
	if (host->landlock_abi > 0)
		return "a newer kernel (README, Kernels)";
	/* The version was asked for last by the probe, and is asked for again: errno tells why. */
	syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
	if (errno != EOPNOTSUPP)
		return "Linux 5.13 or later, built with CONFIG_SECURITY_LANDLOCK; in a container,"
		       " one that lets Landlock through";
	return text_format(arena, "add landlock to lsm= on the kernel's command line (now: %s)",
		modules ? modules : "not known");
}

static const char *advice_on_broker(struct arena *arena, const struct host *host)
{
	const char *scope = line_of(arena, "/proc/sys/kernel/yama/ptrace_scope");

	if (host->has_listener)
		return "outside of the sandbox around this one, which has the only broker there"
		       " can be: name all presets in one call of " PROGRAM_NAME;
	if (scope && scope[0] >= '2')
		return text_format(arena,
			"sysctl kernel.yama.ptrace_scope=1 (now: %s): the broker reads the memory"
			" of its own children",
			scope);
	return "Linux 5.6 or later, built with CONFIG_SECCOMP_FILTER; in a container, one that lets"
	       " pidfd_getfd(2) and process_vm_readv(2) through";
}

const char *protection_advice(
	struct arena *arena, const struct host *host, const struct protection *protection)
{
	if (strstr(protection->mechanism, LANDLOCK))
		return advice_on_landlock(arena, host);
	if (strcmp(protection->mechanism, BROKER) == 0)
		return advice_on_broker(arena, host);
	if (strcmp(protection->mechanism, SECCOMP) == 0)
		return "a kernel built with CONFIG_SECCOMP_FILTER";
	return NULL;
}
