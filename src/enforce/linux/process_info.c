/* Invariant: where it is unclear what a process is to the caller, nothing is told of it. */
#include "enforce/linux/process_info.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "enforce/linux/kinship.h"

static bool asks(const struct request *request, enum operation operation, long target)
{
	struct query query = {.operation = operation, .partial = true};

	if (target)
		query_set_number(&query, NUMBER_TARGET, target);
	return !policy_outcomes(request->plan->policy, &query).may_deny;
}

static bool is_about_descriptors(const char *rest)
{
	static const char *const names[] = {"/fd", "/fdinfo", "/map_files"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(rest, names[i], length) == 0 && (!rest[length] || rest[length] == '/'))
			return true;
	}
	return false;
}

bool process_info_is_allowed(const struct request *request, const char *path, mode_t mode)
{
	static const char root[] = "/proc";
	char *rest;

	if (!request->plan->checks_processes || strncmp(path, root, strlen(root)) != 0)
		return true;
	path += strlen(root);
	if (!path[0])
		return !S_ISDIR(mode) || asks(request, OP_PROCESS_INFO_LISTPIDS, 0);
	if (path[0] != '/' || path[1] < '1' || path[1] > '9')
		return true;
	pid_t process = (pid_t)strtol(path + 1, &rest, 10);

	return asks(request,
		is_about_descriptors(rest) ? OP_PROCESS_INFO_PIDFDINFO : OP_PROCESS_INFO_PIDINFO,
		kinship(request_process(request), process));
}
