/*
 * Invariants: a reply MUST start as a refusal; a call is continued only when nothing that the
 * command can change was decided on (request.h), or when what it has done is looked at before it
 * takes effect (serve_exec.c).
 */
#include "enforce/linux/broker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enforce/linux/serve.h"

static const struct served_call *const tables[] = {serve_open_calls, serve_tree_calls,
	serve_lookup_calls, serve_metadata_calls, serve_network_calls, serve_send_calls,
	serve_exec_calls, serve_signal_calls, serve_owner_calls, serve_rights_calls};

static const struct served_call *find_call(long number)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct served_call *call = tables[i]; call->serve; call++) {
			if (call->number == number)
				return call;
		}
	}
	return NULL;
}

static int serve(struct request *request)
{
	const struct served_call *call = find_call(request->notification->number);
	int error = call ? 0 : EPERM;

	if (!error && !call->begins)
		error = request_begin(request);
	if (!error)
		error = call->serve(request);
	request_end(request);
	return error;
}

static bool has_hung_up(int listener)
{
	struct pollfd polled = {.fd = listener, .events = POLLIN};

	return poll(&polled, 1, 0) > 0 && polled.revents & (POLLHUP | POLLERR);
}

/* ioctl(2), whose second parameter has another type in each C library. */
static long ask_kernel(int listener, uint32_t question, const void *argument)
{
	return syscall(SYS_ioctl, listener, question, argument);
}

/* Takes the next request. False when the last process of the sandbox is gone. */
static bool receive(int listener, void *buffer, size_t size)
{
	int result;

	do {
		memset(buffer, 0, size);
		result = (int)ask_kernel(listener, NOTIFICATION_RECEIVE, buffer);
		/* Whoever asked may be gone again: ENOENT. */
	} while (result != 0 && (errno == EINTR || (errno == ENOENT && !has_hung_up(listener))));
	return result == 0;
}

enum { THREADS_AT_START = 2, THREADS_MAX = 1000, STACK = 384 * 1024 };

struct service {
	const struct plan *plan;
	int listener;
	struct shared shared;
	atomic_uint idle;    /* threads that wait for a request */
	atomic_uint threads; /* all */
};

static void answer(struct service *service, const struct notification *notification)
{
	struct request request = {.plan = service->plan,
		.shared = &service->shared,
		.listener = service->listener,
		.notification = notification,
		.pidfd = -1};
	struct notification_reply reply = {.id = notification->id, .error = -EPERM};

	reply.error = -serve(&request);
	reply.value = reply.error || request.continues ? 0 : request.value;
	reply.flags = !reply.error && request.continues ? NOTIFICATION_CONTINUE : 0;
	/* Fails when the caller was killed meanwhile: nobody waits then. */
	if (!request.is_answered)
		ask_kernel(service->listener, NOTIFICATION_SEND, &reply);
}

static void *serve_requests(void *argument);

static bool start_thread(struct service *service)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	atomic_fetch_add(&service->idle, 1);
	atomic_fetch_add(&service->threads, 1);
	bool started = pthread_create(&thread, &attributes, serve_requests, service) == 0;

	if (!started) {
		atomic_fetch_sub(&service->idle, 1);
		atomic_fetch_sub(&service->threads, 1);
	}
	pthread_attr_destroy(&attributes);
	return started;
}

/* A call that blocks, such as a connection, stalls its thread: another one waits instead. */
static void leave_one_waiting(struct service *service)
{
	if (atomic_fetch_sub(&service->idle, 1) == 1 && service->threads < THREADS_MAX)
		start_thread(service);
}

static void *serve_requests(void *argument)
{
	struct service *service = argument;
	/* The kernel's structures may be larger than ours: it tells how large. */
	union {
		struct notification notification;
		char room[512];
	} buffer;
	/* The working directory and the umask are the thread's own from here on. */
	bool received = unshare(CLONE_FS) == 0;

	while (received) {
		received = receive(service->listener, &buffer, sizeof(buffer));
		leave_one_waiting(service);
		if (received)
			answer(service, &buffer.notification);
		atomic_fetch_add(&service->idle, 1);
	}
	return NULL;
}

void broker_serve(const void *plan, int listener)
{
	struct service *service = ARENA_NEW(((const struct plan *)plan)->arena, struct service);

	*service = (struct service){.plan = plan,
		.listener = listener,
		.shared = {.changes = PTHREAD_MUTEX_INITIALIZER}};
	/* Whoever asks waits at once: its processor is free for the answer. */
	syscall(SYS_ioctl, listener, NOTIFICATION_SET_FLAG, NOTIFICATION_SYNC_WAKE_UP);
	while (service->threads < THREADS_AT_START && start_thread(service))
		;
	if (!service->threads)
		_exit(1); /* then every request fails */
}
