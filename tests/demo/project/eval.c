#include "eval.h"

#include <math.h>
#include <string.h>

struct function {
	const char *name;
	int count;
	double (*one)(double);
	double (*two)(double, double);
};

static const struct function functions[] = {
	{"abs", 1, fabs, NULL},
	{"ceil", 1, ceil, NULL},
	{"floor", 1, floor, NULL},
	{"hypot", 2, NULL, hypot},
	{"max", 2, NULL, fmax},
	{"min", 2, NULL, fmin},
	{"pow", 2, NULL, pow},
	{"sqrt", 1, sqrt, NULL},
};

static double fail(const struct expr *expr, struct problem *problem, const char *message)
{
	if (!problem->message) {
		problem->message = message;
		problem->column = expr->column;
	}
	return 0;
}

static double eval_variable(const struct expr *expr, struct vars *vars, struct problem *problem)
{
	struct var *var = vars_find(vars, expr->name);

	return var ? var->value : fail(expr, problem, "unknown variable");
}

static double eval_assign(const struct expr *expr, struct vars *vars, struct problem *problem)
{
	double value = eval_expr(expr->argument[0], vars, problem);

	if (!problem->message && vars_set(vars, expr->name, value))
		return fail(expr, problem, "out of memory");
	return value;
}

static double eval_binary(const struct expr *expr, struct vars *vars, struct problem *problem)
{
	double left = eval_expr(expr->argument[0], vars, problem);
	double right = eval_expr(expr->argument[1], vars, problem);

	switch (expr->symbol) {
	case '+':
		return left + right;
	case '-':
		return left - right;
	case '*':
		return left * right;
	case '^':
		return pow(left, right);
	}
	if (fpclassify(right) == FP_ZERO)
		return fail(expr, problem, "division by zero");
	return expr->symbol == '/' ? left / right : fmod(left, right);
}

static double eval_call(const struct expr *expr, struct vars *vars, struct problem *problem)
{
	const struct function *function = NULL;
	double value[2] = {0};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (!strcmp(functions[i].name, expr->name))
			function = &functions[i];
	if (!function)
		return fail(expr, problem, "unknown function");
	if (function->count != expr->count)
		return fail(expr, problem, "wrong number of arguments");
	for (int i = 0; i < expr->count; i++)
		value[i] = eval_expr(expr->argument[i], vars, problem);
	return function->one ? function->one(value[0]) : function->two(value[0], value[1]);
}

double eval_expr(const struct expr *expr, struct vars *vars, struct problem *problem)
{
	switch (expr->kind) {
	case EXPR_NUMBER:
		return expr->number;
	case EXPR_VARIABLE:
		return eval_variable(expr, vars, problem);
	case EXPR_ASSIGN:
		return eval_assign(expr, vars, problem);
	case EXPR_NEGATE:
		return -eval_expr(expr->argument[0], vars, problem);
	case EXPR_BINARY:
		return eval_binary(expr, vars, problem);
	case EXPR_CALL:
		return eval_call(expr, vars, problem);
	}
	return fail(expr, problem, "cannot be evaluated");
}
