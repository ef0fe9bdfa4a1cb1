#ifndef ENFORCE_LINUX_BROKER_H
#define ENFORCE_LINUX_BROKER_H

#include "enforce/linux/plan.h"

/*
 * The broker: a process of its own, outside the sandbox, that makes the connections to unix sockets
 * which the policy allows (seccomp user notification, seccomp_unotify(2)). It is no child of the
 * command, which keeps its pid, its terminal and its children to itself; it ends with the last
 * process of the sandbox. When it is killed, connections fail.
 */

/* Starts it. Returns the end of a socket pair that broker_attach takes. Dies when that fails. */
int broker_start(const struct plan *plan);

/* Hands over the listener and waits until the broker listens. */
void broker_attach(int channel, int listener);

#endif
