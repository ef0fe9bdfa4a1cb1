#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/* Memory that lives until exec: nothing is ever freed. */
struct arena {
	char *next;
	char *end;
	size_t used; /* bytes handed out so far, for budgets */
};

/* Starts with the caller's buffer (zeroed), so that a common run maps nothing. */
struct arena arena_make(void *buffer, size_t size);

/* Zeroed memory, aligned for any object. Never NULL: dies when memory is exhausted. */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy of length bytes. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))

#endif
