/* Filters on addresses (SBPL.md section 7). */
#include <stdlib.h>
#include <string.h>

#include "profile/sbpl.h"

const struct foreign_type sbpl_protocol_type = {"protocol"};

static bool parse_port(const char *text, int *port)
{
	char *end;

	*port = PORT_ANY;
	if (strcmp(text, "*") == 0)
		return true;
	if (text[0] < '0' || text[0] > '9')
		return false;
	long number = strtol(text, &end, 10);

	*port = (int)number;
	return !*end && number <= 65535;
}

static bool parse_address(struct scheme *scheme, const char *text, struct endpoint *endpoint)
{
	const char *colon = strrchr(text, ':');

	if (!colon)
		return scheme_fail(scheme, NULL, "port missing in network address") != NULL;
	size_t length = (size_t)(colon - text);

	endpoint->localhost = length == 9 && memcmp(text, "localhost", 9) == 0;
	if (!endpoint->localhost && !(length == 1 && text[0] == '*'))
		return scheme_fail(scheme, NULL,
			       "host must be * or localhost in network address") != NULL;
	if (!parse_port(colon + 1, &endpoint->port))
		return scheme_fail(scheme, NULL, "invalid port in network address") != NULL;
	return true;
}

static struct filter *new_endpoint(struct scheme *scheme, enum filter_kind kind, unsigned protocol)
{
	struct filter *filter = sbpl_new_filter(scheme, kind);

	filter->kinds = UINT64_C(1) << TAKES_NETWORK;
	filter->endpoint = (struct endpoint){.protocol = protocol, .port = PORT_ANY};
	return filter;
}

/* (remote P ["HOST:PORT"]) and (remote unix-socket [path-filter]); local likewise. */
static struct cell *make_endpoint(struct scheme *scheme, struct cell *arguments)
{
	const enum filter_kind *kind = scheme->calling->datum;
	const unsigned *protocol = scheme_object(arguments->pair.head, &sbpl_protocol_type);

	if (!protocol)
		return scheme_fail(scheme, NULL, "%s: expected a protocol, got %s",
			scheme->calling->name, scheme_type_name(arguments->pair.head));
	struct filter *filter = new_endpoint(scheme, *kind, *protocol);
	struct cell *cell = sbpl_filter_cell(scheme, filter);

	if (arguments->pair.tail->type == CELL_NIL)
		return cell;
	const struct cell *address = arguments->pair.tail->pair.head;

	if (*protocol == PROTOCOL_UNIX && scheme_object(address, &sbpl_filter_type))
		return sbpl_filter_cell(
			scheme, sbpl_all(scheme, scheme_cons(scheme, cell, arguments->pair.tail)));
	if (address->type != CELL_STRING)
		return scheme_fail(
			scheme, NULL, "%s expects string argument", scheme->calling->name);
	if (strlen(address->string.bytes) != address->string.length)
		return scheme_fail(scheme, NULL, "NUL byte in network address");
	return parse_address(scheme, address->string.bytes, &filter->endpoint) ? cell : NULL;
}

#define ENDPOINT(name, kind)                                                                       \
	{                                                                                          \
		name, make_endpoint, 1, 2, &(const enum filter_kind)                               \
		{                                                                                  \
			kind                                                                       \
		}                                                                                  \
	}

const struct primitive sbpl_endpoint_primitives[] = {
	ENDPOINT("remote", FILTER_REMOTE),
	ENDPOINT("to", FILTER_REMOTE),
	ENDPOINT("local", FILTER_LOCAL),
	ENDPOINT("from", FILTER_LOCAL),
	{NULL, NULL, 0, 0, NULL},
};
