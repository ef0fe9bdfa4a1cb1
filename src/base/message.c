#include "base/message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/name.h"
#include "base/text.h"

enum { MESSAGE_MAX = 4096, SNIPPET_MAX = 160, IMPORTERS_MAX = 4 };

struct message {
	char text[MESSAGE_MAX];
	size_t length;
};

static void add_bytes(struct message *message, const char *bytes, size_t length)
{
	size_t room = sizeof(message->text) - 1 - message->length; /* one for the newline */

	if (length > room)
		length = room;
	memcpy(message->text + message->length, bytes, length);
	message->length += length;
}

static void add_text(struct message *message, const char *text)
{
	add_bytes(message, text, strlen(text));
}

/* File names and profile text reach the terminal through here: nothing that it obeys. */
static void add_visible(struct message *message, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t character = text_visible(bytes + i, length - i);
		char escaped[5];

		if (character == 0 && bytes[i] != '\t') {
			snprintf(escaped, sizeof(escaped), "\\x%02x", (unsigned char)bytes[i]);
			add_text(message, escaped);
		} else {
			add_bytes(message, bytes + i, character ? character : 1);
		}
		i += character ? character : 1;
	}
}

__attribute__((format(printf, 2, 0))) static void add_format(
	struct message *message, const char *format, va_list arguments)
{
	char text[MESSAGE_MAX];
	int length = vsnprintf(text, sizeof(text), format, arguments);

	if (length < 0)
		return;
	add_visible(
		message, text, (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1);
}

static void add_place(struct message *message, struct position position, const char *name)
{
	char numbers[32];

	add_visible(message, name, strlen(name));
	snprintf(numbers, sizeof(numbers), ":%u:%u: ", position.line, position.column);
	add_text(message, numbers);
}

static void add_snippet(struct message *message, struct position position)
{
	size_t length = position.line_length < SNIPPET_MAX ? position.line_length : SNIPPET_MAX;

	if (position.column > length + 1)
		return;
	add_text(message, "\n    ");
	add_visible(message, position.line_text, length);
	add_text(message, "\n    ");
	for (unsigned i = 1; i < position.column; i++)
		add_text(message, position.line_text[i - 1] == '\t' ? "\t" : " ");
	add_text(message, "^");
}

/* Which text asked for the one that the message is about, and so on outwards. */
static void add_importers(struct message *message, const struct source *source)
{
	char numbers[32];

	for (int shown = 0; source->importer; shown++) {
		const struct origin *importer = source->importer;

		source = importer->source;
		if (shown == IMPORTERS_MAX) {
			add_text(message, "\n    and so on");
			return;
		}
		struct position position = origin_position(*importer);

		add_text(message, "\n    imported by ");
		add_visible(message, source->name, strlen(source->name));
		snprintf(numbers, sizeof(numbers), ":%u:%u", position.line, position.column);
		add_text(message, numbers);
	}
}

/* Who waits in message_try, and the message that it gets. */
static struct {
	jmp_buf *place;
	struct arena *arena;
	const char *reason;
} waiting;

static void emit(struct message *message)
{
	if (waiting.place) {
		const char *colon = memchr(message->text, ':', message->length);
		size_t start = colon ? (size_t)(colon - message->text) + 2 : 0;

		waiting.reason =
			arena_copy(waiting.arena, message->text + start, message->length - start);
		return;
	}
	message->text[message->length++] = '\n';
	/* Nothing can be reported when stderr is gone; the exit status still tells. */
	if (write(STDERR_FILENO, message->text, message->length) < 0)
		return;
}

/* Who speaks: set once, before anything can fail. */
static struct {
	const char *name;
	int failure;
} speaker = {PROGRAM_NAME, EXIT_SBX_FAILED};

void message_speak_as(const char *name, int failure)
{
	speaker.name = name;
	speaker.failure = failure;
}

_Noreturn static void end(int status)
{
	if (waiting.place)
		longjmp(*waiting.place, 1);
	_exit(status);
}

_Noreturn static void fail(void)
{
	end(speaker.failure);
}

bool message_try(struct arena *arena, void (*function)(void *), void *argument, const char **reason)
{
	jmp_buf place;

	waiting.place = &place;
	waiting.arena = arena;
	waiting.reason = "";
	if (setjmp(place) == 0) {
		function(argument);
		waiting.place = NULL;
		return true;
	}
	waiting.place = NULL;
	*reason = waiting.reason;
	return false;
}

void message_ask(const char *question)
{
	struct message message;

	message.length = 0;
	add_text(&message, question);
	if (write(STDERR_FILENO, message.text, message.length) < 0)
		die_errno("cannot ask");
}

static struct message begin(void)
{
	struct message message;

	message.length = 0;
	add_text(&message, speaker.name);
	add_text(&message, ": ");
	return message;
}

__attribute__((format(printf, 1, 0))) static void report(
	const char *format, va_list arguments, const char *reason)
{
	struct message message = begin();

	add_format(&message, format, arguments);
	if (reason) {
		add_text(&message, ": ");
		add_text(&message, reason);
	}
	emit(&message);
}

__attribute__((format(printf, 3, 0))) static void report_at(
	struct origin origin, bool importers, const char *format, va_list arguments)
{
	struct message message = begin();

	if (!origin.source) {
		add_format(&message, format, arguments);
	} else {
		struct position position = origin_position(origin);

		add_place(&message, position, origin.source->name);
		add_format(&message, format, arguments);
		add_snippet(&message, position);
		if (importers)
			add_importers(&message, origin.source);
	}
	emit(&message);
}

void warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report(format, arguments, NULL);
	va_end(arguments);
}

void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report(format, arguments, NULL);
	va_end(arguments);
	fail();
}

void die_errno(const char *format, ...)
{
	const char *reason = strerror(errno);
	va_list arguments;

	va_start(arguments, format);
	report(format, arguments, reason);
	va_end(arguments);
	fail();
}

void die_status(enum exit_status status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report(format, arguments, NULL);
	va_end(arguments);
	end((int)status);
}

void warn_at(struct origin origin, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report_at(origin, false, format, arguments);
	va_end(arguments);
}

void die_at(struct origin origin, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report_at(origin, true, format, arguments);
	va_end(arguments);
	fail();
}

void die_backtrace(struct origin origin, const char *text)
{
	struct position position = origin_position(origin);
	struct message message = begin();
	size_t length = position.line_length - (position.column - 1);

	add_visible(&message, text, strlen(text));
	add_text(&message, "\n\nBacktrace:\n");
	add_place(&message, position, origin.source->name);
	message.length--; /* the blank after the last colon */
	add_text(&message, "\n\t");
	if (length > origin.length)
		length = origin.length;
	add_visible(&message, position.line_text + position.column - 1,
		length < SNIPPET_MAX ? length : SNIPPET_MAX);
	emit(&message);
	end(EXIT_PROFILE);
}

void die_usage(const char *complaint, const char *usage)
{
	struct message message;

	message.length = 0;
	if (complaint) {
		add_visible(&message, complaint, strlen(complaint));
		add_text(&message, "\n");
	}
	add_text(&message, usage);
	emit(&message);
	end(EXIT_USAGE);
}
