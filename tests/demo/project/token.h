#ifndef TOKEN_H
#define TOKEN_H

enum { NAME_SIZE = 32 };

enum token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_NAME, TOKEN_SYMBOL, TOKEN_BAD };

struct token {
	enum token_kind kind;
	int column; /* of its first character, counted from 1 */
	double number;
	char name[NAME_SIZE];
	char symbol;
};

struct scanner {
	const char *text;
	int position;
};

/* The token at the scanner's position, which moves past it. */
struct token token_next(struct scanner *scanner);

#endif
