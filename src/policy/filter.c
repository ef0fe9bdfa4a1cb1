/*
 * Invariant: for a query that is neither partial nor a region, filter_match MUST answer YES or NO;
 * for the others, the answer MUST be MAYBE unless it is the same for every object the query stands
 * for.
 */
#include "policy/filter.h"

#include <string.h>

#include "base/path.h"

void query_set_number(struct query *query, enum number_attribute attribute, long value)
{
	query->numbers[attribute] = value;
	query->numbers_known |= 1u << attribute;
}

/* An absent attribute: open in a partial query, if the operation's objects can have it at all. */
static enum match match_absent(const struct query *query, enum operation_takes kind)
{
	return query->partial && operation_takes(query->operation, kind) ? MATCH_MAYBE : MATCH_NO;
}

static enum match match_all(const struct filter *filter, const struct query *query)
{
	enum match result = MATCH_YES;

	for (size_t i = 0; i < filter->group.count && result != MATCH_NO; i++) {
		enum match match = filter_match(filter->group.items[i], query);

		if (match < result)
			result = match;
	}
	return result;
}

static enum match match_any(const struct filter *filter, const struct query *query)
{
	enum match result = MATCH_NO;

	for (size_t i = 0; i < filter->group.count && result != MATCH_YES; i++) {
		enum match match = filter_match(filter->group.items[i], query);

		if (match > result)
			result = match;
	}
	return result;
}

static enum match yes_if(bool condition)
{
	return condition ? MATCH_YES : MATCH_NO;
}

/* Every path strictly below query path that no deeper node of the trie covers. */
static enum match match_below(const struct filter *filter, const char *path)
{
	size_t length = strlen(path);
	size_t base = length == 1 ? 1 : length + 1; /* with the slash */
	const char *bytes = filter->text.bytes;

	switch (filter->text.pattern) {
	case PATTERN_LITERAL:
		return MATCH_NO; /* a literal is a node of its own */
	case PATTERN_SUBPATH:
		return yes_if(path_is_within(path, length, bytes, filter->text.length));
	case PATTERN_PREFIX:
		if (filter->text.length <= base)
			return yes_if(memcmp(path, bytes,
					      filter->text.length < length ? filter->text.length
									   : length) == 0 &&
				      (filter->text.length < base || base == length ||
					      bytes[length] == '/'));
		if (bytes[filter->text.length - 1] == '/')
			return MATCH_NO; /* all of it lies below a node of its own */
		return memcmp(bytes, path, length) == 0 && (base == length || bytes[length] == '/')
			       ? MATCH_MAYBE
			       : MATCH_NO;
	case PATTERN_REGEX:
		return MATCH_MAYBE;
	}
	return MATCH_MAYBE;
}

static enum match match_text(const struct filter *filter, const struct query *query)
{
	static const enum operation_takes kinds[TEXT_COUNT] = {
		[TEXT_PATH] = TAKES_PATH,
		[TEXT_XATTR] = TAKES_XATTR,
		[TEXT_MACH_GLOBAL_NAME] = TAKES_MACH,
		[TEXT_MACH_LOCAL_NAME] = TAKES_MACH,
		[TEXT_XPC_SERVICE_NAME] = TAKES_MACH,
		[TEXT_IPC_POSIX_NAME] = TAKES_POSIX_IPC,
		[TEXT_SYSCTL_NAME] = TAKES_SYSCTL,
		[TEXT_PREFERENCE_DOMAIN] = TAKES_PREFERENCE_DOMAIN,
		[TEXT_OTHER] = TAKES_OTHER,
	};
	const char *value = query->texts[filter->text.attribute];

	if (!value && filter->text.attribute == TEXT_PATH && query->pathless)
		return MATCH_NO;
	if (!value)
		return match_absent(query, kinds[filter->text.attribute]);
	if (query->below && filter->text.attribute == TEXT_PATH)
		return match_below(filter, value);

	size_t length = strlen(value);
	const char *bytes = filter->text.bytes;

	switch (filter->text.pattern) {
	case PATTERN_LITERAL:
		return yes_if(length == filter->text.length && memcmp(value, bytes, length) == 0);
	case PATTERN_SUBPATH:
		return yes_if(path_is_within(value, length, bytes, filter->text.length));
	case PATTERN_PREFIX:
		return yes_if(length >= filter->text.length &&
			      memcmp(value, bytes, filter->text.length) == 0);
	case PATTERN_REGEX:
		return yes_if(regexec(filter->text.regex, value, 0, NULL, 0) == 0);
	}
	return MATCH_NO;
}

static enum match match_number(const struct filter *filter, const struct query *query)
{
	static const enum operation_takes kinds[NUMBER_COUNT] = {
		[NUMBER_VNODE_TYPE] = TAKES_VNODE_TYPE,
		[NUMBER_FILE_MODE] = TAKES_FILE_MODE,
		[NUMBER_SOCKET_DOMAIN] = TAKES_SOCKET,
		[NUMBER_SOCKET_TYPE] = TAKES_SOCKET,
		[NUMBER_SOCKET_PROTOCOL] = TAKES_SOCKET,
		[NUMBER_TARGET] = TAKES_TARGET,
		[NUMBER_SIGNAL] = TAKES_SIGNAL,
		[NUMBER_OTHER] = TAKES_OTHER,
	};
	enum number_attribute attribute = filter->number.attribute;

	if (!(query->numbers_known & 1u << attribute))
		return match_absent(query, kinds[attribute]);
	long value = query->numbers[attribute];

	if (attribute == NUMBER_FILE_MODE)
		return yes_if((value & filter->number.value) == filter->number.value);
	if (attribute == NUMBER_TARGET)
		return yes_if(value & filter->number.value);
	return yes_if(value == filter->number.value);
}

static enum match match_endpoint(
	const struct endpoint *filter, const struct endpoint *endpoint, const struct query *query)
{
	if (!endpoint->protocol)
		return match_absent(query, TAKES_NETWORK);
	if (endpoint->protocol & ~filter->protocol)
		return MATCH_NO;
	if (!filter->localhost && filter->port == PORT_ANY)
		return MATCH_YES;
	if (endpoint->protocol & PROTOCOL_UNIX)
		return MATCH_NO;
	if (!endpoint->bound) /* SBPL.md section 7: an unbound source can be any */
		return query->partial ? MATCH_MAYBE : MATCH_YES;
	return yes_if((!filter->localhost || endpoint->localhost) &&
		      (filter->port == PORT_ANY || filter->port == endpoint->port));
}

enum match filter_match(const struct filter *filter, const struct query *query)
{
	switch (filter->kind) {
	case FILTER_NEVER:
		return MATCH_NO;
	case FILTER_ALL:
		return match_all(filter, query);
	case FILTER_ANY:
		return match_any(filter, query);
	case FILTER_NOT:
		return (enum match)(MATCH_YES - filter_match(filter->group.items[0], query));
	case FILTER_TEXT:
		return match_text(filter, query);
	case FILTER_NUMBER:
		return match_number(filter, query);
	case FILTER_REMOTE:
		return match_endpoint(&filter->endpoint, &query->remote, query);
	case FILTER_LOCAL:
		return match_endpoint(&filter->endpoint, &query->local, query);
	}
	return MATCH_NO;
}
