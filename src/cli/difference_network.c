/* Addresses that two policies treat differently. */
#include <string.h>

#include "cli/difference.h"
#include "cli/network.h"

static const char *const verbs[WAYS] = {"connecting to", "listening on", "binding"};
static const char all[] = "connecting to, listening on and binding";

/* Of one way, protocol and host: by port, the last for all ports that no rule names. */
struct row {
	uint8_t changes[PORTS_MAX + 1];
};

struct networks {
	struct difference *difference;
	struct network before, after;
};

static struct row make_row(const struct networks *networks, int way, int protocol, int host)
{
	struct row row = {{0}};

	for (int port = 0; port <= networks->before.count; port++)
		row.changes[port] =
			(uint8_t)change_of(networks->before.cells[protocol][host][port].ways[way],
				networks->after.cells[protocol][host][port].ways[way]);
	return row;
}

static bool are_same(const struct row *a, const struct row *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static const char *list_ports(
	const struct networks *networks, const struct row *row, enum change change)
{
	struct text list = text_make(networks->difference->arena);

	for (int port = 0; port < networks->before.count; port++) {
		if (row->changes[port] == change)
			text_addf(&list, "%s%d", list.length ? "," : "",
				networks->before.ports[port]);
	}
	return list.length ? list.bytes : NULL;
}

static void add_row(const struct networks *networks, const struct row *row, const char *verb,
	const char *host, const char *protocol)
{
	struct difference *difference = networks->difference;
	enum change others = (enum change)row->changes[networks->before.count];
	const char *same = list_ports(networks, row, CHANGE_NONE);

	for (int change = CHANGE_MORE; change <= CHANGE_LESS_SOME; change++) {
		bool is_others = change == (int)others;
		const char *ports =
			is_others ? "*" : list_ports(networks, row, (enum change)change);

		if (!ports)
			continue;
		difference_add(difference, text_format(difference->arena, "%s %s %s:%s (%s)%s%s",
						   difference_verb(difference, (enum change)change,
							   ANSWER_DENY, ANSWER_DENY),
						   verb, host, ports, protocol,
						   is_others && same ? ", but not for port " : "",
						   is_others && same ? same : ""));
	}
}

/* Protocols that are treated alike come together. */
static void add_host(
	const struct networks *networks, int way, const char *verb, int host, const char *name)
{
	struct row rows[PROTOCOLS];

	for (int protocol = 0; protocol < PROTOCOLS; protocol++)
		rows[protocol] = make_row(networks, way, protocol, host);
	for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
		struct text list = text_make(networks->difference->arena);
		int count = 0;
		bool is_new = true;

		for (int i = 0; i < protocol; i++)
			is_new &= !are_same(&rows[i], &rows[protocol]);
		for (int i = protocol; i < PROTOCOLS && is_new; i++) {
			if (!are_same(&rows[i], &rows[protocol]))
				continue;
			text_addf(&list, "%s%s", count++ ? ", " : "", network_protocol(i));
		}
		if (count)
			add_row(networks, &rows[protocol], verb, name,
				count == PROTOCOLS ? "IP" : list.bytes);
	}
}

static void add_way(const struct networks *networks, int way, const char *verb)
{
	bool is_same = true;

	for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
		struct row local = make_row(networks, way, protocol, 0);
		struct row remote = make_row(networks, way, protocol, 1);

		is_same &= are_same(&local, &remote);
	}
	add_host(networks, way, verb, 0, is_same ? "*" : "localhost");
	if (!is_same)
		add_host(networks, way, verb, 1, "other hosts");
}

static enum answer ask_pathless(struct index *index, int way)
{
	struct query query = network_unix_query(way);

	query.pathless = true;
	return answer_of(index_outcomes(index, &query));
}

static enum change change_pathless(struct difference *difference, int way)
{
	return change_of(
		ask_pathless(&difference->before, way), ask_pathless(&difference->after, way));
}

static void add_pathless(struct difference *difference, int way, const char *verb)
{
	enum change change = change_pathless(difference, way);

	if (change)
		difference_add(difference,
			text_format(difference->arena, "%s %s unix sockets without a path",
				difference_verb(difference, change, ANSWER_DENY, ANSWER_DENY),
				verb));
}

static bool are_ways_same(const struct networks *networks)
{
	for (int way = 1; way < WAYS; way++) {
		for (int i = 0; i < PROTOCOLS * HOSTS; i++) {
			struct row first = make_row(networks, 0, i / HOSTS, i % HOSTS);
			struct row row = make_row(networks, way, i / HOSTS, i % HOSTS);

			if (!are_same(&first, &row))
				return false;
		}
	}
	return true;
}

void difference_network(struct difference *difference)
{
	struct networks *networks = ARENA_NEW(difference->arena, struct networks);

	networks->difference = difference;
	network_add_ports(&networks->before, difference->before.policy);
	network_add_ports(&networks->before, difference->after.policy);
	networks->after = networks->before;
	network_fill(&networks->before, &difference->before);
	network_fill(&networks->after, &difference->after);
	bool are_ips_same = are_ways_same(networks), are_sockets_same = true;

	for (int way = 1; way < WAYS; way++)
		are_sockets_same &=
			change_pathless(difference, 0) == change_pathless(difference, way);
	for (int way = 0; way < (are_ips_same ? 1 : WAYS); way++)
		add_way(networks, way, are_ips_same ? all : verbs[way]);
	for (int way = 0; way < (are_sockets_same ? 1 : WAYS); way++)
		add_pathless(difference, way, are_sockets_same ? "using" : verbs[way]);
	if (networks->before.overflow)
		difference_add(difference,
			text_format(difference->arena,
				"names more than %d ports: not all were compared", PORTS_MAX));
}
