/*
 * Invariant: where an address can be taken for one of IPv4 and of IPv6, the policy MUST allow both.
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

#include "enforce/linux/existence.h"

/* macOS numbers, which rules speak of. Those of types of sockets are the same. */
enum { MAC_AF_UNIX = 1, MAC_AF_INET = 2, MAC_AF_INET6 = 30, MAC_VNODE_SOCKET = 6 };

/* An address of IP as filters see it. It may be taken for one of either version. */
struct site {
	bool is_ip4, is_ip6;
	struct endpoint endpoint; /* of which protocol is left out */
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
 * What macOS calls localhost is one address. Here all of 127.0.0.0/8 is this host: like a wildcard
 * address, the others are localhost where that is denied, and not where it is allowed.
 */
static void place_ip4(struct site *place, uint32_t address)
{
	const uint32_t loopback = 0x7f000001, network = 0x7f;

	place->is_ip4 = true;
	place->endpoint.localhost = address == loopback;
	place->endpoint.wildcard =
		address == 0 || (address >> 24 == network && address != loopback);
}

static void place_ip6(struct site *place, const struct in6_addr *address)
{
	uint32_t mapped;

	place->is_ip6 = true;
	if (IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&mapped, &address->s6_addr[12], sizeof(mapped));
		place_ip4(place, ntohl(mapped));
		place->endpoint.wildcard |= place->endpoint.localhost;
		place->endpoint.localhost = false; /* macOS compares with ::1 */
		return;
	}
	place->endpoint.localhost = IN6_IS_ADDR_LOOPBACK(address);
	place->endpoint.wildcard = IN6_IS_ADDR_UNSPECIFIED(address);
	/* Who binds to all addresses of IPv6 gets those of IPv4 too. */
	place->is_ip4 = IN6_IS_ADDR_UNSPECIFIED(address);
}

static struct site place_of(const struct address *address)
{
	struct site place = {.is_ip4 = false};

	place.endpoint.bound = true;
	place.endpoint.port = ntohs(address->ip4.sin_port);
	if (address->any.sa_family == AF_INET)
		place_ip4(&place, ntohl(address->ip4.sin_addr.s_addr));
	else
		place_ip6(&place, &address->ip6.sin6_addr);
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

/* Without a remote address, as one of each version that the local address is of. */
static bool allows(const struct plan *plan, enum operation operation, const struct socket *socket,
	const struct site *remote, const struct site *local)
{
	const struct site *decisive = remote ? remote : local;
	const bool versions[] = {decisive->is_ip4, decisive->is_ip6};
	struct query query = query_for(operation, socket);
	unsigned protocol = protocol_of(socket);

	if (!(protocol & (PROTOCOL_TCP | PROTOCOL_UDP)))
		return false;
	query.local = local->endpoint;
	if (remote)
		query.remote = remote->endpoint;
	for (int i = 0; i < 2; i++) {
		query.local.protocol = protocol | (i ? PROTOCOL_IP6 : PROTOCOL_IP4);
		if (remote)
			query.remote.protocol = query.local.protocol;
		query_set_number(&query, NUMBER_SOCKET_DOMAIN, i ? MAC_AF_INET6 : MAC_AF_INET);
		if (versions[i] && !is_allowed(plan, &query))
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
	struct site remote = place_of(address), local = place_of(&name);

	local.endpoint.bound = is_bound(&name);
	local.endpoint.wildcard |= chooses_source;
	local.endpoint.localhost &= !chooses_source;
	return allows(plan, OP_NETWORK_OUTBOUND, socket, &remote, &local);
}

bool address_may_bind(
	const struct plan *plan, const struct socket *socket, const struct address *address)
{
	struct site local = place_of(address);

	return allows(plan, OP_NETWORK_BIND, socket, NULL, &local);
}

/* A socket that is not bound will listen on any address, and on a port that is not known yet. */
bool address_may_listen(
	const struct plan *plan, const struct socket *socket, const struct address *name)
{
	struct site local = place_of(name), chosen = local;

	chosen.endpoint.bound = is_bound(name);
	return allows(plan, OP_NETWORK_INBOUND, socket, NULL, &local) &&
	       allows(plan, OP_NETWORK_INBOUND, socket, NULL, &chosen);
}

bool address_may_use(const struct plan *plan, enum operation operation, const struct socket *socket,
	const char *path)
{
	struct query query = query_for(operation, socket);
	struct endpoint bound = {.protocol = PROTOCOL_UNIX, .bound = true};
	bool is_outbound = operation == OP_NETWORK_OUTBOUND;

	query.texts[TEXT_PATH] = path;
	if (path)
		query_set_number(&query, NUMBER_VNODE_TYPE, MAC_VNODE_SOCKET);
	if (is_outbound)
		query.remote = bound;
	bound.bound = !is_outbound;
	query.local = bound;
	return is_allowed(plan, &query);
}

/* The path of a unix address, which may lack a NUL at its end. */
static int take_route(const struct request *request, const struct address *address, int directory,
	struct route *route)
{
	size_t length = address->length - offsetof(struct sockaddr_un, sun_path);

	route->resolve = 0;
	route->directory = directory;
	memcpy(route->path, address->local.sun_path, length);
	route->path[length] = '\0';
	return request_shares_view(request) ? 0 : EPERM;
}

static int settle_path(struct request *request, const struct socket *socket, int directory,
	struct address *address)
{
	struct route route;
	struct object object;
	int error = take_route(request, address, directory, &route);

	if (!error)
		error = resolve_object(request, &route, true, &object);
	if (error)
		return error;
	if (!object.status.st_nlink)
		return ENOENT;
	if (!object.path[0] ||
		!address_may_use(request->plan, OP_NETWORK_OUTBOUND, socket, object.path))
		return EPERM;
	if (!S_ISSOCK(object.status.st_mode))
		return ECONNREFUSED;
	memset(address, 0, sizeof(*address));
	address->local.sun_family = AF_UNIX;
	strcpy(address->local.sun_path, object.link);
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

int address_take_entry(
	struct request *request, int directory, struct address *address, struct entry *entry)
{
	struct route route;
	int error = take_route(request, address, directory, &route);

	if (!error)
		error = resolve_entry(request, &route, false, entry);
	if (error)
		return error;
	if (entry->is_special || entry_look(entry) == 0)
		return existence_settle_entry(request, OP_FILE_WRITE_CREATE, entry, EADDRINUSE);
	size_t length = strlen(entry->name);

	if (entry->name[length - 1] == '/')
		return ENOENT;
	memset(address, 0, sizeof(*address));
	address->local.sun_family = AF_UNIX;
	memcpy(address->local.sun_path, entry->name, length);
	address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
	if (address->length > sizeof(address->local))
		address->length = sizeof(address->local);
	return 0;
}
