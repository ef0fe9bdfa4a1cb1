#ifndef POLICY_FILTER_H
#define POLICY_FILTER_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/operation.h"

/* What an object is known by (SBPL.md section 3). */
enum text_attribute {
	TEXT_PATH,
	TEXT_XATTR,
	TEXT_MACH_GLOBAL_NAME,
	TEXT_MACH_LOCAL_NAME,
	TEXT_XPC_SERVICE_NAME,
	TEXT_IPC_POSIX_NAME,
	TEXT_SYSCTL_NAME,
	TEXT_PREFERENCE_DOMAIN,
	TEXT_OTHER, /* names of objects that only macOS has */
	TEXT_COUNT,
};

enum number_attribute {
	NUMBER_VNODE_TYPE,
	NUMBER_FILE_MODE, /* bits: all those of the filter must be set */
	NUMBER_SOCKET_DOMAIN,
	NUMBER_SOCKET_TYPE,
	NUMBER_SOCKET_PROTOCOL,
	NUMBER_TARGET, /* enum target bits: one of those of the filter must be set */
	NUMBER_SIGNAL,
	NUMBER_OTHER,
	NUMBER_COUNT,
};

/* What the acting process may be to the one acted on; several can hold. */
enum target {
	TARGET_SELF = 1,
	TARGET_PGRP = 2,
	TARGET_CHILDREN = 4,
	TARGET_SAME_SANDBOX = 8,
	TARGET_INITPROC = 16,
	TARGET_OTHERS = 32,
};

enum pattern { PATTERN_LITERAL, PATTERN_SUBPATH, PATTERN_PREFIX, PATTERN_REGEX };

/* Bits of what an endpoint can speak; a filter matches when the endpoint's bits are all in it. */
enum protocol {
	PROTOCOL_TCP = 1,
	PROTOCOL_UDP = 2,
	PROTOCOL_OTHER = 4, /* raw, ICMP, SCTP... */
	PROTOCOL_IP4 = 8,
	PROTOCOL_IP6 = 16,
	PROTOCOL_UNIX = 32,
	PROTOCOL_ANY_IP = 31,
};

enum { PORT_ANY = -1 };

struct endpoint {
	unsigned protocol; /* 0: there is none. In a filter: everything it covers */
	bool localhost;    /* in a filter: localhost only */
	bool bound;        /* false: the address is not chosen yet */
	int port;          /* PORT_ANY in a filter: every port */
};

enum filter_kind {
	FILTER_NEVER = 0, /* what nothing outside macOS can satisfy: extensions, entitlements */
	FILTER_ALL,
	FILTER_ANY,
	FILTER_NOT,
	FILTER_TEXT,
	FILTER_NUMBER,
	FILTER_REMOTE,
	FILTER_LOCAL,
};

/* Bounds that keep every walk over a filter, and over those of all rules, short. */
enum { FILTER_DEPTH_MAX = 500, FILTER_SIZE_MAX = 1000000 };

struct filter {
	enum filter_kind kind;
	unsigned depth, size; /* of a group: levels, and filters that a walk meets */
	union {
		struct {
			const struct filter **items;
			size_t count;
		} group; /* FILTER_ALL, FILTER_ANY; FILTER_NOT: items[0] */
		struct {
			enum text_attribute attribute;
			enum pattern pattern;
			const char *bytes;
			size_t length;
			const regex_t *regex;
		} text;
		struct {
			enum number_attribute attribute;
			long value;
		} number;
		struct endpoint endpoint;
	};
};

/*
 * One question to the policy. A partial query leaves open what it does not set, and then stands for
 * every object that agrees with what it does set; otherwise what is not set is absent.
 */
struct query {
	enum operation operation;
	bool partial;
	bool below; /* the path stands for all paths strictly below it, outside deeper trie nodes */
	bool pathless; /* the object is known to have no path, even in a partial query */
	const char *texts[TEXT_COUNT];
	unsigned numbers_known; /* bits: 1 << enum number_attribute */
	long numbers[NUMBER_COUNT];
	struct endpoint remote, local;
};

enum match { MATCH_NO = 0, MATCH_MAYBE, MATCH_YES };

/* MATCH_MAYBE only for partial queries and those of a region (below). */
enum match filter_match(const struct filter *filter, const struct query *query);

void query_set_number(struct query *query, enum number_attribute attribute, long value);

#endif
