/*
 * Invariants: whatever a grant allows and a restriction denies MUST be denied, in any order of the
 * presets; texts that come from a user MUST reach a profile through profile_quote only.
 */
#include "profile/compose.h"

#include <errno.h>
#include <string.h>

#include "base/message.h"
#include "base/path.h"
#include "base/program.h"

enum access_form { FORM_SUBPATH, FORM_LITERAL, FORM_REMOTE, FORM_LOCAL };

/*
 * Each operation is written out as the leaves that rules decide on: a rule on an ancestor would be
 * outranked by those of the presets. Granting writes leaves out modes, owners, times and attributes
 * of files: no kernel mechanism grants them for a part of the tree.
 */
struct access_rule {
	const char *operation;
	bool on_allow, on_deny;
	enum access_form form;
	const char *leaves;
};

#define READ_LEAVES  "file-read-data file-read-metadata file-read-xattr"
#define WRITE_LEAVES "file-write-data file-write-create file-write-unlink"
#define WRITE_META_LEAVES                                                                          \
	"file-write-mode file-write-owner file-write-flags file-write-times file-write-acl"        \
	" file-write-xattr file-write-finderinfo file-write-setugid"

static const struct access_rule access_rules[] = {
	{"file", true, false, FORM_SUBPATH, READ_LEAVES " " WRITE_LEAVES " file-ioctl"},
	{"file", false, true, FORM_SUBPATH,
		READ_LEAVES " " WRITE_LEAVES " " WRITE_META_LEAVES " file-ioctl file-mknod"},
	{"file-read", true, true, FORM_SUBPATH, READ_LEAVES},
	{"file-write", true, false, FORM_SUBPATH, WRITE_LEAVES},
	{"file-write", false, true, FORM_SUBPATH, WRITE_LEAVES " " WRITE_META_LEAVES " file-mknod"},
	{"network", true, true, FORM_REMOTE, "network-outbound"},
	{"network", false, true, FORM_LOCAL, "network-inbound network-bind"},
	{"network-outbound", true, true, FORM_REMOTE, "network-outbound"},
	{"network-inbound", true, true, FORM_LOCAL, "network-inbound"},
	{"network-bind", true, true, FORM_LOCAL, "network-bind"},
	{"process-exec", true, true, FORM_LITERAL, "process-exec* process-exec-interpreter"},
	{"process-exec", true, false, FORM_LITERAL, "file-read-data"},
};

/* The same for the -all forms: everything the operation has. */
static const struct access_rule access_all_rules[] = {
	{"network", true, false, FORM_REMOTE, "network-outbound network-inbound network-bind"},
	{"network", false, true, FORM_REMOTE,
		"network-outbound network-inbound network-bind system-socket"},
};

const char *const access_operations[] = {"file", "file-read", "file-write", "network",
	"network-inbound", "network-outbound", "network-bind", "process-exec", NULL};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add_path(struct arena *arena, struct text *text, enum access_form form,
	const char *path, const struct access *access, const char *option)
{
	const char *canonical = path[0] ? path_canonical(arena, path) : NULL;

	if (!canonical)
		die_at(access->origin, "%s: bad path '%s': %s", option, path,
			path[0] ? strerror(errno) : "it is empty");
	text_add(text, form == FORM_LITERAL ? " (literal " : " (subpath ");
	profile_quote(text, canonical);
	text_add(text, ")");
}

/* Allowing speaks of TCP alone: that is what Landlock can tell apart, and what HOST:PORT suggests.
 */
static void add_address(struct text *text, const struct access *access, enum access_form form,
	const char *address, const char *option)
{
	const char *protocol = access->action == ACTION_ALLOW ? "tcp" : "ip";

	const char *colon = strrchr(address, ':');

	if (!colon)
		die_at(access->origin, "%s: '%s' is not HOST:PORT (%s-all is for everything)",
			option, address, option);
	text_addf(text, " (%s %s ", form == FORM_REMOTE ? "remote" : "local", protocol);
	profile_quote(text, address);
	text_add(text, ")");
}

/* A filter that always matches: as a filtered rule, it outranks filtered rules of presets. */
static const char *everything(const struct access_rule *rule)
{
	return rule->form == FORM_SUBPATH || rule->form == FORM_LITERAL
		       ? " (subpath \"/\")"
		       : " (require-any (remote ip) (require-not (remote ip)))";
}

static void add_rule(struct arena *arena, struct text *text, const struct access *access,
	const struct access_rule *rule, const char *option)
{
	const char *rest = access->list;
	const char *word;
	size_t length;

	text_addf(text, "(%s %s", access->action == ACTION_ALLOW ? "allow" : "deny", rule->leaves);
	if (!rest)
		text_add(text, everything(rule));
	while (text_split(&rest, ",", &word, &length)) {
		const char *item = arena_copy(arena, word, length);

		if (rule->form == FORM_SUBPATH || rule->form == FORM_LITERAL)
			add_path(arena, text, rule->form, item, access, option);
		else
			add_address(text, access, rule->form, item, option);
	}
	text_add(text, ")\n");
}

static bool add_rules(struct arena *arena, struct text *text, const struct access *access,
	const struct access_rule *rules, size_t count)
{
	bool allow = access->action == ACTION_ALLOW;
	const char *option =
		text_format(arena, "--%s-%s", allow ? "allow" : "deny", access->operation);
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(rules[i].operation, access->operation) != 0 ||
			!(allow ? rules[i].on_allow : rules[i].on_deny))
			continue;
		add_rule(arena, text, access, &rules[i], option);
		found = true;
	}
	return found;
}

static void add_access(struct arena *arena, struct text *text, const struct access *access)
{
	if (!access->list &&
		add_rules(arena, text, access, access_all_rules, COUNT(access_all_rules)))
		return;
	add_rules(arena, text, access, access_rules, COUNT(access_rules));
	/* A program that may start another one does so in a child, and may end it. */
	if (access->action == ACTION_ALLOW && strcmp(access->operation, "process-exec") == 0)
		text_add(text, "(allow process-fork)\n(allow signal (target same-sandbox))\n");
}

static bool has_kind(const struct request *request, enum fragment_kind kind)
{
	for (const struct preset_use *use = request->presets; use; use = use->next) {
		if (use->fragment->kind == kind)
			return true;
	}
	return false;
}

static void add_quoted_filter(struct text *text, const char *filter, const char *value)
{
	text_addf(text, " (%s ", filter);
	profile_quote(text, value);
	text_add(text, ")");
}

/* What the command needs to start when everything else is denied. */
static void add_command(struct arena *arena, struct text *text, const struct request *request,
	struct profile *profile, bool any_program)
{
	const char *command =
		request->command ? profile_parameter(profile, arena, "COMMAND") : NULL;
	const char *interpreter = NULL;
	struct program program;

	if (!command)
		return;
	if (program_inspect(arena, command, &program) && program.kind != PROGRAM_NATIVE)
		interpreter = path_canonical(
			arena, program.interpreter ? program.interpreter : "/bin/sh");
	if (any_program)
		text_add(text, "(allow process-exec*)\n(allow process-fork)\n"
			       "(allow signal (target same-sandbox))\n");
	else
		text_add(text, "(allow process-exec*");
	if (!any_program)
		add_quoted_filter(text, "literal", command);
	if (!any_program && interpreter)
		add_quoted_filter(text, "literal", interpreter);
	text_add(text, any_program ? "(allow file-read-data" : ")\n(allow file-read-data");
	add_quoted_filter(text, "literal", command);
	if (interpreter)
		add_quoted_filter(text, "literal", interpreter);
	text_add(text, ")\n");
}

static void add_defaults(
	struct arena *arena, const struct request *request, struct profile *profile)
{
	bool base = has_kind(request, FRAGMENT_BASE);
	bool grant = has_kind(request, FRAGMENT_GRANT);
	bool restrict_only = has_kind(request, FRAGMENT_RESTRICT) && !base && !grant;
	struct text text = text_make(arena);

	text_add(&text, "(version 1)\n");
	if (request->allow_all || restrict_only) {
		text_add(&text, "(allow default)\n(allow file-write-setugid)\n");
	} else {
		/* Of what the import opens on Linux, macOS's own has not all. */
		text_add(&text, "(deny default)\n(import \"system.sb\")\n"
				"(allow file-read-metadata file-read-xattr file-ioctl)\n");
		if (!base)
			add_command(arena, &text, request, profile, grant);
		if (grant && !base) {
			text_add(&text, "(allow file-read*");
			add_quoted_filter(
				&text, "subpath", profile_parameter(profile, arena, "CWD"));
			/* A program must be readable to be executed. */
			text_add(&text, " (subpath \"/bin\") (subpath \"/usr/bin\")"
					" (subpath \"/usr/local/bin\"))\n");
		} else if (!base) {
			text_add(&text, "(allow file-read* (subpath \"/opt/local/lib\")"
					" (subpath \"/usr/lib\") (subpath \"/usr/local/lib\"))\n");
		}
	}
	profile_add_text(profile, arena, "<defaults>", text);
}

static void add_presets(struct arena *arena, const struct request *request, struct profile *profile,
	bool restrictions)
{
	for (const struct preset_use *use = request->presets; use; use = use->next) {
		bool is_restriction = use->fragment->kind == FRAGMENT_RESTRICT;

		if (is_restriction != restrictions)
			continue;
		struct part *part = profile_add(profile, arena,
			is_restriction ? PART_RESTRICT : PART_GRANT, use->fragment->source);

		part->tolerates = use->fragment->tolerates;
	}
}

bool request_is_empty(const struct request *request)
{
	for (const struct layer *layer = request->layers; layer; layer = layer->next) {
		if (layer->accesses || layer->extras)
			return false;
	}
	return !request->presets && !request->allow_all;
}

static void add_layer(struct arena *arena, const struct layer *layer, struct profile *profile)
{
	if (layer->accesses) {
		struct text text = text_make(arena);
		const struct source *source = layer->accesses->origin.source;

		for (const struct access *at = layer->accesses; at; at = at->next)
			add_access(arena, &text, at);
		profile_add_text(profile, arena, source ? source->name : "<options>", text);
	}
	for (const struct extra *at = layer->extras; at; at = at->next)
		profile_add(profile, arena, PART_PLAIN, at->source);
}

void compose(struct arena *arena, const struct request *request, struct profile *profile)
{
	add_defaults(arena, request, profile);
	add_presets(arena, request, profile, false);
	add_presets(arena, request, profile, true);
	for (const struct layer *layer = request->layers; layer; layer = layer->next)
		add_layer(arena, layer, profile);
}

void compose_print(struct text *text, const struct profile *profile)
{
	for (const struct part *part = profile->first; part; part = part->next) {
		text_addf(text, ";;; %s\n", part->source->name);
		text_add_bytes(text, part->source->text, part->source->length);
		if (part->source->length && part->source->text[part->source->length - 1] != '\n')
			text_add(text, "\n");
	}
}

const char *compose_text(struct arena *arena, const struct profile *profile)
{
	struct text text = text_make(arena);

	for (const struct part *part = profile->first; part; part = part->next) {
		const struct source *source = part->source;
		const char *nul = memchr(source->text, '\0', source->length);

		if (nul)
			die_at((struct origin){source, (uint32_t)(nul - source->text), 1},
				"the profile holds a NUL byte");
		text_add_bytes(&text, source->text, source->length);
		text_add(&text, "\n");
	}
	return text.bytes;
}

/* The latest value stands first in the list; the others are no longer in force. */
static bool is_in_force(const struct profile *profile, const struct parameter *parameter)
{
	const struct parameter *at = profile->parameters;

	while (strcmp(at->name, parameter->name) != 0)
		at = at->next;
	return at == parameter;
}

const char *const *compose_parameters(struct arena *arena, const struct profile *profile)
{
	size_t count = 0;

	for (const struct parameter *at = profile->parameters; at; at = at->next)
		count++;
	const char **items = ARENA_ARRAY(arena, const char *, count + 1);

	count = 0;
	for (const struct parameter *at = profile->parameters; at; at = at->next) {
		if (is_in_force(profile, at))
			items[count++] = text_format(arena, "%s=%s", at->name, at->value);
	}
	return items;
}
