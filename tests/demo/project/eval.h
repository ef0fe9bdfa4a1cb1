#ifndef EVAL_H
#define EVAL_H

#include "expr.h"
#include "vars.h"

/* The value of the expression; *problem says whether it has one. */
double eval_expr(const struct expr *expr, struct vars *vars, struct problem *problem);

#endif
