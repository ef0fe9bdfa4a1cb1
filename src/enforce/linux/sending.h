#ifndef ENFORCE_LINUX_SENDING_H
#define ENFORCE_LINUX_SENDING_H

#include <signal.h>

#include "enforce/linux/kinship.h"
#include "enforce/linux/request.h"

/*
 * A signal that a caller wants to send: the broker decides, and sends it in the caller's stead.
 * Functions that return int give 0 or the errno with which the call fails.
 */

enum { SENDING_ANY = -1 /* whatever signal */ };

struct sending {
	struct request *request;
	struct identity caller;
	int number;
	uint64_t info_address; /* 0: there is none, as with kill(2) */
	siginfo_t info;
};

/* True when nobody needs to decide on the number, or it is no signal: the kernel answers. */
bool sending_is_free(const struct request *request, int number);

/* Without an address of a siginfo_t, 0, the signal is one of kill(2). */
int sending_begin(struct sending *sending, struct request *request, int number, uint64_t info);

/* Leaves the call to the kernel. */
int sending_let_through(struct request *request);

/* The caller itself. */
int sending_to_self(const struct sending *sending);

/* The thread's process is any when it is 0. */
int sending_to_process(struct sending *sending, pid_t process);
int sending_to_thread(struct sending *sending, pid_t process, pid_t thread);

/* Those who are denied it are left out; it fails when nobody gets it, but to everybody never. */
enum { SENDING_EVERYBODY = 0 }; /* no process group has that number */
int sending_to_group(struct sending *sending, pid_t group);

/* The caller's descriptor of a process or thread, with the flags of pidfd_send_signal(2). */
int sending_to_descriptor(struct sending *sending, int number, unsigned flags);

/* Decides only: ESRCH, EPERM. */
int sending_decide(struct sending *sending, pid_t process);

#endif
