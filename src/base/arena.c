#include "base/arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/message.h"

enum { ALIGNMENT = 16, CHUNK = 256 * 1024 };

struct arena arena_make(void *buffer, size_t size)
{
	return (struct arena){.next = buffer, .end = (char *)buffer + size};
}

void *arena_alloc(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX / 2)
		die("out of memory");
	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (size > (size_t)(arena->end - arena->next)) {
		size_t chunk = size > CHUNK ? size : CHUNK;
		void *memory = mmap(
			NULL, chunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			die_errno("out of memory");
		arena->next = memory;
		arena->end = arena->next + chunk;
	}
	void *result = arena->next;

	arena->next += size;
	arena->used += size;
	return result;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, bytes, length);
	return copy;
}
