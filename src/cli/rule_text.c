#include "cli/rule_text.h"

#include <string.h>

static bool has_origin(const struct rule *rule)
{
	return rule && rule->origin.source;
}

const char *rule_place(struct arena *arena, const struct rule *rule)
{
	if (!has_origin(rule))
		return "built in";
	struct position position = origin_position(rule->origin);
	struct text text = text_make(arena);

	text_add_visible(&text, rule->origin.source->name, strlen(rule->origin.source->name));
	text_addf(&text, ":%u:%u", position.line, position.column);
	return text.bytes;
}

/* Where the string or comment that begins at bytes ends. */
static size_t skip_token(const char *bytes, size_t length)
{
	size_t i = 1;

	if (bytes[0] == ';') {
		while (i < length && bytes[i] != '\n')
			i++;
		return i;
	}
	bool is_raw = bytes[0] == '#';

	for (i += is_raw; i < length && bytes[i] != '"'; i++)
		i += !is_raw && bytes[i] == '\\' && i + 1 < length;
	return i < length ? i + 1 : length;
}

/* White space becomes one blank, comments nothing; strings stay as they are. */
static void condense(struct text *text, const char *bytes, size_t length)
{
	bool blank = false;

	for (size_t i = 0; i < length;) {
		bool is_raw = bytes[i] == '#' && i + 1 < length && bytes[i + 1] == '"';
		size_t end = bytes[i] == ';' || bytes[i] == '"' || is_raw
				     ? i + skip_token(bytes + i, length - i)
				     : i + 1;

		if (bytes[i] == ';' || strchr(" \t\r\n", bytes[i])) {
			blank = true;
		} else {
			bool is_closing = bytes[i] == ')';

			if (blank && text->length && !is_closing)
				text_add(text, " ");
			text_add_visible(text, bytes + i, end - i);
			blank = false;
		}
		i = end;
	}
}

/* Cut between characters, never inside one. */
static void cut(struct text *text, size_t width)
{
	size_t at = 0, end = 0;

	for (size_t count = 0; at < text->length && count < width; count++) {
		size_t character = text_character(text->bytes + at, text->length - at);

		if (count + 1 < width)
			end = at;
		at += character ? character : 1;
	}
	if (at == text->length)
		return;
	text->length = end;
	text_add(text, "\xe2\x80\xa6");
}

const char *rule_text(struct arena *arena, const struct rule *rule, size_t width)
{
	struct text text = text_make(arena);

	if (!has_origin(rule))
		return "";
	const struct source *source = rule->origin.source;
	size_t start = rule->origin.start < source->length ? rule->origin.start : source->length;
	size_t length = rule->origin.length < source->length - start ? rule->origin.length
								     : source->length - start;

	condense(&text, source->text + start, length);
	if (width)
		cut(&text, width);
	return text.bytes;
}

void rule_json(struct json *json, struct arena *arena, const struct rule *rule)
{
	if (!has_origin(rule))
		return;
	struct position position = origin_position(rule->origin);

	json_string(json, "file", rule->origin.source->name);
	json_number(json, "line", position.line);
	json_number(json, "column", position.column);
	json_string(json, "text", rule_text(arena, rule, 0));
}

const char *action_name(enum action action)
{
	return action == ACTION_ALLOW ? "allow" : "deny";
}
