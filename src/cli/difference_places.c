/*
 * Files, and sockets that are files: the places of both policies' tries, each told at the topmost
 * place from which on it holds, with what is left out below.
 */
#include <limits.h>
#include <string.h>

#include "base/path.h"
#include "base/sort.h"
#include "cli/difference.h"
#include "cli/network.h"
#include "policy/trie.h"

enum { RIGHTS = 9, EXCEPTIONS_MAX = 20 };

static const struct {
	const char *name;
	enum operation operation;
	int way;   /* of unix sockets; -1: a file */
	int group; /* how many rights, from here on, mostly go together */
	const char *together;
} rights[RIGHTS] = {
	{"reading", OP_FILE_READ_DATA, -1, 2, "reading"},
	{"looking up", OP_FILE_READ_METADATA, -1, 0, NULL},
	{"writing", OP_FILE_WRITE_DATA, -1, 3, "writing"},
	{"creating", OP_FILE_WRITE_CREATE, -1, 0, NULL},
	{"removing", OP_FILE_WRITE_UNLINK, -1, 0, NULL},
	{"executing", OP_PROCESS_EXEC_ALL, -1, 1, "executing"},
	{"connecting to unix sockets", OP_NETWORK_OUTBOUND, 0, 3, "using unix sockets"},
	{"listening on unix sockets", OP_NETWORK_INBOUND, 1, 0, NULL},
	{"binding unix sockets", OP_NETWORK_BIND, 2, 0, NULL},
};

/* What is told of a place and all below it. */
struct line {
	const char *verb, *name, *where;
	struct text exceptions;
	int count;    /* of exceptions */
	bool devices; /* are among them */
	struct line *next;
};

/* What both policies answer for a right. */
struct answers {
	enum answer before, after;
};

struct place {
	const char *path;
	size_t length;
	struct place *parent; /* the nearest place above; NULL for "/" */
	struct answers exact[RIGHTS], below[RIGHTS];
	struct line *line; /* that holds below it, of the right being told */
};

struct places {
	struct difference *difference;
	struct place **items;
	size_t count, capacity;
	const struct trie_node *before[RIGHTS], *after[RIGHTS];
};

static void add_places(struct places *places, const struct trie_node *node)
{
	if (places->count == places->capacity) {
		size_t capacity = places->capacity * 2 + 64;
		struct place **items =
			ARENA_ARRAY(places->difference->arena, struct place *, capacity);

		if (places->count)
			memcpy(items, places->items, places->count * sizeof(struct place *));
		places->items = items;
		places->capacity = capacity;
	}
	struct place *place = ARENA_NEW(places->difference->arena, struct place);

	place->path = node->path;
	place->length = node->length;
	places->items[places->count++] = place;
	for (const struct trie_node *child = node->child; child; child = child->sibling)
		add_places(places, child);
}

static int compare(const void *a, const void *b)
{
	const struct place *const *first = a, *const *second = b;

	return path_order((*first)->path, (*first)->length, (*second)->path, (*second)->length);
}

/* Sorted, each once, with the nearest above. */
static void link_places(struct places *places)
{
	size_t count = 0;

	sort(places->items, places->count, sizeof(struct place *), compare);
	for (size_t i = 0; i < places->count; i++) {
		struct place *place = places->items[i];
		struct place *above = count ? places->items[count - 1] : NULL;

		if (above && compare(&above, &place) == 0)
			continue;
		while (above &&
			!path_is_within(place->path, place->length, above->path, above->length))
			above = above->parent;
		place->parent = above;
		places->items[count++] = place;
	}
	places->count = count;
}

static void look_up(
	const struct trie_node *trie, const char *path, enum answer *exact, enum answer *below)
{
	bool is_node;
	const struct trie_node *node = trie_find(trie, path, &is_node);

	*exact = answer_of(is_node ? node->exact : node->below);
	*below = answer_of(node->below);
}

static void ask(struct places *places)
{
	struct difference *difference = places->difference;

	for (int i = 0; i < RIGHTS; i++) {
		struct query query = {.operation = rights[i].operation};

		if (rights[i].way >= 0)
			query = network_unix_query(rights[i].way);
		places->before[i] = trie_build(&difference->before, &query);
		places->after[i] = trie_build(&difference->after, &query);
		add_places(places, places->before[i]);
		add_places(places, places->after[i]);
	}
	link_places(places);
	for (size_t at = 0; at < places->count; at++) {
		struct place *place = places->items[at];

		for (int i = 0; i < RIGHTS; i++) {
			look_up(places->before[i], place->path, &place->exact[i].before,
				&place->below[i].before);
			look_up(places->after[i], place->path, &place->exact[i].after,
				&place->below[i].after);
		}
	}
}

static enum change change_at(const struct answers *answers)
{
	return change_of(answers->before, answers->after);
}

static bool change_alike(const struct places *places, int first, int second)
{
	for (size_t at = 0; at < places->count; at++) {
		const struct place *place = places->items[at];

		if (change_at(&place->exact[first]) != change_at(&place->exact[second]) ||
			change_at(&place->below[first]) != change_at(&place->below[second]))
			return false;
	}
	return true;
}

static const char *where(
	struct arena *arena, const char *before, const struct place *place, const char *after)
{
	struct text text = text_make(arena);

	text_add(&text, before);
	text_add_visible(&text, place->path, place->length);
	text_add(&text, after);
	return text.bytes;
}

static struct line *add_line(struct places *places, struct line ***end, int right, const char *name,
	const struct place *place, const struct answers *answers, const char *at)
{
	struct arena *arena = places->difference->arena;
	struct line *line = ARENA_NEW(arena, struct line);
	const struct place *parent = place->parent;

	line->verb = difference_verb(places->difference, change_at(answers),
		parent ? parent->below[right].before : ANSWER_DENY,
		parent ? parent->below[right].after : ANSWER_DENY);
	line->name = name;
	line->where = at;
	line->exceptions = text_make(arena);
	**end = line;
	*end = &line->next;
	return line;
}

/* Of the many devices that commands need nobody wants to read. */
static void add_exception(struct line *line, const struct place *place, const char *at)
{
	if (!line)
		return;
	if (path_is_within(place->path, place->length, "/dev", 4)) {
		line->devices = true;
		return;
	}
	if (line->count++ < EXCEPTIONS_MAX)
		text_addf(&line->exceptions, "%s%s", line->count > 1 ? ", " : ", but not ", at);
}

static void tell_place(
	struct places *places, struct line ***end, int right, const char *name, struct place *place)
{
	struct arena *arena = places->difference->arena;
	const struct answers *exact = &place->exact[right], *below = &place->below[right];
	enum change around = place->parent ? change_at(&place->parent->below[right]) : CHANGE_NONE;
	enum change here = change_at(exact), under = change_at(below);
	struct line *outer = place->parent ? place->parent->line : NULL;
	const char *all = place->parent ? where(arena, "below ", place, "") : "everywhere";

	place->line = outer;
	if (under != around) {
		place->line = NULL;
		if (under && here == under)
			place->line = add_line(places, end, right, name, place, below, all);
		else if (under)
			place->line = add_line(places, end, right, name, place, below,
				where(arena, "what is below ", place, ""));
		else
			add_exception(outer, place,
				here == under ? all : where(arena, "what is below ", place, ""));
	}
	if (here == under && under != around)
		return;
	if (here && here != around)
		add_line(places, end, right, name, place, exact, where(arena, "", place, ""));
	else if (!here && around)
		add_exception(outer, place, where(arena, "", place, ""));
}

static void tell(struct places *places, int right, const char *name)
{
	struct difference *difference = places->difference;
	struct line *first = NULL, **end = &first;

	for (size_t at = 0; at < places->count; at++)
		tell_place(places, &end, right, name, places->items[at]);
	for (const struct line *line = first; line; line = line->next) {
		struct text text = text_make(difference->arena);

		text_addf(&text, "%s %s %s%s", line->verb, line->name, line->where,
			line->exceptions.bytes);
		if (line->count > EXCEPTIONS_MAX)
			text_addf(&text, " and %d more", line->count - EXCEPTIONS_MAX);
		if (line->devices)
			text_addf(&text, "%s some of /dev", line->count ? " and" : ", but not");
		difference_add(difference, text.bytes);
	}
}

void difference_places(struct difference *difference)
{
	struct places places = {.difference = difference};

	ask(&places);
	for (int right = 0; right < RIGHTS;) {
		int count = rights[right].group;
		bool are_together = true;

		for (int i = 1; i < count; i++)
			are_together &= change_alike(&places, right, right + i);
		for (int i = 0; i < (are_together ? 1 : count); i++)
			tell(&places, right + i,
				are_together ? rights[right].together : rights[right + i].name);
		right += count;
	}
}
