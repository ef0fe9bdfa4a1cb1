/*
 * The seccomp program: a bisection over system call numbers to blocks that return or look at one
 * argument. Invariants: what is compared MUST be what the kernel uses: the low 32 bits where it
 * truncates, both halves for pointers; a foreign architecture MUST NOT get through.
 */
#include <errno.h>
#include <unistd.h>

#include "base/message.h"
#include "enforce/linux/bpf.h"
#include "enforce/linux/plan.h"

#if defined(__x86_64__)
#define NATIVE_ARCH ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH ARCH_AARCH64
#else
#error "sbx supports x86-64 and aarch64"
#endif

/* Values of the system call interface, the same on both architectures unless they say otherwise. */
enum {
	LINUX_TIOCSTI = 0x5412,
	LINUX_TIOCLINUX = 0x541c,
	LINUX_CLONE_THREAD = 0x00010000,
	LINUX_NEW_VIEW = 0x30020000, /* CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWNS */
	LINUX_PR_CAPBSET_DROP = 24,
	LINUX_PR_SET_SECUREBITS = 28,
	LINUX_PR_CAP_AMBIENT = 47,
	LINUX_SET_ID_BITS = 06000,
	LINUX_O_ACCMODE = 3,
	LINUX_O_CREAT = 0100,
	LINUX_O_TRUNC = 01000,
	LINUX_O_TMPFILE = 020000000,
	LINUX_O_PATH = 010000000,
	LINUX_AF_UNIX = 1,
	LINUX_AF_INET = 2,
	LINUX_AF_INET6 = 10,
	LINUX_AF_NETLINK = 16,
	LINUX_SOCK_STREAM = 1,
	LINUX_SOCK_DGRAM = 2,
	LINUX_SOCK_SEQPACKET = 5,
	LINUX_SOCK_TYPE_MASK = 0xf,
	LINUX_TCP = 6,
	LINUX_UDP = 17,
	LINUX_IPPROTO_IP = 0,
	LINUX_IPPROTO_IPV6 = 41,
	LINUX_IP_OPTIONS = 4,
	LINUX_IPV6_2292RTHDR = 5,
	LINUX_IPV6_2292PKTOPTIONS = 6,
	LINUX_IPV6_FLOWLABEL_MGR = 32,
	LINUX_IPV6_RTHDR = 57,
	LINUX_MFD_NOEXEC_SEAL = 8,
	LINUX_MSG_FASTOPEN = 0x20000000,
	LINUX_F_SETOWN = 8,
	LINUX_F_SETOWN_EX = 15,
	LINUX_FIOSETOWN = 0x8901,
	LINUX_SIOCSPGRP = 0x8902,
	BOUNDARIES_MAX = 120,
};

struct boundary {
	uint16_t first; /* the verdict holds from this number on */
	uint8_t verdict;
};

/*
 * Where to halve: by numbers, not by ranges. The kernel runs the program once for each number when
 * it is loaded, so that wide ranges pay for long paths.
 */
static unsigned middle_of(const struct boundary *boundaries, unsigned low, unsigned high)
{
	unsigned last = boundaries[high - 1].first;
	unsigned half = boundaries[low].first + (last - boundaries[low].first) / 2;
	unsigned middle = low + 1;

	while (middle + 1 < high && boundaries[middle].first < half)
		middle++;
	return middle;
}

/* All calls in [low, high) of the table, halved until one verdict is left. */
static void bisect(
	struct program *program, const struct boundary *boundaries, unsigned low, unsigned high)
{
	unsigned middle = middle_of(boundaries, low, high);

	if (middle - low == 1 && high - middle == 1) {
		bpf_test(program, BPF_JUMP_IF_AT_LEAST, boundaries[middle].first,
			boundaries[middle].verdict, boundaries[low].verdict);
		return;
	}
	unsigned at = program->length;

	bpf_test(program, BPF_JUMP_IF_AT_LEAST, boundaries[middle].first,
		high - middle == 1 ? boundaries[middle].verdict : (unsigned)LABEL_NEXT,
		middle - low == 1 ? boundaries[low].verdict : (unsigned)LABEL_NEXT);
	if (middle - low > 1)
		bisect(program, boundaries, low, middle);
	if (high - middle == 1)
		return;
	if (middle - low > 1) {
		/* The greater half stands after the lesser one. */
		unsigned distance = program->length - at - 1;

		if (distance > 255)
			die("the seccomp program jumps too far");
		program->code[at].if_true = (uint8_t)distance;
	}
	bisect(program, boundaries, middle, high);
}

static unsigned find_boundaries(const struct plan *plan, struct boundary *boundaries)
{
	unsigned count = 1;

	boundaries[0] = (struct boundary){0, plan->verdicts[0]};
	for (unsigned number = 1; number <= NR_LAST_KNOWN + 1; number++) {
		/* Calls newer than the table: programs know how to do without. */
		uint8_t verdict =
			number > NR_LAST_KNOWN ? (uint8_t)VERDICT_ENOSYS : plan->verdicts[number];

		if (boundaries[count - 1].verdict == verdict)
			continue;
		if (count == BOUNDARIES_MAX)
			die("the seccomp program has too many ranges");
		boundaries[count++] = (struct boundary){(uint16_t)number, verdict};
	}
	return count;
}

static void block_ioctl(struct program *program, const struct plan *plan)
{
	bpf_load_argument(program, 1);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_TIOCSTI, VERDICT_EPERM, LABEL_NEXT);
	if (plan->setting_flags) {
		bpf_test(program, BPF_JUMP_IF_EQUAL, IOCTL_SET_FLAGS, plan->setting_flags,
			LABEL_NEXT);
		bpf_test(program, BPF_JUMP_IF_EQUAL, IOCTL_SET_ATTRIBUTES, plan->setting_flags,
			LABEL_NEXT);
	}
	if (plan->signals) { /* programs have F_SETOWN of fcntl(2) for it */
		bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_FIOSETOWN, VERDICT_EPERM, LABEL_NEXT);
		bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_SIOCSPGRP, VERDICT_EPERM, LABEL_NEXT);
	}
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_TIOCLINUX, VERDICT_EPERM, VERDICT_ALLOW);
}

enum { LABEL_INET = VERDICT_COUNT, LABEL_UDP, LABEL_UNIX, LABEL_NETLINK, LABEL_MODE, LABEL_IP6 };

/* Of unix sockets, no datagrams: they go to any address. SOCK_RAW is one more name for them. */
static void only_streams(struct program *program)
{
	bpf_load_argument(program, 1);
	bpf_emit(program, BPF_AND, LINUX_SOCK_TYPE_MASK);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_SOCK_STREAM, VERDICT_ALLOW, LABEL_NEXT);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_SOCK_SEQPACKET, VERDICT_ALLOW, VERDICT_EPERM);
}

/* socket(domain, type, protocol): the protocols that have been reasoned about, and no others. */
static void block_socket(struct program *program, const struct plan *plan)
{
	bool tcp = plan->sockets & SOCKETS_TCP, udp = plan->sockets & SOCKETS_UDP;

	bpf_load_argument(program, 0);
	if (plan->sockets & SOCKETS_UNIX)
		bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_AF_UNIX, VERDICT_ALLOW, LABEL_NEXT);
	else if (plan->sockets & SOCKETS_UNIX_STREAM)
		bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_AF_UNIX, LABEL_UNIX, LABEL_NEXT);
	if (plan->sockets & SOCKETS_NETLINK_ROUTE)
		bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_AF_NETLINK, LABEL_NETLINK, LABEL_NEXT);
	if (tcp || udp) {
		bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_AF_INET, LABEL_INET, LABEL_NEXT);
		bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_AF_INET6, LABEL_INET, VERDICT_EPERM);
		program->labels[LABEL_INET] = program->length;
		bpf_load_argument(program, 1);
		bpf_emit(program, BPF_AND, LINUX_SOCK_TYPE_MASK);
		if (udp)
			bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_SOCK_DGRAM, LABEL_UDP,
				LABEL_NEXT);
		if (tcp) {
			bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_SOCK_STREAM, LABEL_NEXT,
				VERDICT_EPERM);
			bpf_load_argument(program, 2);
			bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_TCP, VERDICT_ALLOW, LABEL_NEXT);
			bpf_test(program, BPF_JUMP_IF_EQUAL, 0, VERDICT_ALLOW, VERDICT_EPERM);
		} else {
			bpf_emit(program, BPF_RETURN, SECCOMP_ERRNO | EPERM);
		}
		if (udp) {
			program->labels[LABEL_UDP] = program->length;
			bpf_load_argument(program, 2);
			bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_UDP, VERDICT_ALLOW, LABEL_NEXT);
			bpf_test(program, BPF_JUMP_IF_EQUAL, 0, VERDICT_ALLOW, VERDICT_EPERM);
		}
	} else {
		bpf_emit(program, BPF_RETURN, SECCOMP_ERRNO | EPERM);
	}
	if (plan->sockets & SOCKETS_UNIX_STREAM) {
		program->labels[LABEL_UNIX] = program->length;
		only_streams(program);
	}
	if (plan->sockets & SOCKETS_NETLINK_ROUTE) {
		program->labels[LABEL_NETLINK] = program->length;
		bpf_load_argument(program, 2);
		bpf_test(program, BPF_JUMP_IF_EQUAL, 0, VERDICT_ALLOW,
			VERDICT_EPERM); /* NETLINK_ROUTE */
	}
}

static void block_socketpair(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 0);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_AF_UNIX, LABEL_NEXT, VERDICT_EPERM);
	only_streams(program);
}

static void block_clone(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 0);
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_CLONE_THREAD, VERDICT_ALLOW, VERDICT_EPERM);
}

/* What is open with O_PATH can neither be read nor written. */
static void brokered_open(struct program *program, const struct plan *plan)
{
	const uint32_t writing = LINUX_O_ACCMODE | LINUX_O_CREAT | LINUX_O_TRUNC;

	if (plan->opens == OPENS_WRITING)
		bpf_test(program, BPF_JUMP_IF_ANY_BIT, writing, LABEL_NEXT, VERDICT_ALLOW);
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_O_PATH, VERDICT_ALLOW, VERDICT_BROKER);
}

/* clone(2) and unshare(2) */
static void block_new_view(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 0);
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_NEW_VIEW, VERDICT_RIGHTS, VERDICT_ALLOW);
}

static void block_prctl(struct program *program, const struct plan *plan)
{
	static const uint32_t options[] = {
		LINUX_PR_CAPBSET_DROP, LINUX_PR_SET_SECUREBITS, LINUX_PR_CAP_AMBIENT};

	(void)plan;
	bpf_load_argument(program, 0);
	for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		bpf_test(program, BPF_JUMP_IF_EQUAL, options[i], VERDICT_RIGHTS,
			i + 1 < sizeof(options) / sizeof(options[0]) ? LABEL_NEXT : VERDICT_ALLOW);
}

/* open(2): the mode counts only where a file may be made. */
static void open_block(struct program *program, const struct plan *plan, unsigned flags)
{
	bpf_load_argument(program, flags);
	if (plan->opens) {
		brokered_open(program, plan);
		return;
	}
	if (!plan->may_truncate) {
		/* Without write access, O_TRUNC is not for Landlock to see. */
		bpf_emit(program, BPF_AND, LINUX_O_TRUNC | LINUX_O_ACCMODE);
		bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_O_TRUNC, VERDICT_EPERM, LABEL_NEXT);
		bpf_load_argument(program, flags);
	}
	if (plan->may_set_id) {
		bpf_emit(program, BPF_RETURN, SECCOMP_ALLOW);
		return;
	}
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_O_CREAT | LINUX_O_TMPFILE, LABEL_NEXT,
		VERDICT_ALLOW);
	bpf_load_argument(program, flags + 1);
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_SET_ID_BITS, VERDICT_EPERM, VERDICT_ALLOW);
}

static void block_open(struct program *program, const struct plan *plan)
{
	open_block(program, plan, 1);
}

static void block_openat(struct program *program, const struct plan *plan)
{
	open_block(program, plan, 2);
}

static void block_mode1(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 1);
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_SET_ID_BITS, VERDICT_EPERM, VERDICT_ALLOW);
}

static void block_mode2(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 2);
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_SET_ID_BITS, VERDICT_EPERM, VERDICT_ALLOW);
}

/* prlimit64(pid, resource, new, old): both halves of the pointer count. */
static void block_prlimit(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 0);
	bpf_test(program, BPF_JUMP_IF_EQUAL, 0, VERDICT_ALLOW, LABEL_NEXT);
	bpf_emit(program, BPF_LOAD_WORD, DATA_ARGUMENTS + 8 * 2 + 4);
	bpf_test(program, BPF_JUMP_IF_EQUAL, 0, LABEL_NEXT, VERDICT_EPERM);
	bpf_load_argument(program, 2);
	bpf_test(program, BPF_JUMP_IF_EQUAL, 0, VERDICT_ALLOW, VERDICT_EPERM);
}

static void block_memfd(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 1);
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_MFD_NOEXEC_SEAL, VERDICT_ALLOW, VERDICT_EPERM);
}

static void block_no_tfo2(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 2);
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_MSG_FASTOPEN, VERDICT_EPERM, VERDICT_ALLOW);
}

static void block_no_tfo3(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 3);
	bpf_test(program, BPF_JUMP_IF_ANY_BIT, LINUX_MSG_FASTOPEN, VERDICT_EPERM, VERDICT_ALLOW);
}

/* sendto(socket, data, length, flags, address, ...): without one the socket is connected already.
 */
static void block_sendto(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 4);
	bpf_test(program, BPF_JUMP_IF_EQUAL, 0, LABEL_NEXT, VERDICT_BROKER);
	bpf_emit(program, BPF_LOAD_WORD, DATA_ARGUMENTS + 8 * 4 + 4);
	bpf_test(program, BPF_JUMP_IF_EQUAL, 0, VERDICT_ALLOW, VERDICT_BROKER);
}

/* setsockopt(socket, level, option, ...): source routes, whose first hop is another address. */
static void block_setsockopt(struct program *program, const struct plan *plan)
{
	static const uint32_t ip6_options[] = {
		LINUX_IPV6_2292RTHDR, LINUX_IPV6_2292PKTOPTIONS, LINUX_IPV6_FLOWLABEL_MGR};

	(void)plan;
	bpf_load_argument(program, 1);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_IPPROTO_IPV6, LABEL_IP6, LABEL_NEXT);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_IPPROTO_IP, LABEL_NEXT, VERDICT_ALLOW);
	bpf_load_argument(program, 2);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_IP_OPTIONS, VERDICT_EPERM, VERDICT_ALLOW);
	program->labels[LABEL_IP6] = program->length;
	bpf_load_argument(program, 2);
	for (unsigned i = 0; i < sizeof(ip6_options) / sizeof(ip6_options[0]); i++)
		bpf_test(program, BPF_JUMP_IF_EQUAL, ip6_options[i], VERDICT_EPERM, LABEL_NEXT);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_IPV6_RTHDR, VERDICT_EPERM, VERDICT_ALLOW);
}

static void block_fcntl(struct program *program, const struct plan *plan)
{
	(void)plan;
	bpf_load_argument(program, 1);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_F_SETOWN, VERDICT_BROKER, LABEL_NEXT);
	bpf_test(program, BPF_JUMP_IF_EQUAL, LINUX_F_SETOWN_EX, VERDICT_BROKER, VERDICT_ALLOW);
}

typedef void block_function(struct program *program, const struct plan *plan);

static block_function *const blocks[VERDICT_COUNT] = {
	[VERDICT_IOCTL] = block_ioctl,
	[VERDICT_SOCKET] = block_socket,
	[VERDICT_SOCKETPAIR] = block_socketpair,
	[VERDICT_CLONE] = block_clone,
	[VERDICT_OPEN] = block_open,
	[VERDICT_OPENAT] = block_openat,
	[VERDICT_MODE1] = block_mode1,
	[VERDICT_MODE2] = block_mode2,
	[VERDICT_PRLIMIT] = block_prlimit,
	[VERDICT_MEMFD] = block_memfd,
	[VERDICT_NO_TFO2] = block_no_tfo2,
	[VERDICT_NO_TFO3] = block_no_tfo3,
	[VERDICT_SENDTO] = block_sendto,
	[VERDICT_SETSOCKOPT] = block_setsockopt,
	[VERDICT_PRCTL] = block_prctl,
	[VERDICT_NEW_VIEW] = block_new_view,
	[VERDICT_FCNTL] = block_fcntl,
};

static void emit_blocks(struct program *program, const struct plan *plan,
	const struct boundary *boundaries, unsigned count)
{
	bool used[VERDICT_COUNT] = {false};

	for (unsigned i = 0; i < count; i++)
		used[boundaries[i].verdict] = true;
	for (unsigned i = VERDICT_IOCTL; i < VERDICT_COUNT; i++) {
		if (!used[i])
			continue;
		program->labels[i] = program->length;
		blocks[i](program, plan);
	}
	program->labels[VERDICT_EPERM] = program->length;
	bpf_emit(program, BPF_RETURN, SECCOMP_ERRNO | EPERM);
	program->labels[VERDICT_ENOSYS] = program->length;
	bpf_emit(program, BPF_RETURN, SECCOMP_ERRNO | ENOSYS);
	if (plan->has_broker) {
		program->labels[VERDICT_BROKER] = program->length;
		program->labels[VERDICT_RIGHTS] = program->length;
		bpf_emit(program, BPF_RETURN, SECCOMP_NOTIFY);
	}
	program->labels[VERDICT_ALLOW] = program->length;
	bpf_emit(program, BPF_RETURN, SECCOMP_ALLOW);
}

static void assemble(struct program *program, const struct plan *plan)
{
	struct boundary boundaries[BOUNDARIES_MAX];
	unsigned count = find_boundaries(plan, boundaries);

	program->length = program->jump_count = 0;
	bpf_emit(program, BPF_LOAD_WORD, DATA_ARCH);
	bpf_emit(program, BPF_JUMP_IF_EQUAL, NATIVE_ARCH);
	program->code[1].if_true = 1;
	bpf_emit(program, BPF_RETURN, SECCOMP_KILL_PROCESS);
	bpf_emit(program, BPF_LOAD_WORD, DATA_NUMBER);
	/* x32 calls have a bit above all numbers: ENOSYS, like whatever is beyond the table. */
	bisect(program, boundaries, 0, count);
	emit_blocks(program, plan, boundaries, count);
	bpf_finish(program);
}

/*
 * While the broker serves a call, signals wait, if the kernel can do that (Linux 5.19): else what
 * was done is done again when the call is repeated. What kills the caller does not wait.
 */
static long load(const struct bpf_program *filter, bool has_broker)
{
	const unsigned wanted = SECCOMP_NEW_LISTENER | SECCOMP_WAIT_KILLABLE;
	long result;

	if (!has_broker)
		return syscall(SYS_seccomp, SECCOMP_FILTER_MODE, 0, filter);
	result = syscall(SYS_seccomp, SECCOMP_FILTER_MODE, wanted, filter);
	if (result < 0 && errno == EINVAL)
		return syscall(SYS_seccomp, SECCOMP_FILTER_MODE, SECCOMP_NEW_LISTENER, filter);
	return result;
}

int seccomp_apply(const struct plan *plan)
{
	struct program program;

	assemble(&program, plan);
	struct bpf_program filter = {(unsigned short)program.length, program.code};
	long result = load(&filter, plan->has_broker);

	if (result < 0 && errno == EBUSY)
		die("this command needs a broker, and it runs inside a sandbox that has one "
		    "already");
	if (result < 0)
		die_errno("the kernel refuses the seccomp program");
	return plan->has_broker ? (int)result : -1;
}

unsigned seccomp_length(const struct plan *plan)
{
	struct program program;

	assemble(&program, plan);
	return program.length;
}
