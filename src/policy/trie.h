#ifndef POLICY_TRIE_H
#define POLICY_TRIE_H

#include "policy/index.h"

/*
 * The paths that an operation's rules name, as a tree. The decision is constant at each node, and
 * on all paths below a node that lie outside its children; a regex or half a name makes it mixed.
 */
struct trie_node {
	const char *path; /* absolute */
	size_t length;
	struct trie_node *parent, *child, *sibling;
	struct outcomes exact, below;
};

/*
 * Asks question at every node; what it leaves unset stays open. The root is "/".
 */
struct trie_node *trie_build(struct index *index, const struct query *question);

/* Of all paths together. */
void trie_outcomes(const struct trie_node *root, struct outcomes *all);

/* The deepest node at or above path; *exact tells whether it is path itself. */
const struct trie_node *trie_find(const struct trie_node *root, const char *path, bool *exact);

#endif
