/* Values as text, and what a profile shows: messages for its author on standard error. */
#include "scheme/print.h"

#include "base/message.h"
#include "scheme/builtins.h"
#include "scheme/eval.h"
#include "scheme/number.h"

struct printer {
	struct scheme *scheme;
	struct text *text;
	enum print_style style;
	size_t limit; /* of text->length */
};

static void print_string(struct text *text, const char *bytes, size_t length)
{
	text_add(text, "\"");
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte == '"' || byte == '\\')
			text_addf(text, "\\%c", byte);
		else if (byte == '\n')
			text_add(text, "\\n");
		else if (byte < ' ' || byte == 0x7f)
			text_addf(text, "\\x%02x", byte);
		else
			text_add_bytes(text, bytes + i, 1);
	}
	text_add(text, "\"");
}

static void print_character(struct text *text, unsigned char character, bool write)
{
	const char *name = builtin_character_name(character);
	char byte = (char)character;

	if (!write)
		text_add_bytes(text, &byte, 1);
	else if (name)
		text_addf(text, "#\\%s", name);
	else if (character > '~')
		text_addf(text, "#\\x%02x", character);
	else
		text_addf(text, "#\\%c", character);
}

static void print_atom(struct printer *printer, const struct cell *cell)
{
	struct text *text = printer->text;
	bool write = printer->style == PRINT_WRITE;
	size_t room = printer->limit - text->length;

	if (cell->type == CELL_BOOLEAN)
		text_add(text, cell->boolean ? "#t" : "#f");
	else if (cell->type == CELL_NIL)
		text_add(text, "()");
	else if (builtin_is_number(cell))
		number_print(text, cell, 10);
	else if (cell->type == CELL_SYMBOL)
		text_add(text, cell->symbol.name);
	else if (cell->type == CELL_CHARACTER)
		print_character(text, cell->character, write);
	else if (cell->type == CELL_STRING && write)
		print_string(text, cell->string.bytes,
			cell->string.length < room ? cell->string.length : room);
	else if (cell->type == CELL_STRING)
		text_add_bytes(text, cell->string.bytes,
			cell->string.length < room ? cell->string.length : room);
	else if (cell->type == CELL_PRIMITIVE)
		text_addf(text, "#<procedure %s>", cell->primitive->name);
	else if (cell->type == CELL_FORM)
		text_addf(text, "#<special form %s>", cell->form->name);
	else
		text_addf(text, "#<%s>", scheme_type_name(cell));
}

static void print(struct printer *printer, const struct cell *cell);

/* 'x for (quote x), and so on. */
static bool print_abbreviated(struct printer *printer, const struct cell *list)
{
	static const char *const abbreviations[][2] = {
		{"quote", "'"}, {"quasiquote", "`"}, {"unquote", ","}, {"unquote-splicing", ",@"}};

	if (list->pair.head->type != CELL_SYMBOL || !eval_form_has(list, 2, 2))
		return false;
	for (size_t i = 0; i < sizeof(abbreviations) / sizeof(abbreviations[0]); i++) {
		if (!text_is(list->pair.head->symbol.name, abbreviations[i][0]))
			continue;
		text_add(printer->text, abbreviations[i][1]);
		print(printer, list->pair.tail->pair.head);
		return true;
	}
	return false;
}

static bool is_full(const struct printer *printer)
{
	return printer->text->length >= printer->limit || !scheme_spend(printer->scheme, 1) ||
	       !scheme_has_room(printer->scheme, 0);
}

static void print_list(struct printer *printer, const struct cell *list)
{
	text_add(printer->text, "(");
	print(printer, list->pair.head);
	for (list = list->pair.tail; list->type == CELL_PAIR; list = list->pair.tail) {
		if (is_full(printer))
			return;
		text_add(printer->text, " ");
		print(printer, list->pair.head);
	}
	if (list->type != CELL_NIL) {
		text_add(printer->text, " . ");
		print(printer, list);
	}
	text_add(printer->text, ")");
}

static void print_vector(struct printer *printer, const struct cell *vector)
{
	text_add(printer->text, "#(");
	for (size_t i = 0; i < vector->vector.length && !is_full(printer); i++) {
		text_add(printer->text, i > 0 ? " " : "");
		print(printer, vector->vector.items[i]);
	}
	text_add(printer->text, ")");
}

static void print(struct printer *printer, const struct cell *cell)
{
	if (is_full(printer) || !scheme_has_stack(printer->scheme))
		return;
	if (cell->type == CELL_VECTOR)
		print_vector(printer, cell);
	else if (cell->type != CELL_PAIR)
		print_atom(printer, cell);
	else if (!print_abbreviated(printer, cell))
		print_list(printer, cell);
}

void print_value(struct scheme *scheme, struct text *text, const struct cell *value,
	enum print_style style, size_t limit)
{
	struct printer printer = {scheme, text, style, limit};

	print(&printer, value);
}

static void end_line(struct scheme *scheme)
{
	if (scheme->say)
		scheme->say(scheme, scheme->line.bytes);
	else
		warn("%s", scheme->line.bytes);
	scheme->line = text_make(scheme->arena);
}

void print_end_line(struct scheme *scheme)
{
	if (scheme->line.length > 0)
		end_line(scheme);
}

static bool show(struct scheme *scheme, const char *bytes, size_t length)
{
	if (length > SCHEME_OUTPUT - scheme->displayed)
		return scheme_end(scheme, NULL, "the profile displays too much") != NULL;
	scheme->displayed += length;
	if (!scheme->line.arena)
		scheme->line = text_make(scheme->arena);
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\n')
			end_line(scheme);
		else if (bytes[i] == '\0')
			text_add(&scheme->line, "\\x00");
		else
			text_add_bytes(&scheme->line, bytes + i, 1);
	}
	return true;
}

/* There is one port to write to; naming it is allowed. */
static bool is_output(struct scheme *scheme, struct cell *rest, int index)
{
	if (rest->type == CELL_NIL)
		return true;
	const struct cell *port = argument_at(scheme, rest, index, CELL_PORT);

	if (port && port->port)
		return scheme_fail(scheme, NULL, "%s: the port is not for output",
			       scheme->calling->name) != NULL;
	return port != NULL;
}

static struct cell *print_argument(
	struct scheme *scheme, struct cell *arguments, enum print_style style)
{
	struct text text = text_make(scheme->arena);

	if (!is_output(scheme, arguments->pair.tail, 1))
		return NULL;
	print_value(scheme, &text, arguments->pair.head, style, SCHEME_OUTPUT + 1);
	if (scheme->error.text)
		return NULL;
	return show(scheme, text.bytes, text.length) ? &scheme->unspecified : NULL;
}

static struct cell *primitive_display(struct scheme *scheme, struct cell *arguments)
{
	return print_argument(scheme, arguments, PRINT_DISPLAY);
}

static struct cell *primitive_write(struct scheme *scheme, struct cell *arguments)
{
	return print_argument(scheme, arguments, PRINT_WRITE);
}

static struct cell *primitive_write_char(struct scheme *scheme, struct cell *arguments)
{
	if (!argument_of(scheme, arguments, 0, CELL_CHARACTER))
		return NULL;
	return print_argument(scheme, arguments, PRINT_DISPLAY);
}

static struct cell *primitive_newline(struct scheme *scheme, struct cell *arguments)
{
	if (!is_output(scheme, arguments, 0) || !show(scheme, "\n", 1))
		return NULL;
	return &scheme->unspecified;
}

static struct cell *primitive_output_port(struct scheme *scheme, struct cell *arguments)
{
	(void)arguments;
	return scheme_new(scheme, CELL_PORT);
}

static struct cell *primitive_no_output(struct scheme *scheme, struct cell *arguments)
{
	(void)arguments;
	return scheme_fail(
		scheme, NULL, "%s: a profile cannot write to files", scheme->calling->name);
}

const struct primitive builtin_output[] = {
	{"call-with-output-file", primitive_no_output, 0, -1, NULL},
	{"close-output-port", primitive_no_output, 0, -1, NULL},
	{"current-output-port", primitive_output_port, 0, 0, NULL},
	{"display", primitive_display, 1, 2, NULL},
	{"newline", primitive_newline, 0, 1, NULL},
	{"open-input-output-file", primitive_no_output, 0, -1, NULL},
	{"open-output-file", primitive_no_output, 0, -1, NULL},
	{"with-output-to-file", primitive_no_output, 0, -1, NULL},
	{"write", primitive_write, 1, 2, NULL},
	{"write-char", primitive_write_char, 1, 2, NULL},
	{NULL, NULL, 0, 0, NULL},
};
