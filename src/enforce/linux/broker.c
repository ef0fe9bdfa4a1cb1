/*
 * Invariants: a reply MUST start as a refusal; a call is continued only when nothing that the
 * command can change was decided on (request.h).
 */
#include "enforce/linux/broker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enforce/linux/serve.h"

static const struct served_call *const tables[] = {serve_network_calls, serve_send_calls,
	serve_metadata_calls, serve_lookup_calls, serve_signal_calls, serve_owner_calls};

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

/* ioctl(2), whose second parameter has another type in each C library. */
static long ask_kernel(int listener, uint32_t question, const void *argument)
{
	return syscall(SYS_ioctl, listener, question, argument);
}

static void answer(const struct plan *plan, int listener, const struct notification *notification)
{
	struct request request = {
		.plan = plan, .listener = listener, .notification = notification, .pidfd = -1};
	struct notification_reply reply = {.id = notification->id, .error = -EPERM};

	reply.error = -serve(&request);
	reply.value = reply.error || request.continues ? 0 : request.value;
	reply.flags = !reply.error && request.continues ? NOTIFICATION_CONTINUE : 0;
	/* Fails when the caller was killed meanwhile: nobody waits then. */
	ask_kernel(listener, NOTIFICATION_SEND, &reply);
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
	pthread_mutex_t turn; /* whose it is may wait for a request */
	atomic_uint idle;     /* threads that wait, for their turn or for a request */
	unsigned threads;     /* all; changed by whose turn it is */
};

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
	bool received;

	do {
		pthread_mutex_lock(&service->turn);
		received = receive(service->listener, &buffer, sizeof(buffer));
		if (received)
			leave_one_waiting(service);
		pthread_mutex_unlock(&service->turn);
		if (received)
			answer(service->plan, service->listener, &buffer.notification);
		atomic_fetch_add(&service->idle, 1);
	} while (received);
	return NULL;
}

void broker_serve(const void *plan, int listener)
{
	struct service *service = ARENA_NEW(((const struct plan *)plan)->arena, struct service);

	*service = (struct service){
		.plan = plan, .listener = listener, .turn = PTHREAD_MUTEX_INITIALIZER};
	pthread_mutex_lock(&service->turn);
	while (service->threads < THREADS_AT_START && start_thread(service))
		;
	pthread_mutex_unlock(&service->turn);
	if (!service->threads)
		_exit(1); /* then every request fails */
}
