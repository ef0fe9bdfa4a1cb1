/*
 * The operations of SBPL, against tests/golden/operations.tsv: names, parents, what objects they
 * have, what they answer by themselves, other spellings, and that there are no more.
 *
 * usage: unit-operations [FILE]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "policy/operation.h"

enum { FIELDS = 4 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;
static unsigned passed, failed;
static bool seen[OPERATION_COUNT];

struct kind {
	const char *name;
	enum operation_takes kind;
};

/* As the table calls them. */
static const struct kind kinds[] = {
	{"path", TAKES_PATH},
	{"file-mode", TAKES_FILE_MODE},
	{"vnode-type", TAKES_VNODE_TYPE},
	{"device", TAKES_DEVICE},
	{"fs", TAKES_FS},
	{"ioctl", TAKES_IOCTL},
	{"xattr", TAKES_XATTR},
	{"socket", TAKES_SOCKET},
	{"network", TAKES_NETWORK},
	{"target", TAKES_TARGET},
	{"signal", TAKES_SIGNAL},
	{"sysctl", TAKES_SYSCTL},
	{"posix-ipc", TAKES_POSIX_IPC},
	{"mach", TAKES_MACH},
	{"preference-domain", TAKES_PREFERENCE_DOMAIN},
	{"ae-destination", TAKES_AE_DESTINATION},
	{"auth-right-name", TAKES_AUTH_RIGHT_NAME},
	{"boot-arg", TAKES_BOOT_ARG},
	{"codesigning", TAKES_CODESIGNING},
	{"extension-class", TAKES_EXTENSION_CLASS},
	{"fcntl", TAKES_FCNTL},
	{"fsctl", TAKES_FSCTL},
	{"info", TAKES_INFO},
	{"iokit-connection", TAKES_IOKIT_CONNECTION},
	{"iokit-method", TAKES_IOKIT_METHOD},
	{"iokit-property", TAKES_IOKIT_PROPERTY},
	{"iokit-registry-entry", TAKES_IOKIT_REGISTRY_ENTRY},
	{"iokit-trap", TAKES_IOKIT_TRAP},
	{"kas", TAKES_KAS},
	{"kext-bundle-id", TAKES_KEXT_BUNDLE_ID},
	{"mac", TAKES_MAC},
	{"machtrap", TAKES_MACHTRAP},
	{"mach-derived", TAKES_MACH_DERIVED},
	{"mach-special-port", TAKES_MACH_SPECIAL_PORT},
	{"memorystatus", TAKES_MEMORYSTATUS},
	{"message", TAKES_MESSAGE},
	{"mig", TAKES_MIG},
	{"necp", TAKES_NECP},
	{"notification", TAKES_NOTIFICATION},
	{"nvram", TAKES_NVRAM},
	{"priv", TAKES_PRIV},
	{"reboot-flags", TAKES_REBOOT_FLAGS},
	{"semaphore", TAKES_SEMAPHORE},
	{"snapshot", TAKES_SNAPSHOT},
	{"socket-option", TAKES_SOCKET_OPTION},
	{"syscall", TAKES_SYSCALL},
	{"task-special-port", TAKES_TASK_SPECIAL_PORT},
	{"process", TAKES_PROCESS},
	/* Filters of these never match, or are on the process: they need no kind of their own. */
	{"extension", TAKES_PROCESS},
	{"system", TAKES_PROCESS},
};

static void check(bool holds, const char *name, const char *what)
{
	if (holds) {
		passed++;
		return;
	}
	printf("%s: %s differs\n", name, what);
	failed++;
}

static uint64_t kinds_of(const char *name, const char *list)
{
	uint64_t bits = UINT64_C(1) << TAKES_PROCESS;
	const char *word;
	size_t length;

	while (text_split(&list, ",", &word, &length)) {
		const char *kind = arena_copy(&arena, word, length);
		size_t i = 0;

		while (i < COUNT(kinds) && strcmp(kinds[i].name, kind) != 0)
			i++;
		if (i < COUNT(kinds))
			bits |= UINT64_C(1) << kinds[i].kind;
		else
			check(false, name, kind);
	}
	return bits;
}

static const char *builtin_word(enum operation operation)
{
	switch (operation_builtin(operation)) {
	case BUILTIN_INHERIT:
		return "inherit";
	case BUILTIN_DENY:
		return "deny";
	case BUILTIN_ALLOW:
		return "allow";
	}
	return "";
}

static void check_operation(const char *const fields[FIELDS])
{
	bool ignored;
	enum operation operation = operation_find(fields[0], &ignored);

	check(operation != OP_NONE && !ignored, fields[0], "existence");
	if (operation == OP_NONE)
		return;
	enum operation parent = operation_parent(operation);

	seen[operation] = true;
	check(strcmp(operation_name(operation), fields[0]) == 0, fields[0], "name");
	check(strcmp(parent == OP_NONE ? "-" : operation_name(parent), fields[1]) == 0, fields[0],
		"parent");
	check(strcmp(builtin_word(operation), fields[3]) == 0, fields[0], "built-in answer");
	/* Every filter is accepted on default, and none is about it alone. */
	check(operation == OP_DEFAULT ||
			operation_kinds[operation] == kinds_of(fields[0], fields[2]),
		fields[0], "list of filters");
}

/* sysctl-write is an operation of its own here (man/sbx.1, "Where macOS is unclear"). */
static void check_alias(const char *name, const char *target)
{
	bool ignored;
	enum operation operation = operation_find(name, &ignored);

	if (strcmp(name, "sysctl-write") == 0)
		target = name;
	check(operation != OP_NONE && strcmp(operation_name(operation), target) == 0, name,
		"meaning");
	check(operation_is_legacy(name) || strcmp(name, target) == 0, name, "age");
}

static void check_ignored(const char *name)
{
	bool ignored = false;

	check(operation_find(name, &ignored) == OP_NONE && ignored, name, "lack of effect");
}

static void check_line(const char *const fields[FIELDS])
{
	if (text_starts_with(fields[0], "@alias "))
		check_alias(fields[0] + strlen("@alias "), fields[1]);
	else if (text_starts_with(fields[0], "@noop "))
		check_ignored(fields[0] + strlen("@noop "));
	else if (fields[0][0] != '#')
		check_operation(fields);
}

static void check_file(const char *path)
{
	const struct source *source = file_read(&arena, path);
	const char *rest = source ? source->text : NULL;
	const char *line, *cell;
	size_t length;

	check(source != NULL, path, "file");
	while (text_split(&rest, "\n", &line, &length)) {
		const char *cells = arena_copy(&arena, line, length);
		const char *fields[FIELDS] = {"", "", "", ""};

		for (int i = 0; i < FIELDS && text_split(&cells, "\t", &cell, &length); i++)
			fields[i] = arena_copy(&arena, cell, length);
		if (fields[0][0])
			check_line(fields);
	}
	for (unsigned i = 0; i < OPERATION_COUNT; i++)
		check(seen[i], operation_name((enum operation)i), "presence in the table");
}

static const char *default_path(void)
{
	const char *directory = getenv("SBX_SOURCE_DIR");
	const char *program = file_own_executable(&arena);

	if (directory || !program)
		return path_join(
			&arena, directory ? directory : ".", "tests/golden/operations.tsv");
	const char *build = path_parent(&arena, path_parent(&arena, program));

	return path_join(&arena, path_parent(&arena, build), "tests/golden/operations.tsv");
}

int main(int argc, char **argv)
{
	static _Alignas(16) char buffer[256 * 1024];

	arena = arena_make(buffer, sizeof(buffer));
	check_file(argc > 1 ? argv[1] : default_path());
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
