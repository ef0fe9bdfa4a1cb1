#ifndef TESTS_FUZZ_HARNESS_H
#define TESTS_FUZZ_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * What all targets share. The library runs unchanged, but nothing of it leaves the process: die
 * ends one input only, files are those of the table, every allocation stands alone (so that
 * AddressSanitizer sees where it ends) and is freed after the input.
 */

typedef void fuzz_function(struct arena *arena, const char *bytes, size_t length);

/* Runs function until it returns or dies; then frees all it took. Returns 0, for libFuzzer. */
int fuzz_run(fuzz_function *function, const uint8_t *bytes, size_t length);

/* For the rest of this input, file_read finds bytes under path. */
void fuzz_add_file(const char *path, const char *bytes, size_t length);

/* A property does not hold: ends the process, and libFuzzer keeps the input. */
#define FUZZ_CHECK(holds) ((holds) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #holds))
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
