/*
 * Listens on loopback and on unix sockets, and notes every contact, so that a test can see that
 * none was made: listener DIRECTORY. Writes DIRECTORY/ready (shell assignments) and DIRECTORY/log.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ENDPOINTS = 9, SETUP_FAILED = 99 };

static const char *directory;
static struct pollfd polls[ENDPOINTS];
static const char *names[ENDPOINTS];
static int types[ENDPOINTS];
static int count;

static void die(const char *what)
{
	perror(what);
	exit(SETUP_FAILED);
}

static void add(const char *name, int domain, int type, const void *address, socklen_t length)
{
	int fd = socket(domain, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, address, length) != 0)
		die(name);
	if (type != SOCK_DGRAM && listen(fd, 16) != 0)
		die(name);
	polls[count] = (struct pollfd){fd, POLLIN, 0};
	names[count] = name;
	types[count++] = type;
}

static int port_of(int fd)
{
	struct sockaddr_in6 address;
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		die("getsockname");
	return ntohs(address.sin6_port);
}

static int add_ip4(const char *name, int type)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	add(name, AF_INET, type, &address, sizeof(address));
	return port_of(polls[count - 1].fd);
}

static int add_ip6(const char *name, int type)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

	add(name, AF_INET6, type, &address, sizeof(address));
	return port_of(polls[count - 1].fd);
}

static void add_path(const char *name, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", directory, name);
	add(name, AF_UNIX, type, &address, sizeof(address));
	if (chmod(address.sun_path, 0666) != 0)
		die(name);
}

static void add_abstract(const char *name, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "sbx-%d-%s",
		(int)getpid(), name);

	add(name, AF_UNIX, type, &address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length));
}

static FILE *create(const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *file = fopen(path, "w");

	if (!file)
		die(path);
	return file;
}

static void note(FILE *log, int i)
{
	char buffer[256];
	ssize_t length = 0;

	if (types[i] == SOCK_DGRAM) {
		length = recv(polls[i].fd, buffer, sizeof(buffer) - 1, 0);
	} else {
		int fd = accept(polls[i].fd, NULL, NULL);

		if (fd >= 0) {
			struct pollfd wait = {fd, POLLIN, 0};

			if (poll(&wait, 1, 200) > 0)
				length = recv(fd, buffer, sizeof(buffer) - 1, 0);
			close(fd);
		}
	}
	buffer[length > 0 ? length : 0] = '\0';
	fprintf(log, "%s %.*s\n", names[i], (int)strcspn(buffer, "\n"), buffer);
	fflush(log);
}

int main(int argc, char **argv)
{
	char ready[4096], final[4096];

	if (argc != 2)
		return SETUP_FAILED;
	directory = argv[1];
	int tcp4 = add_ip4("tcp4", SOCK_STREAM), tcp6 = add_ip6("tcp6", SOCK_STREAM);
	int other = add_ip4("other", SOCK_STREAM);
	int udp4 = add_ip4("udp4", SOCK_DGRAM), udp6 = add_ip6("udp6", SOCK_DGRAM);

	add_path("stream", SOCK_STREAM);
	add_path("dgram", SOCK_DGRAM);
	add_abstract("astream", SOCK_STREAM);
	add_abstract("adgram", SOCK_DGRAM);
	FILE *log = create("log"), *file = create("ready.new");

	fprintf(file, "TCP4=%d TCP6=%d OTHER=%d UDP4=%d UDP6=%d\n", tcp4, tcp6, other, udp4, udp6);
	fprintf(file, "STREAM='%s/stream' DGRAM='%s/dgram'\n", directory, directory);
	fprintf(file, "ASTREAM=@sbx-%d-astream ADGRAM=@sbx-%d-adgram\n", (int)getpid(),
		(int)getpid());
	fclose(file);
	snprintf(ready, sizeof(ready), "%s/ready.new", directory);
	snprintf(final, sizeof(final), "%s/ready", directory);
	if (rename(ready, final) != 0)
		die(final);
	while (poll(polls, (nfds_t)count, -1) > 0) {
		for (int i = 0; i < count; i++) {
			if (polls[i].revents)
				note(log, i);
		}
	}
	return 0;
}
