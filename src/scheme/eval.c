#include "scheme/eval.h"

#include "scheme/builtins.h"
#include "scheme/environment.h"

bool eval_form_has(const struct cell *form, int least, int most)
{
	int length = 0;

	/* Not further than needed: a long form may be evaluated often. */
	while (form->type == CELL_PAIR && length <= (most < 0 ? least : most)) {
		form = form->pair.tail;
		length++;
	}
	return length >= least && (most < 0 || (length <= most && form->type == CELL_NIL));
}

void *eval_bad_syntax(struct scheme *scheme, const struct cell *form)
{
	const struct cell *name = form->pair.head;

	if (name->type != CELL_SYMBOL)
		return scheme_fail(scheme, NULL, "syntax error");
	return scheme_fail(scheme, NULL, "syntax error in %s", name->symbol.name);
}

struct cell *eval_part(struct scheme *scheme, struct cell *part, struct environment *environment)
{
	struct cell *expression = part->pair.head, *value;

	/* Text that was made to be its own rest takes its time, even if it is of constants. */
	if (!scheme_spend(scheme, 1))
		return NULL;
	if (expression->type == CELL_SYMBOL) {
		value = environment_find(scheme, environment, expression);
		if (value)
			return value;
	} else if (expression->type != CELL_PAIR) {
		return expression;
	}
	struct origin place = scheme->place;

	if (part->source)
		scheme->place = cell_origin(part);
	value = scheme_eval(scheme, expression, environment);
	if (value)
		scheme->place = place;
	return value;
}

struct cell *eval_leave(struct scheme *scheme, struct cell *part, struct tail *tail)
{
	if (part->source)
		scheme->place = cell_origin(part);
	tail->expression = part->pair.head;
	return NULL;
}

struct cell *eval_sequence(struct scheme *scheme, struct cell *body, struct tail *tail)
{
	struct cell *next;

	if (body->type != CELL_PAIR)
		return &scheme->unspecified;
	/* What is evaluated may change its own text: nothing is taken from it twice. */
	for (; (next = body->pair.tail)->type == CELL_PAIR; body = next) {
		if (!eval_part(scheme, body, tail->environment))
			return NULL;
	}
	if (next->type != CELL_NIL)
		return scheme_fail(scheme, NULL, "syntax error: improper list of expressions");
	return eval_leave(scheme, body, tail);
}

struct cell *eval_closure(struct scheme *scheme, struct cell *text, struct environment *environment)
{
	struct cell *parameter = text->pair.head;

	for (; parameter->type == CELL_PAIR; parameter = parameter->pair.tail) {
		if (!scheme_spend(scheme, 1))
			return NULL;
		if (parameter->pair.head->type != CELL_SYMBOL)
			break;
	}
	if (parameter->type != CELL_NIL && parameter->type != CELL_SYMBOL)
		return scheme_fail(scheme, NULL,
			"syntax error in the list of parameters: %s instead of a name",
			scheme_type_name(
				parameter->type == CELL_PAIR ? parameter->pair.head : parameter));
	if (text->pair.tail->type != CELL_PAIR)
		return scheme_fail(scheme, NULL, "syntax error: procedure without body");
	struct cell *cell = scheme_new(scheme, CELL_CLOSURE);

	cell->closure = (struct closure){text, environment};
	return cell;
}

/* Evaluates each element; *result is the list of values. */
static bool eval_arguments(struct scheme *scheme, struct cell *expressions,
	struct environment *environment, struct cell **result)
{
	struct cell **end = result;

	*result = &scheme->nil;
	for (; expressions->type == CELL_PAIR; expressions = expressions->pair.tail) {
		struct cell *value = eval_part(scheme, expressions, environment);

		if (!value || scheme->error.text)
			return false;
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
	const struct primitive *outer = scheme->calling;
	int count = 0;

	for (const struct cell *at = arguments; at->type == CELL_PAIR; at = at->pair.tail)
		count++;
	if (count < primitive->least)
		return scheme_fail(scheme, NULL, "%s: needs at least %d argument%s, got %d",
			primitive->name, primitive->least, primitive->least == 1 ? "" : "s", count);
	if (primitive->most >= 0 && count > primitive->most)
		return scheme_fail(scheme, NULL, "%s: takes at most %d argument%s, got %d",
			primitive->name, primitive->most, primitive->most == 1 ? "" : "s", count);
	/* Long lists take their time. */
	if (!scheme_spend(scheme, (size_t)count))
		return NULL;
	scheme->calling = primitive;
	scheme->next = NULL;
	struct cell *value = primitive->function(scheme, arguments);

	scheme->calling = outer;
	return scheme->error.text ? NULL : value;
}

static struct environment *bind_parameters(
	struct scheme *scheme, const struct closure *closure, struct cell *arguments)
{
	struct environment *environment = environment_new(scheme, closure->environment);
	struct cell *parameter = closure->text->pair.head;

	for (; parameter->type == CELL_PAIR; parameter = parameter->pair.tail) {
		const struct cell *name = parameter->pair.head;

		if (name->type != CELL_SYMBOL)
			return scheme_fail(scheme, NULL, "syntax error in the list of parameters");
		if (arguments->type != CELL_PAIR)
			return scheme_fail(scheme, NULL, "not enough arguments: %s is missing",
				name->symbol.name);
		environment_add(scheme, environment, name, arguments->pair.head);
		arguments = arguments->pair.tail;
	}
	if (parameter->type == CELL_SYMBOL)
		environment_add(scheme, environment, parameter, arguments);
	else if (arguments->type != CELL_NIL)
		return scheme_fail(scheme, NULL, "too many arguments");
	return environment;
}

static struct cell *escape(struct scheme *scheme, struct escape *escape, struct cell *arguments)
{
	if (!escape->live)
		return scheme_fail(scheme, NULL,
			"a continuation can only be used to leave what call/cc called,"
			" and that has ended");
	escape->value = arguments->type == CELL_PAIR ? arguments->pair.head : &scheme->unspecified;
	scheme_end(scheme, NULL, "a continuation that leads nowhere");
	scheme->unwinding = UNWINDING_ESCAPE;
	scheme->escape = escape;
	return NULL;
}

/* The value, or NULL with *tail set to what remains to be evaluated, or NULL after an error. */
static struct cell *call(
	struct scheme *scheme, struct cell *procedure, struct cell *arguments, struct tail *tail)
{
	while (procedure->type == CELL_PRIMITIVE) {
		struct cell *value = call_primitive(scheme, procedure->primitive, arguments);

		if (value || scheme->error.text || !scheme->next || !scheme_spend(scheme, 1))
			return value;
		procedure = scheme->next;
		arguments = scheme->next_arguments;
	}
	if (procedure->type == CELL_CONTINUATION)
		return escape(scheme, procedure->escape, arguments);
	if (procedure->type != CELL_CLOSURE)
		return scheme_fail(scheme, NULL, "illegal function: %s cannot be called",
			scheme_type_name(procedure));
	tail->environment = bind_parameters(scheme, &procedure->closure, arguments);
	if (!tail->environment)
		return NULL;
	return eval_sequence(scheme, procedure->closure.text->pair.tail, tail);
}

/* Leaves what the macro makes of the form. */
static struct cell *expand(
	struct scheme *scheme, const struct macro *macro, struct cell *form, struct tail *tail)
{
	struct cell *arguments = form->pair.tail;

	if (!macro->gets_arguments)
		arguments = scheme_cons(scheme, form, &scheme->nil);
	else if (builtin_length(scheme, arguments) < 0)
		return eval_bad_syntax(scheme, form);
	tail->expression = scheme_apply(scheme, macro->procedure, arguments);
	return NULL;
}

static struct cell *eval_pair(struct scheme *scheme, struct cell *form,
	struct environment *environment, struct tail *tail)
{
	if (form->source)
		scheme->place = cell_origin(form);
	struct origin place = scheme->place;
	struct cell *head = form->pair.head, *arguments;
	struct cell *procedure = head->type == CELL_SYMBOL
					 ? environment_get(scheme, environment, head)
					 : scheme_eval(scheme, head, environment);

	if (!procedure)
		return NULL;
	tail->environment = environment;
	if (procedure->type == CELL_FORM)
		return procedure->form->function(scheme, form, tail);
	if (procedure->type == CELL_MACRO)
		return expand(scheme, &procedure->macro, form, tail);
	if (!eval_arguments(scheme, form->pair.tail, environment, &arguments))
		return NULL;
	scheme->place = place;
	scheme->environment = environment;
	return call(scheme, procedure, arguments, tail);
}

struct cell *scheme_eval(
	struct scheme *scheme, struct cell *expression, struct environment *environment)
{
	if (expression->type == CELL_SYMBOL)
		return environment_get(scheme, environment, expression);
	if (expression->type != CELL_PAIR)
		return expression;
	if (!scheme_has_stack(scheme))
		return NULL;
	for (;;) {
		struct tail tail = {.expression = NULL};

		if (!scheme_spend(scheme, 1))
			return NULL;
		struct cell *value = eval_pair(scheme, expression, environment, &tail);

		if (scheme->error.text)
			return NULL;
		if (!tail.expression)
			return value;
		expression = tail.expression;
		environment = tail.environment;
		if (expression->type == CELL_SYMBOL)
			return environment_get(scheme, environment, expression);
		if (expression->type != CELL_PAIR)
			return expression;
	}
}

struct cell *scheme_apply(struct scheme *scheme, struct cell *procedure, struct cell *arguments)
{
	struct tail tail = {.expression = NULL};
	struct origin place = scheme->place;

	if (!scheme_has_stack(scheme) || !scheme_spend(scheme, 1))
		return NULL;
	scheme->environment = NULL;
	struct cell *value = call(scheme, procedure, arguments, &tail);

	if (tail.expression && !scheme->error.text)
		value = scheme_eval(scheme, tail.expression, tail.environment);
	if (scheme->error.text)
		return NULL;
	scheme->place = place;
	return value;
}

struct cell *scheme_tail_apply(
	struct scheme *scheme, struct cell *procedure, struct cell *arguments)
{
	scheme->next = procedure;
	scheme->next_arguments = arguments;
	return NULL;
}
