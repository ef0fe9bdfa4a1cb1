#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>

#include "base/text.h"

/* Writes JSON: commas, quotes and escapes are put where they belong. */

struct json {
	struct text *text;
	bool needs_comma;
};

struct json json_make(struct text *text);

/* Each takes the member's name, or NULL in an array and at the top. */
void json_object(struct json *json, const char *name);
void json_array(struct json *json, const char *name);
void json_end_object(struct json *json);
void json_end_array(struct json *json);

/* Bytes that are not UTF-8 become U+FFFD. NULL is written as null. */
void json_string(struct json *json, const char *name, const char *value);
void json_bytes(struct json *json, const char *name, const char *bytes, size_t length);
void json_number(struct json *json, const char *name, long value);
void json_boolean(struct json *json, const char *name, bool value);

#endif
