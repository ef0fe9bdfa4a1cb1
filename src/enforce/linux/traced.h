#ifndef ENFORCE_LINUX_TRACED_H
#define ENFORCE_LINUX_TRACED_H

#include "enforce/linux/request.h"

/*
 * Some calls only the caller itself can make, and what they are about it can still change after it
 * was decided on. Such a call is continued while the caller is traced: it stops before its next
 * instruction, and what it has come to is looked at.
 */

/*
 * False when the process must not run on: it is killed. The process is the thread that made the
 * call, or what it has become by executing a program.
 */
typedef bool traced_check(
	struct request *request, pid_t process, bool has_executed, const void *expected);

/*
 * Continues the call. EPERM, as an answer if nothing else was: another program may be tracing the
 * caller. When the broker is killed meanwhile, so is the caller.
 */
int traced_continue(struct request *request, traced_check *check, const void *expected);

/* What a stopped thread's call returns: a negative errno when it has failed. */
bool traced_get_result(pid_t thread, long *result);
bool traced_set_result(pid_t thread, long result);

#endif
