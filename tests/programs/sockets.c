/*
 * One attempt to reach something through a socket: sockets VERB ARGUMENT... Exit status 0 when it
 * worked, 1 when it was refused (the error is printed), 99 when the attempt could not be made.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { SETUP_FAILED = 99 };

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif
#ifndef TCP_FASTOPEN_CONNECT
#define TCP_FASTOPEN_CONNECT 30
#endif

struct address {
	struct sockaddr_storage storage;
	socklen_t length;
	int domain;
};

static char text[] = "hello";

static int refused(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

static struct address ip4(const char *port)
{
	struct address address = {.domain = AF_INET, .length = sizeof(struct sockaddr_in)};
	struct sockaddr_in *in = (struct sockaddr_in *)&address.storage;

	in->sin_family = AF_INET;
	in->sin_port = htons((unsigned short)atoi(port));
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static struct address ip6(const char *port)
{
	struct address address = {.domain = AF_INET6, .length = sizeof(struct sockaddr_in6)};
	struct sockaddr_in6 *in = (struct sockaddr_in6 *)&address.storage;

	in->sin6_family = AF_INET6;
	in->sin6_port = htons((unsigned short)atoi(port));
	in->sin6_addr = in6addr_loopback;
	return address;
}

/* @NAME is abstract. */
static struct address local(const char *name)
{
	struct address address = {.domain = AF_UNIX};
	struct sockaddr_un *un = (struct sockaddr_un *)&address.storage;
	size_t length = strlen(name);

	if (length >= sizeof(un->sun_path))
		exit(SETUP_FAILED);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name, length + 1);
	if (name[0] == '@')
		un->sun_path[0] = '\0';
	address.length =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (name[0] != '@'));
	return address;
}

static struct address address_of(const char *kind, const char *word)
{
	if (strchr(kind, '4'))
		return ip4(word);
	return strchr(kind, '6') ? ip6(word) : local(word);
}

static int try_connect(const char *kind, const char *word, int type)
{
	struct address address = address_of(kind, word);
	int fd = socket(address.domain, type, 0);

	if (fd < 0)
		return refused("socket");
	if (connect(fd, (struct sockaddr *)&address.storage, address.length) != 0)
		return refused("connect");
	return send(fd, text, 5, MSG_NOSIGNAL) == 5 ? 0 : refused("send");
}

static int try_sendto(const char *kind, const char *word, int type)
{
	struct address address = address_of(kind, word);
	int fd = socket(address.domain, type, 0);

	if (fd < 0)
		return refused("socket");
	if (sendto(fd, text, 5, 0, (struct sockaddr *)&address.storage, address.length) != 5)
		return refused("sendto");
	return 0;
}

/* WAY is sendto, sendmsg, sendmmsg or connect. */
static int send_through(int fd, const char *way, struct address *address, int flags)
{
	struct iovec part = {text, 5};
	struct mmsghdr message = {.msg_hdr = {.msg_name = &address->storage,
					  .msg_namelen = address->length,
					  .msg_iov = &part,
					  .msg_iovlen = 1}};

	if (strcmp(way, "sendto") == 0 &&
		sendto(fd, text, 5, flags, (struct sockaddr *)&address->storage, address->length) !=
			5)
		return refused("sendto");
	if (strcmp(way, "sendmsg") == 0 && sendmsg(fd, &message.msg_hdr, flags) != 5)
		return refused("sendmsg");
	if (strcmp(way, "sendmmsg") == 0 && sendmmsg(fd, &message, 1, (unsigned)flags) != 1)
		return refused("sendmmsg");
	if (strcmp(way, "connect") == 0 &&
		(connect(fd, (struct sockaddr *)&address->storage, address->length) != 0 ||
			send(fd, text, 5, MSG_NOSIGNAL) != 5))
		return refused("connect");
	return 0;
}

static int try_pair(const char *type, const char *way, const char *word)
{
	struct address address = local(word);
	int fds[2];

	if (socketpair(AF_UNIX, atoi(type), 0, fds) != 0)
		return refused("socketpair");
	return send_through(fds[0], way, &address, 0);
}

static int try_fastopen(const char *way, const char *port)
{
	struct address address = ip4(port);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return refused("socket");
	if (strcmp(way, "connect") == 0 &&
		setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)) != 0)
		return refused("TCP_FASTOPEN_CONNECT");
	int result =
		send_through(fd, way, &address, strcmp(way, "connect") == 0 ? 0 : MSG_FASTOPEN);

	/* What was sent shall arrive before the process ends. */
	shutdown(fd, SHUT_WR);
	recv(fd, &one, sizeof(one), 0);
	return result;
}

/* All 64 bits of each argument, as they are written. */
static int try_socket(char **words)
{
	long domain = (long)strtoull(words[0], NULL, 0), type = (long)strtoull(words[1], NULL, 0),
	     protocol = (long)strtoull(words[2], NULL, 0);

	return syscall(SYS_socket, domain, type, protocol) >= 0 ? 0 : refused("socket");
}

static int try_works(const char *type)
{
	char buffer[8];
	int fds[2];

	if (socketpair(AF_UNIX, atoi(type), 0, fds) != 0)
		return refused("socketpair");
	if (write(fds[0], text, 5) != 5 || read(fds[1], buffer, 8) != 5)
		return refused("write");
	return 0;
}

static int try_bind(const char *kind, const char *word)
{
	struct address address = address_of(kind, word);
	int fd = socket(address.domain, SOCK_STREAM, 0);

	if (fd < 0)
		return refused("socket");
	if (bind(fd, (struct sockaddr *)&address.storage, address.length) != 0)
		return refused("bind");
	return listen(fd, 1) == 0 ? 0 : refused("listen");
}

/* listen(2) without bind takes a port by itself. */
static int try_listen(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return refused("socket");
	return listen(fd, 1) == 0 ? 0 : refused("listen");
}

static int try_interfaces(void)
{
	struct if_nameindex *list = if_nameindex();

	return list && list[0].if_name ? 0 : refused("if_nameindex");
}

static int try_lookup(const char *name)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
	int error = getaddrinfo(name, "80", &hints, &list);

	if (error)
		printf("getaddrinfo: %s\n", gai_strerror(error));
	return error != 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	char **words = argv + 2;
	int left = argc - 2;

	if (strncmp(verb, "tcp", 3) == 0 && left == 1)
		return try_connect(verb, words[0], SOCK_STREAM);
	if (strncmp(verb, "udp", 3) == 0 && left == 1)
		return try_sendto(verb, words[0], SOCK_DGRAM);
	if (strcmp(verb, "stream") == 0 && left == 1)
		return try_connect(verb, words[0], SOCK_STREAM);
	if (strcmp(verb, "dgram") == 0 && left == 1)
		return try_sendto(verb, words[0], SOCK_DGRAM);
	if (strcmp(verb, "pair") == 0 && left == 3)
		return try_pair(words[0], words[1], words[2]);
	if (strcmp(verb, "fastopen") == 0 && left == 2)
		return try_fastopen(words[0], words[1]);
	if (strcmp(verb, "socket") == 0 && left == 3)
		return try_socket(words);
	if (strcmp(verb, "works") == 0 && left == 1)
		return try_works(words[0]);
	if (strncmp(verb, "bind", 4) == 0 && left == 1)
		return try_bind(verb, words[0]);
	if (strcmp(verb, "sync") == 0 && left == 1) {
		strcpy(text, "sync!");
		return try_sendto(verb, words[0], SOCK_DGRAM);
	}
	if (strcmp(verb, "listen") == 0)
		return try_listen();
	if (strcmp(verb, "interfaces") == 0)
		return try_interfaces();
	if (strcmp(verb, "lookup") == 0 && left == 1)
		return try_lookup(words[0]);
	fprintf(stderr, "sockets: bad verb or number of arguments: %s\n", verb);
	return SETUP_FAILED;
}
