/*
 * Invariant: a process MUST count as one of the sandbox only if each link of the chain from it to
 * the broker held while the next one was read.
 */
#include "enforce/linux/kinship.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/filter.h"

enum { DEPTH_MAX = 512, TRIES = 16 };

bool process_read(pid_t process, const char *name, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)process, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	return length > 0;
}

/* The last number of a line: the one in the innermost pid namespace. */
static pid_t last_number(const char *text, const char *key, unsigned *count)
{
	const char *at = strstr(text, key);
	pid_t number = 0;
	char *end;

	*count = 0;
	for (at = at ? at + strlen(key) : ""; *at == '\t' || *at == ' '; at = end, ++*count)
		number = (pid_t)strtol(at, &end, 10);
	return number;
}

bool identity_read(pid_t thread, struct identity *identity)
{
	char text[4096];
	unsigned count, levels;

	if (!process_read(thread, "status", text, sizeof(text)))
		return false;
	identity->process = last_number(text, "\nTgid:", &count);
	identity->own_process = last_number(text, "\nNStgid:", &levels);
	identity->own_thread = last_number(text, "\nNSpid:", &count);
	identity->is_namespaced = levels > 1;
	if (levels == 0) { /* a kernel without namespaces */
		identity->own_process = identity->process;
		identity->own_thread = thread;
	}
	return identity->process > 0;
}

/* 0: unknown, as of a process that /proc hides; then it is none of the sandbox's. */
static pid_t parent_of(pid_t process)
{
	char text[512];

	if (!process_read(process, "stat", text, sizeof(text)))
		return 0;
	/* PID (NAME) STATE PARENT; the name may hold anything. */
	const char *name_end = strrchr(text, ')');

	return name_end && strlen(name_end) > 4 ? (pid_t)strtol(name_end + 4, NULL, 10) : 0;
}

/*
 * The chain of parents up to the broker or to the first process of the system, read upwards and
 * once more downwards. A parent that ends leaves its children to an ancestor of its own before its
 * number is free again: so a link that is the same in both readings held in between, and the
 * reading of the next one lies in between.
 */
static bool read_chain(pid_t process, pid_t *chain, unsigned *depth)
{
	unsigned i = 0;

	for (chain[0] = process; chain[i] > 1 && chain[i] != getpid(); i++) {
		if (i + 1 == DEPTH_MAX)
			return false;
		chain[i + 1] = parent_of(chain[i]);
	}
	*depth = i;
	for (; i > 0; i--) {
		if (parent_of(chain[i - 1]) != chain[i])
			return false;
	}
	return true;
}

long kinship(pid_t caller, pid_t target)
{
	pid_t chain[DEPTH_MAX];
	unsigned depth = 0, tries = 0;

	if (target == caller)
		return TARGET_SELF | TARGET_PGRP | TARGET_SAME_SANDBOX;
	while (!read_chain(target, chain, &depth)) {
		if (++tries == TRIES)
			return 0;
	}
	pid_t group = getpgid(target), own_group = getpgid(caller);

	if (group < 0 || own_group < 0)
		return 0;
	long bits = depth > 0 && chain[1] == caller ? TARGET_CHILDREN : TARGET_OTHERS;

	if (group == own_group)
		bits |= TARGET_PGRP;
	/* The broker is no part of it. */
	if (depth > 0 && chain[depth] == getpid())
		bits |= TARGET_SAME_SANDBOX;
	if (target == 1)
		bits |= TARGET_INITPROC;
	return bits;
}
