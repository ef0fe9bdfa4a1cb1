/* What doctor tries with sockets. Whom it connects to never answers: the kernel takes the calls. */
#include "enforce/linux/doctor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int attempt_call(int domain, const void *address, socklen_t length)
{
	int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0 || connect(fd, address, length) != 0)
		error = errno;
	if (fd >= 0)
		close(fd);
	return error;
}

int attempt_connect(const struct stage *stage, enum side side)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)stage->ports[side]),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return attempt_call(AF_INET, &address, sizeof(address));
}

/* By a short name: paths may be longer than addresses. */
int attempt_connect_unix(const struct stage *stage, enum side side)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};

	if (chdir(stage->directories[side]) != 0)
		return errno;
	return attempt_call(AF_UNIX, &address, sizeof(address));
}

/* Pairs reach nobody outside: they stay. */
int attempt_socket(const struct stage *stage, enum side side)
{
	int pair[2];

	if (side == SIDE_DENIED)
		return attempt_connect(stage, SIDE_DENIED);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return errno;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* Both sandboxes hold: the outer one is about files, the inner one about the network. */
int attempt_nested(const struct stage *stage, enum side side)
{
	if (side == SIDE_DENIED && attempt_connect(stage, SIDE_DENIED) == 0)
		return 0;
	return attempt_read(stage, side);
}
