#ifndef ENFORCE_LINUX_PLAN_ADDRESSES_H
#define ENFORCE_LINUX_PLAN_ADDRESSES_H

#include "enforce/linux/plan.h"

/* REACH_PORTS: some ports, whatever the host. */
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
	int *numbers; /* of a fixed size, when there are any */
	int count;
	bool overflow;
};

/* The operations: network-outbound, network-inbound, network-bind. */
enum way { OUT, IN, BIND, WAYS };

struct network {
	struct answer tcp[WAYS], udp[WAYS], other[WAYS], local[WAYS];
	struct ports ports[WAYS];
	bool route_sockets, other_sockets;
};

void addresses_ask(struct plan *plan, struct network *network);

/* A rule that the operation asks and that looks at more than sockets and their addresses, or NULL.
 */
const struct rule *addresses_find_other(const struct plan *plan, enum operation operation);

#endif
