/*
 * Invariants: whom a number means MUST be decided on while a descriptor (pidfd) holds the process,
 * and the signal MUST go through that descriptor; a call is continued only where its registers
 * cannot come to mean anybody whom the policy denies: the caller itself, or at worst another
 * process of the sandbox, where Landlock keeps signals inside.
 */
#include "enforce/linux/sending.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PIDFD_TO_GROUP = 4,
	INFO_SIZE = 48, /* what the kernel reads of a siginfo_t */
};

/* Whom a signal goes to. */
struct recipient {
	pid_t process;
	int pidfd;
};

bool sending_is_free(const struct request *request, int number)
{
	return number < 0 || number > SIGNAL_LAST || request->plan->signals->is_free[number];
}

int sending_let_through(struct request *request)
{
	request->continues = true;
	return 0;
}

int sending_begin(struct sending *sending, struct request *request, int number, uint64_t info)
{
	*sending = (struct sending){.request = request, .number = number, .info_address = info};
	return identity_read((pid_t)request->notification->pid, &sending->caller) ? 0 : EPERM;
}

static bool may_send_number(const struct sending *sending, long kinship_bits, int number)
{
	struct query query = {.operation = OP_SIGNAL};

	query_set_number(&query, NUMBER_TARGET, kinship_bits);
	query_set_number(&query, NUMBER_SIGNAL, plan_signal_number(number));
	return policy_decide(sending->request->plan->policy, &query).action == ACTION_ALLOW;
}

static int may_send(const struct sending *sending, long kinship_bits)
{
	bool may = kinship_bits != 0;

	if (sending->number != SENDING_ANY)
		return may && may_send_number(sending, kinship_bits, sending->number) ? 0 : EPERM;
	for (int number = 0; may && number <= SIGNAL_LAST; number++)
		may = may_send_number(sending, kinship_bits, number);
	return may ? 0 : EPERM;
}

/* The caller waits for the answer: so its process lives, and its number is its own. */
int sending_to_self(const struct sending *sending)
{
	pid_t process = sending->caller.process;
	int error = may_send(sending, kinship(process, process));

	return error ? error : sending_let_through(sending->request);
}

static bool shares_user_namespace(const struct request *request)
{
	struct stat own, other;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/ns/user", request->notification->pid);
	return stat(path, &other) == 0 && stat("/proc/self/ns/user", &own) == 0 &&
	       own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

/* False where the kernel could refuse the caller what it allows the broker. Asked once. */
static bool acts_for(const struct sending *sending)
{
	struct request *request = sending->request;

	return !sending->caller.is_namespaced &&
	       !atomic_load(&request->plan->signals->has_inner_scope) &&
	       request_begin(request) == 0 && shares_user_namespace(request) &&
	       request_is_alive(request);
}

static int send_through(int pidfd, int number, const siginfo_t *info, unsigned flags)
{
	return syscall(NR_pidfd_send_signal, pidfd, number, info, flags) == 0 ? 0 : errno;
}

static int decide(const struct sending *sending, const struct recipient *recipient)
{
	pid_t caller = sending->caller.process;
	long bits = kinship(caller, recipient->process);
	bool is_in_session = getsid(recipient->process) == getsid(caller);
	int error = send_through(recipient->pidfd, 0, NULL, 0);

	/* It was that process all the time, and the caller that asked was the caller. */
	if (error == ESRCH)
		return ESRCH;
	if (!request_is_alive(sending->request))
		return EPERM;
	/* SIGCONT needs no other right within a session: the caller's, not the broker's. */
	if (error && sending->number == SIGCONT && !is_in_session)
		return EPERM;
	/* The broker blocks signals, and takes those that are pending as passed on. */
	if (recipient->process == getpid() && sending->number != 0)
		return EPERM;
	return may_send(sending, bits);
}

/*
 * The kernel lets nobody else send as kill(2) does (SI_USER) in the caller's name: so a handler
 * sees who sent it, and SI_QUEUE.
 */
static void name_sender(struct sending *sending)
{
	sending->info.si_signo = sending->number;
	sending->info.si_code = SI_QUEUE;
	sending->info.si_pid = sending->caller.process;
	sending->info.si_uid = getuid();
}

static int deliver(struct sending *sending, int pidfd, unsigned flags)
{
	if (!sending->info_address)
		name_sender(sending);
	int error = send_through(pidfd, sending->number, &sending->info, flags);

	/* Without a sender it needs no place in the queue, as with kill(2). */
	if (error == EAGAIN && !sending->info_address)
		error = send_through(pidfd, sending->number, NULL, flags);
	return error;
}

/* What the kernel refuses, it refuses: to pretend to be the kernel, or kill(2). */
static int read_info(struct sending *sending)
{
	if (!sending->info_address)
		return 0;
	int error =
		request_read(sending->request, sending->info_address, &sending->info, INFO_SIZE);

	if (error)
		return error;
	if (!request_is_alive(sending->request))
		return EPERM;
	return sending->info.si_code >= 0 || sending->info.si_code == SI_TKILL ? EPERM : 0;
}

static int open_pidfd(struct sending *sending, pid_t number, int flags, struct recipient *recipient)
{
	int fd = (int)syscall(NR_pidfd_open, number, flags);

	recipient->process = number;
	recipient->pidfd = request_keep(sending->request, fd);
	return recipient->pidfd >= 0 ? 0 : errno;
}

/* A process is also known by the numbers of its threads. */
static int open_process(struct sending *sending, pid_t number, struct recipient *recipient)
{
	int error = open_pidfd(sending, number, 0, recipient);
	struct identity identity;

	if (!error || error == ESRCH)
		return error;
	if (!identity_read(number, &identity))
		return ESRCH;
	error = open_pidfd(sending, identity.process, 0, recipient);
	if (!error && syscall(SYS_tgkill, identity.process, number, 0) != 0 && errno == ESRCH)
		error = ESRCH;
	return error;
}

/* Before Linux 6.9 nothing holds a thread: EINVAL. */
static int open_thread(
	struct sending *sending, pid_t process, pid_t thread, struct recipient *recipient)
{
	struct identity identity;
	int error = open_pidfd(sending, thread, PIDFD_OF_THREAD, recipient);

	if (error)
		return error == ESRCH ? ESRCH : EPERM;
	if (!identity_read(thread, &identity) || (process && identity.process != process))
		return ESRCH;
	recipient->process = identity.process;
	return 0;
}

/* To one process or thread that the registers name. */
static int send_to(struct sending *sending, const struct recipient *recipient)
{
	const struct plan *plan = sending->request->plan;
	int error = decide(sending, recipient);

	if (error)
		return error;
	if (!acts_for(sending))
		return plan->scoped & SCOPE_SIGNAL ? sending_let_through(sending->request) : EPERM;
	error = read_info(sending);
	sending->info.si_signo = sending->number;
	return error ? error : deliver(sending, recipient->pidfd, 0);
}

int sending_to_process(struct sending *sending, pid_t process)
{
	const struct identity *caller = &sending->caller;
	struct recipient recipient;

	if (process == caller->own_process || process == caller->own_thread)
		return sending_to_self(sending);
	if (caller->is_namespaced)
		return EPERM;
	int error = open_process(sending, process, &recipient);

	return error ? error : send_to(sending, &recipient);
}

int sending_to_thread(struct sending *sending, pid_t process, pid_t thread)
{
	const struct identity *caller = &sending->caller;
	struct recipient recipient;

	if (process ? process == caller->own_process : thread == caller->own_thread)
		return sending_to_self(sending);
	if (caller->is_namespaced)
		return EPERM;
	int error = open_thread(sending, process, thread, &recipient);

	return error ? error : send_to(sending, &recipient);
}

int sending_decide(struct sending *sending, pid_t process)
{
	struct recipient recipient;
	int error =
		sending->caller.is_namespaced ? EPERM : open_process(sending, process, &recipient);

	return error ? error : decide(sending, &recipient);
}

/* The broker and the waiter stand for the command, which has its own copy of what comes to all. */
static bool is_member(const struct sending *sending, pid_t process, pid_t group)
{
	if (process == getpid() || process == getppid())
		return false;
	if (group == SENDING_EVERYBODY)
		return process > 1 && process != sending->caller.process;
	return getpgid(process) == group;
}

static int signal_member(struct sending *sending, pid_t process, pid_t group)
{
	unsigned kept = sending->request->fd_count;
	struct recipient recipient;
	int error = open_pidfd(sending, process, 0, &recipient);

	if (!error)
		error = is_member(sending, process, group) ? decide(sending, &recipient) : ESRCH;
	if (!error)
		error = deliver(sending, recipient.pidfd, 0);
	request_drop(sending->request, kept);
	return error;
}

struct tally {
	bool has_members, has_sent;
	int error; /* the last one */
};

static void count_member(struct tally *tally, int error)
{
	if (error == ESRCH)
		return;
	tally->has_members = true;
	if (error)
		tally->error = error;
	else
		tally->has_sent = true;
}

/* The caller comes last: it may not live to see the others get it. */
static void signal_members(struct sending *sending, int proc, pid_t group, struct tally *tally)
{
	_Alignas(struct dirent) char buffer[8192];
	pid_t caller = sending->caller.process;
	long length;

	while ((length = syscall(SYS_getdents64, proc, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < length;) {
			const struct dirent *entry = (const void *)(buffer + at);
			pid_t process = (pid_t)strtol(entry->d_name, NULL, 10);

			at += entry->d_reclen;
			if (process > 0 && process != caller && is_member(sending, process, group))
				count_member(tally, signal_member(sending, process, group));
		}
	}
	if (is_member(sending, caller, group))
		count_member(tally, signal_member(sending, caller, group));
}

static int send_to_group(struct sending *sending, pid_t group)
{
	struct tally tally = {.error = 0};

	int proc =
		request_keep(sending->request, open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	if (proc < 0)
		return EPERM;
	signal_members(sending, proc, group, &tally);
	if (!tally.has_members)
		return ESRCH;
	return tally.has_sent || group == SENDING_EVERYBODY ? 0 : tally.error;
}

int sending_to_group(struct sending *sending, pid_t group)
{
	return acts_for(sending) ? send_to_group(sending, group) : EPERM;
}

/* The process or thread of a pidfd: -1 when it has ended, 0 when that is none. */
static pid_t pid_of(int pidfd)
{
	char path[64], text[1024];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	const char *found = strstr(text, "\nPid:");

	return found ? (pid_t)strtol(found + strlen("\nPid:"), NULL, 10) : 0;
}

int sending_to_descriptor(struct sending *sending, int number, unsigned flags)
{
	struct recipient recipient;
	struct identity identity;
	int error = acts_for(sending) ? 0 : EPERM;

	if (!error)
		error = request_take_fd(sending->request, number, &recipient.pidfd);
	if (!error)
		error = read_info(sending);
	if (!error && sending->info_address && sending->info.si_signo != sending->number)
		error = EINVAL;
	if (error)
		return error;
	pid_t process = pid_of(recipient.pidfd);

	if (process <= 0)
		return process ? ESRCH : EBADF;
	if (flags == PIDFD_TO_GROUP)
		return send_to_group(sending, process);
	if (!identity_read(process, &identity))
		return ESRCH;
	recipient.process = identity.process;
	error = decide(sending, &recipient);
	return error ? error : deliver(sending, recipient.pidfd, flags);
}
