#ifndef ENFORCE_LINUX_BROKER_H
#define ENFORCE_LINUX_BROKER_H

#include "enforce/linux/plan.h"

/*
 * The broker: outside the sandbox, it makes the system calls that neither Landlock nor a seccomp
 * program can tell apart, where the policy allows them (seccomp user notification,
 * seccomp_unotify(2)). When it is killed, they fail.
 */

/* Starts the threads that answer the listener's requests, as the plan's policy says. */
void broker_serve(const void *plan, int listener);

#endif
