/*
 * What is known of processes is what /proc shows. Where rules on files keep all of it closed but a
 * process's own, they hold those on process-info, too; else the broker asks for both.
 */
#include <stddef.h>
#include <string.h>

#include "base/path.h"
#include "enforce/linux/plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char procfs[] = "/proc", own[] = "/proc/self";

static bool is_within(const struct trie_node *node, const char *path)
{
	return path_is_within(node->path, node->length, path, strlen(path));
}

/* Something in /proc is readable by rules that name it, other than what is a process's own. */
static bool opens_others(const struct trie_node *node)
{
	if (is_within(node, procfs) && !is_within(node, own) && strlen(procfs) != node->length &&
		(node->exact.may_allow || node->below.may_allow))
		return true;
	for (const struct trie_node *child = node->child; child; child = child->sibling) {
		if (opens_others(child))
			return true;
	}
	return false;
}

static bool is_closed(struct plan *plan)
{
	if (!plan_ask(plan, OP_FILE_READ_DATA).may_deny)
		return false;
	const struct trie_node *root = plan_regions(plan, OP_FILE_READ_DATA);
	bool exact;
	const struct trie_node *node = trie_find(root, procfs, &exact);

	return !node->below.may_allow && !(exact && node->exact.may_allow) && !opens_others(root);
}

void plan_process_info(struct plan *plan)
{
	static const enum operation operations[] = {
		OP_PROCESS_INFO_PIDINFO, OP_PROCESS_INFO_PIDFDINFO, OP_PROCESS_INFO_LISTPIDS};

	for (size_t i = 0; i < COUNT(operations); i++) {
		struct outcomes outcomes = plan_ask(plan, operations[i]);

		if (!outcomes.may_deny || is_closed(plan))
			continue;
		if (plan->host->has_listener || plan_is_beyond_broker(plan, operations[i])) {
			plan_add_gap(plan, operations[i], &outcomes,
				"only a broker can tell whose files in /proc are read");
			continue;
		}
		plan->checks_processes = true;
		plan->brokered_fs |= FS_READ_FILE | FS_READ_DIR;
		plan_broker(plan, SYS_readlink);
		plan_broker(plan, SYS_readlinkat);
	}
}
