/*
 * address-race ALLOWED DENIED [send]: connects to TCP ports of 127.0.0.1, or sends datagrams to UDP
 * ports, 2000 times while another thread overwrites the address. Prints how often it worked.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address = {.sin_family = AF_INET};
static in_port_t allowed, denied;
static volatile bool running, stop;

static void pause_briefly(void)
{
	for (volatile int i = 0; i < 50; i++)
		__asm__ volatile("" ::: "memory");
}

static void *overwrite(void *unused)
{
	volatile in_port_t *port = &address.sin_port;

	while (!stop) {
		*port = denied;
		pause_briefly();
		*port = allowed;
		pause_briefly();
		running = true;
	}
	return unused;
}

static bool attempt(bool sends, int fd)
{
	struct iovec data = {"x", 1};
	struct msghdr message = {.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &data,
		.msg_iovlen = 1};

	if (sends)
		return sendmsg(fd, &message, 0) == 1;
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int made = 0;

	if (argc < 3)
		return 2;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	allowed = htons((unsigned short)atoi(argv[1]));
	denied = htons((unsigned short)atoi(argv[2]));
	address.sin_port = allowed;
	if (pthread_create(&thread, NULL, overwrite, NULL) != 0)
		return 2;
	while (!running)
		;
	for (int i = 0; i < 2000; i++) {
		int fd = socket(AF_INET, argc > 3 ? SOCK_DGRAM : SOCK_STREAM, 0);

		made += attempt(argc > 3, fd);
		close(fd);
	}
	stop = true;
	printf("%d\n", made);
	return made ? 0 : 1;
}
