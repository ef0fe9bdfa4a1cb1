#ifndef ENFORCE_LINUX_PROCESS_INFO_H
#define ENFORCE_LINUX_PROCESS_INFO_H

#include "enforce/linux/request.h"

/*
 * False for what /proc shows of a process that the policy lets the caller know nothing of, and for
 * its list of processes (process-info-pidinfo, -pidfdinfo, -listpids). The path is canonical.
 */
bool process_info_is_allowed(const struct request *request, const char *path, mode_t mode);

#endif
