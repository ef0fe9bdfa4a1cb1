/* The order of strings and characters: by bytes, or with the case of ASCII letters ignored. */
#include "scheme/builtins.h"

enum order { LESS = 1, EQUAL = 2, GREATER = 4 };

struct comparison {
	enum cell_type type;
	bool ignore_case;
	unsigned accepted; /* orders */
};

static unsigned char folded(unsigned char c, bool ignore_case)
{
	return ignore_case && c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

static enum order order_of_bytes(
	const char *a, size_t a_length, const char *b, size_t b_length, bool ignore_case)
{
	for (size_t i = 0; i < a_length && i < b_length; i++) {
		unsigned char x = folded((unsigned char)a[i], ignore_case);
		unsigned char y = folded((unsigned char)b[i], ignore_case);

		if (x != y)
			return x < y ? LESS : GREATER;
	}
	return a_length < b_length ? LESS : a_length > b_length ? GREATER : EQUAL;
}

static enum order order_of(const struct cell *a, const struct cell *b, bool ignore_case)
{
	if (a->type == CELL_STRING)
		return order_of_bytes(a->string.bytes, a->string.length, b->string.bytes,
			b->string.length, ignore_case);
	char x = (char)a->character, y = (char)b->character;

	return order_of_bytes(&x, 1, &y, 1, ignore_case);
}

/* True when the relation holds between all neighbours. */
static struct cell *compare(struct scheme *scheme, struct cell *arguments)
{
	enum { PER_STEP = 16 };
	const struct comparison *comparison = scheme->calling->datum;
	const struct cell *a = argument_at(scheme, arguments, 0, comparison->type);
	bool holds = true;

	for (int i = 1; a && (arguments = arguments->pair.tail)->type == CELL_PAIR; i++) {
		const struct cell *b = argument_at(scheme, arguments, i, comparison->type);

		if (!b || (a->type == CELL_STRING &&
				  !scheme_spend(scheme, a->string.length / PER_STEP)))
			return NULL;
		if (!(order_of(a, b, comparison->ignore_case) & comparison->accepted))
			holds = false;
		a = b;
	}
	return a ? scheme_boolean(scheme, holds) : NULL;
}

#define COMPARISON(name, type, ignore_case, accepted)                                              \
	{                                                                                          \
		name, compare, 2, -1, &(const struct comparison)                                   \
		{                                                                                  \
			type, ignore_case, accepted                                                \
		}                                                                                  \
	}

const struct primitive builtin_comparisons[] = {
	COMPARISON("char-ci<=?", CELL_CHARACTER, true, LESS | EQUAL),
	COMPARISON("char-ci<?", CELL_CHARACTER, true, LESS),
	COMPARISON("char-ci=?", CELL_CHARACTER, true, EQUAL),
	COMPARISON("char-ci>=?", CELL_CHARACTER, true, GREATER | EQUAL),
	COMPARISON("char-ci>?", CELL_CHARACTER, true, GREATER),
	COMPARISON("char<=?", CELL_CHARACTER, false, LESS | EQUAL),
	COMPARISON("char<?", CELL_CHARACTER, false, LESS),
	COMPARISON("char=?", CELL_CHARACTER, false, EQUAL),
	COMPARISON("char>=?", CELL_CHARACTER, false, GREATER | EQUAL),
	COMPARISON("char>?", CELL_CHARACTER, false, GREATER),
	COMPARISON("string-ci<=?", CELL_STRING, true, LESS | EQUAL),
	COMPARISON("string-ci<?", CELL_STRING, true, LESS),
	COMPARISON("string-ci=?", CELL_STRING, true, EQUAL),
	COMPARISON("string-ci>=?", CELL_STRING, true, GREATER | EQUAL),
	COMPARISON("string-ci>?", CELL_STRING, true, GREATER),
	COMPARISON("string<=?", CELL_STRING, false, LESS | EQUAL),
	COMPARISON("string<?", CELL_STRING, false, LESS),
	COMPARISON("string=?", CELL_STRING, false, EQUAL),
	COMPARISON("string>=?", CELL_STRING, false, GREATER | EQUAL),
	COMPARISON("string>?", CELL_STRING, false, GREATER),
	{NULL, NULL, 0, 0, NULL},
};
