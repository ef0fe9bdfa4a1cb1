#ifndef ENFORCE_LINUX_BROKER_H
#define ENFORCE_LINUX_BROKER_H

#include "enforce/linux/plan.h"

/*
 * The broker: outside the sandbox, it makes the connections to unix sockets which the policy allows
 * (seccomp user notification, seccomp_unotify(2)). When it is killed, connections fail.
 */

/* Starts the threads that answer the listener's requests, as the plan's policy says. */
void broker_serve(const void *plan, int listener);

#endif
