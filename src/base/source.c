#include "base/source.h"

#include <string.h>

struct position origin_position(struct origin origin)
{
	const char *text = origin.source->text;
	size_t at = origin.start < origin.source->length ? origin.start : origin.source->length;
	struct position position = {.line = 1};
	size_t line_start = 0;

	for (const char *end; (end = memchr(text + line_start, '\n', at - line_start));) {
		position.line++;
		line_start = (size_t)(end - text) + 1;
	}
	const char *newline = memchr(text + line_start, '\n', origin.source->length - line_start);

	position.column = (unsigned)(at - line_start) + 1;
	position.line_text = text + line_start;
	position.line_length = newline ? (size_t)(newline - position.line_text)
				       : origin.source->length - line_start;
	return position;
}
