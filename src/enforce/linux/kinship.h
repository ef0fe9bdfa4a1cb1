#ifndef ENFORCE_LINUX_KINSHIP_H
#define ENFORCE_LINUX_KINSHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * What one process is to another, as /proc tells the broker. A number means the same process from
 * one look to the next only while its process lives: callers make sure of that, before and after,
 * with a pidfd.
 */

/*
 * Reads a file of the process's (or thread's) directory in /proc, with a NUL behind; what does not
 * fit is left out. False when there is no such process, or /proc hides it (hidepid).
 */
bool process_read(pid_t process, const char *name, char *text, size_t size);

struct identity {
	pid_t process; /* the thread group */
	/* What the process and the thread call themselves: other numbers in a pid namespace. */
	pid_t own_process, own_thread;
	bool is_namespaced;
};

/* Of a thread or a process; false when there is none. */
bool identity_read(pid_t thread, struct identity *identity);

/*
 * Bits of enum target that say what target is to caller; 0 when that is unclear. The sandbox is
 * what descends from the process that asks.
 */
long kinship(pid_t caller, pid_t target);

#endif
