#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include <stdarg.h>

#include "base/source.h"

/* The only writers to stderr. Each message is one write(2) beginning with "sbx: ". */

enum exit_status {
	EXIT_SBX_FAILED = 125, /* sbx itself failed; the command was never started */
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Exits with EXIT_SBX_FAILED. die_errno appends ": " and the text of errno. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die_status(enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * "sbx: FILE:LINE:COL: what", then the line of source and a caret under the place. die_at also says
 * which imports led there.
 */
void warn_at(struct origin origin, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void die_at(struct origin origin, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
