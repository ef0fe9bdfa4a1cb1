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

/* A name in a directory, whether or not there is anything of that name. */
struct entry {
	struct object parent;
	char name[NAME_MAX + 2]; /* with a slash after it, if the caller gave one */
	char path[PATH_MAX];     /* canonical: of the parent, and the name */
	bool is_special;         /* ".", ".." or nothing at all */
	struct stat status;      /* see entry_look */
};

/* A path of the caller's, read once, and where it starts if it is relative. */
struct route {
	uint64_t resolve; /* as openat2(2) has it; set by the caller */
	int directory;
	char path[PATH_MAX];
};

/* The directory and the address are the call's arguments. EFAULT, ENAMETOOLONG, EBADF. */
int resolve_route(struct request *request, int directory, uint64_t address, struct route *route);

/* What the path leads to. */
int resolve_object(
	struct request *request, const struct route *route, bool follow, struct object *object);

/* What a descriptor is open on, be it open for nothing at all: AT_EMPTY_PATH. */
int resolve_descriptor(struct request *request, int number, struct object *object);

/* Where the path's last name stands. A symlink of that name may be followed to another one. */
int resolve_entry(
	struct request *request, const struct route *route, bool follow, struct entry *entry);

/* Reads the status of what has the name. ENOENT. */
int entry_look(struct entry *entry);

#endif
