#include "scheme/builtins.h"
#include "scheme/environment.h"

static struct cell *bad_syntax(struct scheme *scheme, const char *form)
{
	return scheme_fail(scheme, NULL, "syntax error in %s", form);
}

/* Leaves a sequence's last expression as the tail; an empty one has no value. */
static struct cell *sequence(struct scheme *scheme, struct cell *body, struct tail *tail)
{
	if (body->type != CELL_PAIR)
		return &scheme->unspecified;
	for (; body->pair.tail->type == CELL_PAIR; body = body->pair.tail) {
		if (!scheme_eval(scheme, body->pair.head, tail->environment))
			return NULL;
	}
	tail->expression = body->pair.head;
	return NULL;
}

static struct cell *make_closure(struct scheme *scheme, struct cell *parameters, struct cell *body,
	struct environment *environment)
{
	struct cell *parameter = parameters;

	for (; parameter->type == CELL_PAIR; parameter = parameter->pair.tail) {
		if (parameter->pair.head->type != CELL_SYMBOL)
			return bad_syntax(scheme, "the list of parameters");
	}
	if (parameter->type != CELL_NIL && parameter->type != CELL_SYMBOL)
		return bad_syntax(scheme, "the list of parameters");
	if (scheme_length(body) < 1)
		return scheme_fail(scheme, NULL, "syntax error: procedure without body");
	struct cell *cell = scheme_new(scheme, CELL_CLOSURE);

	cell->closure = (struct closure){parameters, body, environment};
	return cell;
}

static struct cell *form_quote(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	(void)tail;
	if (scheme_length(form) != 2)
		return bad_syntax(scheme, "quote");
	return list_at(form, 1);
}

static struct cell *form_if(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	int length = scheme_length(form);

	if (length != 3 && length != 4)
		return bad_syntax(scheme, "if");
	struct cell *test = scheme_eval(scheme, list_at(form, 1), tail->environment);

	if (!test)
		return NULL;
	if (scheme_is_true(test))
		tail->expression = list_at(form, 2);
	else if (length == 4)
		tail->expression = list_at(form, 3);
	else
		return &scheme->unspecified;
	return NULL;
}

static struct cell *form_define(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	int length = scheme_length(form);
	struct cell *value;

	if (length < 2)
		return bad_syntax(scheme, "define");
	struct cell *name = list_at(form, 1);

	if (name->type == CELL_PAIR) {
		value = make_closure(
			scheme, name->pair.tail, form->pair.tail->pair.tail, tail->environment);
		name = name->pair.head;
	} else if (length == 3) {
		value = scheme_eval(scheme, list_at(form, 2), tail->environment);
	} else {
		return bad_syntax(scheme, "define");
	}
	if (!value)
		return NULL;
	if (name->type != CELL_SYMBOL)
		return bad_syntax(scheme, "define");
	environment_define(scheme, tail->environment, name, value);
	return &scheme->unspecified;
}

static struct cell *form_set(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (scheme_length(form) != 3 || list_at(form, 1)->type != CELL_SYMBOL)
		return bad_syntax(scheme, "set!");
	struct cell *value = scheme_eval(scheme, list_at(form, 2), tail->environment);

	if (!value || !environment_set(scheme, tail->environment, list_at(form, 1), value))
		return NULL;
	return &scheme->unspecified;
}

static struct cell *form_lambda(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (scheme_length(form) < 3)
		return bad_syntax(scheme, "lambda");
	return make_closure(
		scheme, list_at(form, 1), form->pair.tail->pair.tail, tail->environment);
}

static struct cell *form_begin(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (scheme_length(form) < 0)
		return bad_syntax(scheme, "begin");
	return sequence(scheme, form->pair.tail, tail);
}

static bool is_binding(const struct cell *binding)
{
	return scheme_length(binding) == 2 && binding->pair.head->type == CELL_SYMBOL;
}

enum let_scope { LET_PARALLEL, LET_SEQUENTIAL, LET_RECURSIVE };

/* The environment that the body of a let, let* or letrec is evaluated in. */
static struct environment *bind_let(struct scheme *scheme, struct cell *bindings,
	struct environment *outer, enum let_scope scope)
{
	struct environment *inner = environment_new(scheme, outer);

	for (; bindings->type == CELL_PAIR; bindings = bindings->pair.tail) {
		struct cell *binding = bindings->pair.head;

		if (!is_binding(binding))
			return (void *)bad_syntax(scheme, "let");
		struct cell *value = scheme_eval(
			scheme, list_at(binding, 1), scope == LET_PARALLEL ? outer : inner);

		if (!value)
			return NULL;
		if (scope == LET_SEQUENTIAL)
			inner = environment_new(scheme, inner);
		environment_define(scheme, inner, binding->pair.head, value);
	}
	if (bindings->type != CELL_NIL)
		return (void *)bad_syntax(scheme, "let");
	return inner;
}

static struct cell *let(
	struct scheme *scheme, struct cell *form, struct tail *tail, enum let_scope scope)
{
	if (scheme_length(form) < 3)
		return bad_syntax(scheme, "let");
	struct environment *environment =
		bind_let(scheme, list_at(form, 1), tail->environment, scope);

	if (!environment)
		return NULL;
	tail->environment = environment;
	return sequence(scheme, form->pair.tail->pair.tail, tail);
}

/* (let name ((variable value) ...) body): a procedure that the body can call again. */
static struct cell *named_let(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	struct cell *parameters = &scheme->nil, **parameters_end = &parameters;
	struct cell *values = &scheme->nil, **values_end = &values;
	struct cell *binding = scheme_length(form) < 4 ? NULL : list_at(form, 2);

	if (!binding || scheme_length(binding) < 0)
		return bad_syntax(scheme, "let");
	for (; binding->type == CELL_PAIR; binding = binding->pair.tail) {
		if (!is_binding(binding->pair.head))
			return bad_syntax(scheme, "let");
		struct cell *value =
			scheme_eval(scheme, list_at(binding->pair.head, 1), tail->environment);

		if (!value)
			return NULL;
		*parameters_end = scheme_cons(scheme, binding->pair.head->pair.head, &scheme->nil);
		parameters_end = &(*parameters_end)->pair.tail;
		*values_end = scheme_cons(scheme, value, &scheme->nil);
		values_end = &(*values_end)->pair.tail;
	}
	struct environment *environment = environment_new(scheme, tail->environment);
	struct cell *closure = make_closure(
		scheme, parameters, form->pair.tail->pair.tail->pair.tail, environment);

	if (!closure)
		return NULL;
	environment_define(scheme, environment, list_at(form, 1), closure);
	return scheme_apply(scheme, closure, values);
}

static struct cell *form_let(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (scheme_length(form) > 1 && list_at(form, 1)->type == CELL_SYMBOL)
		return named_let(scheme, form, tail);
	return let(scheme, form, tail, LET_PARALLEL);
}

static struct cell *form_let_star(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	return let(scheme, form, tail, LET_SEQUENTIAL);
}

static struct cell *form_letrec(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	return let(scheme, form, tail, LET_RECURSIVE);
}

static bool is_symbol(
	const struct cell *cell, struct scheme *scheme, const char *name, size_t length)
{
	return cell == scheme_symbol(scheme, name, length);
}

static struct cell *form_cond(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (scheme_length(form) < 2)
		return bad_syntax(scheme, "cond");
	for (struct cell *rest = form->pair.tail; rest->type == CELL_PAIR; rest = rest->pair.tail) {
		struct cell *clause = rest->pair.head;

		if (scheme_length(clause) < 1)
			return bad_syntax(scheme, "cond");
		if (is_symbol(clause->pair.head, scheme, "else", 4))
			return sequence(scheme, clause->pair.tail, tail);
		struct cell *test = scheme_eval(scheme, clause->pair.head, tail->environment);

		if (!test)
			return NULL;
		if (!scheme_is_true(test))
			continue;
		if (clause->pair.tail->type == CELL_NIL)
			return test;
		if (!is_symbol(list_at(clause, 1), scheme, "=>", 2))
			return sequence(scheme, clause->pair.tail, tail);
		if (scheme_length(clause) != 3)
			return bad_syntax(scheme, "cond");
		struct cell *receiver = scheme_eval(scheme, list_at(clause, 2), tail->environment);

		return receiver ? scheme_apply(
					  scheme, receiver, scheme_cons(scheme, test, &scheme->nil))
				: NULL;
	}
	return &scheme->unspecified;
}

static struct cell *and_or(
	struct scheme *scheme, struct cell *form, struct tail *tail, bool stop_at)
{
	struct cell *rest = form->pair.tail;

	if (scheme_length(form) < 0)
		return bad_syntax(scheme, stop_at ? "or" : "and");
	if (rest->type == CELL_NIL)
		return scheme_boolean(scheme, !stop_at);
	for (; rest->pair.tail->type == CELL_PAIR; rest = rest->pair.tail) {
		struct cell *value = scheme_eval(scheme, rest->pair.head, tail->environment);

		if (!value || scheme_is_true(value) == stop_at)
			return value;
	}
	tail->expression = rest->pair.head;
	return NULL;
}

static struct cell *form_and(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	return and_or(scheme, form, tail, false);
}

static struct cell *form_or(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	return and_or(scheme, form, tail, true);
}

static struct cell *when_unless(
	struct scheme *scheme, struct cell *form, struct tail *tail, bool wanted)
{
	if (scheme_length(form) < 2)
		return bad_syntax(scheme, wanted ? "when" : "unless");
	struct cell *test = scheme_eval(scheme, list_at(form, 1), tail->environment);

	if (!test)
		return NULL;
	if (scheme_is_true(test) != wanted)
		return &scheme->unspecified;
	return sequence(scheme, form->pair.tail->pair.tail, tail);
}

static struct cell *form_when(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	return when_unless(scheme, form, tail, true);
}

static struct cell *form_unless(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	return when_unless(scheme, form, tail, false);
}

const struct form builtin_forms[] = {
	{"quote", form_quote},
	{"if", form_if},
	{"define", form_define},
	{"set!", form_set},
	{"lambda", form_lambda},
	{"begin", form_begin},
	{"let", form_let},
	{"let*", form_let_star},
	{"letrec", form_letrec},
	{"cond", form_cond},
	{"and", form_and},
	{"or", form_or},
	{"when", form_when},
	{"unless", form_unless},
	{NULL, NULL},
};
