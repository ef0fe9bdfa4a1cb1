#include "enforce/enforce.h"

struct enforcement plan_enforcement(struct plan *plan, enum operation operation)
{
	(void)plan;
	(void)operation;
	return (struct enforcement){ENFORCEMENT_MECHANISM, "Seatbelt"};
}
