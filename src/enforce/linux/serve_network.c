/*
 * Invariants: the address MUST be decided on as it was read; the call MUST be made here, with that
 * very address, on a duplicate of the socket; what has a path MUST reach the very inode that was
 * decided on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enforce/linux/address.h"
#include "enforce/linux/serve.h"

/* What connect(2) and bind(2) take: a socket, an address, and where its path may start. */
struct named {
	struct socket socket;
	struct address address;
	int directory;
};

static int take_named(struct request *request, struct named *named)
{
	const uint64_t *arguments = request->notification->arguments;
	int error = socket_take(request, (int)arguments[0], &named->socket);

	named->directory = -1;
	if (!error)
		error = address_read(
			request, arguments[1], (uint32_t)arguments[2], &named->address);
	if (!error && address_is_unix(&named->socket, &named->address) &&
		address_has_path(&named->address))
		error = request_take_directory(request, AT_FDCWD, &named->directory);
	if (!error && !request_is_alive(request))
		error = EPERM;
	return error;
}

/* connect(socket, address, length) */
static int serve_connect(struct request *request)
{
	struct named named;
	int error = take_named(request, &named);

	/* Without a family it ends a connection. */
	if (!error && named.address.any.sa_family != AF_UNSPEC)
		error = address_settle(
			request, &named.socket, named.directory, false, &named.address);
	if (error)
		return error;
	return connect(named.socket.fd, &named.address.any, named.address.length) == 0 ? 0 : errno;
}

/* The socket is known by the last name of its path from then on (getsockname(2)). */
static int make_name(struct request *request, const struct named *named, const struct entry *entry)
{
	int error;

	if (!address_may_use(request->plan, OP_NETWORK_BIND, &named->socket, entry->path) ||
		!object_path_is_allowed(request, OP_FILE_WRITE_CREATE, entry->path,
			S_IFSOCK | (0777 & ~request->umask), NULL))
		return EPERM;
	/* This thread alone goes there, so that the path is not walked twice. */
	if (!request_is_alive(request) || fchdir(entry->parent.fd) != 0)
		return EPERM;
	error = bind(named->socket.fd, &named->address.any, named->address.length) == 0 ? 0 : errno;
	return chdir("/") == 0 ? error : EPERM;
}

static int bind_path(struct request *request, struct named *named)
{
	struct entry entry;
	int error = request_take_umask(request);

	if (error)
		return error;
	pthread_mutex_lock(&request->shared->changes);
	error = address_take_entry(request, named->directory, &named->address, &entry);
	if (!error)
		error = make_name(request, named, &entry);
	pthread_mutex_unlock(&request->shared->changes);
	return error;
}

/* bind(socket, address, length) */
static int serve_bind(struct request *request)
{
	const struct plan *plan = request->plan;
	struct named named;
	int error = take_named(request, &named);
	const struct socket *socket = &named.socket;
	const struct address *address = &named.address;

	if (error)
		return error;
	if (address_is_ip(socket, address))
		error = address_may_bind(plan, socket, address) ? 0 : EPERM;
	else if (address_is_unix(socket, address) && address_has_path(address))
		return bind_path(request, &named);
	else if (address_is_unix(socket, address))
		error = address_may_use(plan, OP_NETWORK_BIND, socket, NULL) ? 0 : EPERM;
	else if (socket->domain != AF_NETLINK || address->any.sa_family != AF_NETLINK)
		error = EAFNOSUPPORT;
	if (error)
		return error;
	return bind(socket->fd, &address->any, address->length) == 0 ? 0 : errno;
}

/*
 * Where paths of unix sockets matter, each was decided on when it was bound: bind(2) is for the
 * broker then, and the rules are the same (plan_network.c).
 */
static bool may_listen(const struct plan *plan, const struct socket *socket)
{
	struct address name;

	if (socket_name(socket, &name) != 0)
		return false;
	if (socket->domain != AF_UNIX)
		return address_may_listen(plan, socket, &name);
	if (!address_has_path(&name))
		return address_may_use(plan, OP_NETWORK_INBOUND, socket, NULL);
	return plan->listens_as_bound ||
	       address_may_use(plan, OP_NETWORK_INBOUND, socket, name.local.sun_path);
}

/* listen(socket, backlog) */
static int serve_listen(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	struct socket socket;
	int error = socket_take(request, (int)arguments[0], &socket);

	if (!error && !request_is_alive(request))
		error = EPERM;
	if (!error && !may_listen(request->plan, &socket))
		error = EPERM;
	if (error)
		return error;
	if (listen(socket.fd, (int)arguments[1]) != 0)
		return errno;
	/* It may have been bound anew meanwhile, or only now; while it listens it cannot be. */
	if (may_listen(request->plan, &socket))
		return 0;
	shutdown(socket.fd, SHUT_RDWR);
	return EPERM;
}

const struct served_call serve_network_calls[] = {{SYS_connect, serve_connect},
	{SYS_bind, serve_bind}, {SYS_listen, serve_listen}, {0, NULL}};
