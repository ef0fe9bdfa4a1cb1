/*
 * file-calls: makes calls on files, one for each message of file-driver's on standard input, and
 * answers with what came of it. It is what runs in the sandbox.
 */
#include <stdbool.h>

#include "perform.h"

/* Puts the descriptors that came with the message where the call expects them. */
static bool place_fds(const struct msghdr *message, const int *places, int count)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fds[1 + OPERANDS];

	if (count == 0)
		return true;
	if (!header || header->cmsg_len != CMSG_LEN(sizeof(int) * (size_t)count))
		return false;
	memcpy(fds, CMSG_DATA(header), sizeof(int) * (size_t)count);
	for (int i = 0; i < count; i++) {
		dup2(fds[i], places[i]);
		close(fds[i]);
	}
	return true;
}

int main(void)
{
	struct {
		struct call call;
		int count, places[1 + OPERANDS];
	} order;
	struct iovec data = {&order, sizeof(order)};
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int) * (1 + OPERANDS))];

	for (;;) {
		struct msghdr message = {.msg_iov = &data,
			.msg_iovlen = 1,
			.msg_control = room,
			.msg_controllen = sizeof(room)};
		ssize_t length = recvmsg(0, &message, 0);

		if (length == 0)
			return 0;
		if (length != (ssize_t)sizeof(order) ||
			!place_fds(&message, order.places, order.count))
			return 2;
		struct outcome outcome = perform(&order.call);

		for (int i = 0; i < order.count; i++)
			close(order.places[i]);
		if (write(1, &outcome, sizeof(outcome)) != (ssize_t)sizeof(outcome))
			return 2;
	}
}
