/* Asks a policy about addresses. */
#include "cli/network.h"

#include <string.h>

static const enum operation operations[WAYS] = {
	OP_NETWORK_OUTBOUND,
	OP_NETWORK_INBOUND,
	OP_NETWORK_BIND,
};

/* macOS numbers, which rules speak of. */
static const struct {
	const char *name;
	unsigned protocol;
	long type;
} protocols[PROTOCOLS] = {
	{"TCP", PROTOCOL_TCP, 1},
	{"UDP", PROTOCOL_UDP, 2},
	{"other IP", PROTOCOL_OTHER, 3},
};

enum { MAC_AF_UNIX = 1, MAC_AF_INET = 2, MAC_AF_INET6 = 30 };

enum operation network_operation(int way)
{
	return operations[way];
}

const char *network_protocol(int protocol)
{
	return protocols[protocol].name;
}

static void add_port(struct network *network, int port)
{
	int at = 0;

	while (at < network->count && network->ports[at] < port)
		at++;
	if (at < network->count && network->ports[at] == port)
		return;
	if (network->count == PORTS_MAX) {
		network->overflow = true;
		return;
	}
	memmove(&network->ports[at + 1], &network->ports[at],
		(size_t)(network->count - at) * sizeof(network->ports[0]));
	network->ports[at] = port;
	network->count++;
}

static void collect(struct network *network, const struct filter *filter)
{
	bool is_group = filter->kind == FILTER_ALL || filter->kind == FILTER_ANY ||
			filter->kind == FILTER_NOT;

	for (size_t i = 0; is_group && i < filter->group.count; i++)
		collect(network, filter->group.items[i]);
	if ((filter->kind == FILTER_REMOTE || filter->kind == FILTER_LOCAL) &&
		filter->endpoint.port != PORT_ANY)
		add_port(network, filter->endpoint.port);
}

void network_add_ports(struct network *network, const struct policy *policy)
{
	static const enum operation asked[] = {OP_NETWORK_OUTBOUND, OP_NETWORK_BIND,
		OP_NETWORK_INBOUND, OP_NETWORK_ALL, OP_DEFAULT};

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const struct rule_link *link = policy->operations[asked[i]].filtered;

		for (; link; link = link->next)
			collect(network, link->rule->filter);
	}
}

static struct outcomes ask_address(
	struct index *index, int way, int protocol, bool is_local, bool is_ip6, int port)
{
	struct query query = {.operation = operations[way], .partial = true, .pathless = true};
	unsigned bits = protocols[protocol].protocol | (is_ip6 ? PROTOCOL_IP6 : PROTOCOL_IP4);
	struct endpoint address = {bits, is_local, true, port};
	struct endpoint unbound = {.protocol = bits};
	bool outbound = query.operation == OP_NETWORK_OUTBOUND;

	query_set_number(&query, NUMBER_SOCKET_DOMAIN, is_ip6 ? MAC_AF_INET6 : MAC_AF_INET);
	query_set_number(&query, NUMBER_SOCKET_TYPE, protocols[protocol].type);
	query.remote = outbound ? address : unbound;
	query.local = outbound ? unbound : address;
	return index_outcomes(index, &query);
}

static enum answer ask(struct index *index, int way, int protocol, bool is_local, int port)
{
	struct outcomes ip4 = ask_address(index, way, protocol, is_local, false, port);
	struct outcomes ip6 = ask_address(index, way, protocol, is_local, true, port);

	outcomes_merge(&ip4, &ip6);
	return answer_of(ip4);
}

void network_fill(struct network *network, struct index *index)
{
	int other = 1;

	for (int i = 0; i < network->count; i++)
		other += network->ports[i] == other;
	network->ports[network->count] = other;
	for (int protocol = 0; protocol < PROTOCOLS; protocol++)
		for (int host = 0; host < HOSTS; host++)
			for (int port = 0; port <= network->count; port++)
				for (int way = 0; way < WAYS; way++)
					network->cells[protocol][host][port].ways[way] = ask(index,
						way, protocol, host == 0, network->ports[port]);
}

struct query network_unix_query(int way)
{
	struct query query = {.operation = operations[way], .partial = true};

	query.remote.protocol = query.local.protocol = PROTOCOL_UNIX;
	query.remote.bound = query.local.bound = true;
	query_set_number(&query, NUMBER_SOCKET_DOMAIN, MAC_AF_UNIX);
	return query;
}
