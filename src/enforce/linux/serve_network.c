/*
 * Invariants: the address MUST be decided on as it was read; the connection MUST be made here, to
 * the very inode that was decided on, and on a duplicate of the socket, so that nothing the command
 * changes meanwhile matters.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "enforce/linux/serve.h"

/* The path of a unix address, as unix(7) reads it. EPERM for abstract and other addresses. */
static int read_address(
	const struct request *request, uint64_t from, size_t length, struct sockaddr_un *address)
{
	memset(address, 0, sizeof(*address));
	if (length <= offsetof(struct sockaddr_un, sun_path) || length > sizeof(*address))
		return EPERM;
	int error = request_read(request, from, address, length);

	if (error)
		return error;
	return address->sun_family == AF_UNIX && address->sun_path[0] ? 0 : EPERM;
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
static int connect_to(struct request *request, int socket, int directory, const char *path)
{
	char link[64], real[PATH_MAX];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	int target = request_keep(request, openat(directory, path, O_PATH | O_CLOEXEC));

	if (target < 0)
		return errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", target);
	ssize_t length = readlink(link, real, sizeof(real) - 1);

	if (length <= 0 || (size_t)length >= sizeof(real) - 1 || fstat(target, &status) != 0)
		return EPERM;
	real[length] = '\0';
	if (!is_allowed(request->plan, real))
		return EPERM;
	if (!S_ISSOCK(status.st_mode))
		return ECONNREFUSED;
	memcpy(address.sun_path, link, strlen(link) + 1);
	return connect(socket, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
}

/* connect(socket, address, length) */
static int serve_connect(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	struct sockaddr_un address;
	char path[sizeof(address.sun_path) + 1] = {0};
	int socket, directory;
	int domain = 0;
	socklen_t size = sizeof(domain);
	int error = request_take_fd(request, (int)arguments[0], &socket);

	if (!error)
		error = request_take_directory(request, AT_FDCWD, &directory);
	if (!error && getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
		error = errno;
	if (!error && domain != AF_UNIX)
		error = EPERM;
	if (!error)
		error = read_address(request, arguments[1], (uint32_t)arguments[2], &address);
	if (!error && !request_is_alive(request))
		error = EPERM;
	if (error)
		return error;
	memcpy(path, address.sun_path, sizeof(address.sun_path));
	return connect_to(request, socket, directory, path);
}

const struct served_call serve_network_calls[] = {{SYS_connect, serve_connect}, {0, NULL}};
