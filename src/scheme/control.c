/* Control: errors and how to catch them, continuations, promises, evaluation of data. */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "scheme/builtins.h"
#include "scheme/environment.h"
#include "scheme/eval.h"
#include "scheme/print.h"

/* The message and the objects after it, as display shows them. */
static const char *message_of(struct scheme *scheme, struct cell *arguments)
{
	enum { LONGEST = 400 };
	struct text text = text_make(scheme->arena);

	for (; arguments->type == CELL_PAIR && text.length < LONGEST;
		arguments = arguments->pair.tail) {
		if (text.length > 0)
			text_add(&text, " ");
		print_value(scheme, &text, arguments->pair.head, PRINT_DISPLAY, LONGEST);
	}
	return text.length > 0 ? text.bytes : "error";
}

static struct cell *primitive_error(struct scheme *scheme, struct cell *arguments)
{
	return scheme_end(scheme, NULL, "%s", message_of(scheme, arguments));
}

static struct cell *primitive_throw(struct scheme *scheme, struct cell *arguments)
{
	return scheme_fail(scheme, NULL, "%s", message_of(scheme, arguments));
}

/* (catch handler body ...): the value of handler when evaluating the body fails. */
static struct cell *form_catch(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (!eval_form_has(form, 2, -1))
		return eval_bad_syntax(scheme, form);
	struct cell *handler = form->pair.tail;
	const struct primitive *calling = scheme->calling;
	struct origin place = scheme->place;
	struct tail last = {.environment = tail->environment};
	struct cell *value = eval_sequence(scheme, handler->pair.tail, &last);

	if (last.expression && !scheme->error.text)
		value = scheme_eval(scheme, last.expression, last.environment);
	if (!scheme_recover(scheme))
		return scheme->error.text ? NULL : value;
	scheme->place = place;
	scheme->calling = calling;
	return eval_leave(scheme, handler, tail);
}

static struct cell *primitive_call_cc(struct scheme *scheme, struct cell *arguments)
{
	struct escape *escape = ARENA_NEW(scheme->arena, struct escape);
	struct cell *continuation = scheme_new(scheme, CELL_CONTINUATION);
	struct origin place = scheme->place;

	continuation->escape = escape;
	escape->live = true;
	struct cell *value = scheme_apply(
		scheme, arguments->pair.head, scheme_cons(scheme, continuation, &scheme->nil));

	escape->live = false;
	if (!scheme->error.text || scheme->unwinding != UNWINDING_ESCAPE ||
		scheme->escape != escape)
		return value;
	scheme->error.text = NULL;
	scheme->place = place;
	return escape->value;
}

static struct cell *promise(
	struct scheme *scheme, struct cell *expression, struct environment *environment)
{
	struct cell *cell = scheme_new(scheme, CELL_PROMISE);

	cell->promise.expression = expression;
	cell->promise.environment = environment;
	return cell;
}

static struct cell *form_delay(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (!eval_form_has(form, 2, 2))
		return eval_bad_syntax(scheme, form);
	return promise(scheme, list_at(form, 1), tail->environment);
}

static struct cell *form_cons_stream(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (!eval_form_has(form, 3, 3))
		return eval_bad_syntax(scheme, form);
	struct cell *rest = list_at(form, 2);
	struct cell *head = eval_part(scheme, form->pair.tail, tail->environment);

	return head ? scheme_cons(scheme, head, promise(scheme, rest, tail->environment)) : NULL;
}

static struct cell *force(struct scheme *scheme, struct cell *cell)
{
	if (cell->type != CELL_PROMISE)
		return cell;
	struct cell *expression = cell->promise.expression;

	if (!expression)
		return cell->promise.value;
	struct cell *value = scheme_eval(scheme, expression, cell->promise.environment);

	if (!value)
		return NULL;
	/* It may have forced itself: then the first value counts. */
	if (cell->promise.expression) {
		cell->promise.expression = NULL;
		cell->promise.value = value;
	}
	return cell->promise.value;
}

static struct cell *primitive_force(struct scheme *scheme, struct cell *arguments)
{
	return force(scheme, arguments->pair.head);
}

/* Of a stream that cons-stream made. */
static struct cell *primitive_head(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *stream = argument_of(scheme, arguments, 0, CELL_PAIR);

	return stream ? stream->pair.head : NULL;
}

static struct cell *primitive_tail(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *stream = argument_of(scheme, arguments, 0, CELL_PAIR);

	return stream ? force(scheme, stream->pair.tail) : NULL;
}

static struct cell *primitive_apply(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = &scheme->nil, **end = &list;
	struct cell *rest = arguments->pair.tail;
	int index = 1;

	for (; rest->pair.tail->type == CELL_PAIR; rest = rest->pair.tail, index++) {
		*end = scheme_cons(scheme, rest->pair.head, &scheme->nil);
		end = &(*end)->pair.tail;
	}
	*end = argument_list(scheme, rest, index);
	return *end ? scheme_tail_apply(scheme, arguments->pair.head, list) : NULL;
}

static struct cell *primitive_eval(struct scheme *scheme, struct cell *arguments)
{
	struct environment *environment = scheme->environment;

	if (arguments->pair.tail->type == CELL_PAIR) {
		const struct cell *given = argument_of(scheme, arguments, 1, CELL_ENVIRONMENT);

		if (!given)
			return NULL;
		environment = given->environment;
	}
	return scheme_eval(scheme, arguments->pair.head, environment);
}

static struct cell *primitive_current_environment(struct scheme *scheme, struct cell *arguments)
{
	struct cell *cell = scheme_new(scheme, CELL_ENVIRONMENT);

	(void)arguments;
	cell->environment = scheme->environment;
	return cell;
}

static struct cell *primitive_global_environment(struct scheme *scheme, struct cell *arguments)
{
	(void)arguments;
	return scheme_new(scheme, CELL_ENVIRONMENT);
}

/* How profiles test for a name that only newer systems have. */
static struct cell *primitive_is_defined(struct scheme *scheme, struct cell *arguments)
{
	struct environment *environment = scheme->environment;
	struct cell *symbol = argument_of(scheme, arguments, 0, CELL_SYMBOL);

	return symbol ? scheme_boolean(scheme, environment_has(scheme, environment, symbol)) : NULL;
}

static struct cell *primitive_load(struct scheme *scheme, struct cell *arguments)
{
	const char *path = argument_text(scheme, arguments, 0);
	struct origin place = scheme->place;

	if (!path)
		return NULL;
	if (scheme_is_confined(scheme))
		return scheme_fail(scheme, NULL, "what an .sbxrc says reads no file: \"%s\"", path);
	const struct source *source = file_read(scheme->arena, path);

	if (!source)
		return scheme_fail(scheme, NULL, "load: unable to open \"%s\": %s", path,
			errno == ENOENT ? "not found" : strerror(errno));
	bool loaded = scheme_load(scheme, source);

	if (!loaded)
		return NULL;
	scheme->place = place;
	return &scheme->true_value;
}

const struct form builtin_control_forms[] = {
	{"catch", form_catch},
	{"cons-stream", form_cons_stream},
	{"delay", form_delay},
	{NULL, NULL},
};

const struct primitive builtin_control[] = {
	{"apply", primitive_apply, 2, -1, NULL},
	{"call-with-current-continuation", primitive_call_cc, 1, 1, NULL},
	{"call/cc", primitive_call_cc, 1, 1, NULL},
	{"current-environment", primitive_current_environment, 0, 0, NULL},
	{"defined?", primitive_is_defined, 1, 1, NULL},
	{"error", primitive_error, 1, -1, NULL},
	{"eval", primitive_eval, 1, 2, NULL},
	{"force", primitive_force, 1, 1, NULL},
	{"head", primitive_head, 1, 1, NULL},
	{"interaction-environment", primitive_global_environment, 0, 0, NULL},
	{"load", primitive_load, 1, 1, NULL},
	{"tail", primitive_tail, 1, 1, NULL},
	{"throw", primitive_throw, 0, -1, NULL},
	{NULL, NULL, 0, 0, NULL},
};
