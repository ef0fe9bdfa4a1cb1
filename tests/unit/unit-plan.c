/*
 * The plan as data, for kernels of every age: what becomes a gap, a limit, a grant or a refusal;
 * and the invariant of plan_files.c on random policies over a small tree of real files: what the
 * policy denies is out of reach, or a gap says so.
 *
 * usage: unit-plan [POLICIES]. SBX_TEST_SEED repeats a run.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "enforce/linux/plan.h"
#include "profile/sbpl.h"

#include "random.h"

enum { POLICIES = 8000, ABI_LAST = 7, SHOWN = 20 };

static char buffer[16 * 1024 * 1024];
static struct arena arena;
static unsigned passed, failed;

static void start(void)
{
	memset(buffer, 0, arena.used < sizeof(buffer) ? arena.used : sizeof(buffer));
	arena = arena_make(buffer, sizeof(buffer));
}

static const char *preset_directory(void)
{
	const char *directory = getenv("SBX_SOURCE_DIR");
	const char *program = file_own_executable(&arena);

	if (directory)
		return path_join(&arena, directory, "presets");
	if (!program)
		return "presets";
	/* BUILD/tests/unit-plan stands beside BUILD/share. */
	return path_join(
		&arena, path_parent(&arena, path_parent(&arena, program)), "share/sbx/presets");
}

static const struct policy *evaluate(const char *text)
{
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct source *source = ARENA_NEW(&arena, struct source);
	struct scheme_error error;
	struct profile profile;

	*source = (struct source){"test.sb", text, strlen(text)};
	profile_init(&profile, preset_directory());
	profile_set(&profile, &arena, "IMPORT_DIR", profile.library);
	profile_add(&profile, &arena, PART_PLAIN, source);
	if (sbpl_evaluate(&profile, &arena, policy, &error))
		return policy;
	printf("%s\n    %s\n0 passed, 1 failed\n", text, error.text);
	exit(1);
}

static const struct plan *make_on(const struct policy *policy, const struct host *host)
{
	const struct plan *plan = plan_make(&arena, policy, host, NULL);

	for (const struct path_grant *grant = plan->grants; grant; grant = grant->next) {
		if (grant->fd >= 0)
			close(grant->fd);
	}
	return plan;
}

static const struct plan *make(const struct policy *policy, int abi)
{
	struct host *host = ARENA_NEW(&arena, struct host);

	host->landlock_abi = abi;
	return make_on(policy, host);
}

static const struct plan *plan_of(const char *text, int abi)
{
	start();
	return make(evaluate(text), abi);
}

/* Inside a sandbox that has a broker. */
static const struct plan *nested_plan_of(const char *text, int abi)
{
	struct host *host;

	start();
	host = ARENA_NEW(&arena, struct host);
	host->landlock_abi = abi;
	host->has_listener = true;
	return make_on(evaluate(text), host);
}

static void check(bool holds, const char *text, int abi, const char *what)
{
	if (holds)
		passed++;
	else if (failed++ < SHOWN || getenv("SBX_TEST_VERBOSE"))
		printf("ABI %d: %s\n%s\n", abi, what, text);
}

static const struct gap *find_gap(
	const struct plan *plan, enum operation operation, const char *words)
{
	const struct gap *gap = plan_gaps(plan);

	while (gap && (gap->operation != operation || !strstr(gap->reason, words)))
		gap = gap->next;
	return gap;
}

static bool has_limit(const struct plan *plan, const char *words)
{
	const struct limit *limit = plan_limits(plan);

	while (limit && !strstr(limit->text, words))
		limit = limit->next;
	return limit;
}

static const struct path_grant *find_grant(const struct plan *plan, const char *path)
{
	const struct path_grant *grant = plan->grants;

	while (grant && (strcmp(grant->path, path) != 0 || !grant->rights))
		grant = grant->next;
	return grant;
}

/* In front of every policy of this file: two lines, so that what is of interest begins at line 3.
 */
#define ALL  "(version 1)\n(allow default)\n"
#define NONE "(version 1)\n(deny default)\n"

#define ONLY_TMP "(require-not (subpath \"/tmp\"))"
#define ETC      "(subpath \"/etc\")"

/* What is a gap from ABI first to ABI last, and on no other; with the line of the rule it names. */
static const struct gap_case {
	const char *text;
	enum operation operation;
	const char *words;
	int first, last;
	unsigned line;
} gap_cases[] = {
	/* Device ioctls. */
	{ALL "(deny file-ioctl (require-not (subpath \"/dev/pts\")))", OP_FILE_IOCTL, "ABI 5", 1, 4,
		3},
	{ALL "(deny file-ioctl)", OP_FILE_IOCTL, "ABI 5", 1, 4, 3},
	/* Unix sockets that listen, where their paths were not decided on when they were bound. */
	{ALL "(deny network-inbound (literal \"/run/a\"))\n(allow network-bind)",
		OP_NETWORK_INBOUND, "listen", 1, 7, 3},
	/* Signals. */
	{ALL "(deny signal (process-path \"/bin/sh\"))", OP_SIGNAL,
		"target and signal-number alone", 1, 7, 3},
	{ALL "(deny signal (require-all (uid 0) (target children)))", OP_SIGNAL,
		"target and signal-number alone", 1, 7, 3},
	/* Whole operations that have objects, and what nothing can deny. */
	{ALL "(deny file-write-mode (process-path \"/bin/sh\"))", OP_FILE_WRITE_MODE,
		"by path, type and mode alone", 1, 7, 3},
	{ALL "(deny file-write* (require-not (filesystem-name \"ext4\")))", OP_FILE_WRITE_TIMES,
		"by path, type and mode alone", 1, 7, 3},
	{ALL "(deny file-read-metadata (process-path \"/bin/sh\"))", OP_FILE_READ_METADATA,
		"by path, type and mode alone", 1, 7, 3},
	{ALL "(deny file-test-existence " ETC ")", OP_FILE_TEST_EXISTENCE, "Linux 5.19", 1, 1, 3},
	{ALL "(deny file-test-existence)", OP_FILE_TEST_EXISTENCE, "Linux 5.19", 1, 1, 3},
	{ALL "(deny file-test-existence (process-path \"/bin/sh\"))", OP_FILE_TEST_EXISTENCE,
		"by path, type and mode alone", 1, 7, 3},
	{ALL "(deny dynamic-code-generation)", OP_DYNAMIC_CODE_GENERATION, "", 1, 7, 3},
	{ALL "(deny ipc-posix-shm* (ipc-posix-name \"a\"))", OP_IPC_POSIX_SHM_READ_DATA, "", 1, 7,
		3},
};

static void check_gaps(void)
{
	for (size_t i = 0; i < COUNT(gap_cases); i++) {
		const struct gap_case *at = &gap_cases[i];

		for (int abi = 1; abi <= ABI_LAST; abi++) {
			const struct plan *plan = plan_of(at->text, abi);
			const struct gap *gap = find_gap(plan, at->operation, at->words);
			bool wanted = abi >= at->first && abi <= at->last;

			check(!gap == !wanted, at->text, abi,
				wanted ? "the gap is missing" : "a gap too many");
			if (gap && wanted)
				check(gap->origin.source &&
						origin_position(gap->origin).line == at->line,
					at->text, abi, "the gap names another rule");
		}
	}
}

/* Exceptions, patterns and types: for the broker, and a gap where there can be none. */
static const struct {
	const char *text;
	enum operation operation;
	const char *words;
	unsigned line;
} hole_cases[] = {
	{ALL "(deny file-read-data " ETC ")", OP_FILE_READ_DATA, "/etc", 3},
	{ALL "(deny file-write-data " ETC ")", OP_FILE_WRITE_DATA, "/etc", 3},
	{ALL "(deny file-write-create " ETC ")", OP_FILE_WRITE_CREATE, "/etc", 3},
	{ALL "(deny file-write-unlink (literal \"/etc/passwd\"))", OP_FILE_WRITE_UNLINK,
		"/etc/passwd", 3},
	{ALL "(deny process-exec* (literal \"/bin/sh\"))", OP_PROCESS_EXEC_ALL, "/bin/sh", 3},
	{ALL "(deny file*\n" ETC ")", OP_FILE_READ_DATA, "/etc", 3},
	{NONE "(allow file-read* (subpath \"/\"))\n(deny file-read* " ETC ")", OP_FILE_READ_DATA,
		"/etc", 4},
	{NONE "(allow file-read* " ETC ")\n(deny file-read* (literal \"/etc/shadow\"))",
		OP_FILE_READ_DATA, "/etc/shadow", 4},
	{ALL "(deny file-read-data (regex #\"[.]env$\"))", OP_FILE_READ_DATA, "", 3},
	{NONE "\n(allow file-read-data (regex #\"^/etc/\"))", OP_FILE_READ_DATA, "", 4},
	{ALL "(deny file-write-data (prefix \"/etc/pass\"))", OP_FILE_WRITE_DATA, "", 3},
	{ALL "(deny file-read-data (vnode-type BLOCK-DEVICE))", OP_FILE_READ_DATA, "", 3},
	{ALL "(deny default " ETC ")", OP_FILE_READ_DATA, "/etc", 3},
	{ALL "(deny sysctl-write)", OP_SYSCTL_WRITE, "/proc/sys", 3},
	{ALL "(deny process-info*)", OP_PROCESS_INFO_PIDINFO, "/proc", 3},
	{ALL "(deny process-exec-interpreter (literal \"/bin/sh\"))", OP_PROCESS_EXEC_INTERPRETER,
		"broker", 3},
};

static void check_holes(void)
{
	for (size_t i = 0; i < COUNT(hole_cases); i++) {
		const char *text = hole_cases[i].text;

		for (int abi = 1; abi <= ABI_LAST; abi++) {
			const struct plan *plan = plan_of(text, abi);

			check(!find_gap(plan, hole_cases[i].operation, "") && plan->has_broker,
				text, abi, "the broker does not hold it");
			plan = nested_plan_of(text, abi);
			const struct gap *gap =
				find_gap(plan, hole_cases[i].operation, hole_cases[i].words);

			check(gap, text, abi, "the gap is missing");
			if (gap)
				check(gap->origin.source && origin_position(gap->origin).line ==
								    hole_cases[i].line,
					text, abi, "the gap names another rule");
		}
	}
}

/* What every kernel with Landlock enforces without a gap. */
static const char *const exact_cases[] = {
	ALL,
	NONE "(allow file-read-metadata)(allow file-read-xattr)(allow file-ioctl)"
	     "(allow signal)",
	ALL "(deny file-write-data file-write-create file-write-unlink " ONLY_TMP ")",
	ALL "(deny file-write-data file-write-create file-write-unlink file-mknod)",
	ALL "(deny file-read-data (require-not (require-any (subpath \"/usr\") " ETC ")))",
	ALL "(deny file-write-mode file-write-owner file-write-times file-write-flags"
	    " file-write-xattr)",
	ALL "(deny file-write-data file-write-create file-write-unlink file-write-mode"
	    " file-write-owner file-write-times file-write-flags file-write-acl file-write-xattr"
	    " file-write-finderinfo " ONLY_TMP ")",
	ALL "(deny file-read-metadata file-read-xattr " ETC ")",
	ALL "(deny file-read-metadata)",
	ALL "(deny file-write-mode (regex #\"[.]so$\"))",
	ALL "(deny file-write-xattr (xattr \"user.a\"))",
	ALL "(deny file-link " ETC ")",
	ALL "(deny file-write-acl)",
	NONE "(deny process-info*)(allow process-info* (target self))(allow file-ioctl signal)"
	     "(allow file-read* (subpath \"/proc/self\") (subpath \"/usr\"))",
	ALL "(deny network*)",
	ALL "(deny network-outbound (remote udp))(deny network-inbound network-bind (local udp))",
	ALL "(deny network-outbound network-inbound network-bind (socket-domain AF_UNIX))",
	ALL "(deny network-inbound)",
	ALL "(deny process-fork)",
	ALL "(deny process-exec* (require-not (subpath \"/usr\")))",
	ALL "(deny ipc-sysv*)(deny system-swap)(deny file-mount file-unmount file-chroot)",
	ALL "(deny file-write-setugid)",
	ALL "(deny file-write-data (require-not (literal \"/dev/null\")))",
	ALL "(import \"no-network.sb\")",
	ALL "(import \"no-internet.sb\")",
	ALL "(deny mach* iokit* hid-control)",
	ALL "(deny signal (require-not (target same-sandbox)))",
	NONE "(allow process-fork)(allow signal (target same-sandbox))(allow file-read-metadata)"
	     "(allow file-read-xattr)(allow file-ioctl)",
	ALL "(deny signal (target children))",
	ALL "(deny signal (signal-number SIGKILL))",
	ALL
	"(deny file-read-data (require-not (require-any (literal \"/usr\") (prefix \"/usr/\"))))",
};

static void check_exact(void)
{
	for (size_t i = 0; i < COUNT(exact_cases); i++) {
		for (int abi = 1; abi <= ABI_LAST; abi++) {
			const struct plan *plan = plan_of(exact_cases[i], abi);
			const struct gap *gap = plan_gaps(plan);

			check(!gap, exact_cases[i], abi,
				gap ? text_format(&arena, "a gap: %s: %s",
					      operation_name(gap->operation), gap->reason)
				    : "");
		}
	}
}

#define OUT_ONLY(filter)                                                                           \
	ALL "(deny network-outbound (remote tcp))(allow network-outbound (remote tcp " filter "))"

/* What is left to the broker, by the calls that it gets. */
static const struct {
	const char *text;
	bool connects, binds, listens, sends;
	int first, last; /* ABI */
} broker_cases[] = {
	/* TCP ports, where Landlock does not know them; exceptions and hosts. */
	{OUT_ONLY("\"*:443\""), true, false, false, false, 1, 3},
	{ALL "(deny network-bind (local tcp))(allow network-bind (local tcp \"*:80\"))", false,
		true, false, false, 1, 3},
	{ALL "(deny network-outbound (remote tcp \"*:22\"))", true, false, false, false, 1, 7},
	{OUT_ONLY("\"localhost:80\""), true, false, false, false, 1, 7},
	{ALL "(deny network-outbound (remote ip))"
	     "(allow network-outbound (remote ip \"localhost:*\"))",
		true, false, false, true, 1, 7},
	{ALL "(deny network-bind (local ip \"localhost:*\"))", false, true, false, false, 1, 7},
	/* UDP and unix sockets, one from another; listening. */
	{ALL "(deny network-outbound (remote udp \"*:53\"))", true, false, false, true, 1, 7},
	{ALL "(deny network-outbound (literal \"/run/docker.sock\"))", true, false, false, true, 1,
		7},
	{ALL "(deny network-outbound)(allow network-outbound (remote udp))", true, false, false,
		true, 1, 7},
	{ALL "(deny network-inbound (local tcp \"*:22\"))", false, true, true, false, 1, 7},
	{ALL "(deny network*)(allow network-outbound (literal \"/run/a\"))", true, false, false,
		false, 1, 7},
	{ALL "(deny network* (literal \"/run/a\"))", true, true, true, true, 1, 7},
};

static bool goes_to_broker(const struct plan *plan, long call)
{
	return plan->verdicts[call] == VERDICT_BROKER;
}

static void check_broker(void)
{
	for (size_t i = 0; i < COUNT(broker_cases); i++) {
		const char *text = broker_cases[i].text;

		for (int abi = broker_cases[i].first; abi <= broker_cases[i].last; abi++) {
			const struct plan *plan = plan_of(text, abi);

			check(!plan_gaps(plan) && plan->has_broker, text, abi, "no broker");
			check(plan->handled_fs, text, abi, "mounts could change");
			check(goes_to_broker(plan, SYS_connect) == broker_cases[i].connects, text,
				abi, "connect");
			check(goes_to_broker(plan, SYS_bind) == broker_cases[i].binds, text, abi,
				"bind");
			check(goes_to_broker(plan, SYS_listen) == broker_cases[i].listens, text,
				abi, "listen");
			check(goes_to_broker(plan, SYS_sendmsg) == broker_cases[i].sends, text, abi,
				"sendmsg");
			check(goes_to_broker(plan, SYS_sendmmsg) == broker_cases[i].sends, text,
				abi, "sendmmsg");
			check((plan->verdicts[SYS_sendto] == VERDICT_SENDTO) ==
					broker_cases[i].sends,
				text, abi, "sendto");
			check(plan->verdicts[SYS_accept4] == VERDICT_ALLOW ||
					!broker_cases[i].listens,
				text, abi, "accept");
		}
	}
}

/* Without Landlock there is no sandbox at all, and one gap that says so. */
static void check_no_landlock(void)
{
	for (size_t i = 0; i < COUNT(exact_cases); i++) {
		const struct plan *plan = plan_of(exact_cases[i], 0);

		check(find_gap(plan, OP_DEFAULT, "no Landlock"), exact_cases[i], 0,
			"the gap is missing");
		check(!plan_gaps(plan)->next, exact_cases[i], 0, "more than one gap");
		check(!plan->handled_fs && !plan->handled_net && !plan->scoped, exact_cases[i], 0,
			"a right that this kernel does not know");
	}
	for (size_t i = 0; i < COUNT(gap_cases); i++) {
		const struct plan *plan = plan_of(gap_cases[i].text, 0);

		check(find_gap(plan, OP_DEFAULT, "no Landlock"), gap_cases[i].text, 0,
			"the gap is missing");
		check(!strstr(gap_cases[i].words, "ABI") ||
				!find_gap(plan, gap_cases[i].operation, gap_cases[i].words),
			gap_cases[i].text, 0, "a gap that only repeats the lack of Landlock");
	}
}

/* No kernel is asked for a right that it doesn't know. */
static void check_rights(void)
{
	static const uint64_t fs[] = {0, FS_REFER - 1, FS_TRUNCATE - 1, FS_IOCTL_DEV - 1,
		FS_IOCTL_DEV - 1, 2 * FS_IOCTL_DEV - 1, 2 * FS_IOCTL_DEV - 1, 2 * FS_IOCTL_DEV - 1};

	for (size_t i = 0; i < COUNT(gap_cases) + COUNT(exact_cases); i++) {
		const char *text = i < COUNT(gap_cases) ? gap_cases[i].text
							: exact_cases[i - COUNT(gap_cases)];

		for (int abi = 0; abi <= ABI_LAST; abi++) {
			const struct plan *plan = plan_of(text, abi);
			bool beyond = false;

			for (const struct path_grant *at = plan->grants; at; at = at->next)
				beyond |=
					(at->rights & ~plan->handled_fs) != 0 ||
					(!at->is_directory && at->rights & ~(uint64_t)FS_OF_FILES);
			check(!(plan->handled_fs & ~fs[abi]), text, abi, "an unknown file right");
			check(!beyond, text, abi, "a grant of what is not handled");
			check(abi >= ABI_NET || (!plan->handled_net && !plan->ports), text, abi,
				"an unknown network right");
			check(abi >= ABI_SCOPE || !plan->scoped, text, abi, "an unknown scope");
			check(abi == 0 || plan->handled_fs || plan->handled_net || plan->scoped,
				text, abi, "no Landlock domain at all");
		}
	}
}

static void check_truncate(void)
{
	static const char text[] = ALL "(deny file-write-data " ONLY_TMP ")";

	for (int abi = 1; abi <= ABI_LAST; abi++) {
		const struct plan *plan = plan_of(text, abi);
		const struct path_grant *tmp = find_grant(plan, "/tmp");
		bool known = abi >= ABI_TRUNCATE;

		check(plan->handled_fs & FS_WRITE_FILE, text, abi, "writing is not handled");
		check(tmp && tmp->rights & FS_WRITE_FILE, text, abi, "/tmp is not granted");
		check(!(plan->handled_fs & FS_TRUNCATE) == !known, text, abi, "FS_TRUNCATE");
		check(plan->may_truncate == known, text, abi, "may_truncate");
		check((plan->verdicts[SYS_truncate] == VERDICT_EPERM) == !known, text, abi,
			"truncate(2)");
		check(known || plan->verdicts[NR_openat2] == VERDICT_ENOSYS, text, abi,
			"the flags of openat2 are out of sight");
		check(has_limit(plan, "ABI 3") == !known, text, abi, "the limit");
	}
}

static void check_refer(void)
{
	static const char text[] =
		ALL "(deny file-write-create file-write-unlink file-write-data " ONLY_TMP ")";

	for (int abi = 1; abi <= ABI_LAST; abi++) {
		const struct plan *plan = plan_of(text, abi);
		const struct path_grant *tmp = find_grant(plan, "/tmp");
		bool known = abi >= ABI_REFER;

		check(!(plan->handled_fs & FS_REFER) == !known, text, abi, "FS_REFER");
		check(tmp && !(tmp->rights & FS_REFER) == !known, text, abi,
			"renaming between directories of /tmp");
		check(!find_grant(plan, "/"), text, abi, "the root is granted");
		check(has_limit(plan, "ABI 2") == !known, text, abi, "the limit");
	}
}

static void check_ports(void)
{
	static const char text[] = ALL "(deny network-outbound (remote tcp))\n"
				       "(allow network-outbound (remote tcp \"*:443\")"
				       " (remote ip4 \"*:80\") (remote ip6 \"*:80\"))\n"
				       "(deny network-bind (local tcp))\n"
				       "(allow network-bind (local tcp \"*:443\"))\n";

	for (int abi = ABI_NET; abi <= ABI_LAST; abi++) {
		const struct plan *plan = plan_of(text, abi);
		unsigned count = 0;

		for (const struct port_grant *at = plan->ports; at; at = at->next) {
			count++;
			check(at->port == 443    ? at->rights == (NET_CONNECT_TCP | NET_BIND_TCP)
				: at->port == 80 ? at->rights == NET_CONNECT_TCP
						 : false,
				text, abi, "the rights of a port");
		}
		check(count == 2, text, abi, "two ports");
		check(plan->handled_net == (NET_CONNECT_TCP | NET_BIND_TCP), text, abi,
			"the handled rights");
		check(plan->sockets ==
				(SOCKETS_TCP | SOCKETS_UDP | SOCKETS_UNIX | SOCKETS_NETLINK_ROUTE),
			text, abi, "the classes of sockets");
		check(plan->verdicts[SYS_sendto] == VERDICT_NO_TFO3, text, abi,
			"fast open connects without Landlock");
	}
}

/* no-network is static seccomp alone (DESIGN.md section 4). */
static void check_network(void)
{
	static const char none[] = ALL "(import \"no-network.sb\")";
	static const char local[] = ALL "(import \"no-internet.sb\")";

	for (int abi = 1; abi <= ABI_LAST; abi++) {
		const struct plan *plan = plan_of(none, abi);

		check(plan->handled_fs == (FS_MAKE_BLOCK | (abi < ABI_REFER ? 0u : FS_REFER)), none,
			abi, "path rules");
		check(!plan->ports && !plan->has_broker, none, abi, "ports, or a broker");
		check(plan->verdicts[SYS_socket] == VERDICT_EPERM, none, abi, "socket(2)");
		check(plan->verdicts[SYS_connect] == VERDICT_EPERM, none, abi, "connect(2)");
		check(plan->verdicts[SYS_bind] == VERDICT_EPERM, none, abi, "bind(2)");
		check(plan->verdicts[SYS_open] != VERDICT_BROKER, none, abi, "open(2)");
		check(plan->verdicts[SYS_read] == VERDICT_ALLOW, none, abi, "read(2)");

		plan = plan_of(local, abi);
		check(plan->sockets == (SOCKETS_UNIX | SOCKETS_NETLINK_ROUTE), local, abi,
			"the classes of sockets");
		check(plan->verdicts[SYS_socket] == VERDICT_SOCKET, local, abi, "socket(2)");
		check(plan->verdicts[SYS_connect] == VERDICT_ALLOW, local, abi, "connect(2)");
		check(!plan->has_broker, local, abi, "a broker");
	}
}

/* Which numbers rules know: SIGKILL, SIGBUS, SIGUSR1, SIGCHLD, SIGIO; SIGSTKFLT has none. */
static void check_signal_numbers(void)
{
	static const int numbers[][2] = {{0, 0}, {9, 9}, {7, 10}, {10, 30}, {12, 31}, {17, 20},
		{18, 19}, {19, 17}, {29, 23}, {31, 12}, {16, 272}, {30, 286}, {34, 34}, {64, 64}};

	for (size_t i = 0; i < COUNT(numbers); i++)
		check(plan_signal_number(numbers[i][0]) == numbers[i][1], "a signal's number",
			numbers[i][0], "");
}

/* What Landlock's scope and the broker hold, each on kernels with that scope. */
static const struct {
	const char *text;
	bool has_scope, has_broker, kill_is_free;
} signal_cases[] = {
	{ALL, false, false, false},
	{ALL "(deny signal (require-not (target same-sandbox)))", true, false, false},
	{ALL "(deny signal (target children))", false, true, false},
	{ALL "(deny signal (target others))", true, true, false},
	{ALL "(deny signal (target initproc))", false, true, false},
	{ALL "(deny signal (signal-number SIGTERM))", false, true, true},
	{ALL "(deny signal (signal-number SIGKILL))", false, true, false},
	{NONE "(allow process-fork)(allow signal (target self))", true, true, false},
	{NONE "(allow process-fork)(allow signal (target children))", true, true, false},
	{NONE "(allow process-fork)(allow signal (target pgrp))", false, true, false},
	{NONE "(allow process-fork)(allow signal (target same-sandbox))"
	      "(deny signal (signal-number SIGTERM))",
		true, true, true},
	{NONE "(allow signal (target children))", true, false, false},
};

static void check_signal_case(const char *text, int abi, bool has_scope, bool has_broker, bool kill)
{
	const struct plan *plan = plan_of(text, abi);
	const struct plan *nested;

	check(!(plan->scoped & SCOPE_SIGNAL) == !has_scope, text, abi, "the scope");
	check(!plan->signals == !has_broker, text, abi, "the broker");
	check((plan->verdicts[SYS_tgkill] == VERDICT_BROKER) == has_broker, text, abi, "tgkill");
	check((plan->verdicts[SYS_fcntl] == VERDICT_FCNTL) == has_broker, text, abi, "fcntl");
	if (plan->signals)
		check(plan->signals->is_free[9] == kill, text, abi, "SIGKILL");
	nested = nested_plan_of(text, abi);
	check(!find_gap(nested, OP_SIGNAL, "the only one") == !has_broker, text, abi,
		"a second broker");
	check(!nested->signals, text, abi, "the second broker");
}

static void check_signals(void)
{
	static const char text[] = NONE "(allow signal (target same-sandbox))";
	static const char alone[] = NONE;

	for (int abi = ABI_SCOPE; abi <= ABI_LAST; abi++) {
		check(plan_of(text, abi)->scoped & SCOPE_SIGNAL, text, abi, "the scope");
		check(plan_of(alone, abi)->scoped & SCOPE_SIGNAL, alone, abi, "the scope");
		check(!find_gap(plan_of(alone, abi), OP_SIGNAL, ""), alone, abi,
			"nobody else is in the sandbox of one that cannot fork");
		check(!(plan_of(ALL, abi)->scoped & SCOPE_SIGNAL), ALL, abi, "the scope");
		for (size_t i = 0; i < COUNT(signal_cases); i++)
			check_signal_case(signal_cases[i].text, abi, signal_cases[i].has_scope,
				signal_cases[i].has_broker, signal_cases[i].kill_is_free);
	}
	for (int abi = 1; abi < ABI_SCOPE; abi++)
		check_signal_case(text, abi, false, true, false);
	check_signal_numbers();
}

/* The hardening of every sandbox, and what a whole operation refuses. */
static void check_calls(void)
{
	static const struct {
		const char *text;
		long number;
		enum verdict verdict;
	} cases[] = {
		{ALL, SYS_bpf, VERDICT_EPERM},
		{ALL, SYS_open_by_handle_at, VERDICT_EPERM},
		{ALL, SYS_kexec_load, VERDICT_EPERM},
		{ALL, SYS_init_module, VERDICT_EPERM},
		{ALL, NR_move_mount, VERDICT_EPERM},
		{ALL, NR_open_tree, VERDICT_EPERM},
		{ALL, NR_mount_setattr, VERDICT_EPERM},
		{ALL, SYS_io_uring_setup, VERDICT_ENOSYS},
		{ALL, SYS_io_uring_enter, VERDICT_ENOSYS},
		{ALL, SYS_ioctl, VERDICT_IOCTL},
		{ALL, SYS_fchmod, VERDICT_MODE1},
		{ALL, SYS_fchmodat, VERDICT_MODE2},
		{ALL, SYS_read, VERDICT_ALLOW},
		{ALL, SYS_socket, VERDICT_ALLOW},
		{ALL, SYS_setxattr, VERDICT_ALLOW},
		{ALL "(allow file-write-setugid)", SYS_fchmod, VERDICT_ALLOW},
		{ALL "(deny file-write-mode)", SYS_fchmod, VERDICT_EPERM},
		{ALL "(deny file-write-mode)", SYS_fchmodat, VERDICT_EPERM},
		{ALL "(deny file-write-mode)", NR_fchmodat2, VERDICT_EPERM},
		{ALL "(deny file-write-owner)", SYS_fchownat, VERDICT_EPERM},
		{ALL "(deny file-write-mode " ETC ")", SYS_fchmodat, VERDICT_BROKER},
		{ALL "(deny file-write-mode " ETC ")", NR_fchmodat2, VERDICT_BROKER},
		{ALL "(deny file-write-mode " ETC ")", SYS_fchownat, VERDICT_ALLOW},
		{ALL "(deny file-write-owner " ETC ")", SYS_fchown, VERDICT_BROKER},
		{ALL "(deny file-write-times " ETC ")", SYS_utimensat, VERDICT_BROKER},
		{ALL "(deny file-write-xattr " ETC ")", SYS_fsetxattr, VERDICT_BROKER},
		{ALL "(deny file-write-xattr " ETC ")", NR_setxattrat, VERDICT_ENOSYS},
		{ALL "(deny file-write-flags " ETC ")", NR_file_setattr, VERDICT_ENOSYS},
		{ALL "(deny file-write-flags " ETC ")", SYS_ioctl, VERDICT_IOCTL},
		{ALL "(deny file-read-metadata)", SYS_fstat, VERDICT_BROKER},
		{ALL "(deny file-read-metadata " ETC ")", SYS_statx, VERDICT_BROKER},
		{ALL "(deny file-read-metadata " ETC ")", SYS_getxattr, VERDICT_ALLOW},
		{ALL "(deny file-read-xattr " ETC ")", SYS_getxattr, VERDICT_BROKER},
		{ALL "(deny file-write-acl)", SYS_lsetxattr, VERDICT_BROKER},
		{ALL "(allow file-write-setugid " ETC ")", SYS_fchmod, VERDICT_BROKER},
		{ALL "(allow file-write-setugid " ETC ")", SYS_mknodat, VERDICT_MODE2},
		{ALL "(deny file-write-times)", SYS_utimensat, VERDICT_EPERM},
		{ALL "(deny file-write-xattr)", SYS_fsetxattr, VERDICT_EPERM},
		{ALL "(deny file-write-xattr)", SYS_fgetxattr, VERDICT_ALLOW},
		{ALL "(deny file-read-xattr)", SYS_listxattr, VERDICT_EPERM},
		{ALL "(deny file-link)", SYS_linkat, VERDICT_EPERM},
		{ALL "(deny ipc-sysv*)", SYS_shmget, VERDICT_EPERM},
		{ALL "(deny file-mount)", SYS_mount, VERDICT_EPERM},
		{ALL "(deny process-fork)", SYS_clone, VERDICT_CLONE},
		{ALL "(deny process-fork)", NR_clone3, VERDICT_ENOSYS},
		{NONE, SYS_socket, VERDICT_EPERM},
		{NONE, SYS_shmget, VERDICT_EPERM},
		{NONE, SYS_clone, VERDICT_CLONE},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int abi = 0; abi <= ABI_LAST; abi++)
			check(plan_of(cases[i].text, abi)->verdicts[cases[i].number] ==
					(uint8_t)cases[i].verdict,
				cases[i].text, abi,
				text_format(
					&arena, "the verdict of system call %ld", cases[i].number));
	}
}

static void check_limits(void)
{
	static const char set_id[] = ALL "(allow file-write-setugid (subpath \"/tmp\"))";
	static const char missing[] = NONE "(allow file-write-data (subpath \"/tmp/no/such\")"
					   " (subpath \"/tmp/no-such-directory\"))";
	static const char listing[] = NONE "(allow file-read-data (literal \"/\"))";

	for (int abi = 1; abi <= ABI_LAST; abi++) {
		const struct plan *plan = plan_of(set_id, abi);

		check(!plan->may_set_id && has_limit(plan, "setuid"), set_id, abi, "the limit");
		plan = plan_of(missing, abi);
		check(has_limit(plan, "/tmp/no-such-directory does not exist"), missing, abi,
			"the limit");
		check(!has_limit(plan, "/tmp/no/such "), missing, abi,
			"a limit for what has no parent either");
		plan = plan_of(listing, abi);
		check(has_limit(plan, "/ cannot be listed"), listing, abi, "the limit");
		check(!find_grant(plan, "/"), listing, abi, "all is granted");
	}
}

/* What is below a regular file is nothing: a rule on it grants nothing, least of all the file. */
static void check_below_file(void)
{
	static const char text[] = NONE "(allow file-read-data (subpath \"/etc/passwd\"))"
					"(deny file-read-data (literal \"/etc/passwd\"))";

	for (int abi = 1; abi <= ABI_LAST; abi++)
		check(!find_grant(plan_of(text, abi), "/etc/passwd"), text, abi,
			"the file itself is granted");
}

/* Shared memory is files: allowing it grants none that a rule on files denies. */
static void check_shared_memory(void)
{
	static const char *const texts[] = {
		NONE "(allow ipc-posix-shm*)\n(deny file-read-data (subpath \"/dev/shm\"))",
		NONE "(allow ipc-posix-shm*)\n(deny file-read-data (literal \"/dev/shm/x\"))",
		NONE "(allow ipc-posix-shm*)\n(deny file-read-data (subpath \"/dev/shm/x\"))",
		NONE "(allow ipc-posix-shm*)\n(deny file-read-data (regex \"x$\"))",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		for (int abi = 1; abi <= ABI_LAST; abi++) {
			const struct plan *plan = plan_of(texts[i], abi);
			const struct path_grant *grant = find_grant(plan, "/dev/shm");

			check(!grant || !(grant->rights & FS_READ_FILE) ||
					plan->opens == OPENS_ALL ||
					find_gap(plan, OP_FILE_READ_DATA, "") ||
					find_gap(plan, OP_IPC_POSIX_SHM_READ_DATA, ""),
				texts[i], abi, "a denied file is granted, without a gap");
		}
	}
}

/* A tree of real files, and policies that speak of it. */
static char root[] = "/tmp/unit-plan.XXXXXX";
static const char *const directories[] = {
	"/a", "/a/b", "/a/b/c", "/a/ab", "/b", "/b/a", "/ab", "/ab/c"};
static const char *const files[] = {
	"/c", "/a/c", "/a/b/a", "/a/b/c/b", "/a/ab/b", "/b/a/c", "/ab/b", "/ab/c/a"};
static const char *const missing_files[] = {
	"/new", "/a/new", "/a/b/new", "/a/b/c/new", "/ab/new", "/b/a/new"};

static void make_tree(void)
{
	if (!mkdtemp(root)) {
		printf("%s: %s\n0 passed, 1 failed\n", root, strerror(errno));
		exit(1);
	}
	for (size_t i = 0; i < COUNT(directories); i++)
		mkdir(text_format(&arena, "%s%s", root, directories[i]), 0755);
	for (size_t i = 0; i < COUNT(files); i++)
		close(open(text_format(&arena, "%s%s", root, files[i]),
			O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
}

static void remove_tree(void)
{
	for (size_t i = 0; i < COUNT(files); i++)
		unlink(text_format(&arena, "%s%s", root, files[i]));
	for (size_t i = COUNT(directories); i > 0; i--)
		rmdir(text_format(&arena, "%s%s", root, directories[i - 1]));
	rmdir(root);
}

static void add_filter(struct text *text, unsigned depth)
{
	static const char *const patterns[] = {"subpath", "subpath", "subpath", "literal"};
	const char *path = below(2)   ? PICK(directories)
			   : below(4) ? PICK(files)
			   : below(2) ? PICK(missing_files)
				      : "";

	if (depth && below(5) == 0) {
		text_add(text, "(require-not ");
		add_filter(text, depth - 1);
		text_add(text, ")");
	} else if (depth && below(5) == 0) {
		text_add(text, below(2) ? "(require-any " : "(require-all ");
		add_filter(text, depth - 1);
		add_filter(text, depth - 1);
		text_add(text, ")");
	} else if (below(12) == 0) {
		text_add(text, below(2) ? "(vnode-type DIRECTORY)" : "(regex \"/b$\")");
	} else if (below(8) == 0) {
		text_addf(text, "(prefix \"%s%s%s\")", root, path, below(2) ? "/" : "");
	} else {
		text_addf(text, "(%s \"%s%s\")", PICK(patterns), root, path);
	}
}

static const char *random_policy(void)
{
	static const char *const names[] = {"default", "file*", "file-read*", "file-read-data",
		"file-write*", "file-write-data", "file-write-create", "file-write-unlink",
		"process-exec*"};
	struct text text = text_make(&arena);

	text_add(&text, below(2) ? ALL : NONE);
	for (unsigned rules = 1 + below(4); rules; rules--) {
		text_addf(&text, "(%s", below(2) ? "allow" : "deny");
		for (unsigned count = 1 + below(3); count; count--)
			text_addf(&text, " %s", PICK(names));
		if (below(8)) {
			text_add(&text, " ");
			add_filter(&text, 2);
		}
		text_add(&text, ")\n");
	}
	return text.bytes;
}

/* As the kernel does it: the rights of all rules on the way up. */
static bool landlock_allows(const struct plan *plan, const char *path, uint64_t right)
{
	if (!(plan->handled_fs & right))
		return true;
	for (const struct path_grant *at = plan->grants; at; at = at->next) {
		if (at->rights & right &&
			path_is_within(path, strlen(path), at->path, strlen(at->path)))
			return true;
	}
	return false;
}

static bool has_gap(const struct plan *plan, enum operation operation)
{
	return find_gap(plan, operation, "");
}

/* The calls that need the right are the broker's. */
static bool is_asked_for(const struct plan *plan, uint64_t right)
{
	static const struct {
		uint64_t rights;
		long call;
	} calls[] = {{FS_EXECUTE, SYS_execve}, {FS_MAKE_REG | FS_MAKE_DIR, SYS_mkdirat},
		{FS_REMOVE_FILE | FS_REMOVE_DIR, SYS_unlinkat},
		{FS_WRITE_FILE | FS_TRUNCATE, SYS_truncate},
		{FS_READ_FILE | FS_READ_DIR, NR_openat2}};

	for (size_t i = 0; i < COUNT(calls); i++) {
		if (right & calls[i].rights && plan->verdicts[calls[i].call] != VERDICT_BROKER)
			return false;
	}
	if (plan->verdicts[SYS_renameat2] != VERDICT_BROKER ||
		plan->verdicts[SYS_linkat] != VERDICT_BROKER)
		return false;
	return right & (FS_READ_FILE | FS_READ_DIR)    ? plan->opens == OPENS_ALL
	       : right & (FS_WRITE_FILE | FS_MAKE_REG) ? plan->opens != OPENS_DIRECT
						       : true;
}

/* object is what the operation asks about, path what Landlock looks at. */
static void check_access(const struct plan *plan, const char *text, enum operation operation,
	const char *object, const char *path, uint64_t right, long type)
{
	struct query query = {.operation = operation, .texts = {[TEXT_PATH] = object}};

	query_set_number(&query, NUMBER_VNODE_TYPE, type);
	query_set_number(&query, NUMBER_FILE_MODE, 0755);
	bool allowed = policy_decide(plan->policy, &query).action == ACTION_ALLOW;
	bool possible = landlock_allows(plan, path, right);
	const char *what = text_format(&arena, "%s of %s (right %#llx)", operation_name(operation),
		object, (unsigned long long)right);

	/* Only the kernel executes: it must not refuse what the broker allows. */
	if (plan->brokered_fs & right) {
		check(!allowed || possible || right != FS_EXECUTE, text, plan->host->landlock_abi,
			text_format(&arena, "allowed and impossible: %s", what));
		check(is_asked_for(plan, right), text, plan->host->landlock_abi,
			text_format(&arena, "the broker is not asked: %s", what));
		return;
	}
	check(allowed || !possible || has_gap(plan, operation), text, plan->host->landlock_abi,
		text_format(&arena, "denied and possible, without a gap: %s", what));
	if (object == path) /* what is granted to a single name cannot be created or removed */
		check(!allowed || possible || has_gap(plan, operation) || plan_limits(plan), text,
			plan->host->landlock_abi,
			text_format(&arena, "allowed and impossible, without a limit: %s", what));
}

static void check_file(const struct plan *plan, const char *text, const char *name)
{
	const char *path = text_format(&arena, "%s%s", root, name);

	check_access(plan, text, OP_FILE_READ_DATA, path, path, FS_READ_FILE, 1);
	check_access(plan, text, OP_FILE_WRITE_DATA, path, path, FS_WRITE_FILE, 1);
	check_access(plan, text, OP_PROCESS_EXEC_ALL, path, path, FS_EXECUTE, 1);
	check_access(plan, text, OP_FILE_WRITE_UNLINK, path, path_parent(&arena, path),
		FS_REMOVE_FILE, 1);
	if (plan->host->landlock_abi >= ABI_TRUNCATE)
		check_access(plan, text, OP_FILE_WRITE_DATA, path, path, FS_TRUNCATE, 1);
	else if (plan->may_truncate)
		check(!has_limit(plan, "ABI 3"), text, plan->host->landlock_abi,
			"a limit that does not hold");
}

static void check_directory(const struct plan *plan, const char *text, const char *name)
{
	const char *path = text_format(&arena, "%s%s", root, name);

	check_access(plan, text, OP_FILE_READ_DATA, path, path, FS_READ_DIR, 2);
	check_access(plan, text, OP_FILE_WRITE_UNLINK, path, path_parent(&arena, path),
		FS_REMOVE_DIR, 2);
}

static void check_missing(const struct plan *plan, const char *text, const char *name)
{
	const char *path = text_format(&arena, "%s%s", root, name);
	const char *parent = path_parent(&arena, path);

	check_access(plan, text, OP_FILE_WRITE_CREATE, path, parent, FS_MAKE_REG, 1);
	check_access(plan, text, OP_FILE_WRITE_CREATE, path, parent, FS_MAKE_DIR, 2);
}

static void check_random(unsigned long policies)
{
	make_tree();
	for (unsigned long i = 0; i < policies; i++) {
		start();
		const char *text = random_policy();
		const struct plan *plan = make(evaluate(text), 1 + (int)below(ABI_LAST));

		for (size_t j = 0; j < COUNT(files); j++)
			check_file(plan, text, files[j]);
		for (size_t j = 0; j < COUNT(directories); j++)
			check_directory(plan, text, directories[j]);
		for (size_t j = 0; j < COUNT(missing_files); j++)
			check_missing(plan, text, missing_files[j]);
	}
	remove_tree();
}

/* Network operations: each address that the policy denies is out of reach, or a gap says so. */
static const unsigned protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_OTHER, PROTOCOL_UNIX};
static const int ports[] = {22, 80, 443, 5000};

static void add_network_filter(struct text *text, unsigned depth)
{
	static const char *const ways[] = {"remote", "local"};
	static const char *const kinds[] = {
		"ip", "ip4", "ip6", "tcp", "tcp", "tcp4", "tcp6", "udp", "udp4"};
	static const char *const hosts[] = {"*", "*", "*", "localhost"};
	static const char *const numbers[] = {"*", "*", "22", "80", "443"};
	static const char *const others[] = {"(literal \"/s\")", "(subpath \"/run\")",
		"(subpath \"/\")", "(remote unix-socket)", "(local unix-socket)",
		"(socket-domain AF_UNIX)", "(socket-domain AF_INET AF_INET6)",
		"(socket-type SOCK_STREAM)", "(vnode-type SOCKET)"};

	if (depth && below(6) == 0) {
		text_add(text, below(2) ? "(require-not " : "(require-any (literal \"/t\") ");
		add_network_filter(text, depth - 1);
		text_add(text, ")");
	} else if (below(4) == 0) {
		text_add(text, PICK(others));
	} else {
		text_addf(text, "(%s %s \"%s:%s\")", PICK(ways), PICK(kinds), PICK(hosts),
			PICK(numbers));
	}
}

static const char *random_network_policy(void)
{
	static const char *const names[] = {"network*", "network*", "network-outbound",
		"network-outbound", "network-inbound", "network-bind", "default"};
	struct text text = text_make(&arena);

	text_add(&text, below(2) ? ALL : NONE);
	for (unsigned rules = 1 + below(4); rules; rules--) {
		text_addf(&text, "(%s %s", below(2) ? "allow" : "deny", PICK(names));
		if (below(5)) {
			text_add(&text, " ");
			add_network_filter(&text, 2);
		}
		text_add(&text, ")\n");
	}
	return text.bytes;
}

static bool port_is_open(const struct plan *plan, uint64_t right, int port)
{
	if (!(plan->handled_net & right))
		return true;
	for (const struct port_grant *at = plan->ports; at; at = at->next) {
		if (at->port == (unsigned)port && at->rights & right)
			return true;
	}
	return false;
}

static enum verdict verdict_on(const struct plan *plan, enum operation operation)
{
	long number = operation == OP_NETWORK_OUTBOUND  ? SYS_connect
		      : operation == OP_NETWORK_INBOUND ? SYS_listen
							: SYS_bind;

	return (enum verdict)plan->verdicts[number];
}

/* What can be sent without connect(2). */
static bool leaks_datagrams(
	const struct plan *plan, enum operation operation, unsigned protocol, bool allowed)
{
	bool has_datagrams = protocol & PROTOCOL_UDP    ? plan->sockets & SOCKETS_UDP
			     : protocol & PROTOCOL_UNIX ? plan->sockets & SOCKETS_UNIX
							: false;

	return operation == OP_NETWORK_OUTBOUND && has_datagrams && !allowed &&
	       plan->verdicts[SYS_sendmsg] != VERDICT_BROKER;
}

/* What seccomp and Landlock let through. */
static bool network_allows(
	const struct plan *plan, enum operation operation, unsigned protocol, int port)
{
	bool is_out = operation == OP_NETWORK_OUTBOUND;

	if (verdict_on(plan, operation) == VERDICT_EPERM)
		return false;
	if (protocol & PROTOCOL_UNIX)
		return !plan->holds_sockets || plan->sockets & SOCKETS_UNIX;
	if (protocol & PROTOCOL_UDP)
		return !plan->holds_sockets || plan->sockets & SOCKETS_UDP;
	if (!(protocol & PROTOCOL_TCP))
		return !plan->holds_sockets;
	if (plan->holds_sockets && !(plan->sockets & SOCKETS_TCP))
		return false;
	return operation == OP_NETWORK_INBOUND ||
	       port_is_open(plan, is_out ? NET_CONNECT_TCP : NET_BIND_TCP, port);
}

static bool has_network_gap(const struct plan *plan)
{
	const struct gap *gap = plan_gaps(plan);

	while (gap && !operation_is_within(gap->operation, OP_NETWORK_ALL))
		gap = gap->next;
	return gap;
}

static struct query address_query(enum operation operation, unsigned protocol)
{
	static const char *const paths[] = {"/s", "/t", "/run/x", "/other", NULL};
	struct query query = {.operation = operation};
	/* Localhost, a wildcard address, or neither. */
	unsigned host = below(3), other_host = below(3);
	struct endpoint address = {protocol, host == 1, true, PICK(ports), host == 2};
	struct endpoint other = {protocol, other_host == 1, below(2), PICK(ports), other_host == 2};

	if (protocol & PROTOCOL_UNIX) {
		query.texts[TEXT_PATH] = PICK(paths);
		query_set_number(&query, NUMBER_VNODE_TYPE, 6);
	}
	query_set_number(&query, NUMBER_SOCKET_DOMAIN,
		protocol & PROTOCOL_UNIX  ? 1
		: protocol & PROTOCOL_IP4 ? 2
					  : 30);
	query_set_number(&query, NUMBER_SOCKET_TYPE,
		protocol & (PROTOCOL_TCP | PROTOCOL_UNIX) ? 1
		: protocol & PROTOCOL_UDP                 ? 2
							  : 3);
	query.remote = operation == OP_NETWORK_OUTBOUND ? address : other;
	query.local = operation == OP_NETWORK_OUTBOUND ? other : address;
	return query;
}

static void check_addresses(unsigned long policies)
{
	static const enum operation operations[] = {
		OP_NETWORK_OUTBOUND, OP_NETWORK_INBOUND, OP_NETWORK_BIND};

	for (unsigned long i = 0; i < policies; i++) {
		start();
		const char *text = random_network_policy();
		const struct plan *plan = make(evaluate(text), 1 + (int)below(ABI_LAST));

		for (int j = 0; j < 40; j++) {
			unsigned protocol = PICK(protocols);
			enum operation operation = PICK(operations);

			/* Nobody listens for datagrams. */
			if (protocol & PROTOCOL_UDP && operation == OP_NETWORK_INBOUND)
				continue;
			if (!(protocol & PROTOCOL_UNIX))
				protocol |= below(2) ? PROTOCOL_IP4 : PROTOCOL_IP6;
			struct query query = address_query(operation, protocol);
			int port = query.operation == OP_NETWORK_OUTBOUND ? query.remote.port
									  : query.local.port;
			bool allowed = policy_decide(plan->policy, &query).action == ACTION_ALLOW;
			bool brokered = verdict_on(plan, query.operation) == VERDICT_BROKER;
			bool possible =
				network_allows(plan, query.operation, protocol, port) && !brokered;
			bool excused = has_network_gap(plan);
			const char *what = text_format(&arena, "%s, protocol %u, %s port %d",
				operation_name(query.operation), protocol,
				query.remote.localhost || query.local.localhost ? "localhost" : "",
				port);

			check(allowed || !possible || excused, text, plan->host->landlock_abi,
				text_format(
					&arena, "denied and possible, without a gap: %s", what));
			check(!leaks_datagrams(plan, query.operation, protocol, allowed) || excused,
				text, plan->host->landlock_abi,
				text_format(&arena, "sent without the broker: %s", what));
			/* Sockets that are neither TCP, UDP nor unix are left out with any rule. */
			check(!allowed || possible || excused || brokered ||
					protocol & PROTOCOL_OTHER,
				text, plan->host->landlock_abi,
				text_format(&arena, "allowed and impossible: %s", what));
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long policies = argc > 1 ? strtoul(argv[1], NULL, 10) : POLICIES;
	const char *given = getenv("SBX_TEST_SEED");
	uint64_t seed = (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();

	if (given)
		seed = strtoull(given, NULL, 10);
	printf("SBX_TEST_SEED=%llu\n", (unsigned long long)seed);
	state = seed * 0x9e3779b97f4a7c15u + 1;
	check_gaps();
	check_holes();
	check_exact();
	check_broker();
	check_no_landlock();
	check_rights();
	check_truncate();
	check_refer();
	check_ports();
	check_network();
	check_signals();
	check_calls();
	check_limits();
	check_below_file();
	check_shared_memory();
	check_random(policies);
	check_addresses(policies / 4);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
