#include "profile/profile.h"

#include <string.h>

void profile_init(struct profile *profile, const char *library)
{
	*profile = (struct profile){.library = library};
	profile->end = &profile->first;
}

struct part *profile_add(struct profile *profile, struct arena *arena, enum part_kind kind,
	const struct source *source)
{
	struct part *part = ARENA_NEW(arena, struct part);

	part->source = source;
	part->kind = kind;
	*profile->end = part;
	profile->end = &part->next;
	return part;
}

struct part *profile_add_text(
	struct profile *profile, struct arena *arena, const char *name, struct text text)
{
	struct source *source = ARENA_NEW(arena, struct source);

	*source = (struct source){name, text.bytes, text.length};
	return profile_add(profile, arena, PART_PLAIN, source);
}

void profile_set(struct profile *profile, struct arena *arena, const char *name, const char *value)
{
	struct parameter *parameter = ARENA_NEW(arena, struct parameter);

	*parameter = (struct parameter){name, value, profile->parameters};
	profile->parameters = parameter;
}

const char *profile_get(const struct profile *profile, const char *name)
{
	for (const struct parameter *at = profile->parameters; at; at = at->next) {
		if (strcmp(at->name, name) == 0)
			return at->value;
	}
	return NULL;
}

const char *profile_parameter(struct profile *profile, struct arena *arena, const char *name)
{
	const char *value = profile_get(profile, name);

	if (!value && profile->supply) {
		value = profile->supply(profile, arena, name);
		/* What finds several at once has set it. */
		if (value && !profile_get(profile, name))
			profile_set(profile, arena, name, value);
	}
	return value;
}

static bool needs_escape(unsigned char byte)
{
	return byte < ' ' || byte == '"' || byte == '\\' || byte == 0x7f;
}

void profile_quote(struct text *text, const char *string)
{
	text_add(text, "\"");
	for (;;) {
		size_t plain = 0;

		while (!needs_escape((unsigned char)string[plain]))
			plain++;
		text_add_bytes(text, string, plain);
		string += plain;
		if (!*string)
			break;
		text_addf(text, *string == '"' || *string == '\\' ? "\\%c" : "\\x%02x",
			(unsigned char)*string);
		string++;
	}
	text_add(text, "\"");
}

const struct part *profile_part_of(const struct profile *profile, const struct source *source)
{
	for (const struct part *part = profile->first; part; part = part->next) {
		if (part->source == source)
			return part;
	}
	return NULL;
}
