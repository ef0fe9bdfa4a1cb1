#ifndef ENFORCE_LINUX_CREW_H
#define ENFORCE_LINUX_CREW_H

#include <stdbool.h>

#include "base/arena.h"
#include "enforce/linux/abi.h"

/*
 * The threads that answer a listener's requests (seccomp_unotify(2)). One does as long as it keeps
 * up, because the kernel wakes all that wait for a request; a request that stalls, or many at once,
 * get others to help.
 */

/* So many may stall, each opening a FIFO that nobody opens at the other end. */
enum { CREW_MAX = 1000 };

/* The hand is the thread's number, below CREW_MAX. */
typedef void crew_answer(
	const void *context, unsigned hand, const struct notification *notification);

/* False when no thread can be started; then no request is answered. */
bool crew_start(struct arena *arena, int listener, crew_answer *answer, const void *context);

#endif
