#ifndef VARS_H
#define VARS_H

#include "token.h"

struct var {
	char name[NAME_SIZE];
	double value;
	struct var *next;
};

struct vars {
	struct var *first;
};

/* The variable of that name, or NULL. */
struct var *vars_find(const struct vars *vars, const char *name);
/* Returns 0, or -1 when there is no memory. */
int vars_set(struct vars *vars, const char *name, double value);
void vars_free(struct vars *vars);

#endif
