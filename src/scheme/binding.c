/* Special forms that bind variables: let and its kin, do. */
#include "scheme/builtins.h"
#include "scheme/environment.h"
#include "scheme/eval.h"

/* (name value), or with optional: (name value step), (name) and name as well. */
static bool is_binding(const struct cell *binding, bool optional)
{
	if (optional && binding->type == CELL_SYMBOL)
		return true;
	return eval_form_has(binding, optional ? 1 : 2, optional ? 3 : 2) &&
	       binding->pair.head->type == CELL_SYMBOL;
}

static bool are_bindings(struct scheme *scheme, const struct cell *bindings, bool optional)
{
	for (; bindings->type == CELL_PAIR; bindings = bindings->pair.tail) {
		if (!is_binding(bindings->pair.head, optional) || !scheme_spend(scheme, 1))
			return false;
	}
	return bindings->type == CELL_NIL;
}

enum let_scope { LET_PARALLEL, LET_SEQUENTIAL, LET_RECURSIVE };

/* The environment that the body of a let, let* or letrec is evaluated in. */
static struct environment *bind_let(struct scheme *scheme, struct cell *bindings,
	struct environment *outer, enum let_scope scope)
{
	struct environment *inner = environment_new(scheme, outer);
	struct cell *next = scope == LET_RECURSIVE ? bindings : &scheme->nil;

	for (; next->type == CELL_PAIR; next = next->pair.tail)
		environment_add(scheme, inner, next->pair.head->pair.head, NULL);
	for (; bindings->type == CELL_PAIR; bindings = next) {
		struct cell *binding = bindings->pair.head;

		next = bindings->pair.tail;
		/* An earlier value may have changed the text. */
		if (!is_binding(binding, false))
			return scheme_fail(scheme, NULL, "syntax error in let");
		struct cell *name = binding->pair.head;
		struct cell *value = eval_part(
			scheme, binding->pair.tail, scope == LET_PARALLEL ? outer : inner);

		if (!value)
			return NULL;
		if (scope == LET_SEQUENTIAL)
			inner = environment_new(scheme, inner);
		if (scope == LET_RECURSIVE)
			environment_define(scheme, inner, name, value);
		else
			environment_add(scheme, inner, name, value);
	}
	return inner;
}

static struct cell *let(
	struct scheme *scheme, struct cell *form, struct tail *tail, enum let_scope scope)
{
	if (!eval_form_has(form, 3, -1) || !are_bindings(scheme, list_at(form, 1), false))
		return eval_bad_syntax(scheme, form);
	struct cell *body = form->pair.tail->pair.tail;
	struct environment *environment =
		bind_let(scheme, list_at(form, 1), tail->environment, scope);

	if (!environment)
		return NULL;
	tail->environment = environment;
	return eval_sequence(scheme, body, tail);
}

/* (let name ((variable value) ...) body): a procedure that the body can call again. */
static struct cell *named_let(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (!eval_form_has(form, 4, -1) || !are_bindings(scheme, list_at(form, 2), false))
		return eval_bad_syntax(scheme, form);
	struct cell *name = list_at(form, 1), *bindings = list_at(form, 2);
	struct cell *body = form->pair.tail->pair.tail->pair.tail;
	struct cell *parameters = &scheme->nil, **end = &parameters;

	for (const struct cell *at = bindings; at->type == CELL_PAIR; at = at->pair.tail) {
		*end = scheme_cons(scheme, at->pair.head->pair.head, &scheme->nil);
		end = &(*end)->pair.tail;
	}
	struct environment *own = environment_new(scheme, tail->environment);
	struct cell *closure = eval_closure(scheme, scheme_cons(scheme, parameters, body), own);
	struct environment *environment =
		bind_let(scheme, bindings, tail->environment, LET_PARALLEL);

	if (!closure || !environment)
		return NULL;
	environment_add(scheme, own, name, closure);
	environment->outer = own;
	tail->environment = environment;
	return eval_sequence(scheme, body, tail);
}

static struct cell *form_let(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (eval_form_has(form, 2, -1) && list_at(form, 1)->type == CELL_SYMBOL)
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

/* The variables of a do with their first values (previous is NULL), or with their next ones. */
static struct environment *step(struct scheme *scheme, struct cell *bindings,
	struct environment *outer, struct environment *previous)
{
	struct environment *next = environment_new(scheme, outer);
	struct environment *current = previous ? previous : outer;

	for (; bindings->type == CELL_PAIR; bindings = bindings->pair.tail) {
		struct cell *binding = bindings->pair.head;

		if (!is_binding(binding, true))
			return scheme_fail(scheme, NULL, "syntax error in do");
		struct cell *name = binding->type == CELL_PAIR ? binding->pair.head : binding;
		struct cell *part = binding->type == CELL_PAIR ? binding->pair.tail : &scheme->nil;
		struct cell *value = &scheme->nil;

		if (previous)
			part = part->type == CELL_PAIR ? part->pair.tail : part;
		if (part->type == CELL_PAIR)
			value = eval_part(scheme, part, current);
		else if (previous)
			value = environment_get(scheme, current, name);
		if (!value || !scheme_spend(scheme, 1))
			return NULL;
		environment_add(scheme, next, name, value);
	}
	return next;
}

static bool eval_all(struct scheme *scheme, struct cell *body, struct environment *environment)
{
	for (; body->type == CELL_PAIR; body = body->pair.tail) {
		if (!eval_part(scheme, body, environment))
			return false;
	}
	return true;
}

/* (do ((variable value step) ...) (test result ...) command ...) */
static struct cell *form_do(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (!eval_form_has(form, 3, -1) || !are_bindings(scheme, list_at(form, 1), true) ||
		list_at(form, 2)->type != CELL_PAIR)
		return eval_bad_syntax(scheme, form);
	struct cell *bindings = list_at(form, 1), *end = list_at(form, 2);
	struct cell *body = form->pair.tail->pair.tail->pair.tail;
	struct environment *outer = tail->environment;
	struct environment *environment = step(scheme, bindings, outer, NULL);

	for (; environment; environment = step(scheme, bindings, outer, environment)) {
		const struct cell *test = eval_part(scheme, end, environment);

		if (!test)
			return NULL;
		tail->environment = environment;
		if (scheme_is_true(test))
			return eval_sequence(scheme, end->pair.tail, tail);
		if (!eval_all(scheme, body, environment))
			return NULL;
	}
	return NULL;
}

const struct form builtin_binding_forms[] = {
	{"do", form_do},
	{"let", form_let},
	{"let*", form_let_star},
	{"letrec", form_letrec},
	{NULL, NULL},
};
