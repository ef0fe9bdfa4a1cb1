/*
 * Sending to an address, or what may hold one.
 * Invariants: what is sent MUST be a copy that was made before its address was decided on; nothing
 * but known flags and control data MUST get through; sent pages MUST NOT be used again before they
 * are gone (no MSG_ZEROCOPY).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "enforce/linux/address.h"
#include "enforce/linux/serve.h"

enum {
	DATA_MAX = 64 * 1024,
	PIECES_MAX = 1024,
	CONTROL_MAX = 1024,
	MESSAGES_MAX = 64, /* of one call: it may send fewer than it was given */
	LINUX_SCM_RIGHTS = 1,
	LINUX_MSG_CONFIRM = 0x800,
	LINUX_IPV6_PKTINFO = 50,
	LINUX_IPV6_HOPLIMIT = 52,
	LINUX_IPV6_TCLASS = 67,
	LINUX_UDP_SEGMENT = 103,
	KNOWN_FLAGS = MSG_OOB | MSG_DONTROUTE | MSG_DONTWAIT | MSG_EOR | MSG_MORE | MSG_NOSIGNAL |
		      LINUX_MSG_CONFIRM,
};

/* A message as it was read, to be sent from here. */
struct outgoing {
	struct socket socket;
	struct address address; /* length 0: none */
	int directory;
	int flags;
	bool chooses_source;
	size_t length, control_length;
	char data[DATA_MAX];
	union {
		struct control_header aligned;
		char control[CONTROL_MAX];
	};
};

static bool is_stream(const struct socket *socket)
{
	return socket->type == SOCK_STREAM;
}

static int begin(struct request *request, int number, uint32_t flags, struct outgoing *message)
{
	int error = socket_take(request, number, &message->socket);

	if (!error)
		error = request_take_directory(request, AT_FDCWD, &message->directory);
	message->flags = (int)flags | MSG_NOSIGNAL;
	message->chooses_source = false;
	message->control_length = 0;
	message->address.length = 0;
	/* MSG_FASTOPEN makes connections. */
	return error || !(flags & ~(uint32_t)KNOWN_FLAGS) ? error : EPERM;
}

static int read_destination(
	const struct request *request, uint64_t from, uint64_t length, struct outgoing *message)
{
	message->address.length = 0;
	return from && length ? address_read(request, from, length, &message->address) : 0;
}

/* A stream takes what it can; a datagram is sent whole. */
static int bound_length(struct outgoing *message, uint64_t length)
{
	message->length = length < DATA_MAX ? (size_t)length : DATA_MAX;
	return length <= DATA_MAX || is_stream(&message->socket) ? 0 : EMSGSIZE;
}

/* The pieces are cut where the bytes that are sent end. */
static int read_data(
	const struct request *request, const struct user_message *header, struct outgoing *message)
{
	struct iovec pieces[PIECES_MAX];
	uint64_t length = 0;
	size_t count = (size_t)header->piece_count;

	if (header->piece_count > PIECES_MAX)
		return EMSGSIZE;
	int error =
		count ? request_read(request, header->pieces, pieces, count * sizeof(*pieces)) : 0;

	for (size_t i = 0; i < count && !error; i++) {
		if (pieces[i].iov_len > INT32_MAX)
			error = EINVAL;
		else
			length += pieces[i].iov_len;
	}
	if (!error)
		error = bound_length(message, length);
	return error ? error
		     : request_read_pieces(request, pieces, count, message->data, message->length);
}

/* Descriptors that are passed on are those of the caller. */
static int take_passed(struct request *request, char *numbers, size_t size)
{
	for (size_t at = 0; at + sizeof(int) <= size; at += sizeof(int)) {
		int number;

		memcpy(&number, numbers + at, sizeof(number));
		int error = request_take_fd(request, number, &number);

		if (error)
			return error;
		memcpy(numbers + at, &number, sizeof(number));
	}
	return 0;
}

static bool is_known_control(const struct control_header *header)
{
	static const struct {
		int level, type;
	} known[] = {{SOL_SOCKET, LINUX_SCM_RIGHTS}, {IPPROTO_IP, IP_PKTINFO}, {IPPROTO_IP, IP_TOS},
		{IPPROTO_IP, IP_TTL}, {IPPROTO_IPV6, LINUX_IPV6_PKTINFO},
		{IPPROTO_IPV6, LINUX_IPV6_HOPLIMIT}, {IPPROTO_IPV6, LINUX_IPV6_TCLASS},
		{IPPROTO_UDP, LINUX_UDP_SEGMENT}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].level == header->level && known[i].type == header->type)
			return true;
	}
	return false;
}

static int check_control(struct request *request, struct outgoing *message, size_t at,
	const struct control_header *header)
{
	if (header->length < sizeof(*header) || header->length > message->control_length - at)
		return EINVAL;
	if (!is_known_control(header))
		return EPERM;
	if (header->level == SOL_SOCKET)
		return take_passed(request, message->control + at + sizeof(*header),
			(size_t)header->length - sizeof(*header));
	message->chooses_source |= header->type == IP_PKTINFO || header->type == LINUX_IPV6_PKTINFO;
	return 0;
}

static int read_control(
	struct request *request, const struct user_message *header, struct outgoing *message)
{
	const size_t aligned = ~(sizeof(uint64_t) - 1);
	struct control_header control;
	int error;

	message->control_length = (size_t)header->control_length;
	if (header->control_length > CONTROL_MAX)
		return ENOBUFS;
	error = message->control_length ? request_read(request, header->control, message->control,
						  message->control_length)
					: 0;
	for (size_t at = 0; !error && at + sizeof(control) <= message->control_length;
		at += (size_t)(control.length + sizeof(uint64_t) - 1) & aligned) {
		memcpy(&control, message->control + at, sizeof(control));
		error = check_control(request, message, at, &control);
	}
	return error;
}

/* Decides and sends; the count of bytes is the call's value. */
static int send_out(struct request *request, struct outgoing *message)
{
	struct iovec data = {message->data, message->length};
	struct user_message header = {.pieces = (uintptr_t)&data,
		.piece_count = 1,
		.control = message->control_length ? (uintptr_t)message->control : 0,
		.control_length = message->control_length};
	int error = 0;

	if (!request_is_alive(request))
		return EPERM;
	if (message->address.length)
		error = address_settle(request, &message->socket, message->directory,
			message->chooses_source, &message->address);
	if (error)
		return error;
	header.name = message->address.length ? (uintptr_t)&message->address.any : 0;
	header.name_length = message->address.length;
	request->value = syscall(SYS_sendmsg, message->socket.fd, &header, message->flags);
	return request->value < 0 ? errno : 0;
}

/* sendto(socket, data, length, flags, address, length) */
static int serve_sendto(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	struct outgoing message;
	int error = begin(request, (int)arguments[0], (uint32_t)arguments[3], &message);

	if (!error)
		error = read_destination(request, arguments[4], (uint32_t)arguments[5], &message);
	if (!error)
		error = bound_length(&message, arguments[2]);
	if (!error && message.length)
		error = request_read(request, arguments[1], message.data, message.length);
	return error ? error : send_out(request, &message);
}

static int send_one(
	struct request *request, const struct user_message *header, struct outgoing *message)
{
	int error = read_destination(request, header->name, header->name_length, message);

	message->chooses_source = false;
	if (!error)
		error = read_data(request, header, message);
	if (!error)
		error = read_control(request, header, message);
	return error ? error : send_out(request, message);
}

/* sendmsg(socket, message, flags) */
static int serve_sendmsg(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	struct user_message header;
	struct outgoing message;
	int error = begin(request, (int)arguments[0], (uint32_t)arguments[2], &message);

	if (!error)
		error = request_read(request, arguments[1], &header, sizeof(header));
	return error ? error : send_one(request, &header, &message);
}

/* sendmmsg(socket, messages, count, flags): an error after the first message is left unsaid. */
static int serve_sendmmsg(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	uint32_t count = (uint32_t)arguments[2], sent = 0;
	struct user_messages messages;
	struct outgoing message;
	int error = begin(request, (int)arguments[0], (uint32_t)arguments[3], &message);
	unsigned taken = request->fd_count;

	for (; !error && sent < count && sent < MESSAGES_MAX; sent++) {
		uint64_t at = arguments[1] + sent * sizeof(messages);

		error = request_read(request, at, &messages, sizeof(messages));
		if (!error)
			error = send_one(request, &messages.message, &message);
		request_drop(request, taken);
		if (error)
			break;
		messages.sent = (uint32_t)request->value;
		error = request_write(request, at + offsetof(struct user_messages, sent),
			&messages.sent, sizeof(messages.sent));
	}
	request->value = sent;
	return sent ? 0 : error;
}

const struct served_call serve_send_calls[] = {{SYS_sendto, serve_sendto},
	{SYS_sendmsg, serve_sendmsg}, {SYS_sendmmsg, serve_sendmmsg}, {0, NULL}};
