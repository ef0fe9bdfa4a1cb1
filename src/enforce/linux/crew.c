/*
 * Invariant: while a request is stalled, be it for ever, the others MUST be answered, as long as
 * there are threads left.
 */
#include "enforce/linux/crew.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	STACK = 512 * 1024,
	TICK = 3000000,    /* ns between two looks of the watch */
	CROWDED_TICKS = 3, /* until another hand helps */
	EASY_TICKS = 20,   /* until one stands aside, and until the watch sleeps */
};

/* A thread that takes requests. */
struct hand {
	struct crew *crew;
	atomic_uint turns; /* odd while it answers */
	unsigned seen;     /* by the watch */
};

struct crew {
	int listener;
	crew_answer *answer;
	const void *context;
	atomic_uint wanted, taking; /* how many hands take requests or answer one */
	atomic_bool is_watched;
	sem_t watch_bell, hands_bell; /* for the watch; for the hands that stand aside */
	/* The watch's own, and the starter's before it. */
	struct hand hands[CREW_MAX];
	unsigned count, parallel, processors;
	unsigned crowded_ticks, easy_ticks;
};

/* What the watch sees: hands that answer something, the same as at the last look or another. */
struct sight {
	unsigned stalled, moving;
};

/* ioctl(2), whose second parameter has another type in each C library. */
static long ask_kernel(int listener, uint32_t question, const void *argument)
{
	return syscall(SYS_ioctl, listener, question, argument);
}

static short look_at(int listener)
{
	struct pollfd polled = {.fd = listener, .events = POLLIN};

	return poll(&polled, 1, 0) > 0 ? polled.revents : 0;
}

/* Takes the next request. False when the last process of the sandbox is gone. */
static bool receive(int listener, void *buffer, size_t size)
{
	int result;

	do {
		memset(buffer, 0, size);
		result = (int)ask_kernel(listener, NOTIFICATION_RECEIVE, buffer);
		/* Whoever asked may be gone again: ENOENT. */
	} while (result != 0 &&
		 (errno == EINTR ||
			 (errno == ENOENT && !(look_at(listener) & (POLLHUP | POLLERR)))));
	return result == 0;
}

static void wait_for_bell(sem_t *bell)
{
	while (sem_wait(bell) != 0)
		;
}

/* The watch sleeps when nobody moves: see await_movement. */
static void wake_watch(struct crew *crew)
{
	if (!atomic_load(&crew->is_watched) && !atomic_exchange(&crew->is_watched, true))
		sem_post(&crew->watch_bell);
}

/* Until it is called, when there are more hands than needed. */
static void stand_aside(struct crew *crew)
{
	unsigned taking = atomic_load(&crew->taking);

	while (taking > atomic_load(&crew->wanted)) {
		if (atomic_compare_exchange_weak(&crew->taking, &taking, taking - 1)) {
			wait_for_bell(&crew->hands_bell);
			return;
		}
	}
}

static void *take_requests(void *argument)
{
	struct hand *hand = argument;
	struct crew *crew = hand->crew;
	/* The kernel's structures may be larger than ours: it tells how large. */
	union {
		struct notification notification;
		char room[512];
	} buffer;
	/* The working directory and the umask are the thread's own from here on. */
	bool is_ready = unshare(CLONE_FS) == 0;

	while (is_ready && receive(crew->listener, &buffer, sizeof(buffer))) {
		atomic_fetch_add(&hand->turns, 1);
		wake_watch(crew);
		crew->answer(crew->context, (unsigned)(hand - crew->hands), &buffer.notification);
		atomic_fetch_add(&hand->turns, 1);
		stand_aside(crew);
	}
	return NULL;
}

static bool start_thread(void *(*function)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	bool is_started = pthread_create(&thread, &attributes, function, argument) == 0;

	pthread_attr_destroy(&attributes);
	return is_started;
}

/* One that stands aside, or a new one. */
static bool call_hand(struct crew *crew)
{
	unsigned taking = atomic_fetch_add(&crew->taking, 1);

	if (taking < crew->count) {
		sem_post(&crew->hands_bell);
		return true;
	}
	if (crew->count < CREW_MAX) {
		struct hand *hand = &crew->hands[crew->count];

		hand->crew = crew;
		if (start_thread(take_requests, hand)) {
			crew->count++;
			return true;
		}
	}
	atomic_fetch_sub(&crew->taking, 1);
	return false;
}

static struct sight look(struct crew *crew)
{
	struct sight sight = {0, 0};

	for (unsigned i = 0; i < crew->count; i++) {
		struct hand *hand = &crew->hands[i];
		unsigned turns = atomic_load(&hand->turns);

		if (turns % 2)
			*(turns == hand->seen ? &sight.stalled : &sight.moving) += 1;
		hand->seen = turns;
	}
	return sight;
}

/* More hands for more processors, when requests wait again and again while all are at work. */
static void adapt(struct crew *crew, const struct sight *sight)
{
	bool is_crowded = sight->moving >= crew->parallel && look_at(crew->listener) & POLLIN;

	crew->crowded_ticks = is_crowded ? crew->crowded_ticks + 1 : 0;
	crew->easy_ticks = is_crowded ? 0 : crew->easy_ticks + 1;
	if (crew->crowded_ticks == CROWDED_TICKS && crew->parallel < crew->processors) {
		crew->parallel++;
		crew->crowded_ticks = 0;
	} else if (crew->easy_ticks == EASY_TICKS && crew->parallel > 1) {
		crew->parallel--;
		crew->easy_ticks = 0;
	}
}

/* Nobody moves, and those who stall have been replaced: a hand that begins wakes the watch. */
static void await_movement(struct crew *crew)
{
	atomic_store(&crew->is_watched, false);
	/* One that began before it could see that is seen here. */
	if (look(crew).moving && !atomic_exchange(&crew->is_watched, true))
		return;
	wait_for_bell(&crew->watch_bell);
}

static void *watch(void *argument)
{
	const struct timespec tick = {0, TICK};
	struct crew *crew = argument;
	unsigned still_ticks = 0;

	for (;;) {
		if (still_ticks >= EASY_TICKS && crew->parallel == 1) {
			await_movement(crew);
			still_ticks = 0;
		}
		nanosleep(&tick, NULL);
		struct sight sight = look(crew);

		adapt(crew, &sight);
		still_ticks = sight.moving ? 0 : still_ticks + 1;
		atomic_store(&crew->wanted, sight.stalled + crew->parallel);
		while (atomic_load(&crew->taking) < crew->wanted && call_hand(crew))
			;
	}
	return NULL;
}

bool crew_start(struct arena *arena, int listener, crew_answer *answer, const void *context)
{
	struct crew *crew = ARENA_NEW(arena, struct crew);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	crew->listener = listener;
	crew->answer = answer;
	crew->context = context;
	crew->wanted = crew->parallel = 1;
	crew->processors = processors > 1 && processors < CREW_MAX ? (unsigned)processors : 2;
	sem_init(&crew->watch_bell, 0, 0);
	sem_init(&crew->hands_bell, 0, 0);
	return call_hand(crew) && start_thread(watch, crew);
}
