/*
 * Network operations: sockets of a whole class are refused by seccomp, TCP ports held by Landlock,
 * system calls refused whole, and what none of this can tell apart is for the broker.
 * Invariant: an address that the policy denies MUST be out of reach, or a gap says so.
 */
#include <stddef.h>

#include "enforce/linux/plan_addresses.h"

static bool all_are(const struct answer answers[WAYS], enum reach reach)
{
	for (int i = 0; i < WAYS; i++) {
		if (answers[i].reach != reach)
			return false;
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

static void hold_tcp(struct plan *plan, const struct network *network, enum way way, uint64_t right)
{
	const struct answer *answer = &network->tcp[way];
	const struct ports *ports = &network->ports[way];

	plan->handled_net |= right;
	for (int i = 0; answer->reach == REACH_PORTS && i < ports->count; i++) {
		if (answer->allowed[i])
			grant_port(plan, (unsigned)ports->numbers[i], right);
	}
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
	static const enum operation ways[] = {
		OP_NETWORK_OUTBOUND, OP_NETWORK_INBOUND, OP_NETWORK_BIND};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (policy_has_rules(plan->policy, ways[i]) || plan_ask(plan, ways[i]).may_deny)
			return false;
	}
	return !plan_ask(plan, OP_SYSTEM_SOCKET).may_deny;
}

/*
 * The classes of sockets that are of any use. Where unix sockets can only connect, and not to all
 * addresses, there are no datagrams: then what programs send needs no broker.
 */
static unsigned choose_sockets(const struct network *network)
{
	const struct answer *local = network->local;
	unsigned sockets = network->route_sockets ? SOCKETS_NETLINK_ROUTE : 0;

	if (!all_are(network->tcp, REACH_NONE))
		sockets |= SOCKETS_TCP;
	/* Nobody listens for datagrams. */
	if (network->udp[OUT].reach != REACH_NONE || network->udp[BIND].reach != REACH_NONE)
		sockets |= SOCKETS_UDP;
	if (local[OUT].reach != REACH_ALL && local[IN].reach == REACH_NONE &&
		local[BIND].reach == REACH_NONE)
		sockets |= local[OUT].reach == REACH_NONE ? 0 : SOCKETS_UNIX_STREAM;
	else if (!all_are(local, REACH_NONE))
		sockets |= SOCKETS_UNIX;
	return sockets;
}

/* The answers that matter to one way: those for classes of sockets that there are. */
static unsigned list_answers(const struct plan *plan, const struct network *network, enum way way,
	const struct answer *list[3])
{
	unsigned count = 0;

	if (plan->sockets & SOCKETS_TCP)
		list[count++] = &network->tcp[way];
	if (plan->sockets & SOCKETS_UDP && way != IN)
		list[count++] = &network->udp[way];
	if (plan->sockets & (SOCKETS_UNIX | SOCKETS_UNIX_STREAM))
		list[count++] = &network->local[way];
	return count;
}

static bool are_all(
	const struct plan *plan, const struct network *network, enum way way, enum reach reach)
{
	const struct answer *list[3];
	unsigned count = list_answers(plan, network, way, list);

	for (unsigned i = 0; i < count; i++) {
		if (list[i]->reach != reach)
			return false;
	}
	return true;
}

/* True when nothing but ports of TCP is denied, and Landlock knows ports. */
static bool is_for_landlock(const struct plan *plan, const struct network *network, enum way way)
{
	const struct answer *list[3];
	unsigned count = list_answers(plan, network, way, list);

	for (unsigned i = 0; i < count; i++) {
		if (list[i]->reach != REACH_ALL && list[i] != &network->tcp[way])
			return false;
	}
	return plan->sockets & SOCKETS_TCP && network->tcp[way].reach != REACH_MIXED &&
	       plan->host->landlock_abi >= ABI_NET && !plan->host->lacks_ports;
}

static void ask_broker(struct plan *plan, long number, enum verdict verdict)
{
	plan->has_broker = true;
	plan_refuse(plan, number, verdict);
}

/* What the broker cannot know of a request must not matter. */
static void check_known(struct plan *plan, enum operation operation)
{
	const struct rule *rule = addresses_find_other(plan, operation);
	const struct outcomes outcomes = {.may_deny = true, .deny = {ACTION_DENY, rule, operation}};

	if (rule)
		plan_add_gap(plan, operation, &outcomes,
			"the answer depends on more than sockets and addresses");
}

/* Data with an address goes where no connection was made. */
static bool has_datagrams(const struct plan *plan, const struct network *network)
{
	return (plan->sockets & SOCKETS_UDP && network->udp[OUT].reach != REACH_ALL) ||
	       (plan->sockets & SOCKETS_UNIX && network->local[OUT].reach != REACH_ALL);
}

static void plan_sends(struct plan *plan, const struct network *network)
{
	if (has_datagrams(plan, network)) {
		ask_broker(plan, SYS_sendto, VERDICT_SENDTO);
		ask_broker(plan, SYS_sendmsg, VERDICT_BROKER);
		ask_broker(plan, SYS_sendmmsg, VERDICT_BROKER);
	} else if (plan->sockets & SOCKETS_TCP && network->tcp[OUT].reach != REACH_ALL) {
		/* TCP fast open connects without asking Landlock, and without connect(2). */
		plan_refuse(plan, SYS_sendto, VERDICT_NO_TFO3);
		plan_refuse(plan, SYS_sendmsg, VERDICT_NO_TFO2);
		plan_refuse(plan, SYS_sendmmsg, VERDICT_NO_TFO3);
	}
}

static void plan_outbound(struct plan *plan, const struct network *network)
{
	if (are_all(plan, network, OUT, REACH_ALL))
		return;
	plan_sends(plan, network);
	if (is_for_landlock(plan, network, OUT))
		hold_tcp(plan, network, OUT, NET_CONNECT_TCP);
	else if (are_all(plan, network, OUT, REACH_NONE))
		plan_refuse(plan, SYS_connect, VERDICT_EPERM);
	else
		ask_broker(plan, SYS_connect, VERDICT_BROKER);
	if (plan->verdicts[SYS_connect] == VERDICT_BROKER || has_datagrams(plan, network))
		check_known(plan, OP_NETWORK_OUTBOUND);
	if (plan->has_broker)
		plan_refuse(plan, SYS_setsockopt, VERDICT_SETSOCKOPT);
}

static void plan_bind(struct plan *plan, const struct network *network)
{
	if (are_all(plan, network, BIND, REACH_ALL))
		return;
	if (is_for_landlock(plan, network, BIND))
		hold_tcp(plan, network, BIND, NET_BIND_TCP);
	else if (are_all(plan, network, BIND, REACH_NONE))
		plan_refuse(plan, SYS_bind, VERDICT_EPERM);
	else
		ask_broker(plan, SYS_bind, VERDICT_BROKER);
	if (plan->verdicts[SYS_bind] == VERDICT_BROKER)
		check_known(plan, OP_NETWORK_BIND);
}

static void refuse_accept(struct plan *plan)
{
	plan_refuse(plan, SYS_listen, VERDICT_EPERM);
	plan_refuse(plan, SYS_accept4, VERDICT_EPERM);
#ifdef SYS_accept
	plan_refuse(plan, SYS_accept, VERDICT_EPERM);
#endif
}

/*
 * Who may listen may accept: the address is the same. A socket that listened before the command
 * started was opened by its caller, who keeps such descriptors only on purpose.
 */
static void plan_inbound(struct plan *plan, const struct network *network)
{
	const struct answer *local = &network->local[IN];

	if (are_all(plan, network, IN, REACH_ALL))
		return;
	if (are_all(plan, network, IN, REACH_NONE)) {
		refuse_accept(plan);
		return;
	}
	ask_broker(plan, SYS_listen, VERDICT_BROKER);
	check_known(plan, OP_NETWORK_INBOUND);
	/* Of a unix socket that listens, the path is told when it is bound. */
	if (plan->sockets & SOCKETS_UNIX && local->reach == REACH_MIXED) {
		plan->listens_as_bound =
			policy_is_alike(plan->policy, OP_NETWORK_INBOUND, OP_NETWORK_BIND);
		if (plan->listens_as_bound)
			ask_broker(plan, SYS_bind, VERDICT_BROKER);
		else
			plan_add_gap(plan, OP_NETWORK_INBOUND, &local->all,
				"unix sockets that listen can be told apart only where"
				" network-bind has no rules of its own");
	}
}

/* Nothing at all: sockets that were inherited are not connected anew either. */
static void refuse_addresses(struct plan *plan)
{
	plan_refuse(plan, SYS_connect, VERDICT_EPERM);
	plan_refuse(plan, SYS_bind, VERDICT_EPERM);
	refuse_accept(plan);
}

void plan_network(struct plan *plan)
{
	if (is_untouched(plan))
		return;
	struct network *network = ARENA_NEW(plan->arena, struct network);

	addresses_ask(plan, network);
	if (is_unrestricted(network))
		return;
	plan->holds_sockets = true;
	plan->sockets = choose_sockets(network);
	plan_refuse(plan, SYS_socket, plan->sockets ? VERDICT_SOCKET : VERDICT_EPERM);
	if (!(plan->sockets & SOCKETS_UNIX))
		plan_refuse(plan, SYS_socketpair, VERDICT_SOCKETPAIR);
	if (!(plan->sockets & ~(unsigned)SOCKETS_NETLINK_ROUTE)) {
		refuse_addresses(plan);
		return;
	}
	plan_outbound(plan, network);
	plan_bind(plan, network);
	plan_inbound(plan, network);
}
