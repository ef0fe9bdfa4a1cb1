/*
 * Invariant: for a query that is neither partial nor a region, filter_match MUST answer YES or NO;
 * for the others, the answer MUST be MAYBE unless it is the same for every object the query stands
 * for.
 */
#include "policy/filter.h"

#include <string.h>

#include "base/path.h"
#include "base/text.h"

enum where { MACOS = 0, HERE };
enum comparison { EQUALS, ALL, ANY };

struct attribute {
	const char *name;
	uint8_t kind, where, comparison;
};

static const struct attribute texts[TEXT_COUNT] = {
#define TEXT(name, filter, kind, where) [TEXT_##name] = {filter, TAKES_##kind, where, EQUALS},
#define NUMBER(name, filter, kind, where, match)
#include "policy/attributes.def"
#undef TEXT
#undef NUMBER
};

static const struct attribute numbers[NUMBER_COUNT] = {
#define TEXT(name, filter, kind, where)
#define NUMBER(name, filter, kind, where, match)                                                   \
	[NUMBER_##name] = {filter, TAKES_##kind, where, match},
#include "policy/attributes.def"
#undef TEXT
#undef NUMBER
};

const char *text_attribute_name(enum text_attribute attribute)
{
	return texts[attribute].name;
}

const char *number_attribute_name(enum number_attribute attribute)
{
	return numbers[attribute].name;
}

enum operation_takes text_attribute_kind(enum text_attribute attribute)
{
	return (enum operation_takes)texts[attribute].kind;
}

enum operation_takes number_attribute_kind(enum number_attribute attribute)
{
	return (enum operation_takes)numbers[attribute].kind;
}

static unsigned find(const struct attribute *table, unsigned count, const char *name)
{
	unsigned i = 0;

	while (i < count && !text_is(table[i].name, name))
		i++;
	return i;
}

enum text_attribute text_attribute_find(const char *name)
{
	return (enum text_attribute)find(texts, TEXT_COUNT, name);
}

enum number_attribute number_attribute_find(const char *name)
{
	return (enum number_attribute)find(numbers, NUMBER_COUNT, name);
}

void query_set_number(struct query *query, enum number_attribute attribute, long value)
{
	query->numbers[attribute] = value;
	query->numbers_known |= UINT64_C(1) << attribute;
}

/* An absent attribute: open in a partial query, if the object can have it at all. */
static enum match match_absent(const struct query *query, const struct attribute *attribute)
{
	return query->partial && attribute->where == HERE ? MATCH_MAYBE : MATCH_NO;
}

static enum match match_all(
	const struct filter *filter, enum action action, const struct query *query)
{
	enum match result = MATCH_YES;

	for (size_t i = 0; i < filter->group.count && result != MATCH_NO; i++) {
		enum match match = filter_match(filter->group.items[i], action, query);

		if (match < result)
			result = match;
	}
	return result;
}

static enum match match_any(
	const struct filter *filter, enum action action, const struct query *query)
{
	enum match result = MATCH_NO;

	for (size_t i = 0; i < filter->group.count && result != MATCH_YES; i++) {
		enum match match = filter_match(filter->group.items[i], action, query);

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
	const struct attribute *attribute = &texts[filter->text.attribute];
	const char *value = query->texts[filter->text.attribute];

	if (!operation_takes(query->operation, (enum operation_takes)attribute->kind))
		return MATCH_NO;
	if (!value && attribute->kind == TAKES_PATH && query->pathless)
		return MATCH_NO;
	if (!value)
		return match_absent(query, attribute);
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
	const struct attribute *attribute = &numbers[filter->number.attribute];

	if (!operation_takes(query->operation, (enum operation_takes)attribute->kind))
		return MATCH_NO;
	if (!(query->numbers_known >> filter->number.attribute & 1))
		return match_absent(query, attribute);
	long value = query->numbers[filter->number.attribute];

	if (attribute->comparison == ALL)
		return yes_if((value & filter->number.value) == filter->number.value);
	if (attribute->comparison == ANY)
		return yes_if(value & filter->number.value);
	return yes_if(value == filter->number.value);
}

/* An unbound source can be any, and a wildcard address means this host among others. */
static enum match match_endpoint(const struct endpoint *filter, const struct endpoint *endpoint,
	enum action action, const struct query *query)
{
	if (!operation_takes(query->operation, TAKES_NETWORK))
		return MATCH_NO;
	if (!endpoint->protocol)
		return query->partial ? MATCH_MAYBE : MATCH_NO;
	if (endpoint->protocol & ~filter->protocol)
		return MATCH_NO;
	if (!filter->localhost && filter->port == PORT_ANY)
		return MATCH_YES;
	if (endpoint->protocol & PROTOCOL_UNIX)
		return MATCH_NO;
	if (!endpoint->bound)
		return query->partial ? MATCH_MAYBE : yes_if(action == ACTION_DENY);
	bool is_here = endpoint->localhost || (endpoint->wildcard && action == ACTION_DENY);

	return yes_if((!filter->localhost || is_here) &&
		      (filter->port == PORT_ANY || filter->port == endpoint->port));
}

static enum action opposite(enum action action)
{
	return action == ACTION_ALLOW ? ACTION_DENY : ACTION_ALLOW;
}

enum match filter_match(const struct filter *filter, enum action action, const struct query *query)
{
	switch (filter->kind) {
	case FILTER_NEVER:
		return MATCH_NO;
	case FILTER_ALL:
		return match_all(filter, action, query);
	case FILTER_ANY:
		return match_any(filter, action, query);
	case FILTER_NOT:
		return (enum match)(
			MATCH_YES - filter_match(filter->group.items[0], opposite(action), query));
	case FILTER_TEXT:
		return match_text(filter, query);
	case FILTER_NUMBER:
		return match_number(filter, query);
	case FILTER_REMOTE:
		return match_endpoint(&filter->endpoint, &query->remote, action, query);
	case FILTER_LOCAL:
		return match_endpoint(&filter->endpoint, &query->local, action, query);
	}
	return MATCH_NO;
}

static const char *misfit_in_group(const struct filter *group, enum operation operation)
{
	const char *name = NULL;

	for (size_t i = 0; i < group->group.count && !name; i++)
		name = filter_misfit(group->group.items[i], operation);
	return name;
}

static const char *name_unless(
	const char *name, enum operation_takes kind, enum operation operation)
{
	return operation_reaches(operation, kind) ? NULL : name;
}

const char *filter_misfit(const struct filter *filter, enum operation operation)
{
	if (!(filter->kinds & ~operation_kinds[operation]))
		return NULL;
	switch (filter->kind) {
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		return misfit_in_group(filter, operation);
	case FILTER_TEXT:
		return name_unless(texts[filter->text.attribute].name,
			text_attribute_kind(filter->text.attribute), operation);
	case FILTER_NUMBER:
		return name_unless(numbers[filter->number.attribute].name,
			number_attribute_kind(filter->number.attribute), operation);
	case FILTER_REMOTE:
		return name_unless("remote", TAKES_NETWORK, operation);
	case FILTER_LOCAL:
		return name_unless("local", TAKES_NETWORK, operation);
	case FILTER_NEVER:
		return NULL;
	}
	return NULL;
}
