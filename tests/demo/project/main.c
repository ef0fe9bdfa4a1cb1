/* calc: prints the value of each argument, or of each line of standard input. */
#include "eval.h"

#include <stdio.h>
#include <string.h>

static int calculate(const char *text, struct vars *vars)
{
	struct problem problem;
	struct expr *expr = expr_parse(text, &problem);
	double value = expr ? eval_expr(expr, vars, &problem) : 0;

	expr_free(expr);
	if (problem.message) {
		printf("column %d: %s\n", problem.column, problem.message);
		return 1;
	}
	printf("%.10g\n", value);
	return 0;
}

static int calculate_lines(FILE *file, struct vars *vars)
{
	char line[4096];
	int status = 0;

	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[strspn(line, " \t")])
			status |= calculate(line, vars);
	}
	return status;
}

int main(int argc, char **argv)
{
	struct vars vars = {0};
	int status = 0;

	if (argc == 1)
		status = calculate_lines(stdin, &vars);
	for (int i = 1; i < argc; i++)
		status |= calculate(argv[i], &vars);
	vars_free(&vars);
	return status;
}
