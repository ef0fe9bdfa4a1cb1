/*
 * Linked into a second sbx, in front of host_probe and landlock_apply: an sbx that meets an older
 * Landlock than this kernel's. SBX_TEST_ABI says which; what such a kernel would not take ends it.
 */
#include <stdlib.h>

#include "base/message.h"
#include "enforce/linux/plan.h"

struct host *__real_host_probe(struct arena *arena);
struct host *__wrap_host_probe(struct arena *arena);
void __real_landlock_apply(const struct plan *plan);
void __wrap_landlock_apply(const struct plan *plan);

struct host *__wrap_host_probe(struct arena *arena)
{
	struct host *host = __real_host_probe(arena);
	const char *abi = getenv("SBX_TEST_ABI");

	if (abi && atoi(abi) < host->landlock_abi)
		host->landlock_abi = atoi(abi);
	return host;
}

/* The kernel answers EINVAL to bits, and E2BIG to fields, that are newer than it is. */
void __wrap_landlock_apply(const struct plan *plan)
{
	static const unsigned rights_of_files[] = {0, 13, 14, 15, 15, 16, 16, 16};
	int abi = plan->host->landlock_abi;

	if (abi < 0 || abi > 7)
		die("no such Landlock: %d", abi);
	if (abi > 0 && plan->handled_fs >> rights_of_files[abi])
		die("Landlock ABI %d has no such right", abi);
	if (abi < ABI_NET && plan->handled_net)
		die("Landlock ABI %d knows no ports", abi);
	if (abi < ABI_SCOPE && plan->scoped)
		die("Landlock ABI %d knows no scopes", abi);
	__real_landlock_apply(plan);
}
