#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

/*
 * As qsort(3), of items of at most SORT_ITEM_MAX bytes: C libraries are made for many items, and
 * most profiles have few.
 */
enum { SORT_ITEM_MAX = 64 };

void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
