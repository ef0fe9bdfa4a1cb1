/* Makes the ruleset that the plan describes and enters it. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/message.h"
#include "enforce/linux/plan.h"

static void add_path(const struct plan *plan, int ruleset, const struct path_grant *grant)
{
	int fd = grant->fd >= 0 ? grant->fd : plan_open_grant(plan, grant);
	struct landlock_path rule = {grant->rights, fd};

	/* A path that vanished since grants nothing. */
	if (fd < 0)
		return;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PATH, &rule, 0) != 0)
		die_errno("Landlock refuses a rule for %s", grant->path);
	if (grant->fd < 0)
		close(fd);
}

static void add_port(int ruleset, const struct port_grant *grant)
{
	struct landlock_port rule = {grant->rights, grant->port};

	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PORT, &rule, 0) != 0)
		die_errno("Landlock refuses a rule for port %u", grant->port);
}

static size_t attribute_size(int abi)
{
	if (abi < ABI_NET)
		return sizeof(uint64_t);
	return abi < ABI_SCOPE ? 2 * sizeof(uint64_t) : sizeof(struct landlock_ruleset);
}

/*
 * A domain that restricts nothing but what it is a domain for: its processes, and those in domains
 * inside it, are all that its processes may trace or look into.
 */
void landlock_guard_others(const struct plan *plan)
{
	const uint64_t rights =
		FS_MAKE_BLOCK | (plan->host->landlock_abi >= ABI_REFER ? (uint64_t)FS_REFER : 0);
	struct landlock_ruleset attributes = {.handled_access_fs = rights};
	struct landlock_path rule = {rights, open("/", O_PATH | O_CLOEXEC)};

	if (plan->host->landlock_abi == 0)
		return; /* a gap, which the caller accepted */
	int ruleset = (int)syscall(
		SYS_landlock_create_ruleset, &attributes, sizeof(attributes.handled_access_fs), 0);

	if (ruleset < 0 || rule.parent_fd < 0 ||
		syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PATH, &rule, 0) != 0 ||
		syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		die_errno("Landlock refuses to keep the broker from other processes");
	close(rule.parent_fd);
	close(ruleset);
}

void landlock_apply(const struct plan *plan)
{
	struct landlock_ruleset attributes = {plan->handled_fs, plan->handled_net, plan->scoped};

	if (plan->host->landlock_abi == 0)
		return; /* a gap, which the caller accepted */
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes,
		attribute_size(plan->host->landlock_abi), 0);

	if (ruleset < 0)
		die_errno("Landlock refuses the ruleset");
	for (const struct path_grant *grant = plan->grants; grant; grant = grant->next) {
		if (grant->rights)
			add_path(plan, ruleset, grant);
	}
	for (const struct port_grant *grant = plan->ports; grant; grant = grant->next)
		add_port(ruleset, grant);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		die_errno("Landlock refuses to restrict the command%s",
			errno == E2BIG ? " (too many sandboxes inside each other)" : "");
	close(ruleset);
}
