#ifndef ENFORCE_LINUX_SUPERVISOR_H
#define ENFORCE_LINUX_SUPERVISOR_H

/*
 * A command with a broker is three processes. The waiter is the one that the caller started: it
 * stands for the command in job control, passes signals on and ends as the command ends. The broker
 * is the parent of the command, so that it may look into all that comes of it (ptrace(2), Yama),
 * and it stays until the last of them is gone. No process group changes.
 */

/* Serves the listener in threads of its own and returns at once. */
typedef void supervised_service(const void *context, int listener);

/*
 * Makes the other two processes out of this one. Returns in the command's process, with the end of
 * a socket pair that supervisor_attach takes. Dies when that fails.
 */
int supervisor_start(supervised_service *serve, const void *context);

/*
 * For a service that traces the command's processes: what it waits for, the broker would otherwise
 * see as what becomes of its children. Any number of threads may hold off at the same time.
 */
void supervisor_hold_off(void);
void supervisor_go_on(void);

/* Hands over the listener. */
void supervisor_attach(int channel, int listener);

#endif
