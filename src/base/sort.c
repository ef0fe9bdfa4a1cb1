#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

/* Where the item belongs among those before it, behind what equals it. */
static size_t find_place(const char *items, size_t count, size_t size, const void *item,
	int (*compare)(const void *, const void *))
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(items + middle * size, item) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	enum { FEW = 128 };
	char *bytes = items;
	char item[SORT_ITEM_MAX];

	if (count > FEW) {
		qsort(items, count, size, compare);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		char *end = bytes + i * size;

		if (compare(end - size, end) <= 0)
			continue;
		char *place = bytes + size * find_place(bytes, i, size, end, compare);

		memcpy(item, end, size);
		memmove(place + size, place, (size_t)(end - place));
		memcpy(place, item, size);
	}
}
