/*
 * Invariants: a reply MUST start as a refusal; a call is continued only when nothing that the
 * command can change was decided on (request.h), or when what it has done is looked at before it
 * takes effect (traced.h).
 */
#include "enforce/linux/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "enforce/linux/crew.h"
#include "enforce/linux/serve.h"

static const struct served_call *const tables[] = {serve_open_calls, serve_tree_calls,
	serve_lookup_calls, serve_metadata_calls, serve_network_calls, serve_send_calls,
	serve_exec_calls, serve_own_calls, serve_signal_calls, serve_owner_calls,
	serve_rights_calls};

struct service {
	const struct plan *plan;
	int listener;
	struct shared *shared;
	struct caller *callers;                             /* by hand */
	const struct served_call *calls[NR_LAST_KNOWN + 1]; /* by number */
};

static int serve(const struct service *service, struct request *request)
{
	long number = request->notification->number;
	const struct served_call *call =
		number >= 0 && number <= NR_LAST_KNOWN ? service->calls[number] : NULL;
	int error = call ? 0 : EPERM;

	if (!error && !call->begins)
		error = request_begin(request);
	if (!error)
		error = call->serve(request);
	request_end(request);
	return error;
}

static void answer(const void *context, unsigned hand, const struct notification *notification)
{
	const struct service *service = context;
	struct request request = {.plan = service->plan,
		.shared = service->shared,
		.listener = service->listener,
		.notification = notification,
		.caller = &service->callers[hand],
		.pidfd = -1};
	struct notification_reply reply = {.id = notification->id, .error = -EPERM};

	reply.error = -serve(service, &request);
	reply.value = reply.error || request.continues ? 0 : request.value;
	reply.flags = !reply.error && request.continues ? NOTIFICATION_CONTINUE : 0;
	/*
	 * Fails when the caller was killed meanwhile: nobody waits then. The second parameter has
	 * another type in each C library.
	 */
	if (!request.is_answered)
		syscall(SYS_ioctl, service->listener, NOTIFICATION_SEND, &reply);
}

static void list_calls(struct service *service)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct served_call *call = tables[i]; call->serve; call++) {
			if (call->number >= 0)
				service->calls[call->number] = call;
		}
	}
}

/* Each request that stalls keeps some descriptors open. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

void broker_serve(const void *plan, int listener)
{
	struct arena *arena = ((const struct plan *)plan)->arena;
	struct service *service = ARENA_NEW(arena, struct service);

	*service = (struct service){.plan = plan,
		.listener = listener,
		.shared = ARENA_NEW(arena, struct shared),
		.callers = ARENA_ARRAY(arena, struct caller, CREW_MAX)};
	*service->shared = (struct shared){.index = service->plan->index,
		.descriptors = open("/proc/self/fd", O_PATH | O_CLOEXEC),
		.processes = open("/proc", O_PATH | O_CLOEXEC),
		.changes = PTHREAD_MUTEX_INITIALIZER,
		.opening = PTHREAD_MUTEX_INITIALIZER};
	index_complete(&service->shared->index);
	list_calls(service);
	raise_descriptor_limit();
	/* Whoever asks waits at once: its processor is free for the answer. */
	syscall(SYS_ioctl, listener, NOTIFICATION_SET_FLAG, NOTIFICATION_SYNC_WAKE_UP);
	if (!crew_start(arena, listener, answer, service))
		_exit(1); /* then every request fails */
}
