/* Any bytes are data or an error with a place in the source; every datum knows where it stands. */
#include "harness.h"

#include "base/message.h"
#include "scheme/reader.h"

static void check_origin(struct origin origin, const struct source *source)
{
	FUZZ_CHECK(!origin.source || origin.source == source);
	if (!origin.source)
		return;
	FUZZ_CHECK(origin.start <= source->length);
	FUZZ_CHECK(origin.length <= source->length - origin.start);
	struct position position = origin_position(origin);

	FUZZ_CHECK(position.line >= 1 && position.column >= 1);
	FUZZ_CHECK(position.line_text + position.line_length <= source->text + source->length);
}

static void check_datum(const struct cell *cell, const struct source *source)
{
	for (; cell->type == CELL_PAIR; cell = cell->pair.tail) {
		check_origin(cell_origin(cell), source);
		check_datum(cell->pair.head, source);
	}
	check_origin(cell_origin(cell), source);
	for (size_t i = 0; cell->type == CELL_VECTOR && i < cell->vector.length; i++)
		check_datum(cell->vector.items[i], source);
	if (cell->type == CELL_STRING)
		FUZZ_CHECK(cell->string.bytes[cell->string.length] == '\0');
}

static void read_all(struct arena *arena, const char *bytes, size_t length)
{
	struct scheme *scheme = ARENA_NEW(arena, struct scheme);
	struct source source = {"input", bytes, length};
	struct reader reader = {.scheme = scheme, .source = &source};
	const struct cell *datum;

	scheme_init(scheme, arena, NULL);
	while ((datum = reader_next(&reader)) != NULL) {
		FUZZ_CHECK(!scheme->error.text);
		check_datum(datum, &source);
	}
	FUZZ_CHECK(scheme->error.text || reader.at == length);
	if (!scheme->error.text)
		return;
	FUZZ_CHECK(scheme->error.origin.source == &source && scheme->error.origin.start <= length);
	die_at(scheme->error.origin, "%s", scheme->error.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	return fuzz_run(read_all, bytes, length);
}
