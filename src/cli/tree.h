#ifndef CLI_TREE_H
#define CLI_TREE_H

#include "cli/paint.h"
#include "policy/index.h"

/* The parts of what sbxctl tree draws. */

enum answer { ANSWER_DENY = 0, ANSWER_SOME, ANSWER_ALLOW };

enum answer answer_of(struct outcomes outcomes);

/* What people ask about besides files and the network: a name in words for each; NULL at the end.
 */
const char *tree_other(int i);
enum operation tree_other_operation(int i);
enum answer tree_ask_other(struct index *index, int i);

void tree_files(struct text *text, const struct paint *paint, struct index *index);
void tree_network(struct text *text, const struct paint *paint, struct index *index);
void tree_others(struct text *text, const struct paint *paint, struct index *index);

#endif
