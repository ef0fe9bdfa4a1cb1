/*
 * Who gets the signals of a descriptor (SIGIO, or any that F_SETSIG names): under rules on signals
 * that the broker decides on, each process only for itself. Invariant: an owner read from memory
 * MUST be set here, on a duplicate.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "enforce/linux/kinship.h"
#include "enforce/linux/serve.h"

static bool has_thread(pid_t process, pid_t thread)
{
	return syscall(SYS_tgkill, process, thread, 0) == 0 || errno != ESRCH;
}

/* fcntl(fd, F_SETOWN, owner): the number is in a register, and the caller's own stays its own. */
static int set_owner(struct request *request, const struct identity *caller, int owner)
{
	if (owner != 0 && owner != caller->own_process)
		return EPERM;
	request->continues = true;
	return 0;
}

/* fcntl(fd, F_SETOWN_EX, &owner) */
static int set_owner_in_memory(struct request *request, const struct identity *caller)
{
	const uint64_t *arguments = request->notification->arguments;
	struct f_owner_ex owner = {F_OWNER_PGRP, 0};
	int fd;
	int error = caller->is_namespaced ? EPERM : request_begin(request);

	if (!error)
		error = request_take_fd(request, (int)arguments[0], &fd);
	if (!error)
		error = request_read(request, arguments[2], &owner, sizeof(owner));
	if (!error && !request_is_alive(request))
		error = EPERM;
	if (error)
		return error;
	bool is_own = owner.type == F_OWNER_TID ? has_thread(caller->process, owner.pid)
						: owner.pid == caller->process;

	if (owner.pid != 0 && (owner.type == F_OWNER_PGRP || !is_own))
		return EPERM;
	return fcntl(fd, F_SETOWN_EX, &owner) == 0 ? 0 : errno;
}

static int serve_owner(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	struct identity caller;

	if (!identity_read((pid_t)request->notification->pid, &caller))
		return EPERM;
	if ((int)arguments[1] == F_SETOWN)
		return set_owner(request, &caller, (int)arguments[2]);
	return (int)arguments[1] == F_SETOWN_EX ? set_owner_in_memory(request, &caller) : EPERM;
}

const struct served_call serve_owner_calls[] = {{SYS_fcntl, serve_owner, true}, {0, NULL}};
