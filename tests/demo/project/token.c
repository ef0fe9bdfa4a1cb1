#include "token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int is_digit(char c)
{
	return isdigit((unsigned char)c);
}

static int is_name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static int is_name_part(char c)
{
	return is_name_start(c) || is_digit(c);
}

static const char *scan_number(const char *start, struct token *token)
{
	char *end;

	token->kind = TOKEN_NUMBER;
	token->number = strtod(start, &end);
	return end;
}

static const char *scan_name(const char *start, struct token *token)
{
	const char *end = start;
	size_t length;

	while (is_name_part(*end))
		end++;
	length = (size_t)(end - start);
	if (length >= NAME_SIZE) {
		token->kind = TOKEN_BAD;
		return end;
	}
	token->kind = TOKEN_NAME;
	memcpy(token->name, start, length);
	token->name[length] = '\0';
	return end;
}

static const char *scan_symbol(const char *start, struct token *token)
{
	token->symbol = *start;
	token->kind = strchr("+-*/%^()=,", *start) ? TOKEN_SYMBOL : TOKEN_BAD;
	return start + 1;
}

struct token token_next(struct scanner *scanner)
{
	struct token token = {.kind = TOKEN_END};
	const char *c = scanner->text + scanner->position;

	while (isspace((unsigned char)*c))
		c++;
	token.column = (int)(c - scanner->text) + 1;
	if (is_digit(*c) || (*c == '.' && is_digit(c[1])))
		c = scan_number(c, &token);
	else if (is_name_start(*c))
		c = scan_name(c, &token);
	else if (*c)
		c = scan_symbol(c, &token);
	scanner->position = (int)(c - scanner->text);
	return token;
}
