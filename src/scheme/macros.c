/* Special forms that make text: macros, quasi-quotation, cond-expand. */
#include "scheme/builtins.h"
#include "scheme/environment.h"
#include "scheme/eval.h"

static struct cell *define_macro(
	struct scheme *scheme, struct cell *form, struct tail *tail, bool gets_arguments)
{
	struct cell *target = eval_form_has(form, 3, -1) ? list_at(form, 1) : &scheme->nil;
	struct cell *procedure;

	if (target->type == CELL_PAIR) {
		struct cell *text =
			scheme_cons(scheme, target->pair.tail, form->pair.tail->pair.tail);

		procedure = eval_closure(scheme, text, tail->environment);
		target = target->pair.head;
	} else {
		if (!eval_form_has(form, 3, 3))
			return eval_bad_syntax(scheme, form);
		procedure = eval_part(scheme, form->pair.tail->pair.tail, tail->environment);
		gets_arguments = false;
	}
	if (!procedure)
		return NULL;
	if (target->type != CELL_SYMBOL)
		return eval_bad_syntax(scheme, form);
	struct cell *cell = scheme_new(scheme, CELL_MACRO);

	cell->macro = (struct macro){procedure, gets_arguments};
	environment_define(scheme, tail->environment, target, cell);
	return &scheme->unspecified;
}

static struct cell *form_macro(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	return define_macro(scheme, form, tail, false);
}

/* (define-macro name procedure) is the same as (macro name procedure). */
static struct cell *form_define_macro(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	return define_macro(scheme, form, tail, true);
}

struct quasi {
	struct scheme *scheme;
	struct environment *environment;
	const struct cell *quasiquote, *unquote, *splice;
};

/* Whether a template is (name x). */
static bool is_call_of(const struct cell *template, const struct cell *name)
{
	return template->type == CELL_PAIR && template->pair.head == name &&
	       eval_form_has(template, 2, 2);
}

/* Copies a list in front of what *end becomes; the last list may be of any kind. */
static bool splice(struct quasi *quasi, struct cell *list, bool last, struct cell ***end)
{
	struct scheme *scheme = quasi->scheme;

	if (last) {
		**end = list;
		return true;
	}
	if (builtin_length(scheme, list) < 0)
		return scheme_fail(scheme, NULL, "unquote-splicing: expected a list, got %s",
			       scheme_type_name(list)) != NULL;
	for (; list->type == CELL_PAIR && scheme_spend(scheme, 1); list = list->pair.tail) {
		**end = scheme_cons(scheme, list->pair.head, &scheme->nil);
		*end = &(**end)->pair.tail;
	}
	return !scheme->error.text;
}

static struct cell *expand(struct quasi *quasi, struct cell *template, unsigned level);

static struct cell *expand_list(struct quasi *quasi, struct cell *template, unsigned level)
{
	struct scheme *scheme = quasi->scheme;
	struct cell *result = &scheme->nil, **end = &result, *next;

	for (; template->type == CELL_PAIR; template = next) {
		struct cell *item = template->pair.head;

		next = template->pair.tail;
		/* The rest of an improper list: (a . ,b) is (a unquote b). */
		if (result->type == CELL_PAIR && (is_call_of(template, quasi->unquote) ||
							 is_call_of(template, quasi->splice) ||
							 is_call_of(template, quasi->quasiquote)))
			break;
		if (level == 0 && is_call_of(item, quasi->splice)) {
			struct cell *list = eval_part(scheme, item->pair.tail, quasi->environment);

			if (!list || !splice(quasi, list, next->type == CELL_NIL, &end))
				return NULL;
			continue;
		}
		struct cell *value = expand(quasi, item, level);

		if (!value || scheme->error.text || !scheme_spend(scheme, 1))
			return NULL;
		*end = scheme_cons(scheme, value, &scheme->nil);
		end = &(*end)->pair.tail;
	}
	if (template->type != CELL_NIL)
		*end = expand(quasi, template, level);
	return *end ? result : NULL;
}

static struct cell *expand_vector(struct quasi *quasi, const struct cell *vector, unsigned level)
{
	struct cell *list = builtin_vector_to_list(quasi->scheme, vector);

	list = list ? expand_list(quasi, list, level) : NULL;
	return list ? builtin_list_to_vector(quasi->scheme, list) : NULL;
}

static struct cell *expand(struct quasi *quasi, struct cell *template, unsigned level)
{
	if (template->type != CELL_PAIR && template->type != CELL_VECTOR)
		return template;
	if (!scheme_has_stack(quasi->scheme))
		return NULL;
	if (template->type == CELL_VECTOR)
		return expand_vector(quasi, template, level);
	if (level == 0 && is_call_of(template, quasi->unquote))
		return eval_part(quasi->scheme, template->pair.tail, quasi->environment);
	if (level == 0 && is_call_of(template, quasi->splice))
		return scheme_fail(quasi->scheme, NULL, "unquote-splicing: not in a list");
	if (is_call_of(template, quasi->quasiquote))
		level++;
	else if (is_call_of(template, quasi->unquote) || is_call_of(template, quasi->splice))
		level--;
	else
		return expand_list(quasi, template, level);
	struct cell *inner = expand_list(quasi, template->pair.tail, level);

	return inner ? scheme_cons(quasi->scheme, template->pair.head, inner) : NULL;
}

static struct cell *form_quasiquote(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	struct quasi quasi = {
		.scheme = scheme,
		.environment = tail->environment,
		.quasiquote = scheme_symbol(scheme, "quasiquote", 10),
		.unquote = scheme_symbol(scheme, "unquote", 7),
		.splice = scheme_symbol(scheme, "unquote-splicing", 16),
	};

	if (!eval_form_has(form, 2, 2))
		return eval_bad_syntax(scheme, form);
	return expand(&quasi, list_at(form, 1), 0);
}

enum truth { UNKNOWN = -1, NO, YES };

static bool is_named(const struct cell *cell, const char *name)
{
	return cell->type == CELL_SYMBOL && text_is(cell->symbol.name, name);
}

static enum truth has_feature(struct scheme *scheme, const struct cell *feature)
{
	static const char *const features[] = {"else", "srfi-0", "tinyscheme"};
	if (!scheme_has_stack(scheme) || !scheme_spend(scheme, 1))
		return UNKNOWN;
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (is_named(feature, features[i]))
			return YES;
	}
	if (feature->type == CELL_BOOLEAN)
		return feature->boolean ? YES : NO;
	if (feature->type != CELL_PAIR)
		return feature->type == CELL_SYMBOL ? NO : UNKNOWN;
	const struct cell *rest = feature->pair.tail;

	if (is_named(feature->pair.head, "not") && eval_form_has(rest, 1, 1)) {
		enum truth truth = has_feature(scheme, rest->pair.head);

		return truth == UNKNOWN ? UNKNOWN : truth == YES ? NO : YES;
	}
	bool every = is_named(feature->pair.head, "and");

	if (!every && !is_named(feature->pair.head, "or"))
		return UNKNOWN;
	for (; rest->type == CELL_PAIR; rest = rest->pair.tail) {
		enum truth truth = has_feature(scheme, rest->pair.head);

		if (truth != (every ? YES : NO))
			return truth;
	}
	return every ? YES : NO;
}

static struct cell *form_cond_expand(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	for (struct cell *rest = form->pair.tail; rest->type == CELL_PAIR; rest = rest->pair.tail) {
		struct cell *clause = rest->pair.head;
		enum truth truth = clause->type == CELL_PAIR
					   ? has_feature(scheme, clause->pair.head)
					   : UNKNOWN;

		if (truth == UNKNOWN)
			return eval_bad_syntax(scheme, form);
		if (truth == YES)
			return eval_sequence(scheme, clause->pair.tail, tail);
	}
	return &scheme->true_value;
}

const struct form builtin_macro_forms[] = {
	{"cond-expand", form_cond_expand},
	{"define-macro", form_define_macro},
	{"macro", form_macro},
	{"quasiquote", form_quasiquote},
	{NULL, NULL},
};
