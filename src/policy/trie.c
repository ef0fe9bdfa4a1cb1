#include "policy/trie.h"

#include <string.h>

#include "base/path.h"

static struct trie_node *new_node(struct arena *arena, const char *path, size_t length)
{
	struct trie_node *node = ARENA_NEW(arena, struct trie_node);

	node->path = arena_copy(arena, path, length);
	node->length = length;
	return node;
}

static bool node_covers(const struct trie_node *node, const char *path, size_t length)
{
	return path_is_within(path, length, node->path, node->length);
}

static void insert(struct arena *arena, struct trie_node *root, const char *path, size_t length)
{
	struct trie_node *parent = root;

	if (!path_is_normal(path, length))
		return; /* no file's path: it matches nothing */
	for (;;) {
		struct trie_node *child = parent->child;

		if (parent->length == length)
			return;
		while (child && !node_covers(child, path, length))
			child = child->sibling;
		if (!child)
			break;
		parent = child;
	}
	struct trie_node *node = new_node(arena, path, length);

	/* Children of the parent that lie below the new node move under it. */
	for (struct trie_node **link = &parent->child; *link;) {
		struct trie_node *child = *link;

		if (path_is_within(child->path, child->length, path, length)) {
			*link = child->sibling;
			child->sibling = node->child;
			node->child = child;
		} else {
			link = &child->sibling;
		}
	}
	node->sibling = parent->child;
	parent->child = node;
}

static void insert_filter(struct arena *arena, struct trie_node *root, const struct filter *filter)
{
	switch (filter->kind) {
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		for (size_t i = 0; i < filter->group.count; i++)
			insert_filter(arena, root, filter->group.items[i]);
		return;
	case FILTER_TEXT:
		if (filter->text.attribute != TEXT_PATH || filter->text.pattern == PATTERN_REGEX)
			return;
		if (filter->text.pattern == PATTERN_PREFIX) {
			const char *slash = strrchr(filter->text.bytes, '/');

			if (slash && slash != filter->text.bytes)
				insert(arena, root, filter->text.bytes,
					(size_t)(slash - filter->text.bytes));
			if (slash && !slash[1])
				return; /* "/a/" is exactly what is below "/a" */
		}
		insert(arena, root, filter->text.bytes, filter->text.length);
		return;
	default:
		return;
	}
}

static void evaluate(
	struct trie_node *node, const struct policy *policy, const struct query *question)
{
	struct query query = *question;

	query.partial = true;
	query.texts[TEXT_PATH] = node->path;
	node->exact = policy_outcomes(policy, &query);
	query.below = true;
	node->below = policy_outcomes(policy, &query);
	for (struct trie_node *child = node->child; child; child = child->sibling)
		evaluate(child, policy, question);
}

struct trie_node *trie_build(
	struct arena *arena, const struct policy *policy, const struct query *question)
{
	struct trie_node *root = new_node(arena, "/", 1);

	for (enum operation at = question->operation; at != OP_NONE; at = operation_parent(at)) {
		const struct operation_rules *rules = &policy->operations[at];

		for (const struct rule_link *link = rules->filtered; link; link = link->next)
			insert_filter(arena, root, link->rule->filter);
		if (rules->unfiltered || operation_builtin(at) != BUILTIN_INHERIT)
			break;
	}
	evaluate(root, policy, question);
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
