/* Where connections may go and come from: one address of each kind that rules can tell apart. */
#include <string.h>

#include "cli/tree.h"
#include "policy/trie.h"

enum { WAYS = 3, PROTOCOLS = 3, HOSTS = 2, PORTS_MAX = 64 };

static const struct {
	enum operation operation;
	const char *name;
} ways[WAYS] = {
	{OP_NETWORK_OUTBOUND, "connect"},
	{OP_NETWORK_INBOUND, "listen"},
	{OP_NETWORK_BIND, "bind"},
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

struct cells {
	enum answer ways[WAYS];
};

struct table {
	struct text *text;
	const struct paint *paint;
	struct index *index;
	int ports[PORTS_MAX + 1]; /* those that rules name, and one that none does */
	int count;                /* the last is at [count] */
	bool overflow;
	bool has_sockets; /* unix sockets were told apart */
	struct cells cells[PROTOCOLS][HOSTS][PORTS_MAX + 1];
};

static void add_port(struct table *table, int port)
{
	int at = 0;

	while (at < table->count && table->ports[at] < port)
		at++;
	if (at < table->count && table->ports[at] == port)
		return;
	if (table->count == PORTS_MAX) {
		table->overflow = true;
		return;
	}
	memmove(&table->ports[at + 1], &table->ports[at],
		(size_t)(table->count - at) * sizeof(table->ports[0]));
	table->ports[at] = port;
	table->count++;
}

static void collect(struct table *table, const struct filter *filter)
{
	bool is_group = filter->kind == FILTER_ALL || filter->kind == FILTER_ANY ||
			filter->kind == FILTER_NOT;

	for (size_t i = 0; is_group && i < filter->group.count; i++)
		collect(table, filter->group.items[i]);
	if ((filter->kind == FILTER_REMOTE || filter->kind == FILTER_LOCAL) &&
		filter->endpoint.port != PORT_ANY)
		add_port(table, filter->endpoint.port);
}

static void collect_ports(struct table *table)
{
	static const enum operation asked[] = {OP_NETWORK_OUTBOUND, OP_NETWORK_BIND,
		OP_NETWORK_INBOUND, OP_NETWORK_ALL, OP_DEFAULT};

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const struct rule_link *link = table->index->policy->operations[asked[i]].filtered;

		for (; link; link = link->next)
			collect(table, link->rule->filter);
	}
	int other = 1;

	for (int i = 0; i < table->count; i++)
		other += table->ports[i] == other;
	table->ports[table->count] = other;
}

static struct outcomes ask_address(
	const struct table *table, int way, int protocol, bool is_local, bool is_ip6, int port)
{
	struct query query = {.operation = ways[way].operation, .partial = true, .pathless = true};
	unsigned bits = protocols[protocol].protocol | (is_ip6 ? PROTOCOL_IP6 : PROTOCOL_IP4);
	struct endpoint address = {bits, is_local, true, port};
	struct endpoint unbound = {.protocol = bits};
	bool outbound = query.operation == OP_NETWORK_OUTBOUND;

	query_set_number(&query, NUMBER_SOCKET_DOMAIN, is_ip6 ? MAC_AF_INET6 : MAC_AF_INET);
	query_set_number(&query, NUMBER_SOCKET_TYPE, protocols[protocol].type);
	query.remote = outbound ? address : unbound;
	query.local = outbound ? unbound : address;
	return index_outcomes(table->index, &query);
}

static enum answer ask(const struct table *table, int way, int protocol, bool is_local, int port)
{
	struct outcomes ip4 = ask_address(table, way, protocol, is_local, false, port);
	struct outcomes ip6 = ask_address(table, way, protocol, is_local, true, port);

	outcomes_merge(&ip4, &ip6);
	return answer_of(ip4);
}

static void fill(struct table *table)
{
	for (int protocol = 0; protocol < PROTOCOLS; protocol++)
		for (int host = 0; host < HOSTS; host++)
			for (int port = 0; port <= table->count; port++)
				for (int way = 0; way < WAYS; way++)
					table->cells[protocol][host][port].ways[way] = ask(table,
						way, protocol, host == 0, table->ports[port]);
}

static void draw_cells(struct table *table, const struct cells *cells)
{
	static const struct {
		const char *word;
		enum color color;
	} words[] = {
		[ANSWER_DENY] = {"-      ", COLOR_DIM},
		[ANSWER_SOME] = {"some   ", COLOR_MAGENTA},
		[ANSWER_ALLOW] = {"yes    ", COLOR_GREEN},
	};

	for (int way = 0; way < WAYS; way++) {
		text_add(table->text, "  ");
		paint_add(table->paint, table->text, words[cells->ways[way]].color,
			words[cells->ways[way]].word);
	}
}

static void draw_row(struct table *table, const struct cells *cells, const char *label)
{
	text_add(table->text, "  ");
	draw_cells(table, cells);
	text_add_visible(table->text, label, strlen(label));
	text_add(table->text, "\n");
}

static bool are_same(const struct cells *a, const struct cells *b, int count)
{
	return memcmp(a, b, sizeof(*a) * (size_t)count) == 0;
}

/* The ports that are treated as this one; false when an earlier one already stood for them. */
static bool list_ports(
	const struct table *table, const struct cells *row, int port, struct text *list)
{
	for (int i = 0; i < port; i++) {
		if (are_same(&row[i], &row[port], 1))
			return false;
	}
	for (int i = port; i < table->count; i++) {
		if (are_same(&row[i], &row[port], 1))
			text_addf(list, "%s%d", list->length ? "," : "", table->ports[i]);
	}
	return true;
}

static void draw_host(
	struct table *table, const struct cells *row, const char *protocol, const char *host)
{
	const struct cells *others = &row[table->count];
	bool is_uniform = true;

	for (int port = 0; port < table->count; port++) {
		struct text ports = text_make(table->text->arena);

		if (are_same(&row[port], others, 1) || !list_ports(table, row, port, &ports))
			continue;
		is_uniform = false;
		draw_row(table, &row[port],
			text_format(table->text->arena, "%s, %s, port %s", protocol, host,
				ports.bytes));
	}
	draw_row(table, others,
		text_format(table->text->arena, "%s, %s%s", protocol, host,
			is_uniform ? "" : ", other ports"));
}

static void draw_protocol(struct table *table, int protocol, const char *name)
{
	const struct cells *local = table->cells[protocol][0], *remote = table->cells[protocol][1];

	if (are_same(local, remote, table->count + 1)) {
		draw_host(table, local, name, "any host");
		return;
	}
	draw_host(table, local, name, "this host");
	draw_host(table, remote, name, "elsewhere");
}

static void draw_ip(struct table *table)
{
	bool is_same = true;

	for (int i = 1; i < PROTOCOLS; i++) {
		for (int host = 0; host < HOSTS; host++)
			is_same &= are_same(
				table->cells[0][host], table->cells[i][host], table->count + 1);
	}
	for (int i = 0; i < (is_same ? 1 : PROTOCOLS); i++)
		draw_protocol(table, i, is_same ? "IP" : protocols[i].name);
}

static struct query unix_query(int way)
{
	struct query query = {.operation = ways[way].operation, .partial = true};

	query.remote.protocol = query.local.protocol = PROTOCOL_UNIX;
	query.remote.bound = query.local.bound = true;
	query_set_number(&query, NUMBER_SOCKET_DOMAIN, MAC_AF_UNIX);
	return query;
}

/* A path that an earlier way has shown. */
static bool is_shown(
	const struct trie_node *const roots[WAYS], int way, const struct trie_node *node)
{
	bool exact = false;

	for (int i = 0; i < way && !exact; i++)
		trie_find(roots[i], node->path, &exact);
	return exact;
}

/* The paths of which one can say more than of those around them. */
static void draw_sockets(struct table *table, const struct trie_node *const roots[WAYS], int of,
	const struct trie_node *node, const struct cells *around)
{
	struct cells exact, below;

	for (int way = 0; way < WAYS; way++) {
		bool is_node;
		const struct trie_node *found = trie_find(roots[way], node->path, &is_node);

		exact.ways[way] = answer_of(is_node ? found->exact : found->below);
		below.ways[way] = answer_of(found->below);
	}
	table->has_sockets |= node->length > 1;
	bool is_new = node->length > 1 && !is_shown(roots, of, node);

	if (is_new && !are_same(&exact, around, 1))
		draw_row(table, &exact,
			text_format(table->text->arena, "unix socket %s", node->path));
	if (is_new && !are_same(&below, around, 1))
		draw_row(table, &below,
			text_format(table->text->arena, "unix sockets below %s", node->path));
	for (const struct trie_node *child = node->child; child; child = child->sibling)
		draw_sockets(table, roots, of, child, &below);
}

static void draw_unix(struct table *table)
{
	const struct trie_node *roots[WAYS];
	struct cells others, abstract;

	for (int way = 0; way < WAYS; way++) {
		struct query query = unix_query(way);

		roots[way] = trie_build(table->index, &query);
		others.ways[way] = answer_of(roots[way]->below);
		query.pathless = true;
		abstract.ways[way] = answer_of(index_outcomes(table->index, &query));
	}
	for (int way = 0; way < WAYS; way++)
		draw_sockets(table, roots, way, roots[way], &others);
	draw_row(table, &others, table->has_sockets ? "other unix sockets" : "unix sockets");
	if (!are_same(&others, &abstract, 1))
		draw_row(table, &abstract, "unix sockets without a path");
}

void tree_network(struct text *text, const struct paint *paint, struct index *index)
{
	struct table *table = ARENA_NEW(text->arena, struct table);

	*table = (struct table){.text = text, .paint = paint, .index = index};
	collect_ports(table);
	fill(table);
	paint_add(paint, text, COLOR_BOLD, "Network\n");
	text_add(text, "  ");
	for (int way = 0; way < WAYS; way++) {
		struct text head = text_make(text->arena);

		text_addf(&head, way + 1 < WAYS ? "  %-7s" : "  %s", ways[way].name);
		paint_add(paint, text, COLOR_DIM, head.bytes);
	}
	text_add(text, "\n");
	draw_ip(table);
	draw_unix(table);
	if (table->overflow)
		text_addf(
			text, "  (rules name more than %d ports: not all are shown)\n", PORTS_MAX);
}
