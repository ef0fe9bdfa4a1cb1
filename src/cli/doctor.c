/* sbxctl doctor: what does this host enforce? Each answer is one that was tried. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "base/name.h"
#include "base/program.h"
#include "cli/ctl.h"
#include "cli/doctor.h"

static struct fact *make_fact(struct arena *arena, const char *name, const char *value)
{
	struct fact *fact = ARENA_NEW(arena, struct fact);

	*fact = (struct fact){name, value};
	return fact;
}

/* Those of the host, between those of sbx itself. */
static const struct fact *collect_facts(
	struct arena *arena, const struct host *host, const struct preset_path *path)
{
	struct fact *first = make_fact(arena, PROGRAM_NAME, SBX_VERSION), **end = &first->next;
	const char *active = getenv("SBX_ACTIVE");

	for (const struct fact *at = host_facts(arena, host); at; at = at->next) {
		*end = make_fact(arena, at->name, at->value);
		end = &(*end)->next;
	}
	*end = make_fact(arena, "sandbox around this one",
		active && active[0] ? text_format(arena, "SBX_ACTIVE=%s", active) : "none known");
	end = &(*end)->next;
	for (int i = 0; i < PRESET_DIRECTORIES; i++) {
		const char *directory = path->directories[i];

		if (!directory)
			continue;
		*end = make_fact(arena, text_format(arena, "presets, %d", i + 1),
			access(directory, R_OK | X_OK) == 0
				? directory
				: text_format(arena, "%s (not there)", directory));
		end = &(*end)->next;
	}
	return first;
}

static void look_up(struct arena *arena, const char *name, struct warning ***end)
{
	const char *path = program_search(arena, name, NULL);

	if (!path || file_is_own_executable(arena, path))
		return;
	**end = ARENA_NEW(arena, struct warning);
	(**end)->text = text_format(arena, "%s in $PATH is another program: %s", name, path);
	*end = &(**end)->next;
}

/* Other programs have such names too. The functions of shells call this one by its path. */
static const struct warning *look_up_names(struct arena *arena, const struct preset_path *path)
{
	struct warning *first = NULL, **end = &first;
	size_t count;
	const struct fragment **presets = fragment_list(arena, path, &count);

	look_up(arena, PROGRAM_NAME, &end);
	look_up(arena, PROGRAM_NAME "ctl", &end);
	for (size_t i = 0; i < count; i++) {
		const char *names =
			text_format(arena, "%s %s", presets[i]->name, presets[i]->aliases);
		const char *name;
		size_t length;

		while (text_split(&names, " ,\t", &name, &length)) {
			if (length)
				look_up(arena,
					text_format(arena, PROGRAM_NAME "-%.*s", (int)length, name),
					&end);
		}
	}
	return first;
}

static void add(struct diagnosis *diagnosis, struct finding ***end, struct finding *finding)
{
	**end = finding;
	*end = &finding->next;
	if (finding->state == FINDING_MISSING &&
		!(finding->protection && finding->protection->is_extra))
		diagnosis->is_complete = false;
}

static void try_all(struct arena *arena, const struct host *host, const struct preset_path *path,
	struct diagnosis *diagnosis)
{
	const char *directory = getenv("TMPDIR");
	struct finding *findings = NULL, **end = &findings;
	struct stage stage;
	size_t count;
	const struct fragment **presets = fragment_list(arena, path, &count);

	stage_make(arena, directory && directory[0] == '/' ? directory : "/tmp", &stage);
	for (const struct protection *protection = protections; protection->name; protection++)
		add(diagnosis, &end, doctor_try(arena, host, &stage, protection));
	stage_remove(&stage);
	for (size_t i = 0; i < count; i++)
		add(diagnosis, &end, doctor_try_preset(arena, presets[i]));
	diagnosis->findings = findings;
}

_Noreturn void ctl_doctor(struct arena *arena, struct options *options)
{
	const struct host *host = host_probe(arena);
	struct preset_path path = preset_path(arena);
	struct diagnosis diagnosis = {.is_complete = true};
	struct text text = text_make(arena);

	if (options->command[0])
		die("doctor takes no argument");
	diagnosis.facts = collect_facts(arena, host, &path);
	diagnosis.warnings = look_up_names(arena, &path);
	try_all(arena, host, &path, &diagnosis);
	if (options->json)
		doctor_json(&text, &diagnosis);
	else
		doctor_print(&text, &diagnosis);
	print(&text);
	_exit(diagnosis.is_complete ? CTL_YES : CTL_NO);
}
