#ifndef ENFORCE_LINUX_OPENER_H
#define ENFORCE_LINUX_OPENER_H

#include "enforce/linux/object.h"

/*
 * Opens what was decided on, with the flags of open(2) that are left to be done. -1 and errno.
 * A call that waits, such as for the other end of a FIFO, ends when its caller does. No terminal
 * becomes a controlling one.
 */
int opener_open(struct request *request, const struct object *object, int flags);

/* True when nobody may have the object opened with these flags: files of the broker's own. */
bool opener_guards(const struct object *object, int flags);

#endif
