/* Special forms: definitions, choices, sequences. */
#include "scheme/builtins.h"
#include "scheme/environment.h"
#include "scheme/eval.h"

static struct cell *form_quote(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	(void)tail;
	if (!eval_form_has(form, 2, 2))
		return eval_bad_syntax(scheme, form);
	return list_at(form, 1);
}

static struct cell *form_if(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (!eval_form_has(form, 3, 4))
		return eval_bad_syntax(scheme, form);
	struct cell *yes = form->pair.tail->pair.tail, *no = yes->pair.tail;
	struct cell *test = eval_part(scheme, form->pair.tail, tail->environment);

	if (!test)
		return NULL;
	if (scheme_is_true(test))
		return eval_leave(scheme, yes, tail);
	return no->type == CELL_PAIR ? eval_leave(scheme, no, tail) : &scheme->unspecified;
}

/* ((f a) b): a procedure that makes one with the parameters that are further out. */
static struct cell *curried(struct scheme *scheme, struct cell *target, struct cell *body)
{
	struct cell *lambda = scheme_symbol(scheme, "lambda", 6);
	struct cell *inner =
		scheme_cons(scheme, lambda, scheme_cons(scheme, target->pair.tail, body));

	return scheme_cons(scheme, inner, &scheme->nil);
}

static struct cell *form_define(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	struct cell *target = eval_form_has(form, 2, -1) ? list_at(form, 1) : &scheme->nil;
	struct cell *value = NULL;

	if (target->type == CELL_PAIR) {
		struct cell *body = form->pair.tail->pair.tail;

		for (; target->pair.head->type == CELL_PAIR; target = target->pair.head) {
			body = curried(scheme, target, body);
			if (!scheme_spend(scheme, 1))
				return NULL;
		}
		value = eval_closure(
			scheme, scheme_cons(scheme, target->pair.tail, body), tail->environment);
		target = target->pair.head;
		if (!value)
			return NULL;
	} else if (eval_form_has(form, 3, 3)) {
		value = eval_part(scheme, form->pair.tail->pair.tail, tail->environment);
		if (!value)
			return NULL;
	}
	if (target->type != CELL_SYMBOL || !value)
		return eval_bad_syntax(scheme, form);
	environment_define(scheme, tail->environment, target, value);
	return &scheme->unspecified;
}

static struct cell *form_set(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (!eval_form_has(form, 3, 3) || list_at(form, 1)->type != CELL_SYMBOL)
		return eval_bad_syntax(scheme, form);
	struct cell *name = list_at(form, 1);
	struct cell *value = eval_part(scheme, form->pair.tail->pair.tail, tail->environment);

	if (!value || !environment_set(scheme, tail->environment, name, value))
		return NULL;
	return &scheme->unspecified;
}

static struct cell *form_lambda(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (!eval_form_has(form, 3, -1))
		return eval_bad_syntax(scheme, form);
	return eval_closure(scheme, form->pair.tail, tail->environment);
}

static struct cell *form_begin(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (form->pair.tail->type != CELL_PAIR && form->pair.tail->type != CELL_NIL)
		return eval_bad_syntax(scheme, form);
	return eval_sequence(scheme, form->pair.tail, tail);
}

static bool is_named(const struct cell *cell, const char *name)
{
	return cell->type == CELL_SYMBOL && text_is(cell->symbol.name, name);
}

/* What a clause whose test came out as true is worth. */
static struct cell *take_clause(
	struct scheme *scheme, struct cell *body, struct cell *test, struct tail *tail)
{
	if (body->type == CELL_NIL)
		return test;
	if (body->type != CELL_PAIR || !is_named(body->pair.head, "=>"))
		return eval_sequence(scheme, body, tail);
	if (!eval_form_has(body, 2, 2))
		return scheme_fail(scheme, NULL, "syntax error in cond: => takes one procedure");
	struct cell *receiver = eval_part(scheme, body->pair.tail, tail->environment);

	return receiver ? scheme_apply(scheme, receiver, scheme_cons(scheme, test, &scheme->nil))
			: NULL;
}

static struct cell *form_cond(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	struct cell *rest = form->pair.tail, *next;

	if (rest->type != CELL_PAIR)
		return eval_bad_syntax(scheme, form);
	for (; rest->type == CELL_PAIR; rest = next) {
		struct cell *clause = rest->pair.head;

		next = rest->pair.tail;
		if (clause->type != CELL_PAIR)
			return eval_bad_syntax(scheme, form);
		struct cell *body = clause->pair.tail;
		struct cell *test = eval_part(scheme, clause, tail->environment);

		if (!test)
			return NULL;
		if (scheme_is_true(test))
			return take_clause(scheme, body, test, tail);
	}
	if (rest->type != CELL_NIL)
		return eval_bad_syntax(scheme, form);
	return &scheme->unspecified;
}

static bool is_among(struct scheme *scheme, const struct cell *key, const struct cell *data)
{
	for (; data->type == CELL_PAIR && scheme_spend(scheme, 1); data = data->pair.tail) {
		if (builtin_same(key, data->pair.head))
			return true;
	}
	return false;
}

static struct cell *form_case(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (!eval_form_has(form, 2, -1))
		return eval_bad_syntax(scheme, form);
	struct cell *clauses = form->pair.tail->pair.tail;
	const struct cell *key = eval_part(scheme, form->pair.tail, tail->environment);

	if (!key)
		return NULL;
	for (; clauses->type == CELL_PAIR; clauses = clauses->pair.tail) {
		const struct cell *clause = clauses->pair.head;

		if (clause->type != CELL_PAIR)
			return eval_bad_syntax(scheme, form);
		if (is_named(clause->pair.head, "else") || is_among(scheme, key, clause->pair.head))
			return eval_sequence(scheme, clause->pair.tail, tail);
		if (!scheme_spend(scheme, 1))
			return NULL;
	}
	return &scheme->unspecified;
}

static struct cell *and_or(
	struct scheme *scheme, struct cell *form, struct tail *tail, bool stop_at)
{
	struct cell *rest = form->pair.tail, *next;

	if (rest->type == CELL_NIL)
		return scheme_boolean(scheme, !stop_at);
	if (rest->type != CELL_PAIR)
		return eval_bad_syntax(scheme, form);
	for (; (next = rest->pair.tail)->type == CELL_PAIR; rest = next) {
		struct cell *value = eval_part(scheme, rest, tail->environment);

		if (!value || scheme_is_true(value) == stop_at)
			return value;
	}
	if (next->type != CELL_NIL)
		return eval_bad_syntax(scheme, form);
	return eval_leave(scheme, rest, tail);
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
	if (!eval_form_has(form, 2, -1))
		return eval_bad_syntax(scheme, form);
	struct cell *body = form->pair.tail->pair.tail;
	struct cell *test = eval_part(scheme, form->pair.tail, tail->environment);

	if (!test)
		return NULL;
	if (scheme_is_true(test) != wanted)
		return &scheme->unspecified;
	return eval_sequence(scheme, body, tail);
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
	{"and", form_and},
	{"begin", form_begin},
	{"case", form_case},
	{"cond", form_cond},
	{"define", form_define},
	{"if", form_if},
	{"lambda", form_lambda},
	{"or", form_or},
	{"quote", form_quote},
	{"set!", form_set},
	{"unless", form_unless},
	{"when", form_when},
	{NULL, NULL},
};
