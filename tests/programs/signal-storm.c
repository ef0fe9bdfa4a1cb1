/*
 * Threads that open a file and change its mode while signals come all the time.
 * usage: signal-storm profile|preempt COUNT FILE
 * profile: SIGPROF every millisecond of processor time, as profilers have it. preempt: SIGURG to
 * each thread in turn, as Go's runtime has it. Handlers restart calls, so that none may fail for a
 * signal. Prints the numbers of calls and signals; the exit status is 1 when a call failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum { THREADS = 4, SETUP_FAILED = 99 };

static atomic_int signals, failures, first_error, finished;
static atomic_int ids[THREADS];
static const char *path;
static int count;

static void handle(int number)
{
	(void)number;
	atomic_fetch_add(&signals, 1);
}

static void check(int result)
{
	int none = 0;

	if (result >= 0)
		return;
	atomic_compare_exchange_strong(&first_error, &none, errno);
	atomic_fetch_add(&failures, 1);
}

static void *work(void *argument)
{
	int index = *(int *)argument;

	atomic_store(&ids[index], (int)syscall(SYS_gettid));
	for (int i = 0; i < count; i += THREADS) {
		int fd = open(path, O_RDWR | O_CLOEXEC);

		check(fd);
		check(chmod(path, i & 1 ? 0600 : 0640));
		if (fd >= 0)
			close(fd);
	}
	atomic_fetch_add(&finished, 1);
	return NULL;
}

static void preempt(void)
{
	while (atomic_load(&finished) < THREADS) {
		for (int i = 0; i < THREADS; i++) {
			if (atomic_load(&ids[i]))
				syscall(SYS_tgkill, getpid(), atomic_load(&ids[i]), SIGURG);
		}
		usleep(100);
	}
}

int main(int argc, char **argv)
{
	struct itimerval interval = {{0, 1000}, {0, 1000}};
	struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
	pthread_t threads[THREADS];
	int indices[THREADS];

	if (argc != 4 || (count = atoi(argv[2])) <= 0) {
		fprintf(stderr, "usage: signal-storm profile|preempt COUNT FILE\n");
		return SETUP_FAILED;
	}
	path = argv[3];
	sigaction(SIGPROF, &action, NULL);
	sigaction(SIGURG, &action, NULL);
	if (strcmp(argv[1], "profile") == 0)
		setitimer(ITIMER_PROF, &interval, NULL);
	for (int i = 0; i < THREADS; i++) {
		indices[i] = i;
		if (pthread_create(&threads[i], NULL, work, &indices[i]) != 0)
			return SETUP_FAILED;
	}
	if (strcmp(argv[1], "preempt") == 0)
		preempt();
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("%d calls, %d signals, %d failures\n", 2 * count, atomic_load(&signals),
		atomic_load(&failures));
	if (failures)
		printf("first: %s\n", strerror(first_error));
	return failures ? 1 : 0;
}
