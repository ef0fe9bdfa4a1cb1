/* Where connections may go and come from: one address of each kind that rules can tell apart. */
#include <string.h>

#include "cli/network.h"
#include "policy/trie.h"

static const char *const way_names[WAYS] = {"connect", "listen", "bind"};

struct table {
	struct text *text;
	const struct paint *paint;
	struct index *index;
	bool has_sockets; /* unix sockets were told apart */
	struct network network;
};

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
	for (int i = port; i < table->network.count; i++) {
		if (are_same(&row[i], &row[port], 1))
			text_addf(list, "%s%d", list->length ? "," : "", table->network.ports[i]);
	}
	return true;
}

static void draw_host(
	struct table *table, const struct cells *row, const char *protocol, const char *host)
{
	const struct cells *others = &row[table->network.count];
	bool is_uniform = true;

	for (int port = 0; port < table->network.count; port++) {
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
	const struct cells *local = table->network.cells[protocol][0],
			   *remote = table->network.cells[protocol][1];

	if (are_same(local, remote, table->network.count + 1)) {
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
			is_same &= are_same(table->network.cells[0][host],
				table->network.cells[i][host], table->network.count + 1);
	}
	for (int i = 0; i < (is_same ? 1 : PROTOCOLS); i++)
		draw_protocol(table, i, is_same ? "IP" : network_protocol(i));
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
		struct query query = network_unix_query(way);

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
	network_add_ports(&table->network, index->policy);
	network_fill(&table->network, index);
	paint_add(paint, text, COLOR_BOLD, "Network\n");
	text_add(text, "  ");
	for (int way = 0; way < WAYS; way++) {
		struct text head = text_make(text->arena);

		text_addf(&head, way + 1 < WAYS ? "  %-7s" : "  %s", way_names[way]);
		paint_add(paint, text, COLOR_DIM, head.bytes);
	}
	text_add(text, "\n");
	draw_ip(table);
	draw_unix(table);
	if (table->network.overflow)
		text_addf(
			text, "  (rules name more than %d ports: not all are shown)\n", PORTS_MAX);
}
