#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/source.h"

/*
 * The only writers to stderr. Each message is one write(2) beginning with "sbx: ", or, when the
 * program was called as sandbox-exec, with "sandbox-exec: ".
 */

enum exit_status {
	EXIT_SBX_FAILED = 125, /* sbx itself failed; the command was never started */
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
	/* Those of sandbox-exec. */
	EXIT_USAGE = 64,
	EXIT_PROFILE = 65,
	EXIT_RUN = 71,
};

void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For programs of another name, or that fail with another status: called before anything else. */
void message_speak_as(const char *name, int failure);

/* Exits with the status of failures. die_errno appends ": " and the text of errno. */
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

/* As macOS's sandbox-exec reports a bad profile: the message, the place and the form that is there.
 */
_Noreturn void die_backtrace(struct origin origin, const char *message);

/*
 * Runs function; false when it died, which ends nothing here: *reason is then the message, without
 * the name in front. What the function allocated stays; files that it had open do too.
 */
bool message_try(
	struct arena *arena, void (*function)(void *), void *argument, const char **reason);

/* What a person is asked, as it stands. */
void message_ask(const char *question);

/* What is wrong with the command line (or NULL), then how it should look. */
_Noreturn void die_usage(const char *complaint, const char *usage);

#endif
