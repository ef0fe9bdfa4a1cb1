/* Named values (SBPL.md section 3): macOS numbers, which the Linux back end translates. */
#include "base/text.h"
#include "profile/sbpl.h"

struct number_constant {
	const char *name;
	long value;
};

/* Those that only filters without a match use have no number of their own. */
static const struct number_constant numbers[] = {
	{"apple-internal", 0},
	{"sandbox-debug-mode", 0},
	{"is-plugin", 0},
	{"is-installer", 0},
	{"is-restricted", 0},
	{"is-initproc", 0},
	{"is-platform-binary", 0},
	{"is-sandboxed", 0},
	{"CSR_ALLOW_UNRESTRICTED_FS", 2},
	{"CSR_ALLOW_TASK_FOR_PID", 4},
	{"CSR_ALLOW_UNTRUSTED_KEXTS", 1},
	{"REGULAR-FILE", 1},
	{"DIRECTORY", 2},
	{"BLOCK-DEVICE", 3},
	{"CHARACTER-DEVICE", 4},
	{"SYMLINK", 5},
	{"SOCKET", 6},
	{"FIFO", 7},
	{"TTY", 65535},
	{"AF_UNSPEC", 0},
	{"AF_UNIX", 1},
	{"AF_LOCAL", 1},
	{"AF_INET", 2},
	{"AF_ROUTE", 17},
	{"AF_LINK", 18},
	{"AF_INET6", 30},
	{"AF_SYSTEM", 32},
	{"SOCK_STREAM", 1},
	{"SOCK_DGRAM", 2},
	{"SOCK_RAW", 3},
	{"SOCK_RDM", 4},
	{"SOCK_SEQPACKET", 5},
	{"self", TARGET_SELF},
	{"pgrp", TARGET_PGRP},
	{"children", TARGET_CHILDREN},
	{"same-sandbox", TARGET_SAME_SANDBOX},
	{"initproc", TARGET_INITPROC},
	{"others", TARGET_OTHERS},
	{"SIGHUP", 1},
	{"SIGINT", 2},
	{"SIGQUIT", 3},
	{"SIGILL", 4},
	{"SIGTRAP", 5},
	{"SIGABRT", 6},
	{"SIGFPE", 8},
	{"SIGKILL", 9},
	{"SIGBUS", 10},
	{"SIGSEGV", 11},
	{"SIGSYS", 12},
	{"SIGPIPE", 13},
	{"SIGALRM", 14},
	{"SIGTERM", 15},
	{"SIGURG", 16},
	{"SIGSTOP", 17},
	{"SIGTSTP", 18},
	{"SIGCONT", 19},
	{"SIGCHLD", 20},
	{"SIGTTIN", 21},
	{"SIGTTOU", 22},
	{"SIGUSR1", 30},
	{"SIGUSR2", 31},
};

struct protocol_constant {
	const char *name;
	unsigned protocol;
};

static const struct protocol_constant protocols[] = {
	{"ip", PROTOCOL_ANY_IP},
	{"ip4", PROTOCOL_TCP | PROTOCOL_UDP | PROTOCOL_OTHER | PROTOCOL_IP4},
	{"ip6", PROTOCOL_TCP | PROTOCOL_UDP | PROTOCOL_OTHER | PROTOCOL_IP6},
	{"tcp", PROTOCOL_TCP | PROTOCOL_IP4 | PROTOCOL_IP6},
	{"tcp4", PROTOCOL_TCP | PROTOCOL_IP4},
	{"tcp6", PROTOCOL_TCP | PROTOCOL_IP6},
	{"udp", PROTOCOL_UDP | PROTOCOL_IP4 | PROTOCOL_IP6},
	{"udp4", PROTOCOL_UDP | PROTOCOL_IP4},
	{"udp6", PROTOCOL_UDP | PROTOCOL_IP6},
	{"unix-socket", PROTOCOL_UNIX},
	{"unix", PROTOCOL_UNIX},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool sbpl_number(const char *name, long *value)
{
	for (size_t i = 0; i < COUNT(numbers); i++) {
		if (text_is(numbers[i].name, name)) {
			*value = numbers[i].value;
			return true;
		}
	}
	return false;
}

struct cell *sbpl_constant(struct scheme *scheme, const char *name)
{
	long value;

	if (sbpl_number(name, &value))
		return scheme_integer(scheme, value);
	for (size_t i = 0; i < COUNT(protocols); i++) {
		if (text_is(protocols[i].name, name))
			return scheme_foreign(scheme, &sbpl_protocol_type, &protocols[i].protocol);
	}
	return NULL;
}
