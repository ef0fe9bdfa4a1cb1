#ifndef EXPR_H
#define EXPR_H

#include "token.h"

/* The length of the text limits how deep the parser can nest. */
enum { MAX_ARGUMENTS = 4, MAX_TEXT = 2000 };

enum expr_kind { EXPR_NUMBER, EXPR_VARIABLE, EXPR_ASSIGN, EXPR_NEGATE, EXPR_BINARY, EXPR_CALL };

/* A tree: operands and arguments are in argument[0 .. count - 1]. */
struct expr {
	enum expr_kind kind;
	int column;
	double number;
	char name[NAME_SIZE]; /* of a variable or function */
	char symbol;          /* of a binary operator */
	int count;
	struct expr *argument[MAX_ARGUMENTS];
};

/* What is wrong, and in which column; the zero value means that nothing is. */
struct problem {
	const char *message;
	int column;
};

/* The tree of the text, or NULL with *problem set. */
struct expr *expr_parse(const char *text, struct problem *problem);
void expr_free(struct expr *expr);

#endif
