/*
 * The language: expressions and what they are worth, as write shows it, or what is wrong with them
 * ("error: ..." is how the message begins). What is expected comes from SBPL.md section 1 and R5RS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scheme/builtins.h"
#include "scheme/print.h"
#include "scheme/reader.h"

enum { VALUE_MAX = 4096 };

static char buffer[4 * 1024 * 1024];
static struct arena arena;
static unsigned passed, failed;

struct example {
	const char *text, *expected;
};

/* What the text displays. */
static void collect(struct scheme *scheme, const char *line)
{
	text_addf(scheme->host, "%s|", line);
}

static struct scheme *start(struct text *said)
{
	memset(buffer, 0, arena.used < sizeof(buffer) ? arena.used : sizeof(buffer));
	arena = arena_make(buffer, sizeof(buffer));
	struct scheme *scheme = ARENA_NEW(&arena, struct scheme);

	*said = text_make(&arena);
	scheme_init(scheme, &arena, said);
	scheme->say = collect;
	return scheme;
}

/* The value of the last form. */
static void evaluate(struct scheme *scheme, const char *text, struct text *result)
{
	struct source source = {"test", text, strlen(text)};
	struct reader reader = {.scheme = scheme, .source = &source};
	struct cell *form, *value = &scheme->unspecified;

	while (value && (form = reader_next(&reader)) != NULL)
		value = scheme_eval(scheme, form, NULL);
	print_end_line(scheme);
	if (scheme->error.text)
		text_addf(result, "error: %s", scheme->error.text);
	else
		print_value(scheme, result, value, PRINT_WRITE, VALUE_MAX);
}

static void check(const char *text, const char *expected, const char *got)
{
	size_t length = strncmp(expected, "error: ", 7) == 0 ? strlen(expected) : strlen(got) + 1;

	if (strncmp(got, expected, length) == 0) {
		passed++;
		return;
	}
	failed++;
	printf("%.300s\n    expected: %.300s\n    got:      %.300s\n", text, expected, got);
}

static void check_value(const char *text, const char *expected)
{
	struct text said;
	struct scheme *scheme = start(&said);
	struct text result = text_make(&arena);

	evaluate(scheme, text, &result);
	check(text, expected, result.bytes);
}

static const struct example reading[] = {
	{"''a", "'a"},
	{"'`(a ,b ,@c)", "`(a ,b ,@c)"},
	{"(car ''a)", "quote"},
	{"(car '`a)", "quasiquote"},
	{"(car ',a)", "unquote"},
	{"(car ',@a)", "unquote-splicing"},
	{"'#(1 \"a\" (b) #(c))", "#(1 \"a\" (b) #(c))"},
	{"#()", "#()"},
	{"#(1 2)", "#(1 2)"},
	{"'#(1 . 2)", "error: syntax error: a vector has no dot"},
	{"'(#\\a #\\space #\\newline #\\tab #\\return #\\nul #\\del #\\x41 #\\x)",
		"(#\\a #\\space #\\newline #\\tab #\\return #\\nul #\\del #\\A #\\x)"},
	{"'(#\\SPACE #\\Newline #\\lf #\\esc #\\()",
		"(#\\space #\\newline #\\newline #\\esc #\\()"},
	{"#\\spaces", "error: unknown character name"},
	{"#\\x411", "error: unknown character name"},
	{"'(#d10 #x-1f #o17 #b-101 #d1.5)", "(10 -31 15 -5 1.5)"},
	{"#b12", "error: undefined sharp expression"},
	{"#x", "error: undefined sharp expression"},
	{"#x0x1f", "error: undefined sharp expression"},
	{"'(1.5 -1.5 +.5 1. 1e3 1E-2 1.5e+2 -0.0)", "(1.5 -1.5 0.5 1.0 1000.0 0.01 150.0 -0.0)"},
	{"'(1+ - + ... .a 1.2.3 1e 1e+ e1 inf nan 0x10 -a)",
		"(1+ - + ... .a 1.2.3 1e 1e+ e1 inf nan 0x10 -a)"},
	{"-9223372036854775808", "-9223372036854775808"},
	{"9223372036854775808", "error: number is too large"},
	{"1e999", "error: number is too large"},
	{"'(a'b a`b a,b)", "(a'b a`b a,b)"},
	{"#!/usr/bin/sbx\n5 #! 6\n", "5"},
	{"\"\\x41\\101\\n\\\"\\q\\\\\"", "\"AA\\n\\\"q\\\\\""},
	{"#\"\\n\\\"", "\"\\\\n\\\\\""},
	{"\"\\xg1\"", "error: bad escape in string"},
};

static const struct example forms[] = {
	{"(case 3 ((1 2) 'low) ((3 4) 'high) (else 'none))", "high"},
	{"(case 'x ((a) 1) (else 2 3))", "3"},
	{"(case 9 ((1) 1))", "#<unspecified value>"},
	{"(case \"a\" ((\"a\") 1) (else 2))", "2"},
	{"(case #\\a ((#\\b #\\a) 'yes) (else 'no))", "yes"},
	{"(case)", "error: syntax error in case"},
	{"(do ((i 0 (+ i 1)) (l '() (cons i l))) ((= i 3) l))", "(2 1 0)"},
	{"(define n 0) (do ((i 0 (+ i 1)) (k 7)) ((= i 3) (list n k)) (set! n (+ n i)))", "(3 7)"},
	{"(do ((i 0 (+ i 1))) ((= i 3)))", "#<unspecified value>"},
	{"(do ((x) (i 0 (+ i 1))) ((= i 1) x))", "()"},
	{"(do 5)", "error: syntax error in do"},
	{"(do ((5 5)) (#t))", "error: syntax error in do"},
	{"(define n 0) (define p (delay (begin (set! n (+ n 1)) n))) (list (force p) (force p))",
		"(1 1)"},
	{"(force 5)", "5"},
	{"(define x 0) (define p (delay (begin (set! x (+ x 1)) (if (> x 2) x (force p)))))"
	 "(list (force p) (begin (set! x 10) (force p)))",
		"(3 3)"},
	{"(define (from n) (cons-stream n (from (+ n 1))))"
	 "(define s (from 1)) (list (head s) (head (tail s)) (head (tail (tail s))))",
		"(1 2 3)"},
	{"(delay)", "error: syntax error in delay"},
	{"(let loop ((i 0) (l '())) (if (< i 3) (loop (+ i 1) (cons i l)) l))", "(2 1 0)"},
	{"(let outer ((i 0)) (if (= i 20000) i (let inner ((j 0)) (if (< j 2) (inner (+ j 1))"
	 " (outer (+ i 1))))))",
		"20000"},
	{"(let loop ((loop 5)) loop)", "5"},
	{"(let* () 5)", "5"},
	{"(letrec ((f (lambda () x)) (x 2)) (f))", "2"},
	{"(define x 1) (letrec ((y x) (x 2)) y)", "error: unbound variable: x"},
	{"(let ((x 1) . 5) x)", "error: syntax error in let"},
	{"(let* ((x)) x)", "error: syntax error in let*"},
	{"(begin)", "#<unspecified value>"},
	{"(begin 1 . 2)", "error: syntax error"},
	{"(when #f)", "#<unspecified value>"},
	{"(when 1 2 3)", "3"},
	{"(unless #f 1)", "1"},
	{"(cond (#f 1))", "#<unspecified value>"},
	{"(cond ((assv 2 '((1 a) (2 b))) => cadr) (else 0))", "b"},
	{"(cond (1 => car cdr))", "error: syntax error in cond: => takes one procedure"},
	{"(cond (else))", "#t"},
	{"(define ((f a) b) (list a b)) ((f 1) 2)", "(1 2)"},
	{"(define (((f) . a) b) (list a b)) (((f) 1 2) 3)", "((1 2) 3)"},
	{"(define (f a . b) (list a b)) (list (f 1) (f 1 2 3))", "((1 ()) (1 (2 3)))"},
	{"(define f (lambda a a)) (f)", "()"},
	{"(define (f) (define a 1) (define (b) (+ a 1)) (set! a 5) (b)) (f)", "6"},
	{"(define (f) (define (even n) (if (= n 0) #t (odd (- n 1))))"
	 " (define (odd n) (if (= n 0) #f (even (- n 1)))) (even 10)) (f)",
		"#t"},
	{"(define (f #!optional\n b) b) (f 1)", "1"},
	{"(define (f 5) 1)", "error: syntax error in the list of parameters: integer"},
	{"(define (f))", "error: syntax error: procedure without body"},
	{"(cond-expand (nope 1) ((and srfi-0 (not nope)) 2) (else 3))", "2"},
	{"(cond-expand ((or nope sorry) 1) (else 3))", "3"},
	{"(cond-expand (nope 1))", "#t"},
	{"(cond-expand ((maybe 1) 2))", "error: syntax error in cond-expand"},
	{"(cond-expand (5 2))", "error: syntax error in cond-expand"},
	/* Names of forms are names like any other. */
	{"(let ((if list)) (if 1 2 3))", "(1 2 3)"},
	{"(define (f list) (list 1)) (f -)", "-1"},
	{"(let ((else #f)) (cond (else 1) (#t 2)))", "2"},
	{"(define (when x) (list x)) (when 5)", "(5)"},
	{"(define car cdr) (car '(1 2))", "(2)"},
	{"(set! car cdr) (car '(1 2))", "(2)"},
	{"(define x 1) (define (f) (set! x 2)) (f) x", "2"},
	{"(define (f n) (if (= n 0) 0 (+ 1 (f (- n 1))))) (f 5000)", "5000"},
	{"(define (f l) (if (null? l) '() (cons (car l) (f (cdr l)))))"
	 " (define (n i l) (if (= i 0) l (n (- i 1) (cons i l)))) (length (f (n 5000 '())))",
		"5000"},
	{"(list if)", "(#<special form if>)"},
	{"(5 5)", "error: illegal function: integer cannot be called"},
	{"(list 1 . 2)", "error: syntax error: improper list of arguments"},
};

static const struct example macros[] = {
	{"`a", "a"},
	{"`(1 ,(+ 1 1) ,@(list 3 4))", "(1 2 3 4)"},
	{"`(1 ,@'() . 2)", "(1 . 2)"},
	{"`(1 . ,(+ 1 1))", "(1 . 2)"},
	{"`(,@'(1 2) . 3)", "(1 2 . 3)"},
	{"`(,@'(1 2))", "(1 2)"},
	{"`(1 ,@2)", "(1 . 2)"},
	{"`(,@2 1)", "error: unquote-splicing: expected a list, got integer"},
	{"`,@(list 1)", "error: unquote-splicing: not in a list"},
	{"`(1 . ,@(list 2))", "error: unquote-splicing: not in a list"},
	{"`#(1 ,(+ 1 1) ,@(list 3))", "#(1 2 3)"},
	{"`(1 `(2 ,(3 ,(+ 1 3))))", "(1 `(2 ,(3 4)))"},
	{"`(1 `(2 ,(3 `(4 ,(+ 1 3)))))", "(1 `(2 ,(3 `(4 ,(+ 1 3)))))"},
	{"`(1 `(2 ,(3 ,,(+ 1 3))))", "error: "},
	{"`(1 `,(+ 1 ,(+ 2 3)))", "(1 `,(+ 1 5))"},
	{"`(1 `(,@(a ,@(list 1 2))))", "(1 `(,@(a 1 2)))"},
	{"(define x 5) `(x ,x 'x ',x)", "(x 5 'x '5)"},
	{"(let ((unquote 1)) `(1 ,(+ 1 1)))", "(1 2)"},
	{"(quasiquote (1 (unquote (+ 1 1))))", "(1 2)"},
	{"(quasiquote)", "error: syntax error in quasiquote"},
	{"(macro (swap form) `(list ,(caddr form) ,(cadr form))) (swap 1 2)", "(2 1)"},
	{"(macro swap (lambda (form) `(list ,(caddr form) ,(cadr form)))) (swap 1 2)", "(2 1)"},
	{"(define-macro (swap a b) `(list ,b ,a)) (swap 1 2)", "(2 1)"},
	{"(define-macro (all . a) `(quote ,a)) (all 1 2)", "(1 2)"},
	{"(define-macro swap (lambda (form) (car form))) (define x 1) (procedure? swap)", "#f"},
	{"(define-macro (while test . body)"
	 " `(let loop () (when ,test ,@body (loop)))) (define i 0) (while (< i 5) (set! i (+ i "
	 "1))) i",
		"5"},
	{"(define-macro (my-if c a b) `(cond (,c ,a) (else ,b))) (my-if #f (car '()) 'ok)", "ok"},
	{"(define-macro (def n v) `(define ,n ,v)) (def z 5) z", "5"},
	{"(define (f) (define-macro (two x) `(list ,x ,x)) (two 1)) (f)", "(1 1)"},
	{"(define-macro (m a) a) (m 1 2)", "error: too many arguments"},
	{"(macro (m f) (car '())) (m)", "error: car: argument 1 must be list, got empty list"},
	{"(macro 5 5)", "error: syntax error in macro"},
	{"(define-macro (m))", "error: syntax error in define-macro"},
	{"(macro m 5) (m)", "error: illegal function: integer"},
	{"(define-macro (m x) `(quote ,x)) (map m '(1))", "error: illegal function: macro"},
};

static const struct example control[] = {
	{"(catch 'caught (car '()))", "caught"},
	{"(catch 'caught 1 2)", "2"},
	{"(catch 'caught)", "#<unspecified value>"},
	{"(catch 'caught (throw \"x\"))", "caught"},
	{"(catch 'outer (catch (throw \"y\") (throw \"x\")))", "outer"},
	{"(catch 'caught nope)", "caught"},
	{"(catch 'caught (substring \"abc\" 5))", "caught"},
	{"(define n 0) (catch (set! n (+ n 1)) (set! n 10) (throw \"x\") (set! n 20)) n", "11"},
	{"(let ((x 5)) (catch x (throw \"x\")))", "5"},
	{"(catch 'caught (error \"no\" \"way\"))", "error: no way"},
	{"(catch 'caught (for-each (lambda (x) (throw \"x\")) '(1 2)))", "caught"},
	{"(throw \"a\" 'b 3 \"c\" '(d \"e\") #\\f)", "error: a b 3 c (d e) f"},
	{"(error 'sym \"text\")", "error: sym text"},
	{"(throw)", "error: error"},
	{"(call/cc (lambda (k) (+ 1 (k 5))))", "5"},
	{"(call-with-current-continuation (lambda (k) 7))", "7"},
	{"(call/cc (lambda (k) (for-each (lambda (x) (if (> x 1) (k x))) '(1 2 3)) 'none))", "2"},
	{"(+ 1 (call/cc (lambda (a) (call/cc (lambda (b) (a 10))) 5)))", "11"},
	{"(call/cc (lambda (k) (catch 'caught (k 'left))))", "left"},
	{"(catch 'caught (call/cc (lambda (k) (throw \"x\"))))", "caught"},
	{"(call/cc (lambda (k) (k)))", "#<unspecified value>"},
	{"(call/cc procedure?)", "#t"},
	{"(define k #f) (call/cc (lambda (c) (set! k c))) (k 1)",
		"error: a continuation can only be used to leave"},
	{"(define k #f) (call/cc (lambda (c) (set! k c))) (catch 'over (k 1))", "over"},
	{"(call/cc 5)", "error: illegal function"},
	{"(apply + 1 2 '(3))", "6"},
	{"(apply + '(1 . 2))", "error: apply: argument 2 must be list, got improper list"},
	{"(define (f n) (if (= n 0) 'done (apply f (list (- n 1))))) (f 100000)", "done"},
	{"(apply apply (list + (list 1 2)))", "3"},
	{"(eval '(+ 1 2))", "3"},
	{"(define (f x) (eval 'x)) (f 5)", "5"},
	{"(define x 1) (define (f x) (eval 'x (interaction-environment))) (f 5)", "1"},
	{"(define (f x) (current-environment)) (eval '(* x x) (f 7))", "49"},
	{"(eval '(define y 5)) y", "5"},
	{"(map eval '((+ 1 1) (list 3)))", "(2 (3))"},
	{"(list (defined? 'car) (defined? 'nope) (let ((nope 1)) (defined? 'nope)))", "(#t #f #t)"},
	{"(defined? 5)", "error: defined?: argument 1 must be symbol, got integer"},
	{"(eq? (gensym) (gensym))", "#f"},
	{"(let ((g (gensym))) (list (symbol? g) (eq? g (string->symbol (symbol->string g)))))",
		"(#t #f)"},
	/* Text that changes itself while it is evaluated. */
	{"(define c '(if (begin (set-cdr! c '()) #t) 1 2)) (eval c)", "1"},
	{"(define c '(begin (set-cdr! c 5) 2 3)) (eval c)", "3"},
	{"(define c '(list (begin (set-cdr! (cdr c) 5) 2) 3)) (eval c)", "error: syntax error"},
	{"(define c (list 'let '((x (set-car! (cadr c) 5)) (y 1)) 'x)) (eval c)", "(5 (y 1))"},
	{"(define p (list 'a)) (define f (eval (list 'lambda p 'a))) (set-car! p 5) (f 1)",
		"error: syntax error in the list of parameters"},
	{"(define b (list 'a)) (define f (eval (cons 'lambda (cons '(a) b)))) (set-cdr! b b)"
	 "(catch 'no (f 1))",
		"error: the profile does not come to an end"},
};

static const struct example lists[] = {
	{"(list (caar '((1) 2)) (cadr '(1 2)) (cdar '((1 . 3) 2)) (cddr '(1 2 3)))", "(1 2 3 (3))"},
	{"(list (caddr '(1 2 3)) (cadddr '(1 2 3 4)) (cddddr '(1 2 3 4 5)) (caaaar '((((1))))))",
		"(3 4 (5) 1)"},
	{"(cadr '(1))", "error: cadr: argument 1 must be list, got list"},
	{"(car 5)", "error: car: argument 1 must be list, got integer"},
	{"(memq 'c '(a b c d))", "(c d)"},
	{"(memv 1.5 '(1 1.5))", "(1.5)"},
	{"(list (memq 'x '(a)) (memv 2 '(1 2)) (member '(1) '((1) 2)))", "(#f (2) ((1) 2))"},
	{"(list (assq 'b '((a 1) (b 2))) (assv 2 '((1 . a) (2 . b))) (assoc \"b\" '((\"b\" . 1))))",
		"((b 2) (2 . b) (\"b\" . 1))"},
	{"(assq 'a '(5))", "error: assq: expected a list of pairs, got integer"},
	{"(memq 'a 5)", "error: memq: argument 2 must be list, got integer"},
	{"(list (list-ref '(a b c) 2) (list-tail '(a b c) 1) (list-tail '(a) 1))", "(c (b c) ())"},
	{"(list-ref '(a) 1)", "error: list-ref: the list is too short"},
	{"(list-tail '(a) 2)", "error: list-tail: the list is too short"},
	{"(list-tail '(a) -1)", "error: list-tail: argument 2 is out of bounds: -1"},
	{"(list (take '(1 2 3) 2) (drop '(1 2 3) 2) (take '() 0))", "((1 2) (3) ())"},
	{"(take '(1) 2)", "error: take: the list is too short"},
	{"(define l (list 1 2)) (set-cdr! (cdr l) l) (take l 5)", "(1 2 1 2 1)"},
	{"(filter odd? '(1 2 3))", "(1 3)"},
	{"(partition odd? '(1 2 3))", "((1 3) (2))"},
	{"(foldr + 0 '(1 2 3))", "6"},
	{"(foldr (lambda (a b) (cons b a)) '() '(1 2 3))", "(3 2 1)"},
	{"(flatten '(1 (2 (3 ())) 4))", "(1 2 3 4)"},
	{"(mappend (lambda (x) (list x x)) '(1 2))", "(1 1 2 2)"},
	{"(define append list) (mappend list '(1 2))", "(1 2)"},
	{"(acons 1 2 '((3 . 4)))", "((1 . 2) (3 . 4))"},
	{"(list (list* 1) (list* 1 2) (cons* 1 2 '(3)))", "(1 (1 . 2) (1 2 3))"},
	{"(list (append '(1) 2) (append '(1) '(2) '(3 . 4)) (append '() 5) (append))",
		"((1 . 2) (1 2 3 . 4) 5 ())"},
	{"(append 1 '(2))", "error: append: argument 1 must be list, got integer"},
	{"(define l '(1 2)) (eq? (cdr (append '(0) l)) l)", "#t"},
	{"(define l (list 1 2)) (set-car! l 5) (set-cdr! (cdr l) '(3)) l", "(5 2 3)"},
	{"(define l (list 1)) (set-cdr! l l) (list (list? l) (catch 'no (length l)))", "(#f no)"},
	{"(length '(1 . 2))", "error: length: argument 1 must be list, got improper list"},
	{"(last-pair '(1 2 . 3))", "(2 . 3)"},
	{"(map (lambda (x . r) (cons x r)) '(1 2) '(3 4 5))", "((1 3) (2 4))"},
	{"(for-each car '((1)))", "#<unspecified value>"},
	{"(map car '(1))", "error: car: argument 1"},
	{"(map car 5)", "error: map: argument 2 must be list, got integer"},
	{"(list (eq? '() '()) (eq? \"\" \"\") (eqv? 1.5 1.5) (eqv? 1 1.0) (equal? 1 1.0))",
		"(#t #t #t #f #f)"},
	{"(list (eq? \"a\" \"a\") (equal? \"a\" \"a\") (equal? #(1 (2)) #(1 (2))) (equal? #(1) "
	 "#(2)))",
		"(#f #t #t #f)"},
	{"(equal? '(1 (2 #(3 \"x\"))) '(1 (2 #(3 \"x\"))))", "#t"},
};

static const struct example numbers[] = {
	{"(list (+ 1 2.5) (- 1.5) (* 2 0.5) (+) (- 5 1 1))", "(3.5 -1.5 1.0 0 3)"},
	{"(list (/ 6 3) (/ 1 4) (/ 2) (/ 1.0 2) (/ 12 2 3))", "(2 0.25 0.5 0.5 2)"},
	{"(/ 1 0)", "error: /: division by zero"},
	{"(/ -9223372036854775808 -1)", "error: /: number is too large"},
	{"(+ 9223372036854775807 1)", "error: +: number is too large"},
	{"(- -9223372036854775808)", "error: -: number is too large"},
	{"(* 4294967296 4294967296)", "error: *: number is too large"},
	{"(+ 9223372036854775807 1.0)", "9.223372037e+18"},
	{"(+ 1 'a)", "error: +: argument 2 must be number, got symbol"},
	{"(list (quotient 7 -2) (remainder -7 2) (modulo -7 2) (modulo 7 -2) (remainder 7 -2))",
		"(-3 -1 1 -1 1)"},
	{"(list (modulo -9223372036854775808 -1) (remainder -9223372036854775808 -1))", "(0 0)"},
	{"(quotient -9223372036854775808 -1)", "error: quotient: number is too large"},
	{"(modulo 5 0)", "error: modulo: division by zero"},
	{"(list (= 1 1.0) (< 1 1.5 2) (>= 2 2 1) (<> 1 2) (<= 2 1) (> 3 2 2))",
		"(#t #t #t #t #f #f)"},
	{"(< 1 'a)", "error: <: argument 2 must be number, got symbol"},
	{"(< 2 1 'a)", "error: <: argument 3 must be number, got symbol"},
	{"(list (zero? 0.0) (positive? 1) (negative? -0.5) (even? 4) (odd? -3))",
		"(#t #t #t #t #t)"},
	{"(list (max 1 2.0 3) (min 2 1) (max 5) (abs -5) (abs -2.5))", "(3.0 1 5 5 2.5)"},
	{"(abs -9223372036854775808)", "error: abs: number is too large"},
	{"(list (gcd 12 -18) (lcm 4 6) (gcd) (lcm) (lcm 0 5) (gcd 0 5))", "(6 12 0 1 0 5)"},
	{"(gcd -9223372036854775808)", "error: gcd: number is too large"},
	{"(lcm 9223372036854775807 2)", "error: lcm: number is too large"},
	{"(list (floor 1.5) (ceiling 1.5) (round 2.5) (round 3.5) (truncate -1.5) (floor 7))",
		"(1.0 2.0 2.0 4.0 -1.0 7)"},
	{"(list (exp 0) (log 1) (sin 0) (cos 0) (tan 0) (asin 0) (acos 1) (atan 0) (atan 1 1))",
		"(1.0 0.0 0.0 1.0 0.0 0.0 0.0 0.0 0.7853981634)"},
	{"(list (sqrt 16) (sqrt 2) (sqrt 2.25) (sqrt 9223372036854775807))",
		"(4 1.414213562 1.5 3037000500.0)"},
	{"(list (expt 2 10) (expt 2 0.5) (expt 2 -1) (expt 0 0) (expt -2 63) (expt 1 9999999999))",
		"(1024 1.414213562 0.5 1 -9223372036854775808 1)"},
	{"(expt 10 1000000)", "inf"},
	{"(list (exact->inexact 1) (inexact->exact 2.0) (inexact->exact 5))", "(1.0 2 5)"},
	{"(inexact->exact 1.5)", "error: inexact->exact: not integral, or too large"},
	{"(inexact->exact 1e30)", "error: inexact->exact: not integral, or too large"},
	{"(list (exact? 1) (inexact? 1.0) (integer? 1.0) (integer? 1.5) (real? 1) (number? 'a))",
		"(#t #t #t #f #t #f)"},
	{"(list (number->string 255 16) (number->string -5 2) (number->string 1.5))",
		"(\"ff\" \"-101\" \"1.5\")"},
	{"(list (string->number \"ff\" 16) (string->number \"1e2\") (string->number \"1x\")"
	 " (string->number \"\") (string->number \"-\"))",
		"(255 100.0 #f #f #f)"},
	{"(number->string 5 17)", "error: number->string: the base must be from 2 to 16"},
	{"(list (succ 1) (pred 1.5))", "(2 0.5)"},
};

static const struct example strings[] = {
	{"(list (substring \"abcdef\" 2) (substring \"abcdef\" 2 4) (substring \"abc\" 3 3))",
		"(\"cdef\" \"cd\" \"\")"},
	{"(substring \"abc\" 2 9)", "error: substring: argument 3 is out of bounds: 9"},
	{"(substring \"abc\" 2 1)", "error: substring: argument 2 is out of bounds: 2"},
	{"(list (string-ref \"abc\" 1) (string #\\a #\\b) (string-copy \"x\"))",
		"(#\\b \"ab\" \"x\")"},
	{"(string-ref \"abc\" 3)", "error: string-ref: argument 2 is out of bounds: 3"},
	{"(string-ref \"\" 0)", "error: string-ref: index is out of bounds: the string is empty"},
	{"(define s (string-copy \"abc\")) (string-set! s 1 #\\x) s", "\"axc\""},
	{"(define s (make-string 3 #\\a)) (string-fill! s #\\b) s", "\"bbb\""},
	{"(string-length (make-string 3))", "3"},
	{"(list (string->list \"ab\") (list->string '(#\\a #\\b)))", "((#\\a #\\b) \"ab\")"},
	{"(list->string '(1))", "error: list->string: expected a character, got integer"},
	{"(string 1)", "error: string: expected a character, got integer"},
	{"(list (string<? \"a\" \"b\") (string<? \"a\" \"ab\") (string>? \"a\" \"B\")"
	 " (string<=? \"a\" \"a\") (string>=? \"a\" \"b\"))",
		"(#t #t #t #t #f)"},
	{"(list (string=? \"a\" \"A\") (string-ci=? \"aB\" \"Ab\") (string-ci<? \"A\" \"b\"))",
		"(#f #t #t)"},
	{"(string=? \"a\" 'a)", "error: string=?: argument 2 must be string, got symbol"},
	{"(list (string->symbol \"a b\") (symbol->string 'ab))", "(a b \"ab\")"},
	{"(string->symbol \"a\\x00b\")",
		"error: string->symbol: argument 1 must not have a NUL byte"},
	{"(list (atom->string 'a) (atom->string 1.5) (atom->string \"x\") (atom->string #\\a))",
		"(\"a\" \"1.5\" \"x\" \"a\")"},
	{"(atom->string '(1))", "error: atom->string: argument 1 must be atom, got list"},
	{"(list (string->atom \"12\") (string->atom \"x\") (string->atom \"#t\"))", "(12 x #t)"},
	{"(list (char=? #\\a #\\a) (char<? #\\a #\\b) (char-ci=? #\\a #\\A) (char>=? #\\a #\\b))",
		"(#t #t #t #f)"},
	{"(list (char-upcase #\\a) (char-downcase #\\A) (char->integer #\\A) (integer->char 97))",
		"(#\\A #\\a 65 #\\a)"},
	{"(integer->char 256)", "error: integer->char: argument 1 is out of bounds: 256"},
	{"(list (char-alphabetic? #\\a) (char-numeric? #\\a) (char-whitespace? #\\tab)"
	 " (char-upper-case? #\\a) (char-lower-case? #\\a))",
		"(#t #f #t #f #t)"},
	{"(string-append \"a\" 5)", "error: string-append: argument 2 must be string, got integer"},
};

static const struct example vectors[] = {
	{"(define v (make-vector 2 'x)) (vector-set! v 1 'y) (list v (vector-ref v 0))",
		"(#(x y) x)"},
	{"(list (vector 1 2) (vector-length #(1 2 3)) (vector->list #(1 2)) (list->vector '(1)))",
		"(#(1 2) 3 (1 2) #(1))"},
	{"(define v (vector 1 2)) (vector-fill! v 0) v", "#(0 0)"},
	{"(vector-ref #(1) 1)", "error: vector-ref: argument 2 is out of bounds: 1"},
	{"(vector-ref #() 0)", "error: vector-ref: index is out of bounds: the vector is empty"},
	{"(vector-map (lambda (x) (* x x)) #(1 2 3))", "#(1 4 9)"},
	{"(define n 0) (vector-for-each (lambda (x) (set! n (+ n x))) #(1 2)) n", "3"},
	{"(make-vector -1)", "error: make-vector: argument 1 is out of bounds: -1"},
	{"(list->vector '(1 . 2))", "error: list->vector: argument 1 must be list"},
	{"(list (vector? #(1)) (procedure? car) (procedure? if) (char? #\\a) (promise? (delay 1)))",
		"(#t #t #f #t #t)"},
	{"(list car (lambda (x) x) (delay 1) (current-output-port))",
		"(#<procedure car> #<procedure> #<promise> #<port>)"},
};

static const struct example ports[] = {
	{"(define p (open-input-string \"(a b) c \")) (let* ((a (read p)) (b (read p))) (list a b"
	 " (eof-object? (read p))))",
		"((a b) c #t)"},
	{"(define p (open-input-string \"ab\")) (let* ((a (peek-char p)) (b (read-char p))"
	 " (c (read-char p)) (d (read-char p))) (list a b c d))",
		"(#\\a #\\a #\\b #<end of file>)"},
	{"(define p (open-input-string \"a\\nb\")) (let* ((a (read-line p)) (b (read-line p)))"
	 " (list a b (read-line p)))",
		"(\"a\" \"b\" #<end of file>)"},
	{"(define p (open-input-string \"\")) (close-input-port p) (read p)",
		"error: read: the port is closed"},
	{"(read)", "error: read: needs a port: standard input belongs to the command"},
	{"(read (current-output-port))", "error: read: the port is not for input"},
	{"(catch 'no (read (open-input-string \"(a\")))", "error: syntax error: expecting ')'"},
	{"(open-input-file \"/nowhere/at/all\")",
		"error: open-input-file: unable to open \"/nowhere/at/all\": not found"},
	{"(catch 'no (load \"/nowhere/at/all\"))", "no"},
	{"(load \"/nowhere\")", "error: load: unable to open \"/nowhere\": not found"},
	{"(open-output-file \"/tmp/x\")",
		"error: open-output-file: a profile cannot write to files"},
	{"(display 1 (open-input-string \"\"))", "error: display: the port is not for output"},
};

/* What is displayed, each line followed by '|'. */
static const struct example shown[] = {
	{"(display \"a\\nb\")", "a|b|"},
	{"(display '(1 \"a\" #\\b c)) (newline) (write '(1 \"a\" #\\b c))",
		"(1 a b c)|(1 \"a\" #\\b c)|"},
	{"(write-char #\\a) (write-char #\\newline (current-output-port))", "a|"},
	{"(display \"a\\x00b\")", "a\\x00b|"},
	{"(newline)", "|"},
	{"(display \"before\") (car '())", "before|"},
	{"(display (string->symbol \"a\"))", "a|"},
	{"(display (make-string 100000))", ""},
};

static void check_shown(void)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		struct text said;
		struct scheme *scheme = start(&said);
		struct text result = text_make(&arena);

		evaluate(scheme, shown[i].text, &result);
		check(shown[i].text, shown[i].expected, said.bytes);
	}
}

/* A file that is loaded: its definitions, its errors, itself. */
static void check_load(void)
{
	static const char text[] = "(define loaded (if (defined? 'loaded) (+ loaded 1) 1))\n"
				   "(if (> loaded 1) (load file))";
	char path[] = "/tmp/unit-scheme.XXXXXX", program[256];
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
		perror(path);
	close(fd);
	snprintf(program, sizeof(program), "(define file \"%s\") (load file) loaded", path);
	check_value(program, "1");
	snprintf(program, sizeof(program), "(define file \"%s\") (load file) (load file)", path);
	check_value(program, "error: files are loaded by each other too deeply");
	snprintf(program, sizeof(program), "(let ((p (open-input-file \"%s\"))) (car (read p)))",
		path);
	check_value(program, "define");
	snprintf(program, sizeof(program), "(call-with-input-file \"%s\" read-char)", path);
	check_value(program, "#\\(");
	unlink(path);
}

static const struct {
	const struct example *examples;
	size_t count;
} tables[] = {
#define TABLE(name)                                                                                \
	{                                                                                          \
		name, sizeof(name) / sizeof(name[0])                                               \
	}
	TABLE(reading),
	TABLE(forms),
	TABLE(macros),
	TABLE(control),
	TABLE(lists),
	TABLE(numbers),
	TABLE(strings),
	TABLE(vectors),
	TABLE(ports),
};

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (size_t j = 0; j < tables[i].count; j++)
			check_value(tables[i].examples[j].text, tables[i].examples[j].expected);
	}
	check_shown();
	check_load();
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
