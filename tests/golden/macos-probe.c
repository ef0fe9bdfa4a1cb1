/*
 * Asks the sandbox of macOS what the rows of golden files answer: each profile is compiled and
 * applied in a child process, which then asks sandbox_check(), or tries the connection that the row
 * is about. Built and run by run-on-macos.sh.
 *
 * usage: macos-probe FILE.tsv...   rows: PROFILE <tab> OPERATION KEY=VALUE... <tab> allow|deny
 * <tab> WHY
 * [<tab> NAME=VALUE...] Exit status: 0 all that could be asked agree, 1 some don't, 2 nothing can
 * be asked here.
 *
 * Paths are compared as they stand as long as nothing of that name exists; the rows' don't on a
 * Mac.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 64 * 1024, KEYS_MAX = 8, TEXT_MAX_BYTES = 1024 };

/* No public header declares these. */
typedef void *compile_function(const char *text, void *parameters, char **error);
typedef void *create_function(void);
typedef int set_function(void *parameters, const char *name, const char *value);
typedef int apply_function(void *profile);
typedef int check_function(pid_t process, const char *operation, int type, ...);

static struct {
	compile_function *compile;
	create_function *create_parameters;
	set_function *set_parameter;
	apply_function *apply;
	check_function *check;
	int no_report;
} sandbox;

/* The kinds of object that sandbox_check() takes. */
enum filter_type {
	FILTER_NONE = 0,
	FILTER_PATH = 1,
	FILTER_GLOBAL_NAME = 2,
	FILTER_LOCAL_NAME = 3,
	FILTER_APPLEEVENT_DESTINATION = 4,
	FILTER_RIGHT_NAME = 5,
	FILTER_PREFERENCE_DOMAIN = 6,
	FILTER_XPC_SERVICE_NAME = 12,
	FILTER_NVRAM_VARIABLE = 15,
	FILTER_POSIX_IPC_NAME = 17,
};

/* How a key of a row is asked: by the start of the operation that it stands with. */
static const struct {
	const char *operation, *key;
	enum filter_type type;
} askable[] = {
	{"file-", "path", FILTER_PATH},
	{"process-exec", "path", FILTER_PATH},
	{"mach-", "global-name", FILTER_GLOBAL_NAME},
	{"mach-lookup", "name", FILTER_GLOBAL_NAME},
	{"mach-", "local-name", FILTER_LOCAL_NAME},
	{"mach-lookup", "xpc-service-name", FILTER_XPC_SERVICE_NAME},
	{"ipc-posix-", "name", FILTER_POSIX_IPC_NAME},
	{"user-preference-", "name", FILTER_PREFERENCE_DOMAIN},
	{"managed-preference-", "name", FILTER_PREFERENCE_DOMAIN},
	{"appleevent-send", "name", FILTER_APPLEEVENT_DESTINATION},
	{"authorization-right-obtain", "name", FILTER_RIGHT_NAME},
	{"nvram-", "name", FILTER_NVRAM_VARIABLE},
};

/* What these filters look at has no counterpart in a question about a mere name. */
static const char *const unaskable_filters[] = {
	"vnode-type", "file-mode", "(tty", "xattr", "mount-relative", "file-attribute", NULL};

struct row {
	const char *profile, *operation, *expected;
	char *parameters; /* NAME=VALUE words, or NULL */
	const char *keys[KEYS_MAX], *values[KEYS_MAX];
	int key_count;
};

enum answer { ANSWER_ALLOW = 0, ANSWER_DENY, ANSWER_NOT_COMPILED, ANSWER_UNKNOWN, ANSWER_SKIP };

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool load(void)
{
	/* Since macOS 11 the library is in the shared cache, not in the file system. */
	void *library = dlopen("/usr/lib/libsandbox.1.dylib", RTLD_NOW);
	const int *no_report = dlsym(RTLD_DEFAULT, "SANDBOX_CHECK_NO_REPORT");

	if (!library) {
		fprintf(stderr, "macos-probe: %s\n", dlerror());
		return false;
	}
	*(void **)&sandbox.compile = dlsym(library, "sandbox_compile_string");
	*(void **)&sandbox.create_parameters = dlsym(library, "sandbox_create_params");
	*(void **)&sandbox.set_parameter = dlsym(library, "sandbox_set_param");
	*(void **)&sandbox.apply = dlsym(library, "sandbox_apply");
	*(void **)&sandbox.check = dlsym(RTLD_DEFAULT, "sandbox_check");
	sandbox.no_report = no_report ? *no_report : 0x40000000;
	if (sandbox.compile && sandbox.create_parameters && sandbox.set_parameter &&
		sandbox.apply && sandbox.check)
		return true;
	fprintf(stderr, "macos-probe: libsandbox has no longer what is needed\n");
	return false;
}

/* Cuts the line into a row; false for anything else. */
static bool parse(char *line, struct row *row)
{
	char *query, *expected, *why, *word;

	line[strcspn(line, "\n")] = '\0';
	row->profile = line;
	row->key_count = 0;
	if (!(query = strchr(line, '\t')) || !(expected = strchr(query + 1, '\t')))
		return false;
	*query++ = *expected++ = '\0';
	row->parameters = NULL;
	if ((why = strchr(expected, '\t'))) {
		*why++ = '\0';
		if ((row->parameters = strchr(why, '\t')))
			row->parameters++;
	}
	row->expected = expected;
	row->operation = strtok(query, " ");
	while (row->operation && row->key_count < KEYS_MAX && (word = strtok(NULL, " "))) {
		char *equals = strchr(word, '=');

		if (!equals)
			return false;
		*equals = '\0';
		row->keys[row->key_count] = word;
		row->values[row->key_count++] = equals + 1;
	}
	return row->operation && (!strcmp(expected, "allow") || !strcmp(expected, "deny"));
}

/*
 * PROTO:ADDRESS:PORT as a socket address. Nobody's peace is disturbed: what is not this machine
 * becomes an address that documentation has for itself.
 */
static socklen_t parse_address(const char *text, int *type, struct sockaddr_storage *address)
{
	char host[TEXT_MAX_BYTES];
	const char *start = strchr(text, ':'), *colon = strrchr(text, ':');
	struct sockaddr_in *ip4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)address;

	*type = starts_with(text, "tcp") ? SOCK_STREAM : SOCK_DGRAM;
	if ((!starts_with(text, "tcp") && !starts_with(text, "udp")) || start == colon)
		return 0;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - start - 1), start + 1);
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, host, &ip4->sin_addr) == 1) {
		ip4->sin_family = AF_INET;
		ip4->sin_port = htons((unsigned short)atoi(colon + 1));
		if (host[0] != '0' && !starts_with(host, "127."))
			inet_pton(AF_INET, "192.0.2.1", &ip4->sin_addr);
		return sizeof(*ip4);
	}
	if (host[0] == '[')
		snprintf(host, sizeof(host), "%.*s", (int)(colon - start - 3), start + 2);
	if (inet_pton(AF_INET6, host, &ip6->sin6_addr) != 1)
		return 0;
	ip6->sin6_family = AF_INET6;
	ip6->sin6_port = htons((unsigned short)atoi(colon + 1));
	return sizeof(*ip6);
}

/* The kernel asks its sandbox before anything else can fail: only EPERM is a denial. */
static enum answer try_address(bool is_bind, const char *text)
{
	struct sockaddr_storage address;
	int type, result;
	socklen_t length = parse_address(text, &type, &address);

	if (!length)
		return ANSWER_SKIP;
	int fd = socket(address.ss_family, type, 0);

	if (fd < 0)
		return ANSWER_UNKNOWN;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (is_bind)
		result = bind(fd, (struct sockaddr *)&address, length);
	else
		result = connect(fd, (struct sockaddr *)&address, length);
	return result != 0 && errno == EPERM ? ANSWER_DENY : ANSWER_ALLOW;
}

static enum answer check(const char *operation, enum filter_type type, const char *object)
{
	int result = sandbox.check(getpid(), operation, (int)type | sandbox.no_report, object);

	return result == 0 ? ANSWER_ALLOW : result == 1 ? ANSWER_DENY : ANSWER_UNKNOWN;
}

static enum answer ask(const struct row *row)
{
	if (row->key_count == 0)
		return check(row->operation, FILTER_NONE, NULL);
	if (row->key_count > 1)
		return ANSWER_SKIP;
	if (!strcmp(row->operation, "network-outbound") && !strcmp(row->keys[0], "remote"))
		return try_address(false, row->values[0]);
	if (!strcmp(row->operation, "network-bind") && !strcmp(row->keys[0], "local"))
		return try_address(true, row->values[0]);
	for (size_t i = 0; i < sizeof(askable) / sizeof(askable[0]); i++) {
		if (starts_with(row->operation, askable[i].operation) &&
			!strcmp(row->keys[0], askable[i].key))
			return check(row->operation, askable[i].type, row->values[0]);
	}
	return ANSWER_SKIP;
}

/* Operations with an object cannot be asked without one, nor those that need another process. */
static bool is_askable(const struct row *row)
{
	static const char *const need_object[] = {"signal", "mach-task", "process-info",
		"process-codesigning", "socket-", "system-socket", "iokit-", NULL};

	for (int i = 0; need_object[i]; i++) {
		if (row->key_count && starts_with(row->operation, need_object[i]))
			return false;
	}
	for (int i = 0; unaskable_filters[i]; i++) {
		if (strstr(row->profile, unaskable_filters[i]))
			return false;
	}
	return true;
}

static void *make_parameters(char *words)
{
	void *parameters = sandbox.create_parameters();

	for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		char *equals = strchr(word, '=');

		if (!equals)
			continue;
		*equals = '\0';
		sandbox.set_parameter(parameters, word, equals + 1);
	}
	return parameters;
}

/* Compiled before the sandbox is in force, asked inside, told by the exit status. */
static enum answer answer_in_child(const struct row *row)
{
	int status;

	if (!is_askable(row))
		return ANSWER_SKIP;
	fflush(stdout);
	pid_t child = fork();

	if (child < 0)
		return ANSWER_UNKNOWN;
	if (child == 0) {
		char *error = NULL;
		void *profile = sandbox.compile(row->profile,
			row->parameters ? make_parameters(row->parameters)
					: sandbox.create_parameters(),
			&error);

		if (!profile) {
			printf("    %s\n", error ? error : "no reason given");
			fflush(stdout);
			_exit(ANSWER_NOT_COMPILED);
		}
		if (sandbox.apply(profile) != 0)
			_exit(ANSWER_UNKNOWN);
		_exit((int)ask(row));
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return ANSWER_UNKNOWN;
	return (enum answer)WEXITSTATUS(status);
}

struct sum {
	unsigned agree, differ, skipped;
};

static void run_row(const char *file, unsigned line, const struct row *row, struct sum *sum)
{
	static const char *const names[] = {
		"allow", "deny", "a profile that does not compile", "no answer"};
	enum answer answer = answer_in_child(row);
	bool is_skipped = answer >= ANSWER_SKIP;

	if (!is_skipped && !strcmp(row->expected, names[answer])) {
		sum->agree++;
		return;
	}
	sum->differ += !is_skipped;
	sum->skipped += is_skipped;
	printf("%s %s:%u: %s\n    %s", is_skipped ? "skip" : "DIFFERS", file, line, row->profile,
		row->operation);
	for (int i = 0; i < row->key_count; i++)
		printf(" %s=%s", row->keys[i], row->values[i]);
	if (is_skipped)
		printf(": cannot be asked\n");
	else
		printf(": expected %s, got %s\n", row->expected, names[answer]);
}

static bool run_file(const char *name, struct sum *sum)
{
	static char line[LINE_MAX_BYTES];
	FILE *file = fopen(name, "r");
	struct row row;

	if (!file) {
		perror(name);
		return false;
	}
	/* The first line has the names of the columns. */
	for (unsigned number = 1; fgets(line, sizeof(line), file); number++) {
		if (number == 1)
			continue;
		if (parse(line, &row))
			run_row(name, number, &row, sum);
		else
			printf("DIFFERS %s:%u: not a row\n", name, number), sum->differ++;
	}
	fclose(file);
	return true;
}

int main(int argc, char **argv)
{
	struct sum sum = {0};

	if (argc < 2 || !load())
		return 2;
	if (sandbox.check(getpid(), NULL, sandbox.no_report) != 0) {
		fprintf(stderr,
			"macos-probe: it runs in a sandbox itself, where none can be made\n");
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		if (!run_file(argv[i], &sum))
			return 2;
	}
	printf("%u agree, %u differ, %u could not be asked\n", sum.agree, sum.differ, sum.skipped);
	return sum.differ > 0 || sum.agree == 0;
}
