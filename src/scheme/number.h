#ifndef SCHEME_NUMBER_H
#define SCHEME_NUMBER_H

#include "scheme/scheme.h"

/*
 * The number that is written so, or NULL: without an error when it isn't a number, with one when
 * it is too large.
 */
struct cell *number_parse(struct scheme *scheme, const char *bytes, size_t length, int base);

/* Adds a number's digits; a real number is always written to base 10. */
void number_print(struct text *text, const struct cell *number, int base);

/* An integer or a real number as a real one. */
double number_real(const struct cell *number);

/* The argument when it is a number; else fails. */
struct cell *argument_number(struct scheme *scheme, struct cell *rest, int index);

#endif
