/*
 * Invariants: a reply MUST start as a refusal; no call is ever continued, so that nothing the
 * command changes after it was decided on matters.
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
	serve_lookup_calls, serve_metadata_calls, serve_network_calls, serve_send_calls};

static serve_function *find_call(long number)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct served_call *call = tables[i]; call->serve; call++) {
			if (call->number == number)
				return call->serve;
		}
	}
	return NULL;
}

static int serve(struct request *request)
{
	serve_function *function = find_call(request->notification->number);
	int error = function ? request_begin(request) : EPERM;

	if (!error)
		error = function(request);
	request_end(request);
	return error;
}

/* ioctl(2), whose second parameter has another type in each C library. */
static long ask_kernel(int listener, uint32_t question, const void *argument)
{
	return syscall(SYS_ioctl, listener, question, argument);
}

/* Takes the next request; false when the last process of the sandbox is gone. */
static bool receive(int listener, void *buffer, size_t size)
{
	struct pollfd polled = {.fd = listener, .events = POLLIN};

	for (;;) {
		if (poll(&polled, 1, -1) < 0 && errno != EINTR)
			return false;
		if (polled.revents & (POLLHUP | POLLERR))
			return false;
		memset(buffer, 0, size);
		if (ask_kernel(listener, NOTIFICATION_RECEIVE, buffer) == 0)
			return true;
	}
}

enum { THREADS_AT_START = 2, THREADS_MAX = 64, STACK = 512 * 1024 };

struct service {
	const struct plan *plan;
	int listener;
	pthread_mutex_t changes;
	pthread_mutex_t turn; /* whose it is may wait for a request */
	atomic_uint idle;     /* threads that wait, for their turn or for a request */
	unsigned threads;     /* all; changed by whose turn it is */
};

static void answer(struct service *service, const struct notification *notification)
{
	struct request request = {.plan = service->plan,
		.changes = &service->changes,
		.listener = service->listener,
		.notification = notification,
		.pidfd = -1};
	struct notification_reply reply = {.id = notification->id, .error = -EPERM};

	reply.error = -serve(&request);
	reply.value = reply.error ? 0 : request.value;
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
	bool started = pthread_create(&thread, &attributes, serve_requests, service) == 0;

	if (started)
		service->threads++;
	else
		atomic_fetch_sub(&service->idle, 1);
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
		pthread_mutex_lock(&service->turn);
		received = receive(service->listener, &buffer, sizeof(buffer));
		if (received)
			leave_one_waiting(service);
		pthread_mutex_unlock(&service->turn);
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
		.changes = PTHREAD_MUTEX_INITIALIZER,
		.turn = PTHREAD_MUTEX_INITIALIZER};
	pthread_mutex_lock(&service->turn);
	while (service->threads < THREADS_AT_START && start_thread(service))
		;
	pthread_mutex_unlock(&service->turn);
	if (!service->threads)
		_exit(1); /* then every request fails */
}
