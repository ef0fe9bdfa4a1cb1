/* Ports to read files from. Standard input belongs to the command. */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "scheme/builtins.h"
#include "scheme/reader.h"

struct port {
	struct reader reader;
	bool closed;
};

static struct cell *make_port(struct scheme *scheme, const struct source *source)
{
	struct cell *cell = scheme_new(scheme, CELL_PORT);

	cell->port = ARENA_NEW(scheme->arena, struct port);
	cell->port->reader = (struct reader){.scheme = scheme, .source = source};
	return cell;
}

static struct cell *open_file(struct scheme *scheme, struct cell *arguments)
{
	const char *path = argument_text(scheme, arguments, 0);

	if (!path)
		return NULL;
	if (scheme_is_confined(scheme))
		return scheme_fail(scheme, NULL, "what an .sbxrc says reads no file: \"%s\"", path);
	const struct source *source = file_read(scheme->arena, path);

	if (!source)
		return scheme_fail(scheme, NULL, "%s: unable to open \"%s\": %s",
			scheme->calling->name, path,
			errno == ENOENT ? "not found" : strerror(errno));
	return make_port(scheme, source);
}

static struct cell *open_string(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);

	if (!string)
		return NULL;
	struct source *source = ARENA_NEW(scheme->arena, struct source);

	*source = (struct source){"<string>", string->string.bytes, string->string.length};
	return make_port(scheme, source);
}

/* The port to read from in the first argument. */
static struct port *input_port(struct scheme *scheme, struct cell *arguments)
{
	if (arguments->type == CELL_NIL)
		return scheme_fail(scheme, NULL,
			"%s: needs a port: standard input belongs to the command",
			scheme->calling->name);
	const struct cell *cell = argument_of(scheme, arguments, 0, CELL_PORT);

	if (!cell)
		return NULL;
	if (!cell->port || cell->port->closed)
		return scheme_fail(scheme, NULL, "%s: the port is %s", scheme->calling->name,
			cell->port ? "closed" : "not for input");
	return cell->port;
}

static struct cell *read_datum(struct scheme *scheme, struct cell *arguments)
{
	struct port *port = input_port(scheme, arguments);
	struct cell *datum = port ? reader_next(&port->reader) : NULL;

	return datum || !port ? datum : &scheme->end;
}

static struct cell *next_char(struct scheme *scheme, const struct port *port)
{
	const struct source *source = port->reader.source;

	if (port->reader.at >= source->length)
		return &scheme->end;
	return scheme_character(scheme, (unsigned char)source->text[port->reader.at]);
}

static struct cell *peek_char(struct scheme *scheme, struct cell *arguments)
{
	const struct port *port = input_port(scheme, arguments);

	return port ? next_char(scheme, port) : NULL;
}

static struct cell *read_char(struct scheme *scheme, struct cell *arguments)
{
	struct port *port = input_port(scheme, arguments);

	if (!port)
		return NULL;
	struct cell *character = next_char(scheme, port);

	port->reader.at += character->type == CELL_CHARACTER;
	return character;
}

static struct cell *read_line(struct scheme *scheme, struct cell *arguments)
{
	struct port *port = input_port(scheme, arguments);

	if (!port)
		return NULL;
	const struct source *source = port->reader.source;
	size_t rest = source->length - port->reader.at;
	const char *line = source->text + port->reader.at;

	if (rest == 0)
		return &scheme->end;
	const char *newline = memchr(line, '\n', rest);
	size_t length = newline ? (size_t)(newline - line) : rest;

	port->reader.at += length + (newline != NULL);
	return scheme_string(scheme, line, length);
}

static struct cell *close_port(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *cell = argument_of(scheme, arguments, 0, CELL_PORT);

	if (cell && cell->port)
		cell->port->closed = true;
	return cell ? &scheme->unspecified : NULL;
}

static struct cell *is_input_port(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *cell = arguments->pair.head;

	return scheme_boolean(scheme, cell->type == CELL_PORT && cell->port);
}

static struct cell *is_output_port(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *cell = arguments->pair.head;

	return scheme_boolean(scheme, cell->type == CELL_PORT && !cell->port);
}

static struct cell *call_with_file(struct scheme *scheme, struct cell *arguments)
{
	struct cell *port = open_file(scheme, arguments);
	struct cell *value = port ? scheme_apply(scheme, list_at(arguments, 1),
					    scheme_cons(scheme, port, &scheme->nil))
				  : NULL;

	if (port)
		port->port->closed = true;
	return value;
}

const struct primitive builtin_input[] = {
	{"call-with-input-file", call_with_file, 2, 2, NULL},
	{"close-input-port", close_port, 1, 1, NULL},
	{"close-port", close_port, 1, 1, NULL},
	{"input-port?", is_input_port, 1, 1, NULL},
	{"open-input-file", open_file, 1, 1, NULL},
	{"open-input-string", open_string, 1, 1, NULL},
	{"output-port?", is_output_port, 1, 1, NULL},
	{"peek-char", peek_char, 0, 1, NULL},
	{"read", read_datum, 0, 1, NULL},
	{"read-char", read_char, 0, 1, NULL},
	{"read-line", read_line, 0, 1, NULL},
	{NULL, NULL, 0, 0, NULL},
};
