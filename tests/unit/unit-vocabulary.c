/*
 * What evaluating a profile says besides its decisions: errors, and remarks on what comes to
 * nothing or to something else than it seems.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "profile/sbpl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;
static unsigned passed, failed;

struct row {
	const char *profile;
	const char *expected; /* the error, or a part of it; of remarks: all of them */
};

static const struct row errors[] = {
	/* rules */
	{"(version 1)(allow)", "allow: at least one operation required"},
	{"(version 1)(deny (literal \"/a\"))", "deny: at least one operation required"},
	{"(version 1)(allow file-read* 3)", "allow: illegal argument: integer"},
	{"(version 1)(allow file-read* \"/a\")", "allow: illegal argument: string"},
	{"", "no version specified"},
	{"(allow default)", "no version specified: (version 1) comes first"},
	{"(subpath \"/\")", "no version specified"},
	{"(version 4)", "unsupported version: 4"},
	{"(version 1)(version 2)", "only one version may be specified"},
	/* misspelt names */
	{"(version 1)(allow file-raed*)", "file-raed* (did you mean file-read*?)"},
	{"(version 1)(subpth \"/\")", "subpth (did you mean subpath?)"},
	{"(version 1)(sysctl-nam \"x\")", "sysctl-nam (did you mean sysctl-name?)"},
	{"(version 1)(sysctl-name-regx \"x\")", "(did you mean sysctl-name-regex?)"},
	{"(version 1)(sysctl-name-subpath \"x\")", "unbound variable: sysctl-name-subpath"},
	{"(version 1)(with no-lgo)", "no-lgo (did you mean no-log?)"},
	{"(version 1)(signal-number SIGKIL)", "SIGKIL (did you mean SIGKILL?)"},
	{"(version 1)(syscall-number SYS_opnat)", "SYS_opnat (did you mean SYS_openat?)"},
	{"(version 1)(vnode-type DIRECTRY)", "DIRECTRY (did you mean DIRECTORY?)"},
	{"(version 1)(remote udpp)", "udpp (did you mean udp"},
	{"(version 1)(importt \"x\")", "importt (did you mean import?)"},
	{"(version 1)(with-filtr 1)", "with-filtr (did you mean with-filter?)"},
	{"(version 1)(ioctl-command TIOCSTI)", "unbound variable: TIOCSTI"},
	/* parameters */
	{"(version 1)(subpath (param \"NAM\"))",
		"invalid data type of path filter; expected pattern, got boolean: parameter NAM is "
		"not"
		" set (-D NAM=VALUE sets it); did you mean NAME?; there are: OTHER NAME SUPPLIED"},
	{"(version 1)(subpath (param \"SUPLIED\"))", "; did you mean SUPPLIED?"},
	{"(version 1)(subpath #f)", "expected pattern, got boolean"},
	{"(version 1)(subpath 3)", "expected pattern, got integer"},
	/* filters */
	{"(version 1)(subpath \"\")", "subpath must not be empty"},
	{"(version 1)(literal)", "literal: needs at least 1 argument"},
	{"(version 1)(require-any)", "require-any requires at least one filter"},
	{"(version 1)(require-all)", "require-all requires at least one filter"},
	{"(version 1)(require-not)", "require-not requires exactly one filter"},
	{"(version 1)(require-not (tty) (tty))", "require-not: takes at most 1 argument"},
	{"(version 1)(require-any 3)", "require-any: expected a filter, got integer"},
	{"(version 1)(path-ancestors \"a/b\")", "path must start with a /"},
	{"(version 1)(signal-number \"x\")", "signal-number: argument 1 must be integer"},
	{"(version 1)(file-mode #o10000)", "file-mode must be between 0 and #o7777"},
	{"(version 1)(tty 1)", "tty: takes at most 0 arguments"},
	{"(version 1)(remote 3)", "remote: expected a protocol, got integer"},
	{"(version 1)(remote ip 3)", "remote expects string argument"},
	{"(version 1)(remote tcp \"127.0.0.1:80\")", "host must be * or localhost in network"},
	{"(version 1)(local tcp \"*\")", "port missing in network address"},
	{"(version 1)(local tcp \"*:1-100\")", "invalid port in network address"},
	/* modifiers */
	{"(version 1)(allow file-read* (with no-log))",
		"no-log modifier does not apply to allow action"},
	{"(version 1)(deny file-read* (with report))",
		"report modifier does not apply to deny action"},
	{"(version 1)(deny file-read* (with no-sandbox))",
		"no-sandbox modifier does not apply to deny action"},
	{"(version 1)(allow file-read* (with no-sandbox))",
		"no-sandbox modifier does not apply to file-read* operation"},
	{"(version 1)(allow (with no-times) file-read*)", "no-times modifier does not apply to"},
	{"(version 1)(allow lsopen (with grant))", "grant modifier does not apply to lsopen"},
	{"(version 1)(allow lsopen (with assign-storage-class \"c\"))", "does not apply to lsopen"},
	{"(version 1)(deny lsopen (with no-log) (with no-log))",
		"no-log modifier can only appear once per rule"},
	{"(version 1)(deny lsopen (with no-log) (with no-report))",
		"can only appear once per rule"},
	{"(version 1)(deny lsopen (with no-log 3))", "no-log modifier requires no argument"},
	{"(version 1)(deny lsopen (with message))", "message modifier requires a string"},
	{"(version 1)(deny lsopen (with message 3))", "message modifier requires a string"},
	{"(version 1)(deny lsopen (with send-signal \"9\"))",
		"send-signal modifier requires a signal"},
	{"(version 1)(deny lsopen (with send-signal 32))",
		"send-signal modifier requires a signal"},
	{"(version 1)(deny lsopen (with errno 2))", "unbound variable: errno"},
	{"(version 3)(deny lsopen (with errno 0))", "errno modifier requires an error number"},
	{"(version 1)(with lsopen)", "with: expected a modifier, got operation"},
	/* scopes */
	{"(version 1)(with-filter)", "syntax error in with-filter"},
	{"(version 1)(with-filter 3 (allow lsopen))",
		"with-filter: expected a filter, got integer"},
	{"(version 1)(with-modifier 3)", "with-modifier: expected a modifier, got integer"},
	{"(version 1)(with-modifier message (deny lsopen))", "message modifier requires a string"},
	{"(version 1)(with-modifier no-log (allow lsopen))", "does not apply to allow action"},
	{"(version 1)(with-operations 3)", "with-operations: expected a list of operations"},
	{"(version 1)(with-operations '())", "with-operations: expected a list of operations"},
	{"(version 1)(with-filter (tty) (allow (literal \"/\")))",
		"at least one operation required"},
	{"(version 1)(apply-message-filter)", "apply-message-filter: needs at least one rule"},
	{"(version 1)(apply-message-filter (allow lsopen))", "lsopen is no operation for rules in"},
	{"(version 1)(allow lsopen (apply-message-filter (allow mach-message-send)))",
		"apply-message-filter modifier does not apply to lsopen operation"},
	/* directives */
	{"(version 1)(trace 3)", "argument to trace must be a string"},
	{"(version 1)(trace \"a\")(trace \"a\")", "only one trace path may be specified"},
	{"(version 1)(import \"nosuch.sb\")", "unable to open \"nosuch.sb\": not found"},
	{"(version 1)(disable-syscall-inference)", "unbound variable: disable-syscall-inference"},
	{"(version 1)(split-string \"a\" \"\")", "split-string: the separator is empty"},
	{"(version 1)(_IO \"tt\" 1)", "_IO: needs one character and a number up to 255"},
	{"(version 1)(_IO \"t\" 256)", "_IO: needs one character and a number up to 255"},
	{"(version 1)(sbpl-operation-can-return? lsopen 'maybe)", "needs an operation and 'allow"},
	{"(version 3)(allow process-exec)", "process-exec (did you mean process-exec*?)"},
	{"(version 3)(allow ipc-posix-shm)", "ipc-posix-shm (did you mean ipc-posix-shm*?)"},
	{"(version 3)(allow iokit-open)", "iokit-open (did you mean iokit-open*?)"},
	{"(version 3)(deny system-chud)", "unbound variable: system-chud"},
	/* patterns */
	{"(version 1)(regex \"\")", "bad regular expression : it is empty"},
	{"(version 1)(regex \"*.txt\")", "nothing to repeat"},
	{"(version 1)(regex \"a|*\")", "nothing to repeat"},
	{"(version 1)(regex \"(a\")", "a ( is not closed"},
	{"(version 1)(regex \"a)\")", "a ) closes nothing"},
	{"(version 1)(regex \"[a\")", "a [ is not closed"},
	{"(version 1)(regex \"[[:alpha]\")", "a [ is not closed"},
	{"(version 1)(regex #\"a\\\")", "it ends in a backslash"},
	{"(version 1)(regex \"a{256}\")", "a repetition must not exceed 255"},
	{"(version 1)(regex \"a{3,2}\")", "a repetition must not exceed 255"},
	{"(version 1)(regex \"a{2\")", "a { that is no repetition"},
	{"(version 1)(regex \"[[:nosuch:]]\")", "bad regular expression [[:nosuch:]]: "},
	{"(version 1)(regex \"[b-a]\")", "bad regular expression [b-a]: "},
	{"(version 1)(regex \"((a{255}){255}){255}\")", "it is too large"},
	{"(version 1)(regex \"(a{0,255}){255}\")", "it is too large"},
	{"(version 1)(regex \"((((((((((((((((((((((((((((((((((a\")", "it is nested too deeply"},
	{"(version 1)(deny lsopen (process-path-regex #\"\\d\"))",
		"what the regular expression \\d matches is unclear"},
	{"(version 1)(deny lsopen (require-all (uid 1) (process-path-regex #\"a\\b\")))",
		"deny: what the regular expression a\\b matches is unclear"},
	{"(version 1)(allow lsopen (require-not (process-path-regex #\"(a)\\1\")))",
		"allow: what the regular expression (a)\\1 matches is unclear"},
	{"(version 1)(deny lsopen (require-not (require-not (process-path-regex #\"a+?\"))))",
		"deny: what the regular expression a+? matches is unclear"},
};

/* Each as "operation subject" or "subject: reason", with semicolons between them. */
static const struct row remarks[] = {
	{"(version 1)(allow file-read* (subpath \"/a\"))", ""},
	{"(version 1)(allow mach-lookup (subpath \"/a\"))", "mach-lookup path"},
	{"(version 1)(allow file-read* mach-lookup (require-not (global-name \"x\")))",
		"file-read* global-name"},
	{"(version 1)(deny process-fork (remote ip))", "process-fork remote"},
	{"(version 1)(deny process-fork (local ip))", "process-fork local"},
	{"(version 1)(deny process-fork (require-all (uid 3) (tty)))", "process-fork vnode-type"},
	{"(version 1)(deny file* (xattr \"x\"))(deny default (tty))(deny process-info* (target "
	 "self))",
		""},
	{"(version 1)(deny lsopen (extension))(deny lsopen (process-is-plugin))", ""},
	{"(version 1)(allow file-read* (subpath \"/\"))", ""},
	{"(version 1)(allow file-read* (subpath \"/a//\"))", "/a//"},
	{"(version 1)(allow file-read* (regex \"[a-z_-]\"))",
		"[a-z_-]: a - at the end of [...] is said not to work on macOS"},
	{"(version 1)(allow file-read* (regex \"^/[^-]*-[-a]$\"))",
		"^/[^-]*-[-a]$: a - at the end of [...] is said not to work on macOS"},
	{"(version 1)(allow file-read* (regex \"^/[-a]$\"))", ""},
	{"(version 1)(deny file-read* (regex \"(?:a)\"))",
		"(?:a): on macOS an expression with (?...) never matches"},
	{"(version 1)(allow file-read* (regex \"(?=a)\"))",
		"(?=a): (?...) is not supported on macOS"},
	{"(version 1)(allow file-read* (regex \"a*?\"))",
		"a*?: on macOS *? and ?? are not supported"},
	{"(version 1)(allow file-read* (regex #\"\\d\"))",
		"\\d: a backslash before a letter or digit is not portable"},
	{"(version 1)(allow file-read* (regex #\"[\\d]\"))",
		"[\\d]: a backslash in [...] can mean itself, or what follows"},
	{"(version 1)(allow file-read* (regex \"a++\"))",
		"a++: repeating a repetition is not portable"},
	{"(version 1)(allow file-read* (regex \"{A}\"))",
		"{A}: a { that is no repetition needs a backslash"},
};

static bool evaluate(const char *text, struct policy *policy, struct scheme_error *error)
{
	struct source source = {.name = "profile", .text = text, .length = strlen(text)};
	struct profile profile;

	profile_init(&profile, "/nonexistent");
	profile_set(&profile, &arena, "NAME", "/a");
	profile_set(&profile, &arena, "OTHER", "/b");
	profile.supplied = "SUPPLIED";
	profile_add(&profile, &arena, PART_PLAIN, &source);
	return sbpl_evaluate(&profile, &arena, policy, error);
}

static void compare(bool holds, const struct row *row, const char *found)
{
	if (holds) {
		passed++;
		return;
	}
	printf("%s\n    expected: %s\n    found:    %s\n", row->profile, row->expected, found);
	failed++;
}

static void check_error(const struct row *row)
{
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct scheme_error error = {.text = "no error"};

	bool accepted = evaluate(row->profile, policy, &error);

	compare(!accepted && strstr(error.text, row->expected), row, error.text);
}

static void check_remarks(const struct row *row)
{
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct scheme_error error = {.text = NULL};
	struct text text = text_make(&arena);

	if (!evaluate(row->profile, policy, &error)) {
		compare(false, row, error.text);
		return;
	}
	for (const struct remark *at = policy->remarks; at; at = at->next)
		text_addf(&text, "%s%s%s%s%s%s", text.length ? "; " : "",
			at->kind == REMARK_INAPPLICABLE ? operation_name(at->operation) : "",
			at->kind == REMARK_INAPPLICABLE ? " " : "", at->subject,
			at->reason ? ": " : "", at->reason ? at->reason : "");
	compare(strcmp(text.bytes, row->expected) == 0, row, text.bytes);
}

/* A rule may have patterns of 65535 bytes together, and not more. */
static void check_length(size_t paths, const char *expected)
{
	struct text text = text_make(&arena);
	struct row row = {.expected = expected};

	text_add(&text, "(version 1)(allow file-read*");
	for (size_t i = 0; i < paths; i++)
		text_addf(&text, " (literal \"/%014zu\")", i);
	text_add(&text, ")");
	row.profile = text.bytes;
	if (expected) {
		check_error(&row);
	} else {
		row.expected = "";
		check_remarks(&row);
	}
}

int main(void)
{
	static _Alignas(16) char buffer[1024 * 1024];

	arena = arena_make(buffer, sizeof(buffer));
	for (size_t i = 0; i < COUNT(errors); i++)
		check_error(&errors[i]);
	for (size_t i = 0; i < COUNT(remarks); i++)
		check_remarks(&remarks[i]);
	check_length(65535 / 15, NULL);
	check_length(65535 / 15 + 1, "pattern serialization length 65550 exceeds maximum (65535)");
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
