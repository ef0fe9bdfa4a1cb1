/*
 * Invariants: the address MUST be read once and decided on as it was read; the connection MUST be
 * made here, to the very inode that was decided on, and on a duplicate of the socket, so that
 * nothing the command changes meanwhile matters; the reply MUST start as a refusal; a command with
 * other rights than the broker's MUST NOT borrow them.
 */
#include "enforce/linux/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/message.h"

/* What a process may do, from /proc/PID/status: comparable, not readable. */
struct rights {
	long pid; /* of its thread group; 0: unknown */
	uint64_t digest;
};

static void digest_line(uint64_t *digest, const char *line)
{
	for (; *line && *line != '\n'; line++)
		*digest = (*digest ^ (unsigned char)*line) * 1099511628211u;
}

static struct rights read_rights(const char *process)
{
	static const char *const compared[] = {"Uid:", "Gid:", "Groups:", "CapEff:"};
	struct rights rights = {.pid = 0};
	char path[64], text[8192];

	snprintf(path, sizeof(path), "/proc/%s/status", process);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "Tgid:", 5) == 0)
			rights.pid = strtol(line + 5, NULL, 10);
		for (size_t i = 0; i < sizeof(compared) / sizeof(compared[0]); i++) {
			if (strncmp(line, compared[i], strlen(compared[i])) == 0)
				digest_line(&rights.digest, line);
		}
	}
	return rights;
}

/* What a request is worked on with; each descriptor is -1 until it is open. */
struct request {
	const struct plan *plan;
	int listener;
	const struct notification *notification;
	int memory, directory, process, socket, target;
};

/* ioctl(2), whose second parameter has another type in each C library. */
static long ask_kernel(int listener, uint32_t request, const void *argument)
{
	return syscall(SYS_ioctl, listener, request, argument);
}

static bool is_alive(const struct request *request)
{
	return ask_kernel(request->listener, NOTIFICATION_ID_VALID, &request->notification->id) ==
	       0;
}

/* 0 or an errno. Everything is taken from the process before it is known to be still the one. */
static int take_resources(struct request *request)
{
	char name[32], path[64];

	snprintf(name, sizeof(name), "%u", request->notification->pid);
	struct rights own = read_rights("self"), other = read_rights(name);

	if (own.pid == 0 || other.pid == 0 || own.digest != other.digest)
		return EPERM;
	snprintf(path, sizeof(path), "/proc/%s/mem", name);
	request->memory = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/cwd", name);
	request->directory = open(path, O_PATH | O_CLOEXEC);
	request->process = (int)syscall(NR_pidfd_open, other.pid, 0);
	if (request->memory < 0 || request->directory < 0 || request->process < 0)
		return EPERM;
	request->socket = (int)syscall(
		NR_pidfd_getfd, request->process, (int)request->notification->arguments[0], 0);
	if (request->socket < 0)
		return errno == EBADF ? EBADF : EPERM;
	return is_alive(request) ? 0 : EPERM;
}

/* The path of a unix address, as unix(7) reads it; NULL for abstract and other addresses. */
static const char *read_path(const struct request *request, struct sockaddr_un *address)
{
	size_t length = (size_t)request->notification->arguments[2];
	const size_t header = offsetof(struct sockaddr_un, sun_path);

	memset(address, 0, sizeof(*address));
	if (length <= header || length > sizeof(*address))
		return NULL;
	ssize_t count =
		pread(request->memory, address, length, (off_t)request->notification->arguments[1]);

	if (count != (ssize_t)length || address->sun_family != AF_UNIX || !address->sun_path[0])
		return NULL;
	return address->sun_path;
}

static bool is_allowed(const struct plan *plan, const char *path)
{
	struct query query = {.operation = OP_NETWORK_OUTBOUND};

	query.texts[TEXT_PATH] = path;
	query.remote = (struct endpoint){PROTOCOL_UNIX, false, true, 0};
	query.local = (struct endpoint){.protocol = PROTOCOL_UNIX};
	query_set_number(&query, NUMBER_SOCKET_DOMAIN, 1);
	return policy_decide(plan->policy, &query).action == ACTION_ALLOW;
}

/* Connects the command's socket to the inode that the path leads to, if the policy allows it. */
static int connect_to(struct request *request, const char *path)
{
	char link[64], real[PATH_MAX];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char bounded[sizeof(address.sun_path) + 1] = {0};
	struct stat status;

	memcpy(bounded, path, sizeof(address.sun_path));
	request->target = openat(request->directory, bounded, O_PATH | O_CLOEXEC);
	if (request->target < 0)
		return errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", request->target);
	ssize_t length = readlink(link, real, sizeof(real) - 1);

	if (length <= 0 || (size_t)length >= sizeof(real) - 1 ||
		fstat(request->target, &status) != 0)
		return EPERM;
	real[length] = '\0';
	if (!is_allowed(request->plan, real))
		return EPERM;
	if (!S_ISSOCK(status.st_mode))
		return ECONNREFUSED;
	memcpy(address.sun_path, link, strlen(link) + 1);
	if (connect(request->socket, (struct sockaddr *)&address, sizeof(address)) != 0)
		return errno;
	return 0;
}

static int handle(struct request *request)
{
	struct sockaddr_un address;
	int error = take_resources(request);
	int domain = 0;
	socklen_t size = sizeof(domain);

	if (error)
		return error;
	if (getsockopt(request->socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
		return errno;
	const char *path = domain == AF_UNIX ? read_path(request, &address) : NULL;

	return path ? connect_to(request, path) : EPERM;
}

static void answer(const struct plan *plan, int listener, const struct notification *notification)
{
	struct request request = {plan, listener, notification, -1, -1, -1, -1, -1};
	struct notification_reply reply = {.id = notification->id, .error = -EPERM};

	reply.error = -handle(&request);
	/* Fails when the caller was killed meanwhile: nobody waits then. */
	ask_kernel(listener, NOTIFICATION_SEND, &reply);
}

/* Takes the next request; false when the last process of the sandbox is gone. */
static bool receive(int listener, void *buffer, size_t size)
{
	struct pollfd poll_listener = {.fd = listener, .events = POLLIN};

	for (;;) {
		if (poll(&poll_listener, 1, -1) < 0 && errno != EINTR)
			return false;
		if (poll_listener.revents & (POLLHUP | POLLERR))
			return false;
		memset(buffer, 0, size);
		if (ask_kernel(listener, NOTIFICATION_RECEIVE, buffer) == 0)
			return true;
	}
}

struct service {
	const struct plan *plan;
	int listener;
	pthread_mutex_t turn; /* whose it is may wait for a request */
};

static void *serve_requests(void *argument)
{
	struct service *service = argument;
	/* The kernel's structures may be larger than ours: it tells how large. */
	union {
		struct notification notification;
		char room[512];
	} buffer;
	bool received;

	do {
		pthread_mutex_lock(&service->turn);
		received = receive(service->listener, &buffer, sizeof(buffer));
		pthread_mutex_unlock(&service->turn);
		if (received)
			answer(service->plan, service->listener, &buffer.notification);
	} while (received);
	return NULL;
}

/* A connection can block: that stalls one thread. */
void broker_serve(const void *plan, int listener)
{
	enum { THREADS = 4, STACK = 128 * 1024 };
	struct service *service = ARENA_NEW(((const struct plan *)plan)->arena, struct service);
	pthread_attr_t attributes;
	pthread_t thread;
	int started = 0;

	*service = (struct service){plan, listener, PTHREAD_MUTEX_INITIALIZER};
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	for (int i = 0; i < THREADS; i++)
		started += pthread_create(&thread, &attributes, serve_requests, service) == 0;
	if (!started)
		_exit(1); /* then every request fails */
}
