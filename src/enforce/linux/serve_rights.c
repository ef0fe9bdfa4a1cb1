/*
 * Calls after which a process may have other rights, or see other files, than the broker. They are
 * not decided on here: the kernel does as it would.
 */
#include <stddef.h>

#include "enforce/linux/serve.h"

static int serve_rights(struct request *request)
{
	return request_continue_with_care(request);
}

const struct served_call serve_rights_calls[] = {
	{SYS_setuid, serve_rights},
	{SYS_setgid, serve_rights},
	{SYS_setreuid, serve_rights},
	{SYS_setregid, serve_rights},
	{SYS_setresuid, serve_rights},
	{SYS_setresgid, serve_rights},
	{SYS_setfsuid, serve_rights},
	{SYS_setfsgid, serve_rights},
	{SYS_setgroups, serve_rights},
	{SYS_capset, serve_rights},
	{SYS_prctl, serve_rights},
	{SYS_chroot, serve_rights},
	{SYS_pivot_root, serve_rights},
	{SYS_unshare, serve_rights},
	{SYS_setns, serve_rights},
	{SYS_clone, serve_rights},
	{0, NULL},
};
