/* What sbxctl doctor prints: the facts, then a line for each protection and each preset. */
#include <string.h>

#include "base/json.h"
#include "cli/doctor.h"

static const char *const state_names[] = {
	[FINDING_MISSING] = "MISSING", [FINDING_OK] = "ok", [FINDING_NOT_APPLICABLE] = "n/a"};

static const char *group_of(const struct finding *finding)
{
	return finding->protection ? finding->protection->group : "presets";
}

static const char *name_of(const struct finding *finding)
{
	return finding->protection ? finding->protection->name : finding->preset->name;
}

static const char *lost_by(const struct finding *finding)
{
	bool is_lost = finding->protection && finding->state == FINDING_MISSING;

	return is_lost ? finding->protection->lost : NULL;
}

static void print_finding(struct text *text, const struct finding *finding)
{
	const char *lost = lost_by(finding);
	bool is_plain = !finding->mechanism[0] && !finding->text[0];

	text_addf(text, "  %-8s %-26s", state_names[finding->state], name_of(finding));
	if (!is_plain)
		text_addf(text, " %s", finding->mechanism);
	if (finding->text[0])
		text_addf(text, "%s%s", finding->mechanism[0] ? ": " : "", finding->text);
	if (lost)
		text_addf(text, "; lost: %s", lost);
	if (finding->advice)
		text_addf(text, "; needed: %s", finding->advice);
	if (lost && finding->protection->is_extra)
		text_add(text, " (no preset depends on it)");
	while (text->length && text->bytes[text->length - 1] == ' ')
		text->bytes[--text->length] = '\0';
	text_add(text, "\n");
}

void doctor_print(struct text *text, const struct diagnosis *diagnosis)
{
	const char *group = "";

	for (const struct fact *fact = diagnosis->facts; fact; fact = fact->next)
		text_addf(text, "%s: %s\n", fact->name, fact->value);
	for (const struct warning *at = diagnosis->warnings; at; at = at->next)
		text_addf(text, "warning: %s\n", at->text);
	if (protections[0].name)
		text_add(text, "\nok: tried here; it works outside of a sandbox, is refused inside,"
			       " and what is allowed goes on working.\n");
	for (const struct finding *at = diagnosis->findings; at; at = at->next) {
		if (strcmp(group, group_of(at)) != 0)
			text_addf(text, "\n%s\n", group_of(at));
		group = group_of(at);
		print_finding(text, at);
	}
	text_add(text, diagnosis->is_complete
			       ? "\nAll that the presets need is enforced here.\n"
			       : "\nNot all that the presets need is enforced here.\n");
}

static void json_finding(struct json *json, const struct finding *finding)
{
	static const char *const states[] = {[FINDING_MISSING] = "missing",
		[FINDING_OK] = "ok",
		[FINDING_NOT_APPLICABLE] = "n/a"};

	json_object(json, NULL);
	json_string(json, "group", group_of(finding));
	json_string(json, "name", name_of(finding));
	json_string(json, "state", states[finding->state]);
	if (finding->protection) {
		json_string(json, "mechanism", finding->mechanism);
		json_boolean(json, "needed", !finding->protection->is_extra);
	}
	json_string(json, "text", finding->text);
	json_string(json, "lost", lost_by(finding));
	json_string(json, "advice", finding->advice);
	json_end_object(json);
}

void doctor_json(struct text *text, const struct diagnosis *diagnosis)
{
	struct json json = json_make(text);

	json_object(&json, NULL);
	json_boolean(&json, "complete", diagnosis->is_complete);
	json_object(&json, "facts");
	for (const struct fact *fact = diagnosis->facts; fact; fact = fact->next)
		json_string(&json, fact->name, fact->value);
	json_end_object(&json);
	json_array(&json, "warnings");
	for (const struct warning *at = diagnosis->warnings; at; at = at->next)
		json_string(&json, NULL, at->text);
	json_end_array(&json);
	json_array(&json, "findings");
	for (const struct finding *at = diagnosis->findings; at; at = at->next)
		json_finding(&json, at);
	json_end_array(&json);
	json_end_object(&json);
	text_add(text, "\n");
}
