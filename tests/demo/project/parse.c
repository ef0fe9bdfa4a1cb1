/*
 * The grammar, one function per line of it:
 *	assignment = NAME "=" assignment | sum
 *	sum        = product { ("+" | "-") product }
 *	product    = signed { ("*" | "/" | "%") signed }
 *	signed     = "-" signed | power
 *	power      = primary [ "^" signed ]
 *	arguments  = assignment { "," assignment }
 *	primary    = NUMBER | NAME [ "(" [ arguments ] ")" ] | "(" assignment ")"
 */
#include "expr.h"

#include <stdlib.h>
#include <string.h>

struct parser {
	struct scanner scanner;
	struct token token; /* the next one, not yet used */
	struct problem *problem;
};

static struct expr *parse_assignment(struct parser *parser);
static struct expr *parse_signed(struct parser *parser);

static void advance(struct parser *parser)
{
	parser->token = token_next(&parser->scanner);
}

static int at_symbol(const struct parser *parser, char symbol)
{
	return parser->token.kind == TOKEN_SYMBOL && parser->token.symbol == symbol;
}

/* Keeps the first problem: the later ones only follow from it. */
static struct expr *fail(struct parser *parser, const char *message)
{
	if (!parser->problem->message) {
		parser->problem->message = message;
		parser->problem->column = parser->token.column;
	}
	return NULL;
}

static struct expr *new_expr(struct parser *parser, enum expr_kind kind)
{
	struct expr *expr = calloc(1, sizeof(*expr));

	if (!expr)
		return fail(parser, "out of memory");
	expr->kind = kind;
	expr->column = parser->token.column;
	return expr;
}

/* Takes the operand over, also when it fails. */
static int add_argument(struct parser *parser, struct expr *expr, struct expr *operand)
{
	if (!operand)
		return 0;
	if (expr->count == MAX_ARGUMENTS) {
		fail(parser, "too many arguments");
		expr_free(operand);
		return 0;
	}
	expr->argument[expr->count++] = operand;
	return 1;
}

static struct expr *parse_binary(
	struct parser *parser, struct expr *left, struct expr *(*parse_right)(struct parser *))
{
	struct expr *expr = new_expr(parser, EXPR_BINARY);

	if (!expr) {
		expr_free(left);
		return NULL;
	}
	expr->symbol = parser->token.symbol;
	advance(parser);
	if (add_argument(parser, expr, left) && add_argument(parser, expr, parse_right(parser)))
		return expr;
	expr_free(expr);
	return NULL;
}

static int parse_arguments(struct parser *parser, struct expr *expr)
{
	while (!at_symbol(parser, ')')) {
		if (!add_argument(parser, expr, parse_assignment(parser)))
			return 0;
		if (at_symbol(parser, ',')) {
			advance(parser);
		} else if (!at_symbol(parser, ')')) {
			fail(parser, "expected , or )");
			return 0;
		}
	}
	advance(parser);
	return 1;
}

static struct expr *parse_name(struct parser *parser)
{
	struct expr *expr = new_expr(parser, EXPR_VARIABLE);

	if (!expr)
		return NULL;
	memcpy(expr->name, parser->token.name, NAME_SIZE);
	advance(parser);
	if (!at_symbol(parser, '('))
		return expr;
	expr->kind = EXPR_CALL;
	advance(parser);
	if (parse_arguments(parser, expr))
		return expr;
	expr_free(expr);
	return NULL;
}

static struct expr *parse_number(struct parser *parser)
{
	struct expr *expr = new_expr(parser, EXPR_NUMBER);

	if (!expr)
		return NULL;
	expr->number = parser->token.number;
	advance(parser);
	return expr;
}

static struct expr *parse_group(struct parser *parser)
{
	struct expr *expr;

	advance(parser);
	expr = parse_assignment(parser);
	if (!expr)
		return NULL;
	if (!at_symbol(parser, ')')) {
		expr_free(expr);
		return fail(parser, "expected )");
	}
	advance(parser);
	return expr;
}

static struct expr *parse_primary(struct parser *parser)
{
	if (parser->token.kind == TOKEN_NUMBER)
		return parse_number(parser);
	if (parser->token.kind == TOKEN_NAME)
		return parse_name(parser);
	if (at_symbol(parser, '('))
		return parse_group(parser);
	return fail(parser, "expected a number, a name or (");
}

static struct expr *parse_power(struct parser *parser)
{
	struct expr *expr = parse_primary(parser);

	if (expr && at_symbol(parser, '^'))
		return parse_binary(parser, expr, parse_signed);
	return expr;
}

static struct expr *parse_negation(struct parser *parser)
{
	struct expr *expr = new_expr(parser, EXPR_NEGATE);

	if (!expr)
		return NULL;
	advance(parser);
	if (add_argument(parser, expr, parse_signed(parser)))
		return expr;
	expr_free(expr);
	return NULL;
}

static struct expr *parse_signed(struct parser *parser)
{
	return at_symbol(parser, '-') ? parse_negation(parser) : parse_power(parser);
}

static struct expr *parse_product(struct parser *parser)
{
	struct expr *expr = parse_signed(parser);

	while (expr && (at_symbol(parser, '*') || at_symbol(parser, '/') || at_symbol(parser, '%')))
		expr = parse_binary(parser, expr, parse_signed);
	return expr;
}

static struct expr *parse_sum(struct parser *parser)
{
	struct expr *expr = parse_product(parser);

	while (expr && (at_symbol(parser, '+') || at_symbol(parser, '-')))
		expr = parse_binary(parser, expr, parse_product);
	return expr;
}

static struct expr *parse_assignment(struct parser *parser)
{
	struct expr *expr = parse_sum(parser);

	if (!expr || !at_symbol(parser, '='))
		return expr;
	if (expr->kind != EXPR_VARIABLE) {
		expr_free(expr);
		return fail(parser, "only a variable can be assigned to");
	}
	expr->kind = EXPR_ASSIGN;
	advance(parser);
	if (add_argument(parser, expr, parse_assignment(parser)))
		return expr;
	expr_free(expr);
	return NULL;
}

struct expr *expr_parse(const char *text, struct problem *problem)
{
	struct parser parser = {
		.scanner = {.text = text}, .token = {.column = 1}, .problem = problem};
	struct expr *expr;

	*problem = (struct problem){0};
	if (strlen(text) > MAX_TEXT)
		return fail(&parser, "too long");
	advance(&parser);
	expr = parse_assignment(&parser);
	if (expr && parser.token.kind != TOKEN_END) {
		expr_free(expr);
		return fail(&parser, "expected an operator");
	}
	return expr;
}

void expr_free(struct expr *expr)
{
	if (!expr)
		return;
	for (int i = 0; i < expr->count; i++)
		expr_free(expr->argument[i]);
	free(expr);
}
