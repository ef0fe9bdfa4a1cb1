/*
 * connect-race ALLOWED DENIED: connects 20000 times while another thread overwrites the address
 * with the denied path and back. Prints how many connections were made.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static struct sockaddr_un allowed, denied;
static volatile bool running, stop;

/* Also keeps the compiler from leaving out what the other thread sees. */
static void pause_briefly(void)
{
	for (volatile int i = 0; i < 50; i++)
		__asm__ volatile("" ::: "memory");
}

static void *overwrite(void *unused)
{
	while (!stop) {
		memcpy(address.sun_path, denied.sun_path, sizeof(address.sun_path));
		pause_briefly();
		memcpy(address.sun_path, allowed.sun_path, sizeof(address.sun_path));
		pause_briefly();
		running = true;
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int made = 0;

	if (argc != 3)
		return 2;
	snprintf(allowed.sun_path, sizeof(allowed.sun_path), "%s", argv[1]);
	snprintf(denied.sun_path, sizeof(denied.sun_path), "%s", argv[2]);
	memcpy(address.sun_path, allowed.sun_path, sizeof(address.sun_path));
	if (pthread_create(&thread, NULL, overwrite, NULL) != 0)
		return 2;
	while (!running)
		;
	for (int i = 0; i < 20000; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		made += connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
		close(fd);
	}
	stop = true;
	printf("%d\n", made);
	return made ? 0 : 1;
}
