/*
 * Whether a file is there is told by every call that takes a path: where it must not be known of
 * some, the broker answers them all.
 */
#include <stddef.h>

#include "enforce/linux/plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const long brokered[] = {SYS_open, SYS_openat, SYS_chdir, SYS_fchdir, SYS_statfs};

/* They look the path up before anything else, and none of them is for ordinary programs. */
static const long refused[] = {SYS_chroot, SYS_pivot_root, SYS_mount, SYS_umount2, SYS_swapon,
	SYS_swapoff, SYS_acct, SYS_quotactl, SYS_name_to_handle_at, SYS_fanotify_mark, NR_uselib};

static const char *obstacle(const struct plan *plan)
{
	if (plan->host->has_listener)
		return "only a broker can keep it from being known";
	if (plan_is_beyond_broker(plan, OP_FILE_TEST_EXISTENCE))
		return "the broker tells files apart by path, type and mode alone";
	/* See traced.c. */
	return plan->host->landlock_abi < ABI_REFER ? "that needs Linux 5.19" : NULL;
}

void plan_existence(struct plan *plan)
{
	struct outcomes outcomes = plan_ask(plan, OP_FILE_TEST_EXISTENCE);

	if (!outcomes.may_deny)
		return;
	const char *reason = obstacle(plan);

	if (reason) {
		plan_add_gap(plan, OP_FILE_TEST_EXISTENCE, &outcomes, reason);
		return;
	}
	plan->checks_existence = true;
	plan->brokered_fs |= FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_MAKE_REG |
			     FS_MAKE_CHAR | FS_REMOVE_FILE | FS_EXECUTE;
	plan_broker_lookups(plan);
	for (size_t i = 0; i < COUNT(brokered); i++)
		plan_broker(plan, brokered[i]);
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (refused[i] >= 0)
			plan_refuse(plan, refused[i], VERDICT_EPERM);
	}
}
