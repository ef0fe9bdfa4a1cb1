#include "profile/git_config.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

/* What is left of the file; at ends with a NUL. */
struct reader {
	struct arena *arena;
	const char *at;
	const char *section;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.';
}

static void skip_blanks(struct reader *reader)
{
	while (is_blank(*reader->at))
		reader->at++;
}

static void skip_line(struct reader *reader)
{
	reader->at += strcspn(reader->at, "\n");
}

static const char *read_name(struct reader *reader)
{
	struct text name = text_make(reader->arena);

	for (text_add(&name, ""); is_name(*reader->at); reader->at++) {
		char c = *reader->at;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		text_add_bytes(&name, &c, 1);
	}
	return name.bytes;
}

/* [section], [section "part"], [section.part]; at stands after the opening bracket. */
static bool read_section(struct reader *reader)
{
	const char *name = read_name(reader);
	bool quoted = false;

	reader->section = arena_copy(reader->arena, name, strcspn(name, "."));
	for (; *reader->at && *reader->at != '\n'; reader->at++) {
		if (*reader->at == '"')
			quoted = !quoted;
		else if (quoted && *reader->at == '\\' && reader->at[1])
			reader->at++;
		else if (!quoted && *reader->at == ']')
			return reader->at++, true;
	}
	return false;
}

/* After a backslash. False when git knows no such escape. */
static bool read_escape(struct reader *reader, struct text *value)
{
	static const char names[] = "tnb\"\\", meanings[] = "\t\n\b\"\\";
	const char *name;

	if (reader->at[0] == '\r' && reader->at[1] == '\n')
		reader->at++;
	if (*reader->at == '\n')
		return reader->at++, true;
	name = *reader->at ? strchr(names, *reader->at) : NULL;
	if (!name)
		return false;
	reader->at++;
	text_add_bytes(value, &meanings[name - names], 1);
	return true;
}

/* Up to the end of the line; blanks at the end do not count unless they are quoted. */
static const char *read_value(struct reader *reader)
{
	struct text value = text_make(reader->arena);
	size_t length = 0;
	bool quoted = false;

	skip_blanks(reader);
	for (text_add(&value, ""); *reader->at && *reader->at != '\n';) {
		char c = *reader->at++;

		if (!quoted && (c == '#' || c == ';')) {
			skip_line(reader);
			break;
		}
		if (c == '"')
			quoted = !quoted;
		else if (c != '\\')
			text_add_bytes(&value, &c, 1);
		else if (!read_escape(reader, &value))
			return NULL;
		if (quoted || !is_blank(c))
			length = value.length;
	}
	return quoted ? NULL : arena_copy(reader->arena, value.bytes, length);
}

/* KEY, KEY = VALUE */
static bool read_setting(struct reader *reader, git_setting_function *function, void *context)
{
	struct git_setting setting = {reader->section, read_name(reader), ""};

	skip_blanks(reader);
	if (!setting.key[0] || !setting.section)
		return false;
	if (*reader->at == '=') {
		reader->at++;
		setting.value = read_value(reader);
	} else if (*reader->at == '#' || *reader->at == ';') {
		skip_line(reader);
	} else if (*reader->at && *reader->at != '\n') {
		return false;
	}
	if (!setting.value)
		return false;
	function(context, &setting);
	return true;
}

bool git_config_read(
	struct arena *arena, const char *path, git_setting_function *function, void *context)
{
	const struct source *source = file_read_regular(arena, path);
	struct reader reader = {.arena = arena};
	bool is_good = source != NULL;

	if (!source)
		return false;
	reader.at = source->text;
	if (text_starts_with(reader.at, "\xef\xbb\xbf"))
		reader.at += 3;
	while (is_good && *reader.at) {
		if (*reader.at == '\n' || is_blank(*reader.at))
			reader.at++;
		else if (*reader.at == '#' || *reader.at == ';')
			skip_line(&reader);
		else if (*reader.at == '[')
			reader.at++, is_good = read_section(&reader);
		else
			is_good = read_setting(&reader, function, context);
	}
	return true;
}
