/*
 * Network operations. The policy is asked about one address of each kind that its rules tell apart;
 * what comes out is enforced by refusing sockets of a whole class, and TCP ports by Landlock.
 * Invariant: an address that the policy denies MUST be out of reach, or a gap says so.
 */
#include <stddef.h>
#include <string.h>

#include "enforce/linux/plan.h"
#include "policy/trie.h"

/* macOS numbers, which rules speak of. */
enum {
	MAC_AF_UNIX = 1,
	MAC_AF_INET = 2,
	MAC_AF_ROUTE = 17,
	MAC_AF_INET6 = 30,
	MAC_AF_SYSTEM = 32,
	MAC_AF_OTHER = -1,
	MAC_SOCK_STREAM = 1,
	MAC_SOCK_DGRAM = 2,
	MAC_SOCK_RAW = 3,
	PORTS_MAX = 512,
};

enum reach { REACH_NONE = 0, REACH_ALL, REACH_PORTS, REACH_MIXED };

/* How far one operation goes with one protocol. */
struct answer {
	enum operation operation;
	enum reach reach;
	struct outcomes all;
	const bool *allowed; /* of REACH_PORTS: by index of the ports */
};

/* The ports that rules mention. */
struct ports {
	int *numbers; /* PORTS_MAX, when there are any */
	int count;
	bool overflow;
};

static void add_port(struct arena *arena, struct ports *ports, int number)
{
	if (!ports->numbers)
		ports->numbers = ARENA_ARRAY(arena, int, PORTS_MAX);
	for (int i = 0; i < ports->count; i++) {
		if (ports->numbers[i] == number)
			return;
	}
	if (ports->count == PORTS_MAX)
		ports->overflow = true;
	else
		ports->numbers[ports->count++] = number;
}

static void collect_ports(struct arena *arena, struct ports *ports, const struct filter *filter)
{
	switch (filter->kind) {
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		for (size_t i = 0; i < filter->group.count; i++)
			collect_ports(arena, ports, filter->group.items[i]);
		return;
	case FILTER_REMOTE:
	case FILTER_LOCAL:
		if (filter->endpoint.port != PORT_ANY)
			add_port(arena, ports, filter->endpoint.port);
		return;
	default:
		return;
	}
}

static struct ports collect_all_ports(const struct plan *plan, enum operation at)
{
	struct ports ports = {.count = 0};

	for (; at != OP_NONE; at = operation_parent(at)) {
		const struct rule_link *link = plan->policy->operations[at].filtered;

		for (; link; link = link->next)
			collect_ports(plan->arena, &ports, link->rule->filter);
	}
	return ports;
}

static int unmentioned_port(const struct ports *ports)
{
	for (int candidate = 1;; candidate++) {
		bool mentioned = false;

		for (int i = 0; i < ports->count; i++)
			mentioned |= ports->numbers[i] == candidate;
		if (!mentioned)
			return candidate;
	}
}

static void set_socket(struct query *query, unsigned protocol)
{
	long domain = protocol & PROTOCOL_UNIX  ? MAC_AF_UNIX
		      : protocol & PROTOCOL_IP6 ? MAC_AF_INET6
						: MAC_AF_INET;
	long type = protocol & PROTOCOL_TCP   ? MAC_SOCK_STREAM
		    : protocol & PROTOCOL_UDP ? MAC_SOCK_DGRAM
					      : MAC_SOCK_RAW;

	query_set_number(query, NUMBER_SOCKET_DOMAIN, domain);
	if (!(protocol & PROTOCOL_UNIX))
		query_set_number(query, NUMBER_SOCKET_TYPE, type);
}

static struct outcomes ask_address(
	const struct plan *plan, enum operation operation, struct endpoint address)
{
	struct query query = {.operation = operation, .partial = true, .pathless = true};
	struct endpoint unbound = {.protocol = address.protocol};

	set_socket(&query, address.protocol);
	query.remote = operation == OP_NETWORK_OUTBOUND ? address : unbound;
	query.local = operation == OP_NETWORK_OUTBOUND ? unbound : address;
	return policy_outcomes(plan->policy, &query);
}

/* Asks for the six addresses that filters can tell apart at one port. */
static struct outcomes ask_port(
	const struct plan *plan, enum operation operation, unsigned protocol, int port)
{
	struct outcomes all = {.may_allow = false};

	for (int kind = 0; kind < 6; kind++) {
		unsigned version = kind & 1 ? PROTOCOL_IP6 : PROTOCOL_IP4;
		struct endpoint address = {.protocol = protocol | version,
			.localhost = kind / 2 == 1,
			.wildcard = kind / 2 == 2,
			.bound = true,
			.port = port};
		struct outcomes outcomes = ask_address(plan, operation, address);

		outcomes_merge(&all, &outcomes);
	}
	return all;
}

/* Whatever the host and port. */
static struct outcomes ask_protocol(
	const struct plan *plan, enum operation operation, unsigned protocol)
{
	struct outcomes all = ask_address(
		plan, operation, (struct endpoint){.protocol = protocol | PROTOCOL_IP4});
	struct outcomes outcomes = ask_address(
		plan, operation, (struct endpoint){.protocol = protocol | PROTOCOL_IP6});

	outcomes_merge(&all, &outcomes);
	return all;
}

/* Port by port: those that rules mention, and one that none does. */
static void ask_ports(const struct plan *plan, struct answer *answer, unsigned protocol,
	const struct ports *ports)
{
	bool *allowed = ARENA_ARRAY(plan->arena, bool, (size_t)ports->count + 1);
	bool mixed = ports->overflow;

	answer->all = (struct outcomes){.may_allow = false};
	answer->allowed = allowed;
	for (int i = 0; i <= ports->count; i++) {
		int port = i < ports->count ? ports->numbers[i] : unmentioned_port(ports);
		struct outcomes outcomes = ask_port(plan, answer->operation, protocol, port);

		mixed |= outcomes.may_allow && (outcomes.may_deny || i == ports->count);
		allowed[i] = outcomes.may_allow;
		outcomes_merge(&answer->all, &outcomes);
	}
	answer->reach = mixed ? REACH_MIXED : REACH_PORTS;
}

static struct answer ask_ip(const struct plan *plan, enum operation operation, unsigned protocol,
	const struct ports *ports)
{
	struct answer answer = {
		.operation = operation, .all = ask_protocol(plan, operation, protocol)};

	if (answer.all.may_allow && answer.all.may_deny)
		ask_ports(plan, &answer, protocol, ports);
	if (!answer.all.may_deny)
		answer.reach = REACH_ALL;
	else if (!answer.all.may_allow)
		answer.reach = REACH_NONE;
	return answer;
}

/* Unix sockets: those with a path, and those with an abstract name, which has none. */
static struct answer ask_unix(struct plan *plan, enum operation operation)
{
	struct answer answer = {.operation = operation};
	struct query query = {.operation = operation, .partial = true};

	query.remote.protocol = query.local.protocol = PROTOCOL_UNIX;
	query.remote.bound = query.local.bound = true;
	set_socket(&query, PROTOCOL_UNIX);
	trie_outcomes(trie_build(&plan->index, &query), &answer.all);
	query.pathless = true;
	struct outcomes abstract = policy_outcomes(plan->policy, &query);

	outcomes_merge(&answer.all, &abstract);
	answer.reach = !answer.all.may_deny   ? REACH_ALL
		       : answer.all.may_allow ? REACH_MIXED
					      : REACH_NONE;
	return answer;
}

static bool may_make(const struct plan *plan, long domain, long type)
{
	struct query query = {.operation = OP_SYSTEM_SOCKET, .partial = true};

	query_set_number(&query, NUMBER_SOCKET_DOMAIN, domain);
	query_set_number(&query, NUMBER_SOCKET_TYPE, type);
	query_set_number(&query, NUMBER_SOCKET_PROTOCOL, 0);
	return !policy_outcomes(plan->policy, &query).may_deny;
}

enum { OUT, IN, BIND, WAYS };

static const enum operation ways[WAYS] = {OP_NETWORK_OUTBOUND, OP_NETWORK_INBOUND, OP_NETWORK_BIND};

struct network {
	struct answer tcp[WAYS], udp[WAYS], other[WAYS], local[WAYS];
	struct ports ports[WAYS];
	bool route_sockets, other_sockets;
};

static bool all_are(const struct answer answers[WAYS], enum reach reach)
{
	for (int i = 0; i < WAYS; i++) {
		if (answers[i].reach != reach)
			return false;
	}
	return true;
}

/* For protocols that are allowed whole or not at all. */
static bool whole(struct plan *plan, const struct answer answers[WAYS], const char *reason)
{
	if (all_are(answers, REACH_ALL))
		return true;
	if (all_are(answers, REACH_NONE))
		return false;
	for (int i = 0; i < WAYS; i++) {
		if (answers[i].all.may_deny)
			plan_add_gap(plan, answers[i].operation, &answers[i].all, reason);
	}
	return true;
}

static void grant_port(struct plan *plan, unsigned port, uint64_t rights)
{
	for (struct port_grant *grant = plan->ports; grant; grant = grant->next) {
		if (grant->port == port) {
			grant->rights |= rights;
			return;
		}
	}
	struct port_grant *grant = ARENA_NEW(plan->arena, struct port_grant);

	*grant = (struct port_grant){port, rights, plan->ports};
	plan->ports = grant;
}

static void hold_tcp(
	struct plan *plan, const struct answer *answer, const struct ports *ports, uint64_t right)
{
	if (answer->reach == REACH_ALL)
		return;
	if (answer->reach == REACH_MIXED) {
		plan_add_gap(plan, answer->operation, &answer->all,
			"Landlock knows TCP ports, but neither hosts nor exceptions");
		return;
	}
	if (plan->host->landlock_abi < ABI_NET) {
		if (plan->host->landlock_abi > 0)
			plan_add_gap(plan, answer->operation, &answer->all,
				"TCP ports need Landlock ABI 4 (Linux 6.7)");
		return;
	}
	plan->handled_net |= right;
	for (int i = 0; answer->reach == REACH_PORTS && i < ports->count; i++) {
		if (answer->allowed[i])
			grant_port(plan, (unsigned)ports->numbers[i], right);
	}
}

static bool plan_tcp(struct plan *plan, const struct network *network)
{
	const struct answer *tcp = network->tcp;

	if (all_are(tcp, REACH_NONE))
		return false;
	hold_tcp(plan, &tcp[OUT], &network->ports[OUT], NET_CONNECT_TCP);
	hold_tcp(plan, &tcp[BIND], &network->ports[BIND], NET_BIND_TCP);
	if (tcp[OUT].reach != REACH_ALL) {
		/* TCP fast open connects without asking Landlock. */
		plan_refuse(plan, SYS_sendto, VERDICT_NO_TFO3);
		plan_refuse(plan, SYS_sendmsg, VERDICT_NO_TFO2);
		plan_refuse(plan, SYS_sendmmsg, VERDICT_NO_TFO3);
	}
	if (tcp[IN].reach == REACH_ALL)
		return true;
	if (tcp[IN].reach != REACH_NONE || !all_are(network->local, REACH_NONE)) {
		plan_add_gap(plan, OP_NETWORK_INBOUND, &tcp[IN].all,
			"listening can be denied only for all ports, and for unix sockets too");
		return true;
	}
	plan_refuse(plan, SYS_listen, VERDICT_EPERM);
	plan_refuse(plan, SYS_accept4, VERDICT_EPERM);
#ifdef SYS_accept
	plan_refuse(plan, SYS_accept, VERDICT_EPERM);
#endif
	return true;
}

/* Nothing at all: sockets that were inherited are not connected anew either. */
static void refuse_addresses(struct plan *plan)
{
	static const long calls[] = {SYS_connect, SYS_bind, SYS_listen, SYS_accept4,
#ifdef SYS_accept
		SYS_accept
#endif
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		plan_refuse(plan, calls[i], VERDICT_EPERM);
}

static void ask_all(struct plan *plan, struct network *network)
{
	for (int i = 0; i < WAYS; i++) {
		const struct ports *ports = &network->ports[i];

		network->ports[i] = collect_all_ports(plan, ways[i]);
		network->tcp[i] = ask_ip(plan, ways[i], PROTOCOL_TCP, ports);
		network->udp[i] = ask_ip(plan, ways[i], PROTOCOL_UDP, ports);
		network->other[i] = ask_ip(plan, ways[i], PROTOCOL_OTHER, ports);
		network->local[i] = ask_unix(plan, ways[i]);
	}
	network->route_sockets = may_make(plan, MAC_AF_ROUTE, MAC_SOCK_RAW);
	network->other_sockets = may_make(plan, MAC_AF_OTHER, MAC_SOCK_RAW) &&
				 may_make(plan, MAC_AF_SYSTEM, MAC_SOCK_RAW) &&
				 may_make(plan, MAC_AF_INET, MAC_SOCK_RAW);
}

static bool is_unrestricted(const struct network *network)
{
	return all_are(network->tcp, REACH_ALL) && all_are(network->udp, REACH_ALL) &&
	       all_are(network->other, REACH_ALL) && all_are(network->local, REACH_ALL) &&
	       network->route_sockets && network->other_sockets;
}

/* Most policies have no rule on the network but perhaps one for all of it. */
static bool is_untouched(struct plan *plan)
{
	for (int i = 0; i < WAYS; i++) {
		if (policy_has_rules(plan->policy, ways[i]) || plan_ask(plan, ways[i]).may_deny)
			return false;
	}
	return !plan_ask(plan, OP_SYSTEM_SOCKET).may_deny;
}

/* Connecting to some unix sockets and to nothing else: the broker tells their paths apart. */
static bool wants_broker(const struct plan *plan, const struct network *network)
{
	return network->local[OUT].reach == REACH_MIXED && network->local[IN].reach == REACH_NONE &&
	       network->local[BIND].reach == REACH_NONE &&
	       !(plan->sockets & (SOCKETS_TCP | SOCKETS_UDP));
}

static void plan_local(struct plan *plan, const struct network *network)
{
	if (wants_broker(plan, network)) {
		plan->has_broker = true;
		plan->sockets |= SOCKETS_UNIX_STREAM;
		refuse_addresses(plan);
		plan->verdicts[SYS_connect] = VERDICT_BROKER;
	} else if (whole(plan, network->local,
			   "unix sockets cannot be told apart: allow or deny all of them")) {
		plan->sockets |= SOCKETS_UNIX;
	}
}

void plan_network(struct plan *plan)
{
	if (is_untouched(plan))
		return;
	struct network *network = ARENA_NEW(plan->arena, struct network);

	ask_all(plan, network);
	if (is_unrestricted(network))
		return;
	if (plan_tcp(plan, network))
		plan->sockets |= SOCKETS_TCP;
	if (whole(plan, network->udp,
		    "UDP addresses cannot be told apart: allow or deny all of UDP"))
		plan->sockets |= SOCKETS_UDP;
	plan_local(plan, network);
	if (network->route_sockets)
		plan->sockets |= SOCKETS_NETLINK_ROUTE;
	plan->holds_sockets = true;
	plan_refuse(plan, SYS_socket, plan->sockets ? VERDICT_SOCKET : VERDICT_EPERM);
	if (!(plan->sockets & SOCKETS_UNIX))
		plan_refuse(plan, SYS_socketpair, VERDICT_SOCKETPAIR);
	if (!(plan->sockets & ~(unsigned)SOCKETS_NETLINK_ROUTE))
		refuse_addresses(plan);
}
