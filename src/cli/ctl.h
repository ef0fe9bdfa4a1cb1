#ifndef CLI_CTL_H
#define CLI_CTL_H

#include "cli/cli.h"
#include "cli/options.h"

/* The verbs of sbxctl that have a file of their own. The options' command holds their words. */

enum ctl_status { CTL_YES = 0, CTL_NO = 1, CTL_ERROR = 2 };

_Noreturn void ctl_check(struct arena *arena, struct options *options);
_Noreturn void ctl_diff(struct arena *arena, struct options *options);
_Noreturn void ctl_distrust(struct arena *arena, struct options *options);
_Noreturn void ctl_doctor(struct arena *arena, struct options *options);
_Noreturn void ctl_explain(struct arena *arena, struct options *options);
_Noreturn void ctl_init(struct arena *arena, struct options *options);
_Noreturn void ctl_status(struct arena *arena, struct options *options);
_Noreturn void ctl_tree(struct arena *arena, struct options *options);
_Noreturn void ctl_trust(struct arena *arena, struct options *options);

/* explain --batch: a line of standard input is a profile and a question. */
_Noreturn void explain_batch(struct arena *arena, const struct options *options);

#endif
