/*
 * What an untrusted build does behind your back: connects to 127.0.0.1:$PORT and sends a line.
 * Succeeds whatever happens, so that the build doesn't depend on the network.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char greeting[] = "hello from the build\n";

/* Returns 0 once the other side has answered, else -1 with errno set. */
static int call(unsigned short port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	char answer[16];
	int result = -1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	errno = 0;
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)) &&
		write(fd, greeting, sizeof(greeting) - 1) > 0 &&
		read(fd, answer, sizeof(answer)) > 0)
		result = 0;
	else if (!errno)
		errno = ECONNRESET;
	close(fd);
	return result;
}

int main(void)
{
	const char *port = getenv("PORT");

	if (!port) {
		puts("phone-home: PORT is not set, nobody to call");
		return 0;
	}
	if (call((unsigned short)strtoul(port, NULL, 10)))
		printf("phone-home: network refused: %s\n", strerror(errno));
	else
		puts("phone-home: network reached");
	return 0;
}
