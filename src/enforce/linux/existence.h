#ifndef ENFORCE_LINUX_EXISTENCE_H
#define ENFORCE_LINUX_EXISTENCE_H

#include "enforce/linux/resolve.h"

/*
 * file-test-existence: what may be known of whether something is there. Where all may be, nothing
 * is asked.
 */

/* EPERM unless it may be known that there is the object. */
int existence_decide(const struct request *request, const struct object *object);

/*
 * The error of looking a name up in a directory ("": of the directory itself), or EPERM where it
 * would tell what may not be known; request->hidden is the error then.
 */
int existence_error(struct request *request, int directory, const char *name, int error);

int existence_error_entry(struct request *request, const struct entry *entry, int error);

/*
 * The error that is about what is there: EPERM in its place when neither that may be known nor the
 * operation is allowed.
 */
int existence_settle(const struct request *request, enum operation operation,
	const struct object *object, int error);
int existence_settle_entry(const struct request *request, enum operation operation,
	const struct entry *entry, int error);

#endif
