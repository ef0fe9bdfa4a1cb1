/*
 * The reader and the evaluator: values, errors with their places, texts that never end. What is
 * expected comes from SBPL.md section 1; SBX_TEST_SEED repeats the random texts.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "profile/sbpl.h"
#include "policy/trie.h"
#include "scheme/reader.h"

#include "random.h"

enum { SECONDS_MAX = 5, MEGABYTES_MAX = 700, QUOTED = 3000, SOUPS = 20000, SHOWN = 60 };

static char buffer[16 * 1024 * 1024];
static struct arena arena;
static unsigned passed, failed;

static void start(void)
{
	memset(buffer, 0, arena.used < sizeof(buffer) ? arena.used : sizeof(buffer));
	arena = arena_make(buffer, sizeof(buffer));
}

static void check(bool holds, const char *text, const char *expected, const char *got)
{
	if (holds) {
		passed++;
		return;
	}
	if (failed++ < SHOWN)
		printf("%.200s\n    expected: %.200s\n    got:      %.200s\n", text, expected, got);
}

/* A value as it would be written, strings without escapes. */
static void render(struct text *text, const struct cell *cell)
{
	switch (cell->type) {
	case CELL_BOOLEAN:
		text_add(text, cell->boolean ? "#t" : "#f");
		return;
	case CELL_INTEGER:
		text_addf(text, "%ld", cell->integer);
		return;
	case CELL_STRING:
		text_add(text, "\"");
		text_add_bytes(text, cell->string.bytes, cell->string.length);
		text_add(text, "\"");
		return;
	case CELL_CHARACTER:
		text_addf(text, "#\\%c", cell->character);
		return;
	case CELL_SYMBOL:
		text_add(text, cell->symbol.name);
		return;
	case CELL_NIL:
		text_add(text, "()");
		return;
	case CELL_PAIR:
		break;
	default:
		text_addf(text, "<%s>", scheme_type_name(cell));
		return;
	}
	text_add(text, "(");
	render(text, cell->pair.head);
	for (cell = cell->pair.tail; cell->type == CELL_PAIR; cell = cell->pair.tail) {
		text_add(text, " ");
		render(text, cell->pair.head);
	}
	if (cell->type != CELL_NIL) {
		text_add(text, " . ");
		render(text, cell);
	}
	text_add(text, ")");
}

/* The value of the last form, or NULL after an error. */
static struct cell *evaluate(struct scheme *scheme, const char *bytes, size_t length)
{
	struct source *source = ARENA_NEW(&arena, struct source);
	struct reader reader = {.scheme = scheme, .source = source};
	struct cell *form, *value = NULL;

	*source = (struct source){"test", bytes, length};
	scheme_init(scheme, &arena, NULL);
	while ((form = reader_next(&reader)) != NULL && (value = scheme_eval(scheme, form, NULL)))
		;
	return scheme->error.text ? NULL : value;
}

static void check_value(const char *text, const char *expected)
{
	struct scheme *scheme;
	struct text got;

	start();
	scheme = ARENA_NEW(&arena, struct scheme);
	got = text_make(&arena);
	const struct cell *value = evaluate(scheme, text, strlen(text));

	if (value)
		render(&got, value);
	else
		text_addf(&got, "error: %s", scheme->error.text ? scheme->error.text : "no value");
	check(strcmp(got.bytes, expected) == 0, text, expected, got.bytes);
}

static void check_strings(void)
{
	check_value("\"\"", "\"\"");
	check_value("\"a b\"", "\"a b\"");
	check_value("\"two\nlines\"", "\"two\nlines\"");
	check_value("\"\\n\\t\\r\\\"\"", "\"\n\t\r\"\"");
	check_value("\"\\\\\"", "\"\\\"");
	check_value("\"\\x41\\x7e\\xe9\"", "\"A~\xe9\"");
	check_value("\"\\x411\"", "\"A1\"");
	check_value("\"\\101\\60\\0601\"", "\"A001\"");
	check_value("\"\\.\"", "\".\"");
	check_value("\"\\\\.\"", "\"\\.\"");
	check_value("\"\\u00e9\\/\\q\\(\"", "\"u00e9/q(\"");
	check_value("\"\\8\\9\"", "\"89\"");
	check_value("\"; no comment #! either\"", "\"; no comment #! either\"");
	check_value("\"#\\\"x\"", "\"#\"x\"");
	check_value("#\"raw\"", "\"raw\"");
	check_value("#\"^/a\\.b\\\"", "\"^/a\\.b\\\"");
	check_value("#\"a\nb\\n\"", "\"a\nb\\n\"");
	check_value("(string-append #\"a\\\" \"\\x62\")", "\"a\\b\"");
	check_value("(string-length \"\\x00a\\x00\")", "3");
	check_value("(string-length \"a\xc3\xa9\")", "3");
	check_value("(list \"a\"\"b\")", "(\"a\" \"b\")");
}

static void check_atoms(void)
{
	check_value("#x1F", "31");
	check_value("#x1f", "31");
	check_value("#b101", "5");
	check_value("#o17", "15");
	check_value("#d10", "10");
	check_value("-7", "-7");
	check_value("+7", "7");
	check_value("007", "7");
	check_value("9223372036854775807", "9223372036854775807");
	check_value("#t", "#t");
	check_value("#f", "#f");
	check_value("#\\a", "#\\a");
	check_value("(list #\\space #\\newline #\\tab #\\return)", "(#\\  #\\\n #\\\t #\\\r)");
	check_value("(list #\\( #\\) #\\; #\\\" #\\')", "(#\\( #\\) #\\; #\\\" #\\')");
	check_value("'(+ - * / ... 1+ a.b -x)", "(+ - * / ... 1+ a.b -x)");
	check_value("'(file-read* defined? a%b $x y! <=>)", "(file-read* defined? a%b $x y! <=>)");
	check_value("(eq? 'Abc 'abc)", "#f");
}

static void check_lists(void)
{
	check_value("'()", "()");
	check_value("()", "()");
	check_value("'(1 . 2)", "(1 . 2)");
	check_value("'(1 2 . (3 4))", "(1 2 3 4)");
	check_value("'(1 . (2 . (3 . ())))", "(1 2 3)");
	check_value("'(a .b)", "(a .b)");
	check_value("(car '(a . b))", "a");
	check_value("''a", "(quote a)");
	check_value("'(a 'b)", "(a (quote b))");
	check_value("(quote (a b))", "(a b)");
	check_value("'\n; between\na", "a");
	check_value("(list 1 ; one\n 2)", "(1 2)");
	check_value("#! /usr/bin/sandbox-exec -f\n(list #! and here\n 1)", "(1)");
	check_value("(list 1 #!\n)", "(1)");
	check_value(";; only\n5 ; at the end", "5");
	check_value("\f\v\r\n\t5", "5");
	check_value("(if '() 1 2)", "1");
	check_value("(if 0 1 2)", "1");
	check_value("(if \"\" 1 2)", "1");
}

static void check_evaluator(void)
{
	check_value("(define (f . rest) rest) (f 1 2)", "(1 2)");
	check_value("(define (f . rest) rest) (f)", "()");
	check_value("(define (f a . rest) (cons rest a)) (f 1 2 3)", "((2 3) . 1)");
	check_value("((lambda all all) 1 2)", "(1 2)");
	check_value("(define (add n) (lambda (m) (+ n m))) ((add 3) 4)", "7");
	check_value("(define (counter) (let ((n 0)) (lambda () (set! n (+ n 1)) n)))"
		    "(define a (counter)) (define b (counter)) (a) (a) (b) (list (a) (b))",
		"(3 2)");
	check_value("(define x 1) (define (f) x) (let ((x 2)) (f))", "1");
	check_value("(define x 1) (define (f) x) (define x 2) (f)", "2");
	check_value("(define x 1) (let ((x 2)) (set! x 3)) x", "1");
	check_value("(define (f) (define a 1) (define (g) (+ a 1)) (g)) (f)", "2");
	check_value("(let ((x 1) (y 2)) (let ((x y) (y x)) (list x y)))", "(2 1)");
	check_value("(let* ((x 1) (y (+ x 1)) (x 5)) (list x y))", "(5 2)");
	check_value("(let* ((x 1) (f (lambda () x)) (x 2)) (f))", "1");
	check_value("(let () 5)", "5");
	check_value("(letrec ((even (lambda (n) (if (= n 0) #t (odd (- n 1)))))"
		    " (odd (lambda (n) (if (= n 0) #f (even (- n 1)))))) (even 101))",
		"#f");
	check_value(
		"(let loop ((n 3) (l '())) (if (= n 0) l (loop (- n 1) (cons n l))))", "(1 2 3)");
	check_value("(let loop ((n 100000)) (if (= n 0) 'done (loop (- n 1))))", "done");
	check_value("(define (f n) (cond ((= n 0) 'done) (else (f (- n 1))))) (f 50000)", "done");
	check_value("(define (f n) (and #t (or #f (when #t (begin 1 (if (= n 0) 'done"
		    " (f (- n 1)))))))) (f 20000)",
		"done");
	check_value("(define (f n) (if (= n 0) 0 (+ 1 (f (- n 1))))) (f 500)", "500");
	check_value("(cond ((member 2 '(1 2 3)) => car) (else 'none))", "2");
	check_value("(cond (#f 1) ((+ 1 1)))", "2");
	check_value("(cond (#f 1) (else 2 3))", "3");
	check_value("(and)", "#t");
	check_value("(or)", "#f");
	check_value("(and 1 2)", "2");
	check_value("(and #f (car '()))", "#f");
	check_value("(or #f 3 (car '()))", "3");
	check_value("(map + '(1 2 3) '(10 20))", "(11 22)");
	check_value("(map (lambda (x) (* x x)) '(1 2 3))", "(1 4 9)");
	check_value("(define l '(1 2)) (map - l) l", "(1 2)");
	check_value("(apply + 1 2 '(3 4))", "10");
	check_value("(apply list '())", "()");
	check_value("(append '(1) '() '(2 3))", "(1 2 3)");
	check_value("(append)", "()");
	check_value("(reverse '(1 2 3))", "(3 2 1)");
	check_value("(list (length '()) (length '(1 2)))", "(0 2)");
	check_value("(member \"b\" '(\"a\" \"b\" \"c\"))", "(\"b\" \"c\")");
	check_value(
		"(list (equal? '(1 (\"a\")) '(1 (\"a\"))) (eq? 'a 'a) (eqv? 2 2))", "(#t #t #t)");
	check_value("(equal? '(1 2) '(1 2 3))", "#f");
	check_value("(list (- 5) (- 5 1 1) (* 2 3 4) (+) (*))", "(-5 3 24 0 1)");
	check_value("(list (< 1 2 3) (< 1 3 2) (>= 3 3 1) (= 1 1 1))", "(#t #f #t #t)");
	check_value("(substring \"abcdef\" 2)", "\"cdef\"");
	check_value("(substring \"abcdef\" 2 4)", "\"cd\"");
	check_value("(substring \"abc\" 3)", "\"\"");
	check_value("(list (string=? \"a\" \"a\") (string=? \"a\" \"b\"))", "(#t #f)");
	check_value("(list (symbol->string 'a) (string->symbol \"b c\"))", "(\"a\" b c)");
	check_value("(list (number->string 42) (string->number \"42\") (string->number \"x\"))",
		"(\"42\" 42 #f)");
	check_value("(list (defined? 'car) (defined? 'no-such-name))", "(#t #f)");
	check_value("(list (null? '()) (pair? '()) (list? '(1 . 2)) (procedure? car)"
		    " (procedure? (lambda () 1)) (string? \"\") (symbol? 'a) (number? 1)"
		    " (boolean? #f))",
		"(#t #f #f #t #t #t #t #t #t)");
	check_value("(not '())", "#f");
	check_value("(define + -) (+ 5 3)", "2");
}

static bool evaluate_profile(
	const struct source *source, enum part_kind kind, struct scheme_error *error)
{
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct profile profile;

	profile_init(&profile, "/nowhere");
	profile_add(&profile, &arena, kind, source);
	return sbpl_evaluate(&profile, &arena, policy, error);
}

/* A text that is refused at a place ("" is nowhere) and says so in these words. */
static void check_error(const char *text, const char *place, const char *words)
{
	struct source source = {"test.sb", text, strlen(text)};
	struct scheme_error error = {.text = NULL};
	const char *got = "accepted";

	start();
	bool accepted = evaluate_profile(&source, PART_PLAIN, &error);

	if (!accepted && error.origin.source) {
		struct position at = origin_position(error.origin);

		got = text_format(&arena, "%s:%u:%u: %s", error.origin.source->name, at.line,
			at.column, error.text);
	} else if (!accepted) {
		got = text_format(&arena, ": %s", error.text);
	}
	const char *start_of = text_format(&arena, "%s%s: ", place[0] ? "test.sb:" : "", place);

	if (!place[0])
		start_of = ": ";
	check(!accepted && text_starts_with(got, start_of) && strstr(got, words), text,
		text_format(&arena, "%s... %s", start_of, words), got);
}

static void check_reader_errors(void)
{
	static char text[4096];

	check_error("(version 1)\n(allow file-read*", "2:1", "expecting ')'");
	check_error("(version 1)\n(allow (literal \"/a\")\n\n", "2:1", "expecting ')'");
	check_error("(version 1)\n  ((", "2:4", "expecting ')'");
	check_error("(version 1)\n (allow default))", "2:17", "')'");
	check_error("(version 1)\n(allow default) \"abc\n", "2:17", "not closed");
	check_error("(version 1)\n(define a #\"abc)", "2:11", "not closed");
	check_error("(version 1) \"a\\x4g\"", "1:15", "escape");
	check_error("(version 1) \"a\\", "1:13", "not closed");
	check_error("(version 1)\n\t#\\nonsense", "2:2", "character");
	check_error("(version 1)\n\t#q", "2:2", "sharp");
	check_error("(version 1) (quote ( . a))", "1:22", "dot");
	check_error("(version 1) (quote (a . b c))", "1:23", "dot");
	check_error("(version 1) (quote (a . ))", "1:25", "syntax error");
	check_error("(version 1)\n'", "2:2", "");
	check_error("(version 1)\n xyzzy", "2:2", "unbound variable: xyzzy");
	check_error("(version 1)\n 99999999999999999999", "2:2", "too large");
	/* Apple's buffer holds 1024 bytes. */
	snprintf(text, sizeof(text), "(list (string-length \"%1600s\") '%01600d)", "", 7);
	check_value(text, "(1600 7)");
}

static void check_scheme_errors(void)
{
	check_error("(version 1)\n(car '())", "2:1", "car");
	check_error("(version 1)\n(+ 1 \"2\")", "2:1", "+");
	check_error("(version 1)\n (\"abc\" 1)", "2:2", "illegal function");
	check_error("(version 1)\n((lambda (a b) a) 1)", "2:1", "not enough arguments");
	check_error("(version 1)\n((lambda (a) a) 1 2)", "2:1", "too many arguments");
	check_error("(version 1)\n(define (f x)\n  (literal x))\n(allow file-read* (f 5))", "3:3",
		"invalid data type of path filter; expected pattern");
	check_error("(version 1)\n(error \"my text\" 42 'why)", "2:1", "my text 42 why");
	check_error("(version 1)\n(if #f)", "2:1", "syntax error");
	check_error("(version 1)\n(let ((x)) x)", "2:1", "syntax error");
	check_error("(version 1)\n(lambda (1) 1)", "2:1", "syntax error");
	check_error("(version 1)\n(define)", "2:1", "syntax error");
	check_error("(version 1)\n(define 5 5)", "2:1", "syntax error");
	check_error("(version 1)\n(quote)", "2:1", "syntax error");
	check_error("(version 1)\n(cond 5)", "2:1", "syntax error");
	check_error("(version 1)\n(set! nothing-of-this-name 5)", "2:1", "unbound variable");
	check_error("(version 1)\n(car . 5)", "2:1", "");
	check_error("(version 1)\n(substring \"abc\" 2 9)", "2:1", "out of bounds");
	check_error("(version 1)\n(+ 9223372036854775807 1)", "2:1", "too large");
	check_error("(version 1)\n(string->symbol 5)", "2:1", "string");
	check_error("(version 1)\n(map car 5)", "2:1", "");
}

static void check_profile_errors(void)
{
	check_error("", "", "no version specified");
	check_error("; nothing\n", "", "no version specified");
	check_error("(allow default)", "1:1", "no version specified");
	check_error("\n  (subpath \"/\")", "2:3", "");
	check_error("(version 4)", "1:1", "unsupported version");
	check_error("(version 1)(version 2)", "1:12", "only one version may be specified");
	check_error("(version \"1\")", "1:1", "");
	check_error("(version 1)\n(allow bogus-op)", "2:8", "unbound variable: bogus-op");
	check_error("(version 1)\n(allow file-read*\n\t(subpth \"/a\"))", "3:2",
		"unbound variable: subpth");
	check_error("(version 1)\n(allow file-read* (literal bogus))", "2:28",
		"unbound variable: bogus");
	check_error("(version 1) (allow file-read* (home-subpath \"/x\"))", "1:31",
		"unbound variable: home-subpath");
	check_error("(version 1)\n(allow default \"x\")", "2:1", "illegal argument");
	check_error(
		"(version 1)\n(allow (literal \"/a\"))", "2:1", "at least one operation required");
	check_error("(version 1)\n(allow)", "2:1", "at least one operation required");
	check_error("(version 1)\n(allow file-read* (literal (param \"X\")))", "2:19",
		"invalid data type of path filter; expected pattern, got boolean");
	check_error("(version 1)\n(allow file-read* (literal \"/a\" 5))", "2:19",
		"invalid data type of path filter; expected pattern");
	check_error("(version 1)\n(allow file-read* (subpath \"\"))", "2:19", "subpath");
	check_error("(version 1)\n(allow file-read* (path-ancestors \"a\"))", "2:19",
		"path must start with a /");
	check_error("(version 1)\n(allow file-read* (regex \"(\"))", "2:19", "");
	check_error("(version 1)\n(allow file-read* (literal \"/a\\x00b\"))", "2:19", "NUL");
	check_error("(version 1)\n(allow file-read*\n (require-any))", "3:2", "at least");
	check_error("(version 1)\n(allow file-read*\n (require-not (literal \"/a\")"
		    " (literal \"/b\")))",
		"3:2", "");
	check_error("(version 1)\n(allow file-read* (require-all 5))", "2:19", "filter");
	check_error("(version 1)\n(allow network-outbound (remote tcp \"127.0.0.1:80\"))", "2:25",
		"host must be * or localhost in network address");
	check_error("(version 1)\n(allow network-outbound (remote tcp \"*\"))", "2:25",
		"port missing in network address");
	check_error("(version 1)\n(allow network-outbound (remote tcp \"*:1-100\"))", "2:25",
		"invalid port in network address");
	check_error("(version 1)\n(allow network-outbound (remote tcp \"*:65536\"))", "2:25",
		"invalid port in network address");
	check_error("(version 1)\n(allow network-outbound (remote tcp \"*:-1\"))", "2:25",
		"invalid port in network address");
	check_error("(version 1)\n(allow network-outbound (remote tcp \"*:\"))", "2:25",
		"invalid port in network address");
	check_error("(version 1)\n(allow network-outbound (remote tcp 80))", "2:25",
		"remote expects string argument");
	check_error(
		"(version 1)\n(allow network-outbound (remote tcp \"*:80\\x00z\"))", "2:25", "");
	check_error("(version 1)\n(allow network-outbound (remote \"*:80\"))", "2:25", "");
	check_error("(version 1)\n(allow signal (target \"self\"))", "2:15", "");
	check_error("(version 1)\n(deny default (with report))", "2:1",
		"report modifier does not apply to deny action");
	check_error("(version 1)\n(allow default (with no-log))", "2:1", "does not apply");
	check_error("(version 1)\n(deny default (with no-log) (with no-log))", "2:1",
		"no-log modifier can only appear once per rule");
	check_error("(version 1)\n(deny default (with bogus))", "2:21", "unbound variable: bogus");
	check_error("(version 1)\n(deny default (with message))", "2:15", "message");
	check_error("(version 1)\n(import \"nope.sb\")", "2:1",
		"unable to open \"nope.sb\": not found");
	check_error("(version 1)\n(import 5)", "2:1", "");
	check_error("(version 1)\n(trace 5)", "2:1", "argument to trace must be a string");
	check_error("(version 1)\n(trace \"/a\")\n(trace \"/b\")", "3:1",
		"only one trace path may be specified");
}

/* An error in what is imported has its place there; a preset of a kind keeps to it. */
static void check_parts(void)
{
	static const char bad[] = "; imported\n\n (allow bogus-op)\n";
	static const struct source allows = {"r.sb", "(version 1)\n(allow default)", 27};
	static const struct source denies = {"g.sb", "(version 1)\n(deny default)", 26};
	char path[] = "/tmp/unit-reader.XXXXXX";
	int fd = mkstemp(path);
	struct scheme_error error = {.text = NULL};

	start();
	const char *text = text_format(&arena, "(version 1)\n(import \"%s\")", path);
	const struct source importer = {"test.sb", text, strlen(text)};

	if (fd < 0 || write(fd, bad, strlen(bad)) < 0)
		perror(path);
	bool accepted = evaluate_profile(&importer, PART_PLAIN, &error);
	const char *file = error.origin.source ? error.origin.source->name : "nowhere";

	check(!accepted && strcmp(file, path) == 0 && origin_position(error.origin).line == 3 &&
			origin_position(error.origin).column == 9,
		text, "an error at 3:9 of the imported file", file);
	close(fd);
	unlink(path);
	check(!evaluate_profile(&allows, PART_RESTRICT, &error) &&
			origin_position(error.origin).line == 2,
		allows.text, "a restriction must not allow", "accepted, or elsewhere");
	check(!evaluate_profile(&denies, PART_GRANT, &error) &&
			origin_position(error.origin).line == 2,
		denies.text, "a grant must not deny", "accepted, or elsewhere");
}

static char *repeat(const char *unit, unsigned count, const char *middle, const char *closing)
{
	struct text text = text_make(&arena);

	text_add(&text, "(version 1)");
	for (unsigned i = 0; i < count; i++)
		text_add(&text, unit);
	text_add(&text, middle);
	for (unsigned i = 0; i < count; i++)
		text_add(&text, closing);
	return text.bytes;
}

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { LIMIT_ADDRESSES = 0 }; /* the sanitizer reserves more than any limit leaves */
#else
enum { LIMIT_ADDRESSES = 1 };
#endif

enum answer { REFUSED = 0, ACCEPTED, NEITHER };

/* In a process of its own: it may crash, or never end. What is accepted is asked a question, too.
 */
_Noreturn static void try_text(const char *text)
{
	struct rlimit cpu = {SECONDS_MAX, SECONDS_MAX + 1};
	struct rlimit addresses = {2ul << 30, 2ul << 30};
	struct source source = {"test.sb", text, strlen(text)};
	struct query query = {.operation = OP_FILE_READ_DATA, .texts = {[TEXT_PATH] = "/a"}};
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct scheme_error error = {.text = NULL};
	struct profile profile;

	setrlimit(RLIMIT_CPU, &cpu);
	if (LIMIT_ADDRESSES)
		setrlimit(RLIMIT_AS, &addresses);
	profile_init(&profile, "/nowhere");
	profile_add(&profile, &arena, PART_PLAIN, &source);
	if (!sbpl_evaluate(&profile, &arena, policy, &error))
		_exit(error.text ? REFUSED : NEITHER);
	policy_decide(policy, &query);
	struct index index = {.policy = policy, .arena = &arena};

	trie_build(&index, &query);
	_exit(ACCEPTED);
}

static void check_budget(const char *name, const char *text, enum answer most)
{
	struct rusage usage;
	int status;
	pid_t child = fork();

	if (child == 0)
		try_text(text);
	if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
		perror("fork");
		exit(1);
	}
	check(WIFEXITED(status) && WEXITSTATUS(status) <= (int)most, name,
		most == REFUSED ? "an error" : "an error, or a policy that can be asked",
		WIFSIGNALED(status)               ? strsignal(WTERMSIG(status))
		: WEXITSTATUS(status) == ACCEPTED ? "accepted"
						  : "exit without an error");
	check(usage.ru_maxrss < MEGABYTES_MAX * 1024L, name, "less memory",
		text_format(&arena, "%ld MiB", usage.ru_maxrss / 1024));
	if (getenv("SBX_TEST_VERBOSE"))
		printf("%-40s %ld.%02ld s, %ld MiB\n", name, (long)usage.ru_utime.tv_sec,
			(long)usage.ru_utime.tv_usec / 10000, usage.ru_maxrss / 1024);
}

#define LIST_OF                                                                                    \
	"(version 1)(define (list-of n x)"                                                         \
	" (let loop ((n n) (l '())) (if (= n 0) l (loop (- n 1) (cons x l)))))"

static const struct budget {
	const char *name, *text;
	enum answer most;
} budgets[] = {
	{"recursion", "(version 1)(define (f n) (+ 1 (f n))) (f 1)", REFUSED},
	{"recursion through map", "(version 1)(define (f n) (map f '(1))) (f 1)", REFUSED},
	{"recursion through apply", "(version 1)(define (f) (list (apply f '()))) (f)", REFUSED},
	{"recursion through cond =>", "(version 1)(define (f n) (cond (1 => f))) (f 1)", REFUSED},
	{"recursion through catch", "(version 1)(define (f) (catch 1 (f) 1) 1) (f)", REFUSED},
	{"recursion through call/cc", "(version 1)(define (f) (call/cc (lambda (k) (f) 1)) 1) (f)",
		REFUSED},
	{"recursion through eval", "(version 1)(define (f) (list (eval '(f)))) (f)", REFUSED},
	{"recursion through force", "(version 1)(define p (delay (+ 1 (force p)))) (force p)",
		REFUSED},
	{"recursion through a macro", "(version 1)(define-macro (m) '(list (m))) (m)", REFUSED},
	{"a macro that doubles", "(version 1)(define-macro (m x) `(m (,x ,x))) (m 1)", REFUSED},
	{"a macro that expands for ever", "(version 1)(define-macro (m) '(m)) (m)", REFUSED},
	{"catching the end of the steps",
		"(version 1)(define (f) (catch 1 (let loop () (loop))) (f)) (f)", REFUSED},
	{"catching errors for ever", "(version 1)(let loop () (catch 1 (no-such-variable)) (loop))",
		REFUSED},
	{"asking for ever", "(version 1)(let loop () (defined? 'no-such-name) (loop))", REFUSED},
	{"do without end", "(version 1)(do () (#f))", REFUSED},
	{"a vector of a million million", "(version 1)(make-vector 1000000000000)", REFUSED},
	{"a vector of all memory", "(version 1)(make-vector 9223372036854775807)", REFUSED},
	{"a string of a million million", "(version 1)(make-string 1000000000000)", REFUSED},
	{"vectors in a loop", "(version 1)(let loop () (make-vector 100000) (loop))", REFUSED},
	{"string-set! in a loop",
		"(version 1)(define s (make-string 1000000))"
		"(let loop () (string-set! s 1 #\\a) (loop))",
		REFUSED},
	{"vector-fill! in a loop",
		"(version 1)(define v (make-vector 1000000)) (let loop () (vector-fill! v 1) "
		"(loop))",
		REFUSED},
	{"string=? in a loop",
		"(version 1)(define s (make-string 10000000)) (define t (make-string 10000000))"
		"(let loop () (string=? s t) (equal? s t) (string-ci<? s t) (loop))",
		REFUSED},
	{"string->number in a loop",
		"(version 1)(define s (make-string 10000000 #\\0))"
		"(let loop () (string->number s) (loop))",
		REFUSED},
	{"string->symbol in a loop",
		"(version 1)(define s (make-string 10000000)) (let loop () (string->symbol s) "
		"(loop))",
		REFUSED},
	{"length in a loop",
		LIST_OF "(define l (list-of 300000 1)) (let loop () (length l) (loop))", REFUSED},
	{"list? in a loop",
		LIST_OF "(define l (append (list-of 300000 1) 1)) (let loop () (list? l) (loop))",
		REFUSED},
	{"member in a loop",
		LIST_OF "(define l (list-of 300000 1)) (let loop () (memq 2 l) (list-tail l 300000)"
			" (loop))",
		REFUSED},
	{"a long form in a loop",
		LIST_OF "(define c (cons 'and (cons #f (list-of 300000 1))))"
			"(let loop () (eval c) (loop))",
		REFUSED},
	{"many parameters in a loop",
		LIST_OF
		"(define c (list 'lambda (list-of 300000 'x) 1)) (let loop () (eval c) (loop))",
		REFUSED},
	{"many variables",
		LIST_OF "(define c (cons 'begin (map (lambda (x) (list 'define (gensym) 1))"
			" (list-of 100000 1)))) (define (f) (eval c)) (f)",
		ACCEPTED},
	{"equal? of cycles",
		"(version 1)(define a (list 1)) (set-cdr! a a) (define b (list 1)) (set-cdr! b b)"
		"(equal? a b)",
		REFUSED},
	{"equal? of cycles of heads",
		"(version 1)(define a (list 1)) (set-car! a a) (define b (list 1)) (set-car! b b)"
		"(equal? a b)",
		REFUSED},
	{"writing a cycle", "(version 1)(define a (list 1)) (set-cdr! a a) (write a)", REFUSED},
	{"writing a cycle of heads", "(version 1)(define a (list 1)) (set-car! a a) (write a)",
		REFUSED},
	{"a cycle in an error", "(version 1)(define a (list 1)) (set-cdr! a a) (error \"a\" a)",
		REFUSED},
	{"evaluating a cycle", "(version 1)(define a (list 1)) (set-cdr! a a) (eval (cons '+ a))",
		REFUSED},
	{"applying to a cycle", "(version 1)(define a (list 1)) (set-cdr! a a) (apply + a)",
		REFUSED},
	{"mapping a cycle", "(version 1)(define a (list 1)) (set-cdr! a a) (map + a)", REFUSED},
	{"list-tail of a cycle",
		"(version 1)(define a (list 1)) (set-cdr! a a)"
		"(let loop () (list-tail a 1000000) (loop))",
		REFUSED},
	{"flattening a cycle", "(version 1)(define a (list 1)) (set-car! a a) (flatten a)",
		REFUSED},
	{"quasiquote of a cycle",
		"(version 1)(define a (list 1)) (set-cdr! a a) (eval (list 'quasiquote a))",
		REFUSED},
	{"quasiquote of a cycle of heads",
		"(version 1)(define a (list 1)) (set-car! a a) (eval (list 'quasiquote a))",
		REFUSED},
	{"a cycle of bindings",
		"(version 1)(define a (list '(x 1))) (set-cdr! a a) (eval (list 'let a 1))",
		REFUSED},
	{"displaying for ever", "(version 1)(let loop () (display \"\") (loop))", REFUSED},
	{"a large power", "(version 1)(expt 10 1000000000000)", ACCEPTED},
	{"recursion through named let", "(version 1)(define (f) (let again ((x 1)) (f) 1)) (f)",
		REFUSED},
	{"mutual recursion", "(version 1)(define (f) (g) 1)(define (g) (f) 1)(f)", REFUSED},
	{"endless tail recursion", "(version 1)(define (f) (f)) (f)", REFUSED},
	{"endless named let", "(version 1)(let loop () (loop))", REFUSED},
	{"a list that grows", "(version 1)(let loop ((l '())) (loop (cons 1 l)))", REFUSED},
	{"strings that double",
		"(version 1)(let loop ((s \"0123456789\")) (loop (string-append s s)))", REFUSED},
	{"strings by the hundred",
		LIST_OF "(let loop ((s \"01234567\"))"
			" (loop (apply string-append (list-of 100 s))))",
		REFUSED},
	{"lists that double", "(version 1)(let loop ((l '(1))) (loop (append l l)))", REFUSED},
	{"lists by the dozen", LIST_OF "(let loop ((l '(1))) (loop (apply append (list-of 30 l))))",
		REFUSED},
	{"map over many long lists",
		LIST_OF "(define l (list-of 300000 1)) (apply map list (list-of 60 l))", REFUSED},
	{"symbols without end",
		"(version 1)(let loop ((n 0)) (string->symbol (number->string n)) (loop (+ n 1)))",
		REFUSED},
	{"the sum of a long list", LIST_OF "(apply + (list-of 300000 1))", ACCEPTED},
	{"a long list in order", LIST_OF "(apply = (list-of 300000 1))", ACCEPTED},
	{"a filter of a long list",
		LIST_OF "(allow file-read* (apply literal (list-of 300000 \"/a\")))", ACCEPTED},
	{"a rule of a long list",
		LIST_OF "(apply allow file-read* (list-of 300000 (literal \"/a\")))", ACCEPTED},
	{"an error with a long list", LIST_OF "(apply error \"a\" (list-of 300000 1))", REFUSED},
	{"equal? of a deep list",
		"(version 1)(define d (let loop ((n 400000) (l '())) (if (= n 0) l"
		" (loop (- n 1) (list l))))) (equal? d d)",
		ACCEPTED},
	{"apply of apply",
		"(version 1)(define l (let loop ((n 500000) (l '(() ()))) (if (= n 0) l"
		" (loop (- n 1) (list apply l))))) (apply apply l)",
		ACCEPTED},
	{"a deep filter",
		"(version 1)(define f (let loop ((n 200000) (f (literal \"/a\"))) (if (= n 0) f"
		" (loop (- n 1) (require-all f (literal \"/a\")))))) (allow file-read* f)",
		ACCEPTED},
	{"a filter that doubles",
		"(version 1)(define f (let loop ((n 40) (f (literal \"/a\"))) (if (= n 0) f"
		" (loop (- n 1) (require-all f f))))) (allow file-read* f)",
		ACCEPTED},
	{"a regex that explodes",
		"(version 1)(allow file-read* (regex \"((((a{1,99}){1,99}){1,99}){1,99}){1,99}\"))",
		ACCEPTED},
};

static void check_budgets(void)
{
	start();
	for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++)
		check_budget(budgets[i].name, budgets[i].text, budgets[i].most);
	check_budget("deep nesting", repeat("(", 100000, "", ")"), REFUSED);
	check_budget("deep nesting, not closed", repeat("(", 3000000, "", ""), REFUSED);
	check_budget("deep quotes", repeat("'", 3000000, "a", ""), REFUSED);
	check_budget("deep quasiquotes", repeat("`", 3000000, "a", ""), REFUSED);
	check_budget("deep vectors", repeat("#(", 100000, "", ")"), REFUSED);
	check_budget("nested quasiquotes", repeat("`(a ,", 300, "1", ")"), ACCEPTED);
	check_budget("deep quoted lists", repeat("'(", 100000, "a", ")"), REFUSED);
	check_budget("many definitions",
		repeat("(define (f a b c) (lambda (x) (f x b c)))", 50000, "", ""), ACCEPTED);
}

/* What profile_quote writes reads back as the same bytes, whatever they are. */
static void check_quoting(void)
{
	for (int i = 0; i < QUOTED; i++) {
		char bytes[256] = {0};
		unsigned length = below(255);

		start();
		for (unsigned j = 0; j < length; j++)
			bytes[j] =
				(char)(below(4) ? 1 + below(255) : (unsigned)"\\\"#;\n"[below(5)]);
		struct text quoted = text_make(&arena);
		struct scheme *scheme = ARENA_NEW(&arena, struct scheme);

		profile_quote(&quoted, bytes);
		const struct cell *value = evaluate(scheme, quoted.bytes, quoted.length);

		check(value && value->type == CELL_STRING && value->string.length == length &&
				memcmp(value->string.bytes, bytes, length) == 0,
			quoted.bytes, bytes, "something else");
	}
}

/* Words in any order: no crash, and either a policy or an error. */
static void check_soup(void)
{
	static const char *const words[] = {"(", "(", "(", "(", ")", ")", ")", ")", "'", " . ",
		"\"/a\"", "\"\\x", "#\"", "#\\", "; ", "\n", "5", "#t", "#f", "x", "y", "f",
		"(define ", "(define (f x) ", "(lambda (x) ", "(let ((x 5)) ", "(let loop ((x 1)) ",
		"(if ", "(cond ", "=> ", "else ", "(set! x ", "(quote ", "(map ", "(apply ",
		"(for-each ", "car ", "list ", "+ ", "allow ", "deny ", "(allow ", "(deny ",
		"default ", "file-read* ", "(with ", "no-log ", "message ", "(literal ",
		"(subpath ", "(require-not ", "(require-any ", "(remote ", "tcp ", "\"*:80\"",
		"(param ", "(import ", "(version 1)", "(vnode-type ", "DIRECTORY ", "(regex "};

	for (int i = 0; i < SOUPS; i++) {
		struct scheme_error error = {.text = NULL};

		start();
		struct text soup = text_make(&arena);

		text_add(&soup, "(version 1)");
		for (unsigned count = 2 + below(30); count; count--)
			text_addf(&soup, "%s%s", words[below(sizeof(words) / sizeof(words[0]))],
				below(3) ? "" : " ");
		struct source source = {"soup", soup.bytes, soup.length};
		bool accepted = evaluate_profile(&source, PART_PLAIN, &error);

		check(accepted == !error.text &&
				(accepted || !error.origin.source ||
					error.origin.start <= error.origin.source->length),
			soup.bytes, "a policy, or an error with its place", "neither");
	}
}

int main(void)
{
	const char *given = getenv("SBX_TEST_SEED");
	uint64_t seed = (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();

	if (given)
		seed = strtoull(given, NULL, 10);
	printf("SBX_TEST_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	state = seed * 0x9e3779b97f4a7c15u + 1;
	check_budgets();
	check_strings();
	check_atoms();
	check_lists();
	check_evaluator();
	check_reader_errors();
	check_scheme_errors();
	check_profile_errors();
	check_parts();
	check_quoting();
	check_soup();
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
