#ifndef ENFORCE_LINUX_SERVE_H
#define ENFORCE_LINUX_SERVE_H

#include "enforce/linux/request.h"

/*
 * Serves a call as the kernel would, if the policy allows it: 0 with request->value set, or the
 * errno with which it fails.
 */
typedef int serve_function(struct request *request);

struct served_call {
	long number;
	serve_function *serve;
	bool begins; /* it calls request_begin itself where it needs to */
};

/* Tables, each ended by an entry without function. */
extern const struct served_call serve_network_calls[];
extern const struct served_call serve_send_calls[];
extern const struct served_call serve_metadata_calls[];
extern const struct served_call serve_lookup_calls[];
extern const struct served_call serve_open_calls[];
extern const struct served_call serve_tree_calls[];
extern const struct served_call serve_exec_calls[];
extern const struct served_call serve_own_calls[];
extern const struct served_call serve_rights_calls[];
extern const struct served_call serve_signal_calls[];
extern const struct served_call serve_owner_calls[];

#endif
