#ifndef POLICY_FILTER_H
#define POLICY_FILTER_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/operation.h"

enum text_attribute {
#define TEXT(name, filter, kind, where) TEXT_##name,
#define NUMBER(name, filter, kind, where, match)
#include "policy/attributes.def"
#undef TEXT
#undef NUMBER
	TEXT_COUNT,
};

enum number_attribute {
#define TEXT(name, filter, kind, where)
#define NUMBER(name, filter, kind, where, match) NUMBER_##name,
#include "policy/attributes.def"
#undef TEXT
#undef NUMBER
	NUMBER_COUNT,
};

/* The name of the filter on an attribute, which is the key of a query too. */
const char *text_attribute_name(enum text_attribute attribute);
const char *number_attribute_name(enum number_attribute attribute);

/* The kind of object that has the attribute. */
enum operation_takes text_attribute_kind(enum text_attribute attribute);
enum operation_takes number_attribute_kind(enum number_attribute attribute);

/* By the filter's name; TEXT_COUNT or NUMBER_COUNT when there is none. */
enum text_attribute text_attribute_find(const char *name);
enum number_attribute number_attribute_find(const char *name);

/* What the acting process may be to the one acted on; several can hold. */
enum target {
	TARGET_SELF = 1,
	TARGET_PGRP = 2,
	TARGET_CHILDREN = 4,
	TARGET_SAME_SANDBOX = 8,
	TARGET_INITPROC = 16,
	TARGET_OTHERS = 32,
	TARGET_PLATFORM_BINARY = 64, /* of the owner of a semaphore */
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
	bool wildcard;     /* 0.0.0.0 or ::, of which it is unclear whether it is localhost */
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

/*
 * A filter stands for a pattern that may mean more, or less, on macOS. A negation turns one into
 * the other.
 */
enum doubt {
	DOUBT_MISSES = 1,   /* it may leave out what macOS matches */
	DOUBT_OVERDOES = 2, /* it may match what macOS does not */
};

struct filter {
	enum filter_kind kind;
	uint8_t doubt;  /* bits, of a group: those of its items */
	uint16_t depth; /* of a group: levels */
	unsigned size;  /* of a group: filters that a walk meets */
	unsigned bytes; /* of patterns, all together */
	uint64_t kinds; /* bits of enum operation_takes: what the filters apply to */
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
	uint64_t numbers_known; /* bits: 1 << enum number_attribute */
	long numbers[NUMBER_COUNT];
	struct endpoint remote, local;
};

enum match { MATCH_NO = 0, MATCH_MAYBE, MATCH_YES };

/*
 * A filter that does not apply to the operation never matches. Where it is unclear what macOS does,
 * the answer is the one with which a rule of this action allows less. MATCH_MAYBE only for partial
 * queries and those of a region (below).
 */
enum match filter_match(const struct filter *filter, enum action action, const struct query *query);

/* The name of a filter in this one that neither the operation nor one that goes on in it takes, or
 * NULL. */
const char *filter_misfit(const struct filter *filter, enum operation operation);

void query_set_number(struct query *query, enum number_attribute attribute, long value);

#endif
