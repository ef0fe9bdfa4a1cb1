#ifndef ENFORCE_LINUX_DOCTOR_H
#define ENFORCE_LINUX_DOCTOR_H

#include "enforce/doctor.h"

/* The attempts of the protections that Linux can keep. */
attempt_function attempt_read, attempt_write, attempt_create, attempt_remove, attempt_move,
	attempt_truncate, attempt_device, attempt_execute, attempt_mode, attempt_times;
attempt_function attempt_connect, attempt_connect_unix, attempt_socket;
attempt_function attempt_trace, attempt_signal, attempt_fork, attempt_privileges, attempt_typing,
	attempt_descriptor, attempt_nested;

int prepare_typing(const struct stage *stage);
int prepare_descriptor(const struct stage *stage);

/* The path of a thing on that side. */
const char *stage_path(const struct stage *stage, enum side side, const char *name);

/* Executes the program in a child; 0 when it ends with 0, else errno, or EPERM. */
int stage_run(const char *path, char *const *words);

#endif
