#include "base/json.h"

#include <string.h>

struct json json_make(struct text *text)
{
	return (struct json){.text = text};
}

static void add_escaped(struct text *text, unsigned char byte)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *at = named; *at; at += 2) {
		if ((unsigned char)at[0] == byte) {
			text_addf(text, "\\%c", at[1]);
			return;
		}
	}
	text_addf(text, "\\u%04x", byte);
}

static void add_quoted(struct text *text, const char *bytes, size_t length)
{
	text_add(text, "\"");
	for (size_t i = 0; i < length;) {
		unsigned char byte = (unsigned char)bytes[i];
		size_t character = text_character(bytes + i, length - i);

		if (character == 0)
			text_add(text, "\xef\xbf\xbd");
		else if (byte < ' ' || byte == '"' || byte == '\\' || byte == 0x7f)
			add_escaped(text, byte);
		else
			text_add_bytes(text, bytes + i, character);
		i += character ? character : 1;
	}
	text_add(text, "\"");
}

static void begin(struct json *json, const char *name)
{
	if (json->needs_comma)
		text_add(json->text, ",");
	json->needs_comma = true;
	if (name) {
		add_quoted(json->text, name, strlen(name));
		text_add(json->text, ":");
	}
}

static void open(struct json *json, const char *name, const char *bracket)
{
	begin(json, name);
	text_add(json->text, bracket);
	json->needs_comma = false;
}

static void close(struct json *json, const char *bracket)
{
	text_add(json->text, bracket);
	json->needs_comma = true;
}

void json_object(struct json *json, const char *name)
{
	open(json, name, "{");
}

void json_array(struct json *json, const char *name)
{
	open(json, name, "[");
}

void json_end_object(struct json *json)
{
	close(json, "}");
}

void json_end_array(struct json *json)
{
	close(json, "]");
}

void json_bytes(struct json *json, const char *name, const char *bytes, size_t length)
{
	begin(json, name);
	add_quoted(json->text, bytes, length);
}

void json_string(struct json *json, const char *name, const char *value)
{
	if (value) {
		json_bytes(json, name, value, strlen(value));
		return;
	}
	begin(json, name);
	text_add(json->text, "null");
}

void json_number(struct json *json, const char *name, long value)
{
	begin(json, name);
	text_addf(json->text, "%ld", value);
}

void json_boolean(struct json *json, const char *name, bool value)
{
	begin(json, name);
	text_add(json->text, value ? "true" : "false");
}
