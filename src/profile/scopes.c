/*
 * Forms that add something to every rule inside: while their body is evaluated, the global names
 * allow and deny stand for procedures that add it and then call what stood there before.
 */
#include "profile/sbpl.h"
#include "scheme/builtins.h"
#include "scheme/environment.h"

/* Returns the arguments of a rule with the addition. */
typedef struct cell *extend_function(
	struct scheme *scheme, struct cell *addition, struct cell *arguments);

struct scope {
	extend_function *extend;
	struct cell *addition;
	struct cell *outer; /* the procedure that is called with all of it */
};

static struct cell *call_outer(struct scheme *scheme, struct cell *arguments)
{
	const struct scope *scope = scheme->calling->datum;
	struct cell *extended = scope->extend(scheme, scope->addition, arguments);

	return extended ? scheme_apply(scheme, scope->outer, extended) : NULL;
}

static struct cell *message_rule(struct scheme *scheme, struct cell *arguments)
{
	for (; arguments->type == CELL_PAIR; arguments = arguments->pair.tail) {
		const enum operation *operation =
			scheme_object(arguments->pair.head, &sbpl_operation_type);

		if (operation && *operation != OP_NONE &&
			!operation_is_within(*operation, OP_DEFAULT_MESSAGE_FILTER))
			return scheme_fail(scheme, NULL,
				"%s is no operation for rules in apply-message-filter",
				operation_name(*operation));
	}
	return &scheme->unspecified;
}

/* The names that a scope binds anew. */
struct rebound {
	const char *name;
	struct cell *symbol, *outer;
};

enum { REBOUND = 2 };

static bool find_outer(struct scheme *scheme, struct rebound bindings[REBOUND])
{
	static const char *const names[REBOUND] = {"allow", "deny"};
	static const size_t lengths[REBOUND] = {5, 4};

	for (int i = 0; i < REBOUND; i++) {
		bindings[i].name = names[i];
		bindings[i].symbol = scheme_symbol(scheme, names[i], lengths[i]);
		bindings[i].outer = environment_get(scheme, NULL, bindings[i].symbol);
		if (!bindings[i].outer)
			return false;
	}
	return true;
}

static void bind(struct scheme *scheme, const struct rebound *binding, const struct scope *scope)
{
	struct primitive *primitive = ARENA_NEW(scheme->arena, struct primitive);
	struct cell *cell = scheme_new(scheme, CELL_PRIMITIVE);

	*primitive =
		(struct primitive){binding->name, scope ? call_outer : message_rule, 0, -1, scope};
	cell->primitive = primitive;
	environment_define(scheme, NULL, binding->symbol, cell);
}

/* The names get back what they stood for also when the body fails. */
static struct cell *evaluate_body(struct scheme *scheme, struct cell *body,
	struct environment *environment, const struct rebound bindings[REBOUND])
{
	struct cell *value = &scheme->unspecified;

	for (; body->type == CELL_PAIR && value; body = body->pair.tail)
		value = scheme_eval(scheme, body->pair.head, environment);
	for (int i = 0; i < REBOUND; i++)
		environment_define(scheme, NULL, bindings[i].symbol, bindings[i].outer);
	return value;
}

static struct cell *evaluate_in_scope(struct scheme *scheme, struct cell *body,
	struct environment *environment, struct cell *addition, extend_function *extend)
{
	struct rebound bindings[REBOUND];

	if (!find_outer(scheme, bindings))
		return NULL;
	for (int i = 0; i < REBOUND; i++) {
		struct scope *scope = ARENA_NEW(scheme->arena, struct scope);

		*scope = (struct scope){extend, addition, bindings[i].outer};
		bind(scheme, &bindings[i], scope);
	}
	return evaluate_body(scheme, body, environment, bindings);
}

/* The value of a form's first operand: what it adds. */
static struct cell *addition_of(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	if (scheme_length(form) < 2)
		return scheme_fail(scheme, NULL, "syntax error in %s",
			form->pair.head->type == CELL_SYMBOL ? form->pair.head->symbol.name
							     : "a form");
	return scheme_eval(scheme, list_at(form, 1), tail->environment);
}

/* A rule's filters match when any of them does; then the scope's must, too. */
static struct cell *add_filter(struct scheme *scheme, struct cell *addition, struct cell *arguments)
{
	struct cell *filters = &scheme->nil, *others = &scheme->nil;

	for (; arguments->type == CELL_PAIR; arguments = arguments->pair.tail) {
		struct cell *argument = arguments->pair.head;

		if (scheme_object(argument, &sbpl_filter_type))
			filters = scheme_cons(scheme, argument, filters);
		else
			others = scheme_cons(scheme, argument, others);
	}
	if (filters->type == CELL_NIL)
		return scheme_cons(scheme, addition, others);
	struct cell *any = sbpl_filter_cell(scheme, sbpl_any(scheme, filters));

	if (!any)
		return NULL;
	struct cell *both = scheme_cons(scheme, any, scheme_cons(scheme, addition, &scheme->nil));
	struct cell *all = sbpl_filter_cell(scheme, sbpl_all(scheme, both));

	return all ? scheme_cons(scheme, all, others) : NULL;
}

static struct cell *with_filter(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	struct cell *filter = addition_of(scheme, form, tail);

	if (!filter)
		return NULL;
	if (!scheme_object(filter, &sbpl_filter_type))
		return scheme_fail(scheme, NULL, "with-filter: expected a filter, got %s",
			scheme_type_name(filter));
	return evaluate_in_scope(
		scheme, form->pair.tail->pair.tail, tail->environment, filter, add_filter);
}

static struct cell *add_in_front(
	struct scheme *scheme, struct cell *addition, struct cell *arguments)
{
	return scheme_cons(scheme, addition, arguments);
}

/* (with-modifier no-log ...) and (with-modifier (with message "x") ...). */
static struct cell *with_modifier(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	struct cell *modifier = addition_of(scheme, form, tail);

	if (!modifier)
		return NULL;
	if (scheme_object(modifier, &sbpl_modifier_name_type))
		modifier = sbpl_modifier(scheme, scheme_cons(scheme, modifier, &scheme->nil));
	if (!modifier)
		return NULL;
	if (!scheme_object(modifier, &sbpl_modifier_type))
		return scheme_fail(scheme, NULL, "with-modifier: expected a modifier, got %s",
			scheme_type_name(modifier));
	return evaluate_in_scope(
		scheme, form->pair.tail->pair.tail, tail->environment, modifier, add_in_front);
}

static struct cell *add_each(struct scheme *scheme, struct cell *addition, struct cell *arguments)
{
	for (; addition->type == CELL_PAIR; addition = addition->pair.tail)
		arguments = scheme_cons(scheme, addition->pair.head, arguments);
	return arguments;
}

static struct cell *with_operations(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	struct cell *operations = addition_of(scheme, form, tail);

	if (!operations)
		return NULL;
	if (scheme_object(operations, &sbpl_operation_type))
		operations = scheme_cons(scheme, operations, &scheme->nil);
	struct cell *at = operations;

	while (at->type == CELL_PAIR && scheme_object(at->pair.head, &sbpl_operation_type))
		at = at->pair.tail;
	if (at->type != CELL_NIL || at == operations)
		return scheme_fail(scheme, NULL, "with-operations: expected a list of operations");
	return evaluate_in_scope(
		scheme, form->pair.tail->pair.tail, tail->environment, operations, add_each);
}

/* The rules inside speak of messages to a service, which Linux does not have: they are checked. */
static struct cell *apply_message_filter(
	struct scheme *scheme, struct cell *form, struct tail *tail)
{
	struct rebound bindings[REBOUND];

	if (scheme_length(form) < 2)
		return scheme_fail(scheme, NULL, "apply-message-filter: needs at least one rule");
	if (!find_outer(scheme, bindings))
		return NULL;
	for (int i = 0; i < REBOUND; i++)
		bind(scheme, &bindings[i], NULL);
	if (!evaluate_body(scheme, form->pair.tail, tail->environment, bindings))
		return NULL;
	return sbpl_message_filter(scheme);
}

/* Without effect since OS X 10.9; its argument is not evaluated. */
static struct cell *debug(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	(void)form;
	(void)tail;
	return &scheme->unspecified;
}

const struct form sbpl_forms[] = {
	{"with-filter", with_filter},
	{"with-modifier", with_modifier},
	{"with-operations", with_operations},
	{"apply-message-filter", apply_message_filter},
	{"debug", debug},
	{NULL, NULL},
};
