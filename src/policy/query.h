#ifndef POLICY_QUERY_H
#define POLICY_QUERY_H

#include "base/arena.h"
#include "policy/filter.h"

/*
 * A question as people write it: OPERATION, then KEY=VALUE words or one OBJECT, which is a path, a
 * HOST:PORT or a name, as the operation has it. Keys: see query.c.
 */
struct question {
	struct arena *arena;
	/* The number of a constant, as profiles name it; false when there is none. May be NULL. */
	bool (*constant)(const char *name, long *value);
	struct query query;
	const char *error; /* what is wrong, once a function below has answered false */
};

/* Starts with an operation's name or alias. */
bool question_begin(struct question *question, const char *operation);

/* One attribute of the object: key and value as in KEY=VALUE. */
bool question_set(struct question *question, const char *key, const char *value);

/* KEY=VALUE, or a lone OBJECT. */
bool question_add(struct question *question, const char *word);

/* Fills in what follows from the rest, or goes without saying: a regular file. */
void question_end(struct question *question);

/* Operation and words of one line, separated by single spaces: all of the above. */
bool question_parse(struct question *question, const char *line);

/* True for KEY=VALUE: a key has small letters only, as paths and addresses do not. */
bool question_has_key(const char *word);

/* True when a lone OBJECT is a path, and not an address or a name. */
bool question_takes_path(const struct question *question, const char *object);

#endif
