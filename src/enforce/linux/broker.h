#ifndef ENFORCE_LINUX_BROKER_H
#define ENFORCE_LINUX_BROKER_H

#include "enforce/linux/plan.h"

/*
 * The broker: outside the sandbox, it makes the calls that the policy allows for some objects only
 * (seccomp user notification, seccomp_unotify(2)). When it is killed, they fail.
 */

/* Starts the threads that answer the listener's requests, as the plan's policy says. */
void broker_serve(const void *plan, int listener);

#endif
