#ifndef ENFORCE_LINUX_EXPOSURE_H
#define ENFORCE_LINUX_EXPOSURE_H

#include "enforce/linux/request.h"

/*
 * True when another name would allow what the policy denies: some operation on the file, or on
 * anything in the directory, that stands at from (as parent and name, with its mode) and would
 * stand at to. What cannot be looked into counts as exposed.
 */
bool exposure_of_move(const struct request *request, int parent, const char *name, mode_t mode,
	const char *from, const char *to);

#endif
