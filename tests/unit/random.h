#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* Repeatable random numbers (xorshift); the seed must not be 0. */
static uint64_t state;

static inline unsigned below(unsigned limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 11) % limit);
}

static inline bool one_in(unsigned limit)
{
	return below(limit) == 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(array)  ((array)[below((unsigned)COUNT(array))])

#endif
