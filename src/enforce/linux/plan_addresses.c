/*
 * What the policy answers to addresses: it is asked about one of each kind that its rules tell
 * apart.
 */
#include "enforce/linux/plan_addresses.h"

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

static const enum operation ways[WAYS] = {OP_NETWORK_OUTBOUND, OP_NETWORK_INBOUND, OP_NETWORK_BIND};

void addresses_ask(struct plan *plan, struct network *network)
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

/* What the broker knows of a request; and what no object on Linux has, which is known too. */
static bool is_known(const struct filter *filter, enum operation operation)
{
	struct query query = {.operation = operation, .partial = true};

	switch (filter->kind) {
	case FILTER_REMOTE:
	case FILTER_LOCAL:
		return true;
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		for (size_t i = 0; i < filter->group.count; i++) {
			if (!is_known(filter->group.items[i], operation))
				return false;
		}
		return true;
	default:
		query.texts[TEXT_PATH] = "/";
		query_set_number(&query, NUMBER_SOCKET_DOMAIN, 0);
		query_set_number(&query, NUMBER_SOCKET_TYPE, 0);
		query_set_number(&query, NUMBER_SOCKET_PROTOCOL, 0);
		query_set_number(&query, NUMBER_VNODE_TYPE, 0);
		return filter_match(filter, ACTION_DENY, &query) != MATCH_MAYBE;
	}
}

const struct rule *addresses_find_other(const struct plan *plan, enum operation operation)
{
	struct decision ignored;

	for (enum operation at = operation;; at = operation_parent(at)) {
		const struct rule_link *link = plan->policy->operations[at].filtered;

		for (; link; link = link->next) {
			if (!is_known(link->rule->filter, operation))
				return link->rule;
		}
		if (policy_default(plan->policy, at, &ignored))
			return NULL;
	}
}
