#include "policy/trie.h"

#include <limits.h>
#include <string.h>

#include "base/path.h"
#include "base/sort.h"

/* The paths that become nodes. */
struct paths {
	struct arena *arena;
	struct path *items;
	size_t count, capacity;
};

struct path {
	const char *bytes;
	size_t length;
};

static void add_path(struct paths *paths, const char *bytes, size_t length)
{
	/* Anything else is no file's path, or longer than the kernel takes. */
	if (length >= PATH_MAX || !path_is_normal(bytes, length))
		return;
	if (paths->count == paths->capacity) {
		size_t capacity = paths->capacity * 2 + 4;
		struct path *items = ARENA_ARRAY(paths->arena, struct path, capacity);

		if (paths->count)
			memcpy(items, paths->items, paths->count * sizeof(items[0]));
		paths->items = items;
		paths->capacity = capacity;
	}
	paths->items[paths->count++] = (struct path){bytes, length};
}

static void add_paths_of(struct paths *paths, const struct filter *filter)
{
	switch (filter->kind) {
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		for (size_t i = 0; i < filter->group.count; i++)
			add_paths_of(paths, filter->group.items[i]);
		return;
	case FILTER_TEXT:
		if (filter->text.attribute != TEXT_PATH || filter->text.pattern == PATTERN_REGEX)
			return;
		if (filter->text.pattern == PATTERN_PREFIX) {
			const char *slash = strrchr(filter->text.bytes, '/');

			if (slash && slash != filter->text.bytes)
				add_path(paths, filter->text.bytes,
					(size_t)(slash - filter->text.bytes));
			if (slash && !slash[1])
				return; /* "/a/" is exactly what is below "/a" */
		}
		add_path(paths, filter->text.bytes, filter->text.length);
		return;
	default:
		return;
	}
}

static struct paths find_paths(const struct index *index, enum operation operation)
{
	struct paths paths = {.arena = index->arena};
	struct decision ignored;

	add_path(&paths, "/", 1);
	for (;; operation = operation_parent(operation)) {
		const struct rule_link *link = index->policy->operations[operation].filtered;

		for (; link; link = link->next)
			add_paths_of(&paths, link->rule->filter);
		if (policy_default(index->policy, operation, &ignored))
			return paths;
	}
}

static int compare_paths(const void *a, const void *b)
{
	const struct path *left = a, *right = b;

	return path_order(left->bytes, left->length, right->bytes, right->length);
}

static void evaluate(struct trie_node *node, struct index *index, const struct query *question)
{
	struct query query = *question;

	query.partial = true;
	query.texts[TEXT_PATH] = node->path;
	node->exact = index_outcomes(index, &query);
	query.below = true;
	node->below = index_outcomes(index, &query);
}

static bool node_covers(const struct trie_node *node, const char *path, size_t length)
{
	return path_is_within(path, length, node->path, node->length);
}

/* In order, a node's parent is the one before it or one of that one's parents. */
static struct trie_node *add_node(
	struct arena *arena, struct trie_node *previous, const struct path *path)
{
	struct trie_node *node = ARENA_NEW(arena, struct trie_node);
	struct trie_node *parent = previous;

	node->path = path->bytes[path->length] ? arena_copy(arena, path->bytes, path->length)
					       : path->bytes;
	node->length = path->length;
	while (parent && !node_covers(parent, path->bytes, path->length))
		parent = parent->parent;
	if (parent) {
		node->parent = parent;
		node->sibling = parent->child;
		parent->child = node;
	}
	return node;
}

struct trie_node *trie_build(struct index *index, const struct query *question)
{
	struct paths paths = find_paths(index, question->operation);
	struct trie_node *root = NULL, *last = NULL;

	sort(paths.items, paths.count, sizeof(paths.items[0]), compare_paths);
	for (size_t i = 0; i < paths.count; i++) {
		if (i && compare_paths(&paths.items[i - 1], &paths.items[i]) == 0)
			continue;
		last = add_node(index->arena, last, &paths.items[i]);
		evaluate(last, index, question);
		root = root ? root : last;
	}
	return root;
}

void trie_outcomes(const struct trie_node *root, struct outcomes *all)
{
	outcomes_merge(all, &root->exact);
	outcomes_merge(all, &root->below);
	for (const struct trie_node *child = root->child; child; child = child->sibling)
		trie_outcomes(child, all);
}

const struct trie_node *trie_find(const struct trie_node *root, const char *path, bool *exact)
{
	size_t length = strlen(path);
	const struct trie_node *node = root;

	for (;;) {
		const struct trie_node *child = node->child;

		while (child && !node_covers(child, path, length))
			child = child->sibling;
		if (!child)
			break;
		node = child;
	}
	*exact = node->length == length;
	return node;
}
