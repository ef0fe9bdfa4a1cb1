#include "vars.h"

#include <stdlib.h>
#include <string.h>

struct var *vars_find(const struct vars *vars, const char *name)
{
	for (struct var *var = vars->first; var; var = var->next)
		if (!strcmp(var->name, name))
			return var;
	return NULL;
}

int vars_set(struct vars *vars, const char *name, double value)
{
	struct var *var = vars_find(vars, name);

	if (!var) {
		var = calloc(1, sizeof(*var));
		if (!var)
			return -1;
		strncpy(var->name, name, NAME_SIZE - 1);
		var->next = vars->first;
		vars->first = var;
	}
	var->value = value;
	return 0;
}

void vars_free(struct vars *vars)
{
	struct var *next;

	for (struct var *var = vars->first; var; var = next) {
		next = var->next;
		free(var);
	}
	vars->first = NULL;
}
