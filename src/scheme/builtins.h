#ifndef SCHEME_BUILTINS_H
#define SCHEME_BUILTINS_H

#include "scheme/scheme.h"

/* The value of a name of Scheme itself (form or procedure), or NULL. */
struct cell *builtin_lookup(struct scheme *scheme, const char *name);

/* A name of Scheme itself that is like this one, or NULL. */
const char *builtin_nearest(const char *name);

/* Tables of the parts, in alphabetical order, each ended by an entry without name. */
extern const struct form builtin_forms[], builtin_binding_forms[], builtin_macro_forms[],
	builtin_control_forms[];
extern const struct primitive builtin_lists[], builtin_accessors[], builtin_searches[],
	builtin_mappings[], builtin_types[], builtin_numbers[], builtin_mathematics[],
	builtin_strings[], builtin_comparisons[], builtin_characters[], builtin_vectors[],
	builtin_control[], builtin_input[], builtin_output[];

/* A cell for an entry of a table; it becomes the symbol's value. */
struct cell *builtin_primitive(struct scheme *scheme, const struct primitive *primitive);
struct cell *builtin_form(struct scheme *scheme, const struct form *form);

/* The argument when it has the type; else fails, naming procedure and argument. */
struct cell *argument_of(
	struct scheme *scheme, struct cell *arguments, int index, enum cell_type type);

/* The head of rest (the arguments from index on) when it has the type; else fails. */
struct cell *argument_at(struct scheme *scheme, struct cell *rest, int index, enum cell_type type);

/* The head of rest when it is a proper list, which costs its length in steps; else fails. */
struct cell *argument_list(struct scheme *scheme, struct cell *rest, int index);

/* An integer from least to most; false after scheme_fail. */
bool argument_index(
	struct scheme *scheme, struct cell *arguments, int index, size_t most, size_t *value);

/* A string without NUL bytes, or NULL after scheme_fail. */
const char *argument_text(struct scheme *scheme, struct cell *arguments, int index);

/* scheme_length, which costs steps; -1 after an error as well. */
int builtin_length(struct scheme *scheme, const struct cell *list);

/* The lists in a list, appended: the last one is not copied and may be anything. */
struct cell *builtin_append(struct scheme *scheme, struct cell *lists);

/* eqv?, equal? (which may fail), and the types number? knows. */
bool builtin_same(const struct cell *a, const struct cell *b);
bool builtin_equal(struct scheme *scheme, const struct cell *a, const struct cell *b);
bool builtin_is_number(const struct cell *cell);

/* NULL after an error. */
struct cell *builtin_vector_to_list(struct scheme *scheme, const struct cell *vector);
struct cell *builtin_list_to_vector(struct scheme *scheme, struct cell *list);

/* The character of a name (newline), or -1; the name of a character, or NULL. */
int builtin_character_named(const char *name, size_t length);
const char *builtin_character_name(unsigned char character);

#endif
