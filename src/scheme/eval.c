#include "scheme/scheme.h"

#include "scheme/environment.h"

static bool spend(struct scheme *scheme)
{
	if (scheme->steps_left == 0)
		return scheme_fail(scheme, NULL, "the profile does not come to an end") != NULL;
	scheme->steps_left--;
	if (scheme->arena->used > scheme->memory_limit)
		return scheme_fail(scheme, NULL, "the profile needs too much memory") != NULL;
	return true;
}

/* Evaluates each element; *result is the list of values. */
static bool eval_arguments(struct scheme *scheme, struct cell *expressions,
	struct environment *environment, struct cell **result)
{
	struct cell **end = result;

	*result = &scheme->nil;
	for (; expressions->type == CELL_PAIR; expressions = expressions->pair.tail) {
		struct origin place = scheme->place;

		if (expressions->origin.source)
			scheme->place = expressions->origin;
		struct cell *value = scheme_eval(scheme, expressions->pair.head, environment);

		if (!value)
			return false;
		scheme->place = place;
		*end = scheme_cons(scheme, value, &scheme->nil);
		end = &(*end)->pair.tail;
	}
	if (expressions->type != CELL_NIL)
		return scheme_fail(scheme, NULL, "syntax error: improper list of arguments") !=
		       NULL;
	return true;
}

static struct cell *call_primitive(
	struct scheme *scheme, const struct primitive *primitive, struct cell *arguments)
{
	int count = scheme_length(arguments);

	if (count < primitive->least)
		return scheme_fail(scheme, NULL, "%s: needs at least %d argument%s, got %d",
			primitive->name, primitive->least, primitive->least == 1 ? "" : "s", count);
	if (primitive->most >= 0 && count > primitive->most)
		return scheme_fail(scheme, NULL, "%s: takes at most %d argument%s, got %d",
			primitive->name, primitive->most, primitive->most == 1 ? "" : "s", count);
	/* Long lists take their time. */
	scheme->steps_left -=
		(unsigned)count < scheme->steps_left ? (unsigned)count : scheme->steps_left;
	scheme->calling = primitive;
	struct cell *value = primitive->function(scheme, arguments);

	return scheme->error.text ? NULL : value;
}

static struct environment *bind_parameters(
	struct scheme *scheme, const struct closure *closure, struct cell *arguments)
{
	struct environment *environment = environment_new(scheme, closure->environment);
	struct cell *parameter = closure->parameters;

	for (; parameter->type == CELL_PAIR; parameter = parameter->pair.tail) {
		if (arguments->type != CELL_PAIR)
			return scheme_fail(scheme, NULL, "not enough arguments: %s is missing",
				parameter->pair.head->symbol.name);
		environment_define(scheme, environment, parameter->pair.head, arguments->pair.head);
		arguments = arguments->pair.tail;
	}
	if (parameter->type == CELL_SYMBOL)
		environment_define(scheme, environment, parameter, arguments);
	else if (arguments->type != CELL_NIL)
		return scheme_fail(scheme, NULL, "too many arguments");
	return environment;
}

/* All of the body but its last expression, which is left to the caller as the tail. */
static bool eval_body(struct scheme *scheme, struct cell *body, struct tail *tail)
{
	for (; body->pair.tail->type == CELL_PAIR; body = body->pair.tail) {
		if (!scheme_eval(scheme, body->pair.head, tail->environment))
			return false;
	}
	tail->expression = body->pair.head;
	return true;
}

/* The value, or NULL with *tail set to what remains to be evaluated, or NULL after an error. */
static struct cell *call(
	struct scheme *scheme, struct cell *procedure, struct cell *arguments, struct tail *tail)
{
	if (procedure->type == CELL_PRIMITIVE)
		return call_primitive(scheme, procedure->primitive, arguments);
	if (procedure->type != CELL_CLOSURE)
		return scheme_fail(scheme, NULL, "illegal function: %s cannot be called",
			scheme_type_name(procedure));
	tail->environment = bind_parameters(scheme, &procedure->closure, arguments);
	if (tail->environment)
		eval_body(scheme, procedure->closure.body, tail);
	return NULL;
}

static struct cell *eval_pair(struct scheme *scheme, struct cell *form,
	struct environment *environment, struct tail *tail)
{
	if (form->origin.source)
		scheme->place = form->origin;
	struct origin place = scheme->place;
	struct cell *procedure = scheme_eval(scheme, form->pair.head, environment);
	struct cell *arguments;

	if (!procedure)
		return NULL;
	if (procedure->type == CELL_FORM) {
		tail->environment = environment;
		return procedure->form->function(scheme, form, tail);
	}
	if (!eval_arguments(scheme, form->pair.tail, environment, &arguments))
		return NULL;
	scheme->place = place;
	return call(scheme, procedure, arguments, tail);
}

struct cell *scheme_eval(
	struct scheme *scheme, struct cell *expression, struct environment *environment)
{
	struct cell *value = NULL;

	if (scheme->depth >= SCHEME_DEPTH)
		return scheme_fail(scheme, NULL, "the profile calls itself too deeply");
	scheme->depth++;
	for (;;) {
		struct tail tail = {.expression = NULL};

		if (!spend(scheme))
			break;
		if (expression->type == CELL_SYMBOL) {
			value = environment_get(scheme, environment, expression);
			break;
		}
		if (expression->type != CELL_PAIR) {
			value = expression;
			break;
		}
		value = eval_pair(scheme, expression, environment, &tail);
		if (value || !tail.expression || scheme->error.text)
			break;
		expression = tail.expression;
		environment = tail.environment;
	}
	scheme->depth--;
	return scheme->error.text ? NULL : value;
}

struct cell *scheme_apply(struct scheme *scheme, struct cell *procedure, struct cell *arguments)
{
	struct tail tail = {.expression = NULL};

	if (scheme->depth >= SCHEME_DEPTH)
		return scheme_fail(scheme, NULL, "the profile calls itself too deeply");
	scheme->depth++;
	struct cell *value = spend(scheme) ? call(scheme, procedure, arguments, &tail) : NULL;

	if (!value && tail.expression && !scheme->error.text)
		value = scheme_eval(scheme, tail.expression, tail.environment);
	scheme->depth--;
	return scheme->error.text ? NULL : value;
}
