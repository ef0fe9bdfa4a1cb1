#ifndef CLI_NETWORK_H
#define CLI_NETWORK_H

#include "cli/tree.h"

/* What a policy answers for one address of each kind that rules can tell apart. */

enum { WAYS = 3, PROTOCOLS = 3, HOSTS = 2, PORTS_MAX = 64 };

struct cells {
	enum answer ways[WAYS];
};

struct network {
	int ports[PORTS_MAX + 1]; /* those that rules name, and one that none does */
	int count;                /* the last is at [count] */
	bool overflow;            /* rules name more */
	struct cells cells[PROTOCOLS][HOSTS]
			  [PORTS_MAX + 1]; /* of the hosts the first is this one */
};

/* By number: connect, listen, bind. */
enum operation network_operation(int way);

const char *network_protocol(int protocol);

/* Adds the ports that the rules name; when all are known, network_fill asks. */
void network_add_ports(struct network *network, const struct policy *policy);
void network_fill(struct network *network, struct index *index);

/* The question about unix sockets, whose path stays open. */
struct query network_unix_query(int way);

#endif
