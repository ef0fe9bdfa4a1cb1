/*
 * Golden decisions: each row of a file of tests/golden is a profile, a query and the answer that
 * SBPL.md gives.
 *
 * usage: unit-decide [FILE...]            check rows (default: both files of tests/golden)
 *        unit-decide decide PROFILE-FILE  answer the queries on stdin, allow or deny on each line
 *
 * A query is OPERATION KEY=VALUE...: the keys of policy/attributes.def, and name for whatever name
 * the operation's objects have. Numbers can be constants of SBPL (file-mode is octal), and those
 * that are bits, several of them, with commas. remote and local are PROTOCOL:ADDRESS:PORT with
 * protocol tcp, udp or another, or unix:PATH.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "profile/sbpl.h"

static struct arena arena;
static unsigned passed, failed;

/* FILE below the source tree: $SBX_SOURCE_DIR, else around this program, else the working
 * directory. */
static const char *source_path(const char *file)
{
	const char *directory = getenv("SBX_SOURCE_DIR");
	const char *program = file_own_executable(&arena);

	if (directory)
		return path_join(&arena, directory, file);
	if (!program)
		return file;
	const char *build = path_parent(&arena, path_parent(&arena, program));
	const char *path = path_join(&arena, path_parent(&arena, build), file);
	FILE *found = fopen(path, "re");

	if (!found)
		return file;
	fclose(found);
	return path;
}

static bool evaluate(const struct source *source, struct policy *policy, struct scheme_error *error)
{
	struct profile profile;

	profile_init(&profile, source_path("presets"));
	profile_add(&profile, &arena, PART_PLAIN, source);
	return sbpl_evaluate(&profile, &arena, policy, error);
}

/* A number, or a constant as profiles name it. */
static bool parse_number(const char *text, int base, long *value)
{
	struct scheme scheme;
	char *end;

	*value = strtol(text, &end, base);
	if (end != text && !*end)
		return true;
	scheme_init(&scheme, &arena, NULL);
	const struct cell *constant = sbpl_constant(&scheme, text);

	if (!constant || constant->type != CELL_INTEGER)
		return false;
	*value = constant->integer;
	return true;
}

/* One number or constant, or several with commas: their bits. */
static bool parse_bits(const char *text, long *bits)
{
	const char *word;
	size_t length;
	long bit;

	for (*bits = 0; text_split(&text, ",", &word, &length); *bits |= bit) {
		if (!parse_number(arena_copy(&arena, word, length), 10, &bit))
			return false;
	}
	return true;
}

/* What filters can see of a socket follows from its address. */
static void set_socket(struct query *query, unsigned protocol)
{
	long domain = protocol & PROTOCOL_UNIX ? 1 : protocol & PROTOCOL_IP4 ? 2 : 30;
	long type = protocol & PROTOCOL_TCP ? 1 : protocol & PROTOCOL_UDP ? 2 : 3;

	query_set_number(query, NUMBER_SOCKET_DOMAIN, domain);
	if (!(protocol & PROTOCOL_UNIX))
		query_set_number(query, NUMBER_SOCKET_TYPE, type);
}

static bool is_localhost(const char *address)
{
	return strcmp(address, "127.0.0.1") == 0 || strcmp(address, "::1") == 0 ||
	       strcmp(address, "0.0.0.0") == 0;
}

static bool parse_endpoint(struct query *query, struct endpoint *endpoint, const char *text)
{
	const char *colon = strchr(text, ':');
	const char *last = strrchr(text, ':');
	long port;

	*endpoint = (struct endpoint){.protocol = PROTOCOL_UNIX, .bound = true};
	if (!colon)
		return false;
	if (text_starts_with(text, "unix:")) {
		query->texts[TEXT_PATH] = colon + 1;
		set_socket(query, PROTOCOL_UNIX);
		return true;
	}
	if (colon == last || !parse_number(last + 1, 10, &port))
		return false;
	const char *start = colon + 1 + (colon[1] == '[');
	const char *address = arena_copy(&arena, start, (size_t)(last - start) - (last[-1] == ']'));

	endpoint->protocol = text_starts_with(text, "tcp:")   ? PROTOCOL_TCP
			     : text_starts_with(text, "udp:") ? PROTOCOL_UDP
							      : PROTOCOL_OTHER;
	endpoint->protocol |= strchr(address, ':') ? PROTOCOL_IP6 : PROTOCOL_IP4;
	endpoint->localhost = is_localhost(address);
	endpoint->port = (int)port;
	set_socket(query, endpoint->protocol);
	return true;
}

/* What name= means: the first name that objects of the operation have. */
static enum text_attribute name_attribute(enum operation operation)
{
	unsigned attribute = TEXT_XATTR;

	while (attribute < TEXT_COUNT &&
		!operation_takes(operation, text_attribute_kind((enum text_attribute)attribute)))
		attribute++;
	return (enum text_attribute)attribute;
}

static bool set_text(struct query *query, const char *key, const char *value)
{
	enum text_attribute attribute = strcmp(key, "name") == 0 ? name_attribute(query->operation)
								 : text_attribute_find(key);

	if (attribute == TEXT_COUNT)
		return false;
	query->texts[attribute] = value;
	return true;
}

static bool set_number(struct query *query, const char *key, const char *value)
{
	enum number_attribute attribute = number_attribute_find(key);
	long number;

	if (attribute == NUMBER_COUNT)
		return false;
	if (attribute == NUMBER_FILE_MODE ? !parse_number(value, 8, &number)
					  : !parse_bits(value, &number))
		return false;
	query_set_number(query, attribute, number);
	return true;
}

static bool set_attribute(struct query *query, const char *word)
{
	const char *equals = strchr(word, '=');

	if (!equals)
		return false;
	const char *key = arena_copy(&arena, word, (size_t)(equals - word));
	const char *value = equals + 1;

	if (strcmp(key, "remote") == 0)
		return parse_endpoint(query, &query->remote, value);
	if (strcmp(key, "local") == 0)
		return parse_endpoint(query, &query->local, value);
	return set_text(query, key, value) || set_number(query, key, value);
}

static bool parse_query(const char *text, struct query *query)
{
	const char *word;
	size_t length;
	bool ignored;

	*query = (struct query){.operation = OP_NONE};
	while (text_split(&text, " ", &word, &length)) {
		word = arena_copy(&arena, word, length);
		if (query->operation == OP_NONE)
			query->operation = operation_find(word, &ignored);
		else if (!set_attribute(query, word))
			return false;
		if (query->operation == OP_NONE)
			return false;
	}
	/* A socket that connects without having been bound has any source address. */
	if (query->remote.protocol && !query->local.protocol)
		query->local.protocol = query->remote.protocol;
	return true;
}

static void fail(
	const char *file, unsigned line, const char *profile, const char *query, const char *what)
{
	printf("%s:%u: %s\n    %s\n    %s\n", file, line, what, profile, query);
	failed++;
}

static void check_row(const char *file, unsigned line, char *const fields[4])
{
	struct source source = {"profile", fields[0], strlen(fields[0])};
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct scheme_error error;
	struct query query;
	bool allow = strcmp(fields[2], "allow") == 0;

	if (!allow && strcmp(fields[2], "deny") != 0) {
		fail(file, line, fields[0], fields[1], "expected is neither allow nor deny");
		return;
	}
	if (!parse_query(fields[1], &query)) {
		fail(file, line, fields[0], fields[1], "bad query");
		return;
	}
	if (!evaluate(&source, policy, &error)) {
		fail(file, line, fields[0], fields[1],
			text_format(&arena, "expected %s (%s), but the profile is refused: %s",
				fields[2], fields[3], error.text));
		return;
	}
	struct decision decision = policy_decide(policy, &query);

	if ((decision.action == ACTION_ALLOW) == allow)
		passed++;
	else
		fail(file, line, fields[0], fields[1],
			text_format(&arena, "expected %s (%s), but %s decides otherwise", fields[2],
				fields[3], operation_name(decision.operation)));
}

static void check_file(const char *path)
{
	const struct source *source = file_read(&arena, path);
	const char *rest = source ? source->text : NULL;
	const char *line;
	size_t length;
	unsigned rows = 0;

	for (unsigned number = 1; text_split(&rest, "\n", &line, &length); number++) {
		const char *cells = arena_copy(&arena, line, length);
		const char *cell;
		char *fields[4] = {NULL};

		for (int i = 0; i < 4 && text_split(&cells, "\t", &cell, &length); i++)
			fields[i] = arena_copy(&arena, cell, length);
		if (number == 1 || !line[0] || line[0] == '\n')
			continue; /* the header, and the end */
		if (fields[3])
			check_row(path, number, fields);
		else
			fail(path, number, "", "", "not four fields");
		rows++;
	}
	if (!rows)
		fail(path, 0, "", "", source ? "no rows" : strerror(errno));
}

/* The answers of one profile, for tests in other languages. */
static int decide(const char *path)
{
	const struct source *source = file_read(&arena, path);
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct scheme_error error;
	struct query query;
	char line[8192];

	if (!source) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	if (!evaluate(source, policy, &error)) {
		struct position at = {.line = 0};

		if (error.origin.source)
			at = origin_position(error.origin);
		fprintf(stderr, "%s:%u:%u: %s\n", path, at.line, at.column, error.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!parse_query(arena_copy(&arena, line, strlen(line)), &query)) {
			fprintf(stderr, "bad query: %s\n", line);
			return 1;
		}
		puts(policy_decide(policy, &query).action == ACTION_ALLOW ? "allow" : "deny");
	}
	return 0;
}

int main(int argc, char **argv)
{
	static char buffer[1024 * 1024];

	arena = arena_make(buffer, sizeof(buffer));
	if (argc == 3 && strcmp(argv[1], "decide") == 0)
		return decide(argv[2]);
	for (int i = 1; i < argc; i++)
		check_file(argv[i]);
	if (argc == 1) {
		check_file(source_path("tests/golden/order.tsv"));
		check_file(source_path("tests/golden/decisions.tsv"));
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
