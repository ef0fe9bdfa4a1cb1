#ifndef ENFORCE_LINUX_RESOLVE_H
#define ENFORCE_LINUX_RESOLVE_H

#include "enforce/linux/object.h"

/* Which arguments of a system call say what it is about: -1 where it has no such argument. */
struct place {
	long number;
	int8_t directory; /* the descriptor, where there is no path */
	int8_t path;
	int8_t rest; /* the argument after those */
	bool follow; /* a symlink at the end, unless flags say otherwise */
	int8_t flags;
	unsigned known;    /* flags that there are */
	bool is_optional;  /* without a path, it is about the descriptor */
	bool may_be_empty; /* as if AT_EMPTY_PATH were always given */
};

/* The entry of the request's call, which is there. */
const struct place *place_find(const struct place *places, const struct request *request);

/*
 * What the call leads to, as the kernel would have found it for the caller, who still waits: its
 * errors are the kernel's.
 */
int resolve_place(struct request *request, const struct place *place, struct object *object);

#endif
