/*
 * Calls after which a process may have other rights, or see other files, than the broker. They are
 * not decided on here: the kernel does as it would.
 */
#include <stddef.h>
#include <unistd.h>

#include "enforce/linux/serve.h"

/* The broker's user and group, where all three of each are the same: so are the caller's. */
static bool has_one_identity(uid_t *user, gid_t *group)
{
	uid_t users[3];
	gid_t groups[3];

	if (getresuid(&users[0], &users[1], &users[2]) != 0 ||
		getresgid(&groups[0], &groups[1], &groups[2]) != 0)
		return false;
	*user = users[0];
	*group = groups[0];
	return users[0] == users[1] && users[0] == users[2] && groups[0] == groups[1] &&
	       groups[0] == groups[2];
}

/* To be who it is already is what make(1) asks for before each program. */
static bool changes_nothing(const struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	long number = request->notification->number;
	int count = number == SYS_setresuid || number == SYS_setresgid ? 3
		    : number == SYS_setreuid || number == SYS_setregid ? 2
		    : number == SYS_setuid || number == SYS_setgid     ? 1
								       : 0;
	bool is_group = number == SYS_setresgid || number == SYS_setregid || number == SYS_setgid;
	uid_t user;
	gid_t group;

	if (!count || !has_one_identity(&user, &group))
		return false;
	for (int i = 0; i < count; i++) {
		uint32_t id = (uint32_t)arguments[i];

		if (id != (is_group ? group : user) && (count == 1 || id != UINT32_MAX))
			return false;
	}
	return true;
}

static int serve_rights(struct request *request)
{
	if (!changes_nothing(request))
		atomic_store(&request->shared->varies, true);
	request->continues = true;
	return 0;
}

const struct served_call serve_rights_calls[] = {
	{SYS_setuid, serve_rights, true},
	{SYS_setgid, serve_rights, true},
	{SYS_setreuid, serve_rights, true},
	{SYS_setregid, serve_rights, true},
	{SYS_setresuid, serve_rights, true},
	{SYS_setresgid, serve_rights, true},
	{SYS_setfsuid, serve_rights, true},
	{SYS_setfsgid, serve_rights, true},
	{SYS_setgroups, serve_rights, true},
	{SYS_capset, serve_rights, true},
	{SYS_prctl, serve_rights, true},
	{SYS_chroot, serve_rights, true},
	{SYS_pivot_root, serve_rights, true},
	{SYS_unshare, serve_rights, true},
	{SYS_setns, serve_rights, true},
	{SYS_clone, serve_rights, true},
	{0, NULL},
};
