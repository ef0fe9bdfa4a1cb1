/*
 * Invariant: where an address can be read in more than one way, the policy MUST allow it in each
 * of them.
 */
#include "enforce/linux/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* macOS numbers, which rules speak of. Those of types of sockets are the same. */
enum { MAC_AF_UNIX = 1, MAC_AF_INET = 2, MAC_AF_INET6 = 30, MAC_VNODE_SOCKET = 6 };

enum { RESOLVE_NO_MAGIC = 2 }; /* openat2(2) */

/* What an address of IP may be taken for: sets, of which any version goes with any host. */
struct place {
	bool versions[2]; /* IP4, IP6 */
	bool hosts[2];    /* elsewhere, localhost */
	bool bound;
	int port;
};

static int read_option(int fd, int option, int *value)
{
	socklen_t size = sizeof(*value);

	return getsockopt(fd, SOL_SOCKET, option, value, &size) == 0 ? 0 : errno;
}

/* PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_UNIX; 0 for what nothing was decided about. */
static unsigned protocol_of(const struct socket *socket)
{
	if (socket->domain == AF_UNIX)
		return PROTOCOL_UNIX;
	if (socket->domain != AF_INET && socket->domain != AF_INET6)
		return 0;
	if (socket->type == SOCK_STREAM && socket->protocol == IPPROTO_TCP)
		return PROTOCOL_TCP;
	return socket->type == SOCK_DGRAM && socket->protocol == IPPROTO_UDP ? PROTOCOL_UDP : 0;
}

static bool is_route_socket(const struct plan *plan, const struct socket *socket)
{
	return plan->sockets & SOCKETS_NETLINK_ROUTE && socket->domain == AF_NETLINK &&
	       socket->protocol == 0;
}

int socket_take(struct request *request, int number, struct socket *socket)
{
	int error = request_take_fd(request, number, &socket->fd);

	if (!error)
		error = read_option(socket->fd, SO_DOMAIN, &socket->domain);
	if (!error)
		error = read_option(socket->fd, SO_TYPE, &socket->type);
	if (!error)
		error = read_option(socket->fd, SO_PROTOCOL, &socket->protocol);
	if (!error && !protocol_of(socket) && !is_route_socket(request->plan, socket))
		error = EPERM;
	return error;
}

int socket_name(const struct socket *socket, struct address *name)
{
	memset(name, 0, sizeof(*name));
	name->length = sizeof(name->room);
	return getsockname(socket->fd, &name->any, &name->length) == 0 ? 0 : errno;
}

int address_read(
	const struct request *request, uint64_t from, uint64_t length, struct address *address)
{
	memset(address, 0, sizeof(*address));
	if (length < sizeof(address->any.sa_family) || length > sizeof(address->room))
		return EINVAL;
	address->length = (socklen_t)length;
	return request_read(request, from, address, length);
}

bool address_is_ip(const struct socket *socket, const struct address *address)
{
	bool is_ip = socket->domain == AF_INET || socket->domain == AF_INET6;
	const socklen_t ip6_least = offsetof(struct sockaddr_in6, sin6_scope_id); /* RFC 2133 */

	if (address->any.sa_family == AF_INET)
		return is_ip && address->length >= sizeof(address->ip4);
	return is_ip && address->any.sa_family == AF_INET6 && address->length >= ip6_least;
}

bool address_is_unix(const struct socket *socket, const struct address *address)
{
	return socket->domain == AF_UNIX && address->any.sa_family == AF_UNIX &&
	       address->length <= sizeof(address->local);
}

bool address_has_path(const struct address *address)
{
	return address->length > offsetof(struct sockaddr_un, sun_path) &&
	       address->local.sun_path[0];
}

/*
 * What macOS calls localhost is one address. Here all of 127.0.0.0/8 is this host: a rule that
 * allows localhost allows the one, a rule that denies it denies them all.
 */
static void place_ip4(struct place *place, uint32_t address, bool is_remote)
{
	const uint32_t loopback = 0x7f000001, network = 0x7f;

	place->versions[0] = true;
	place->hosts[1] = address >> 24 == network || address == 0;
	place->hosts[0] = address != loopback && !(address == 0 && is_remote);
}

static struct place place_of(const struct address *address, bool is_remote)
{
	struct place place = {.bound = true, .port = ntohs(address->ip4.sin_port)};
	const struct in6_addr *ip6 = &address->ip6.sin6_addr;
	uint32_t mapped;

	if (address->any.sa_family == AF_INET) {
		place_ip4(&place, ntohl(address->ip4.sin_addr.s_addr), is_remote);
		return place;
	}
	place.versions[1] = true;
	if (IN6_IS_ADDR_V4MAPPED(ip6)) {
		memcpy(&mapped, &ip6->s6_addr[12], sizeof(mapped));
		place_ip4(&place, ntohl(mapped), is_remote);
		place.hosts[0] = true; /* as an address of IPv6 it is not localhost */
		return place;
	}
	place.hosts[1] = IN6_IS_ADDR_LOOPBACK(ip6) || IN6_IS_ADDR_UNSPECIFIED(ip6);
	place.hosts[0] =
		!IN6_IS_ADDR_LOOPBACK(ip6) && !(IN6_IS_ADDR_UNSPECIFIED(ip6) && is_remote);
	/* Who binds to all addresses of IPv6 gets those of IPv4 too. */
	place.versions[0] = IN6_IS_ADDR_UNSPECIFIED(ip6) && !is_remote;
	return place;
}

static bool is_bound(const struct address *name)
{
	static const struct in6_addr none;

	if (name->any.sa_family == AF_INET)
		return name->ip4.sin_port || name->ip4.sin_addr.s_addr;
	return name->ip6.sin6_port || memcmp(&name->ip6.sin6_addr, &none, sizeof(none)) != 0;
}

static struct query query_for(enum operation operation, const struct socket *socket)
{
	struct query query = {.operation = operation};

	query_set_number(&query, NUMBER_SOCKET_TYPE, socket->type);
	if (socket->domain == AF_UNIX)
		query_set_number(&query, NUMBER_SOCKET_DOMAIN, MAC_AF_UNIX);
	else
		query_set_number(&query, NUMBER_SOCKET_PROTOCOL, socket->protocol);
	return query;
}

static bool is_allowed(const struct plan *plan, const struct query *query)
{
	return policy_decide(plan->policy, query).action == ACTION_ALLOW;
}

/* One version: each host that the local address may be on. */
static bool allows_locals(
	const struct plan *plan, struct query *query, unsigned protocol, const struct place *local)
{
	query->local = (struct endpoint){protocol, false, local->bound, local->port};
	if (!local->bound)
		return is_allowed(plan, query);
	for (int host = 0; host < 2; host++) {
		query->local.localhost = host;
		if (local->hosts[host] && !is_allowed(plan, query))
			return false;
	}
	return true;
}

/* Each host that the remote address may be on; without one, the local address alone. */
static bool allows_remotes(const struct plan *plan, struct query *query, unsigned protocol,
	const struct place *remote, const struct place *local)
{
	if (!remote)
		return allows_locals(plan, query, protocol, local);
	for (int host = 0; host < 2; host++) {
		query->remote = (struct endpoint){protocol, host, true, remote->port};
		if (remote->hosts[host] && !allows_locals(plan, query, protocol, local))
			return false;
	}
	return true;
}

static bool allows(const struct plan *plan, enum operation operation, const struct socket *socket,
	const struct place *remote, const struct place *local)
{
	static const unsigned versions[] = {PROTOCOL_IP4, PROTOCOL_IP6};
	static const long domains[] = {MAC_AF_INET, MAC_AF_INET6};
	const struct place *decisive = remote ? remote : local;
	struct query query = query_for(operation, socket);
	unsigned protocol = protocol_of(socket);

	if (!(protocol & (PROTOCOL_TCP | PROTOCOL_UDP)))
		return false;
	for (int i = 0; i < 2; i++) {
		query_set_number(&query, NUMBER_SOCKET_DOMAIN, domains[i]);
		if (decisive->versions[i] &&
			!allows_remotes(plan, &query, protocol | versions[i], remote, local))
			return false;
	}
	return true;
}

bool address_may_reach(const struct plan *plan, const struct socket *socket,
	const struct address *address, bool chooses_source)
{
	struct address name;

	if (socket_name(socket, &name) != 0)
		return false;
	struct place remote = place_of(address, true), local = place_of(&name, false);

	local.bound = is_bound(&name);
	if (chooses_source)
		local.hosts[0] = local.hosts[1] = true;
	return allows(plan, OP_NETWORK_OUTBOUND, socket, &remote, &local);
}

bool address_may_bind(
	const struct plan *plan, const struct socket *socket, const struct address *address)
{
	struct place local = place_of(address, false);

	return allows(plan, OP_NETWORK_BIND, socket, NULL, &local);
}

/* A socket that is not bound will listen on any address, and on a port that is not known yet. */
bool address_may_listen(
	const struct plan *plan, const struct socket *socket, const struct address *name)
{
	struct place local = place_of(name, false), any = local;

	any.bound = is_bound(name);
	return allows(plan, OP_NETWORK_INBOUND, socket, NULL, &local) &&
	       allows(plan, OP_NETWORK_INBOUND, socket, NULL, &any);
}

bool address_may_use(const struct plan *plan, enum operation operation,
	const struct socket *socket, const char *path)
{
	struct query query = query_for(operation, socket);
	struct endpoint bound = {PROTOCOL_UNIX, false, true, 0};
	bool is_outbound = operation == OP_NETWORK_OUTBOUND;

	query.texts[TEXT_PATH] = path;
	if (path)
		query_set_number(&query, NUMBER_VNODE_TYPE, MAC_VNODE_SOCKET);
	query.local = is_outbound ? (struct endpoint){.protocol = PROTOCOL_UNIX} : bound;
	if (is_outbound)
		query.remote = bound;
	return is_allowed(plan, &query);
}

/* The path of a unix address, which may lack a NUL at its end. */
static void copy_path(const struct address *address, char path[sizeof(struct sockaddr_un)])
{
	memset(path, 0, sizeof(struct sockaddr_un));
	memcpy(path, address->local.sun_path,
		address->length - offsetof(struct sockaddr_un, sun_path));
}

/*
 * Magic links are not followed: /proc/self is this process here, and what the caller may reach
 * through those of others is not known.
 */
static int open_path(struct request *request, int directory, const char *path, int flags)
{
	struct openat2_how how = {
		.flags = (uint64_t)(O_PATH | O_CLOEXEC | flags), .resolve = RESOLVE_NO_MAGIC};

	if (!request_shares_root(request)) {
		errno = EPERM;
		return -1;
	}
	return request_keep(
		request, (int)syscall(NR_openat2, directory, path, &how, sizeof(how)));
}

static void name_link(int fd, char *link, size_t size)
{
	snprintf(link, size, "/proc/self/fd/%d", fd);
}

/* The kernel's name of what was opened. ENOENT when it is gone. */
static int read_real_path(int fd, char *real, struct stat *status)
{
	char link[64];

	name_link(fd, link, sizeof(link));
	ssize_t length = readlink(link, real, PATH_MAX - 1);

	if (length <= 0 || length >= PATH_MAX - 1 || real[0] != '/' || fstat(fd, status) != 0)
		return EPERM;
	real[length] = '\0';
	return status->st_nlink ? 0 : ENOENT;
}

static int settle_path(
	struct request *request, const struct socket *socket, int directory, struct address *address)
{
	char path[sizeof(struct sockaddr_un)], real[PATH_MAX];
	struct stat status;

	copy_path(address, path);
	int target = open_path(request, directory, path, 0);

	if (target < 0)
		return errno;
	int error = read_real_path(target, real, &status);

	if (error)
		return error;
	if (!address_may_use(request->plan, OP_NETWORK_OUTBOUND, socket, real))
		return EPERM;
	if (!S_ISSOCK(status.st_mode))
		return ECONNREFUSED;
	memset(address, 0, sizeof(*address));
	address->local.sun_family = AF_UNIX;
	name_link(target, address->local.sun_path, sizeof(address->local.sun_path));
	address->length = sizeof(address->local);
	return 0;
}

int address_settle(struct request *request, const struct socket *socket, int directory,
	bool chooses_source, struct address *address)
{
	
	if (address_is_ip(socket, address))
		return address_may_reach(request->plan, socket, address, chooses_source) ? 0
											 : EPERM;
	if (address_is_unix(socket, address) && address_has_path(address))
		return settle_path(request, socket, directory, address);
	if (address_is_unix(socket, address))
		return address_may_use(request->plan, OP_NETWORK_OUTBOUND, socket, NULL) ? 0
											 : EPERM;
	/* Only the kernel is asked for its routes. */
	if (is_route_socket(request->plan, socket) && address->any.sa_family == AF_NETLINK &&
		address->length >= sizeof(address->netlink) && !address->netlink.pid &&
		!address->netlink.groups)
		return 0;
	return socket->domain == address->any.sa_family ? EPERM : EAFNOSUPPORT;
}

/* The last name of a path goes into the address; the rest leads to its directory. */
static int split_path(struct address *address, char path[sizeof(struct sockaddr_un)])
{
	copy_path(address, path);
	char *slash = strrchr(path, '/');
	char *name = slash ? slash + 1 : path;

	if (!*name)
		return ENOENT;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return EADDRINUSE;
	memset(address, 0, sizeof(*address));
	address->local.sun_family = AF_UNIX;
	memcpy(address->local.sun_path, name, strlen(name));
	address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1);
	if (address->length > sizeof(address->local))
		address->length = sizeof(address->local);
	memcpy(name, slash ? "" : ".", slash ? 1 : 2);
	return 0;
}

int address_open_parent(struct request *request, int directory, struct address *address,
	int *parent, char *real)
{
	char path[sizeof(struct sockaddr_un)];
	struct stat status;
	int error = split_path(address, path);

	if (error)
		return error;
	*parent = open_path(request, directory, path, O_DIRECTORY);
	if (*parent < 0)
		return errno;
	error = read_real_path(*parent, real, &status);
	size_t length = error ? 0 : strlen(real);

	if (error || length + 1 + sizeof(address->local.sun_path) >= PATH_MAX)
		return error ? error : ENAMETOOLONG;
	snprintf(real + length, PATH_MAX - length, "%s%.*s", length > 1 ? "/" : "",
		(int)sizeof(address->local.sun_path), address->local.sun_path);
	return 0;
}
