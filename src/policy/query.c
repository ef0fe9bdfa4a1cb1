#include "policy/query.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* macOS numbers, which rules speak of. */
enum {
	MAC_AF_UNIX = 1,
	MAC_AF_INET = 2,
	MAC_AF_INET6 = 30,
	MAC_SOCK_STREAM = 1,
	MAC_SOCK_DGRAM = 2,
	MAC_SOCK_RAW = 3,
	REGULAR_FILE = 1,
	SOCKET = 6,
};

typedef bool key_function(struct question *question, const char *key, const char *value);

static bool fail(struct question *question, const char *what, const char *value)
{
	question->error = text_format(question->arena, "%s: '%s'", what, value);
	return false;
}

/* A number, or a constant as profiles name it. */
static bool parse_number(const struct question *question, const char *text, int base, long *value)
{
	char *end;

	errno = 0;
	*value = strtol(text, &end, base);
	if (end != text && !*end && errno == 0)
		return true;
	return question->constant && question->constant(text, value);
}

/* The first name that objects of the operation have, or TEXT_COUNT. */
static enum text_attribute find_name(enum operation operation)
{
	unsigned attribute = TEXT_XATTR;

	while (attribute < TEXT_COUNT &&
		!operation_takes(operation, text_attribute_kind((enum text_attribute)attribute)))
		attribute++;
	return (enum text_attribute)attribute;
}

static bool set_name(struct question *question, const char *key, const char *value)
{
	enum text_attribute found = find_name(question->query.operation);

	if (found == TEXT_COUNT)
		return fail(question,
			text_format(question->arena, "%s has no %s",
				operation_name(question->query.operation), key),
			value);
	question->query.texts[found] = value;
	return true;
}

/* One number or constant, or several with commas: the bits of all. */
static bool set_number(
	struct question *question, enum number_attribute attribute, const char *value)
{
	int base = attribute == NUMBER_FILE_MODE ? 8 : 0;
	const char *rest = value;
	const char *word;
	size_t length;
	long bit, bits = 0;

	for (; text_split(&rest, ",", &word, &length); bits |= bit) {
		if (!parse_number(question, arena_copy(question->arena, word, length), base, &bit))
			return fail(question,
				text_format(question->arena,
					"%s is neither a number nor a known name",
					number_attribute_name(attribute)),
				value);
	}
	query_set_number(&question->query, attribute, bits);
	return true;
}

/* The address itself is never compared: only whether it is this host, and of which family. A name
 * that is not localhost stands for some address elsewhere. */
static bool parse_host(const char *host, struct endpoint *endpoint)
{
	struct in6_addr address;
	bool is_ip6 = inet_pton(AF_INET6, host, &address) == 1;

	endpoint->localhost = strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
			      (is_ip6 && IN6_IS_ADDR_LOOPBACK(&address));
	endpoint->wildcard =
		strcmp(host, "0.0.0.0") == 0 || (is_ip6 && IN6_IS_ADDR_UNSPECIFIED(&address));
	endpoint->protocol |= is_ip6 ? PROTOCOL_IP6 : PROTOCOL_IP4;
	return host[0] && (is_ip6 || !strchr(host, ':'));
}

static bool parse_protocol(const char *text, size_t length, unsigned *protocol)
{
	static const struct {
		const char *name;
		unsigned protocol;
	} protocols[] = {
		{"tcp", PROTOCOL_TCP},
		{"udp", PROTOCOL_UDP},
		{"icmp", PROTOCOL_OTHER},
		{"raw", PROTOCOL_OTHER},
		{"sctp", PROTOCOL_OTHER},
		{"ip", PROTOCOL_OTHER},
	};

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strlen(protocols[i].name) == length &&
			memcmp(protocols[i].name, text, length) == 0) {
			*protocol = protocols[i].protocol;
			return true;
		}
	}
	return false;
}

/* ADDRESS:PORT; the last colon separates them. */
static bool parse_address(
	const struct question *question, const char *text, struct endpoint *endpoint)
{
	const char *last = strrchr(text, ':');
	long port;

	if (!last || !parse_number(question, last + 1, 10, &port) || port < 0 || port > 65535)
		return false;
	bool bracketed = text[0] == '[' && last > text + 1 && last[-1] == ']';
	const char *start = text + bracketed;

	endpoint->port = (int)port;
	return parse_host(
		arena_copy(question->arena, start, (size_t)(last - start) - (bracketed ? 1 : 0)),
		endpoint);
}

/* PROTOCOL:ADDRESS:PORT or unix:PATH. */
static bool set_endpoint(struct question *question, const char *key, const char *value)
{
	struct query *query = &question->query;
	struct endpoint *endpoint = strcmp(key, "remote") == 0 ? &query->remote : &query->local;
	const char *colon = strchr(value, ':');

	*endpoint = (struct endpoint){.bound = true};
	if (text_starts_with(value, "unix:")) {
		endpoint->protocol = PROTOCOL_UNIX;
		query->texts[TEXT_PATH] = colon + 1;
	} else if (!colon || !parse_protocol(value, (size_t)(colon - value), &endpoint->protocol) ||
		   !parse_address(question, colon + 1, endpoint)) {
		*endpoint = (struct endpoint){.bound = false};
		return fail(question,
			text_format(question->arena,
				"%s is neither PROTOCOL:ADDRESS:PORT (tcp:127.0.0.1:80,"
				" udp:::1:53) nor unix:PATH",
				key),
			value);
	}
	return true;
}

/* Keys besides those of policy/attributes.def. */
static const struct {
	const char *name;
	key_function *set;
} keys[] = {{"name", set_name}, {"remote", set_endpoint}, {"local", set_endpoint}};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static void try_key(const char *name, const char *candidate, const char **nearest, unsigned *best)
{
	unsigned distance = text_distance(name, candidate);

	if (distance < *best) {
		*best = distance;
		*nearest = candidate;
	}
}

static bool fail_key(struct question *question, const char *name)
{
	const char *nearest = NULL;
	unsigned best = 3;

	for (int i = 0; i < KEYS; i++)
		try_key(name, keys[i].name, &nearest, &best);
	for (int i = 0; i < TEXT_COUNT; i++)
		try_key(name, text_attribute_name((enum text_attribute)i), &nearest, &best);
	for (int i = 0; i < NUMBER_COUNT; i++)
		try_key(name, number_attribute_name((enum number_attribute)i), &nearest, &best);
	question->error = nearest ? text_format(question->arena,
					    "unknown key '%s' (did you mean %s?)", name, nearest)
				  : text_format(question->arena, "unknown key '%s'", name);
	return false;
}

bool question_begin(struct question *question, const char *operation)
{
	bool ignored;

	question->error = NULL;
	question->query = (struct query){.operation = operation_find(operation, &ignored)};
	if (question->query.operation != OP_NONE)
		return true;
	const char *nearest = ignored ? NULL : operation_nearest(operation);

	question->error = text_format(question->arena, "%s '%s'%s%s%s",
		ignored ? "an operation without any effect:" : "unknown operation", operation,
		nearest ? " (did you mean " : "", nearest ? nearest : "", nearest ? "?)" : "");
	return false;
}

bool question_set(struct question *question, const char *name, const char *value)
{
	enum text_attribute text = text_attribute_find(name);
	enum number_attribute number = number_attribute_find(name);

	for (int i = 0; i < KEYS; i++) {
		if (text_is(keys[i].name, name))
			return keys[i].set(question, name, value);
	}
	if (number != NUMBER_COUNT)
		return set_number(question, number, value);
	if (text == TEXT_COUNT)
		return fail_key(question, name);
	question->query.texts[text] = value;
	return true;
}

static bool is_network(const struct question *question)
{
	return operation_takes(question->query.operation, TAKES_NETWORK);
}

bool question_takes_path(const struct question *question, const char *object)
{
	return operation_takes(question->query.operation, TAKES_PATH) &&
	       (!is_network(question) || strchr(object, '/'));
}

/* A socket's other end, except where it is one's own. */
static bool set_address(struct question *question, const char *object)
{
	bool is_unix = question_takes_path(question, object);
	const char *key = question->query.operation == OP_NETWORK_OUTBOUND ? "remote" : "local";

	return question_set(question, key,
		text_format(question->arena, "%s:%s", is_unix ? "unix" : "tcp", object));
}

static bool set_object(struct question *question, const char *object)
{
	if (is_network(question))
		return set_address(question, object);
	if (question_takes_path(question, object))
		return question_set(question, "path", object);
	if (operation_takes(question->query.operation, TAKES_TARGET))
		return question_set(question, "target", object);
	return question_set(question, "name", object);
}

static size_t key_length(const char *word)
{
	return strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

bool question_has_key(const char *word)
{
	size_t length = key_length(word);

	return length > 0 && word[length] == '=';
}

bool question_add(struct question *question, const char *word)
{
	size_t length = key_length(word);

	if (!question_has_key(word))
		return set_object(question, word);
	return question_set(question, arena_copy(question->arena, word, length), word + length + 1);
}

static void set_unless_known(struct query *query, enum number_attribute attribute, long value)
{
	if (!(query->numbers_known & UINT64_C(1) << attribute))
		query_set_number(query, attribute, value);
}

/* What filters can see of a socket follows from its address. */
static void describe_socket(struct query *query, unsigned protocol)
{
	bool is_unix = protocol & PROTOCOL_UNIX;

	set_unless_known(query, NUMBER_SOCKET_DOMAIN,
		is_unix                   ? MAC_AF_UNIX
		: protocol & PROTOCOL_IP4 ? MAC_AF_INET
					  : MAC_AF_INET6);
	if (!is_unix)
		set_unless_known(query, NUMBER_SOCKET_TYPE,
			protocol & PROTOCOL_TCP   ? MAC_SOCK_STREAM
			: protocol & PROTOCOL_UDP ? MAC_SOCK_DGRAM
						  : MAC_SOCK_RAW);
}

void question_end(struct question *question)
{
	struct query *query = &question->query;
	unsigned protocol = query->remote.protocol | query->local.protocol;

	if (protocol)
		describe_socket(query, protocol);
	if (query->texts[TEXT_PATH])
		set_unless_known(query, NUMBER_VNODE_TYPE, protocol ? SOCKET : REGULAR_FILE);
	/* A socket that connects without having been bound has any source address. */
	if (query->remote.protocol && !query->local.protocol)
		query->local.protocol = query->remote.protocol;
}

bool question_parse(struct question *question, const char *line)
{
	const char *rest = line;
	const char *word;
	size_t length;

	if (!text_split(&rest, " ", &word, &length) ||
		!question_begin(question, arena_copy(question->arena, word, length)))
		return false;
	while (text_split(&rest, " ", &word, &length)) {
		if (length && !question_add(question, arena_copy(question->arena, word, length)))
			return false;
	}
	question_end(question);
	return true;
}
