#ifndef ENFORCE_LINUX_ADDRESS_H
#define ENFORCE_LINUX_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "enforce/linux/resolve.h"

/* A duplicate of a socket of the caller. */
struct socket {
	int fd;
	int domain, type, protocol; /* Linux numbers */
};

/* A socket address as it was read, with zeros behind. */
struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in ip4;
		struct sockaddr_in6 ip6;
		struct sockaddr_un local;
		struct netlink_address netlink;
		char room[sizeof(struct sockaddr_storage)];
	};
	socklen_t length;
};

/* Takes the socket. EBADF, ENOTSOCK; EPERM when its protocol is not known here. */
int socket_take(struct request *request, int number, struct socket *socket);

/* The address that the socket is bound to. */
int socket_name(const struct socket *socket, struct address *name);

/* EFAULT, EINVAL. */
int address_read(
	const struct request *request, uint64_t from, uint64_t length, struct address *address);

/* True when the socket is one of IP, or a unix one, and the address too. */
bool address_is_ip(const struct socket *socket, const struct address *address);
bool address_is_unix(const struct socket *socket, const struct address *address);

/* True for a unix address with a path; else it is an abstract name or none. */
bool address_has_path(const struct address *address);

/*
 * What the policy says to an IP address: to send to, from the socket's own (which may be another
 * one when a message chooses it), or to bind or listen on.
 */
bool address_may_reach(const struct plan *plan, const struct socket *socket,
	const struct address *address, bool chooses_source);
bool address_may_bind(
	const struct plan *plan, const struct socket *socket, const struct address *address);
bool address_may_listen(
	const struct plan *plan, const struct socket *socket, const struct address *name);

/* What the policy says to a unix socket's path, or to one without (NULL). */
bool address_may_use(const struct plan *plan, enum operation operation, const struct socket *socket,
	const char *path);

/*
 * Decides on a destination; one with a path then leads to the inode that was decided on. The
 * directory is where relative paths start. EPERM when it is denied.
 */
int address_settle(struct request *request, const struct socket *socket, int directory,
	bool chooses_source, struct address *address);

/*
 * Where the path of a unix address stands that is to be made. The address keeps the last name.
 * EADDRINUSE.
 */
int address_take_entry(
	struct request *request, int directory, struct address *address, struct entry *entry);

#endif
