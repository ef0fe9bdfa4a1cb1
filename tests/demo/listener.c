/*
 * The other end of the demo's phone call: listens on 127.0.0.1 and counts connections.
 * Prints "port N", a line for each connection and, at the end, "connections: N".
 * Ends when its stdin closes, so that it can't outlive the demo, and after 60 s at most.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LIFETIME_MS = 60 * 1000, CLIENT_PATIENCE_S = 2 };

static void die_errno(const char *what)
{
	fprintf(stderr, "listener: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long long now_ms(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now))
		die_errno("clock_gettime");
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Listens on a port of the kernel's choice; non-blocking, so that accept can drain the queue. */
static int listen_locally(unsigned *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		die_errno("socket");
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, 16))
		die_errno("cannot listen on 127.0.0.1");
	if (fcntl(fd, F_SETFL, O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		die_errno("fcntl");
	if (getsockname(fd, (struct sockaddr *)&address, &size))
		die_errno("getsockname");
	*port = ntohs(address.sin_port);
	return fd;
}

/* The answer goes out after the line is printed: a caller that got one has been counted. */
static void serve(int client, int number)
{
	struct timeval patience = {.tv_sec = CLIENT_PATIENCE_S};
	char line[80] = "";
	ssize_t length;

	/* some systems let the accepted socket inherit O_NONBLOCK */
	if (fcntl(client, F_SETFL, 0))
		die_errno("fcntl");
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	length = read(client, line, sizeof(line) - 1);
	line[length > 0 ? length : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	printf("connection %d: %s\n", number, line);
	if (write(client, "heard\n", 6) < 0)
		printf("connection %d ended early\n", number);
	close(client);
}

static int serve_waiting(int fd, int connections)
{
	int client;

	while ((client = accept(fd, NULL, NULL)) >= 0)
		serve(client, ++connections);
	return connections;
}

static int stdin_closed(void)
{
	char ignored[64];

	return read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0;
}

int main(void)
{
	unsigned port;
	struct pollfd fds[] = {
		{.fd = listen_locally(&port), .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
	};
	long long end = now_ms() + LIFETIME_MS, left;
	int connections = 0;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("port %u\n", port);
	while ((left = end - now_ms()) > 0) {
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			die_errno("poll");
		connections = serve_waiting(fds[0].fd, connections);
		if (fds[1].revents && stdin_closed())
			break;
	}
	printf("connections: %d\n", serve_waiting(fds[0].fd, connections));
	return 0;
}
