/*
 * Invariants: a reply MUST start as a refusal; no call is ever continued, so that nothing the
 * command changes after it was decided on matters.
 */
#include "enforce/linux/broker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enforce/linux/serve.h"

static const struct served_call *const tables[] = {
	serve_network_calls, serve_metadata_calls, serve_lookup_calls};

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

static void answer(const struct plan *plan, int listener, const struct notification *notification)
{
	struct request request = {
		.plan = plan, .listener = listener, .notification = notification, .pidfd = -1};
	struct notification_reply reply = {.id = notification->id, .error = -EPERM};

	reply.error = -serve(&request);
	reply.value = reply.error ? 0 : request.value;
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

struct service {
	const struct plan *plan;
	int listener;
	pthread_mutex_t turn; /* whose it is may wait for a request */
};

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
		pthread_mutex_unlock(&service->turn);
		if (received)
			answer(service->plan, service->listener, &buffer.notification);
	} while (received);
	return NULL;
}

/* What blocks, such as a connection, stalls one thread. */
void broker_serve(const void *plan, int listener)
{
	enum { THREADS = 4, STACK = 128 * 1024 };
	struct service *service = ARENA_NEW(((const struct plan *)plan)->arena, struct service);
	pthread_attr_t attributes;
	pthread_t thread;
	int started = 0;

	*service = (struct service){plan, listener, PTHREAD_MUTEX_INITIALIZER};
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	for (int i = 0; i < THREADS; i++)
		started += pthread_create(&thread, &attributes, serve_requests, service) == 0;
	if (!started)
		_exit(1); /* then every request fails */
}
