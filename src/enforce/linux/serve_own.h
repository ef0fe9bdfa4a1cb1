#ifndef ENFORCE_LINUX_SERVE_OWN_H
#define ENFORCE_LINUX_SERVE_OWN_H

#include "enforce/linux/request.h"

/* open(2) or openat(2) with O_PATH: nobody can give such a descriptor away. */
int own_open(struct request *request, unsigned flags);

#endif
