#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/name.h"
#include "base/path.h"

const struct option_entry option_table[] = {
	{'p', "preset", ARGUMENT_REQUIRED, "NAME[,NAME...]", "apply presets, by name or alias"},
	{'f', "profile", ARGUMENT_REQUIRED, "FILE", "append the SBPL text of FILE"},
	{'e', "expr", ARGUMENT_REQUIRED, "SBPL", "append SBPL text"},
	{'D', "define", ARGUMENT_REQUIRED, "KEY=VALUE", "set a parameter of the profile"},
	{'A', "allow-all", ARGUMENT_NONE, NULL, "start from (allow default)"},
	{0, "allow-file", ARGUMENT_OPTIONAL, "PATH,...", "allow reading and writing below PATH"},
	{0, "allow-file-read", ARGUMENT_OPTIONAL, "PATH,...", "allow reading below PATH"},
	{0, "allow-file-write", ARGUMENT_OPTIONAL, "PATH,...", "allow writing below PATH"},
	{0, "allow-network", ARGUMENT_OPTIONAL, "HOST:PORT,...", "allow connecting to it"},
	{0, "allow-network-inbound", ARGUMENT_OPTIONAL, "HOST:PORT,...", "allow listening there"},
	{0, "allow-network-outbound", ARGUMENT_OPTIONAL, "HOST:PORT,...", "allow connecting to it"},
	{0, "allow-network-bind", ARGUMENT_OPTIONAL, "HOST:PORT,...", "allow binding to it"},
	{0, "allow-process-exec", ARGUMENT_OPTIONAL, "PATH,...", "allow executing PATH"},
	{0, "deny-file", ARGUMENT_OPTIONAL, "PATH,...", "deny reading and writing below PATH"},
	{0, "deny-file-read", ARGUMENT_OPTIONAL, "PATH,...", "deny reading below PATH"},
	{0, "deny-file-write", ARGUMENT_OPTIONAL, "PATH,...", "deny writing below PATH"},
	{0, "deny-network", ARGUMENT_OPTIONAL, "HOST:PORT,...", "deny connecting and listening"},
	{0, "deny-network-inbound", ARGUMENT_OPTIONAL, "HOST:PORT,...", "deny listening there"},
	{0, "deny-network-outbound", ARGUMENT_OPTIONAL, "HOST:PORT,...", "deny connecting to it"},
	{0, "deny-network-bind", ARGUMENT_OPTIONAL, "HOST:PORT,...", "deny binding to it"},
	{0, "deny-process-exec", ARGUMENT_OPTIONAL, "PATH,...", "deny executing PATH"},
	{0, "allow-file-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "allow-file-read-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "allow-file-write-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "allow-network-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "allow-network-inbound-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "allow-network-outbound-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "allow-network-bind-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "allow-process-exec-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "deny-file-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "deny-file-read-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "deny-file-write-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "deny-network-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "deny-network-inbound-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "deny-network-outbound-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "deny-network-bind-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "deny-process-exec-all", ARGUMENT_NONE, NULL, "the same for everything"},
	{0, "env-clear", ARGUMENT_NONE, NULL, "start with an empty environment"},
	{0, "env-keep", ARGUMENT_REQUIRED, "GLOB,...", "keep only the variables that match"},
	{0, "env-drop", ARGUMENT_REQUIRED, "GLOB,...", "drop the variables that match"},
	{0, "env-set", ARGUMENT_REQUIRED, "KEY=VALUE", "set a variable"},
	{0, "keep-fd", ARGUMENT_REQUIRED, "N", "leave descriptor N open for the command"},
	{'n', "dry-run", ARGUMENT_NONE, NULL, "print the profile and the plan; run nothing"},
	{0, "best-effort", ARGUMENT_NONE, NULL, "go on where a rule cannot be enforced here"},
	{0, "no-rc", ARGUMENT_NONE, NULL, "ignore .sbxrc files"},
	{'q', "quiet", ARGUMENT_NONE, NULL, "no warnings"},
	{'v', "verbose", ARGUMENT_NONE, NULL, "say what is granted less than asked"},
	{'h', "help", ARGUMENT_NONE, NULL, "print this help"},
	{'V', "version", ARGUMENT_NONE, NULL, "print the version"},
	{0, NULL, ARGUMENT_NONE, NULL, NULL},
};

const struct option_entry ctl_options[] = {
	{0, "bare", ARGUMENT_NONE, NULL, "evaluate the text of -f and -e alone, as sandbox-exec"},
	{0, "batch", ARGUMENT_NONE, NULL, "answer lines PROFILE<TAB>QUESTION of standard input"},
	{0, "json", ARGUMENT_NONE, NULL, "print JSON"},
	{0, "shell", ARGUMENT_NONE, NULL, "print lines for the functions of a shell"},
	{0, "strict", ARGUMENT_NONE, NULL, "exit with 1 after a warning or a gap"},
	{0, "undo", ARGUMENT_NONE, NULL, "print what takes it all away again"},
	{0, "worktrees", ARGUMENT_NONE, NULL, "for all work trees of the git repository"},
	{0, "yes", ARGUMENT_NONE, NULL, "do not ask"},
	{0, "color", ARGUMENT_REQUIRED, "WHEN", "use colours: always, never or auto"},
	{0, NULL, ARGUMENT_NONE, NULL, NULL},
};

/* What parsing carries along: the words that are left, and the ends of the lists. */
struct parser {
	struct arena *arena;
	char **words;
	const char *verb;     /* of sbxctl; NULL: sbx itself */
	const char *names;    /* of the options that the verb takes */
	struct origin origin; /* of the line of an .sbxrc, or nowhere */
	struct options options;
	struct preset_name **presets_end;
	struct access **accesses_end;
	struct profile_text **texts_end;
	struct parameter **definitions_end;
	struct environment_change **environment_end;
	struct kept_fd **kept_fds_end;
};

static void add_preset(struct parser *parser, const char *name)
{
	struct preset_name *preset = ARENA_NEW(parser->arena, struct preset_name);

	preset->name = name;
	preset->origin = parser->origin;
	*parser->presets_end = preset;
	parser->presets_end = &preset->next;
}

static void add_presets(struct parser *parser, const char *list)
{
	const char *word;
	size_t length;

	while (text_split(&list, ",", &word, &length))
		add_preset(parser, arena_copy(parser->arena, word, length));
}

static void add_text(struct parser *parser, const char *text, const char *path)
{
	struct profile_text *added = ARENA_NEW(parser->arena, struct profile_text);

	added->text = text;
	added->path = path;
	added->origin = parser->origin;
	*parser->texts_end = added;
	parser->texts_end = &added->next;
}

static void add_definition(struct parser *parser, const char *text)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text)
		die_at(parser->origin, "--define: '%s' is not KEY=VALUE", text);
	struct parameter *parameter = ARENA_NEW(parser->arena, struct parameter);

	parameter->name = arena_copy(parser->arena, text, (size_t)(equals - text));
	parameter->value = equals + 1;
	*parser->definitions_end = parameter;
	parser->definitions_end = &parameter->next;
}

static void add_environment(struct parser *parser, enum environment_kind kind, const char *value)
{
	struct environment_change *change = ARENA_NEW(parser->arena, struct environment_change);

	if (kind == ENVIRONMENT_SET && (!strchr(value, '=') || value[0] == '='))
		die_at(parser->origin, "--env-set: '%s' is not KEY=VALUE", value);
	change->kind = kind;
	change->value = value;
	*parser->environment_end = change;
	parser->environment_end = &change->next;
}

static void add_kept_fd(struct parser *parser, const char *text)
{
	char *end;
	long fd = strtol(text, &end, 10);

	if (*end || end == text || fd < 0 || fd > 1 << 20)
		die_at(parser->origin, "--keep-fd: '%s' is not a descriptor's number", text);
	struct kept_fd *kept = ARENA_NEW(parser->arena, struct kept_fd);

	kept->fd = (int)fd;
	*parser->kept_fds_end = kept;
	parser->kept_fds_end = &kept->next;
}

/* allow-OP, deny-OP and their -all forms: every other name is handled before. */
static void add_access(struct parser *parser, const char *name, const char *value)
{
	bool allow = text_starts_with(name, "allow-");
	const char *operation = name + (allow ? 6 : 5);
	size_t length = strlen(operation);
	struct access *access = ARENA_NEW(parser->arena, struct access);

	if (length > 4 && strcmp(operation + length - 4, "-all") == 0)
		length -= 4;
	access->action = allow ? ACTION_ALLOW : ACTION_DENY;
	access->operation = arena_copy(parser->arena, operation, length);
	access->list = value;
	access->origin = parser->origin;
	*parser->accesses_end = access;
	parser->accesses_end = &access->next;
}

static bool set_flag(struct options *options, const char *name)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{"allow-all", &options->allow_all},
		{"no-rc", &options->no_rc},
		{"dry-run", &options->dry_run},
		{"best-effort", &options->best_effort},
		{"quiet", &options->quiet},
		{"verbose", &options->verbose},
		{"help", &options->help},
		{"version", &options->version},
		{"json", &options->json},
		{"bare", &options->bare},
		{"batch", &options->batch},
		{"strict", &options->strict},
		{"undo", &options->undo},
		{"shell", &options->shell},
		{"worktrees", &options->worktrees},
		{"yes", &options->yes},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(flags[i].name, name) == 0) {
			*flags[i].flag = true;
			return true;
		}
	}
	return false;
}

static void take(struct parser *parser, const char *name, const char *value)
{
	if (set_flag(&parser->options, name))
		return;
	if (strcmp(name, "preset") == 0)
		add_presets(parser, value);
	else if (strcmp(name, "profile") == 0)
		add_text(parser, NULL, value);
	else if (strcmp(name, "expr") == 0)
		add_text(parser, value, NULL);
	else if (strcmp(name, "define") == 0)
		add_definition(parser, value);
	else if (strcmp(name, "env-clear") == 0)
		add_environment(parser, ENVIRONMENT_CLEAR, NULL);
	else if (strcmp(name, "env-keep") == 0)
		add_environment(parser, ENVIRONMENT_KEEP, value);
	else if (strcmp(name, "env-drop") == 0)
		add_environment(parser, ENVIRONMENT_DROP, value);
	else if (strcmp(name, "env-set") == 0)
		add_environment(parser, ENVIRONMENT_SET, value);
	else if (strcmp(name, "keep-fd") == 0)
		add_kept_fd(parser, value);
	else if (strcmp(name, "color") == 0)
		parser->options.color = value;
	else
		add_access(parser, name, value);
}

/* Options that say what a policy is, and not how a command is run. */
static bool is_of_policy(const char *name)
{
	static const char *const names[] = {"preset", "profile", "expr", "define"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return text_starts_with(name, "allow-") || text_starts_with(name, "deny-");
}

bool options_verb_takes(const char *names, const char *name)
{
	return strcmp(name, "help") == 0 || fragment_has_word(names, name) ||
	       (fragment_has_word(names, "policy") && is_of_policy(name));
}

const struct option_entry *options_entry(size_t index)
{
	const size_t common = sizeof(option_table) / sizeof(option_table[0]) - 1;
	const size_t own = sizeof(ctl_options) / sizeof(ctl_options[0]) - 1;

	if (index < common)
		return &option_table[index];
	return index < common + own ? &ctl_options[index - common] : NULL;
}

bool options_is_of_ctl(const struct option_entry *entry)
{
	for (const struct option_entry *own = ctl_options; own->name; own++) {
		if (own == entry)
			return true;
	}
	return false;
}

static bool is_taken(const struct parser *parser, const struct option_entry *entry)
{
	return parser->verb ? options_verb_takes(parser->names, entry->name)
			    : !options_is_of_ctl(entry);
}

static const char *help_of(const struct parser *parser)
{
	return parser->verb ? text_format(parser->arena, PROGRAM_NAME "ctl %s", parser->verb)
			    : PROGRAM_NAME;
}

_Noreturn static void die_unknown(const struct parser *parser, const char *option, size_t length)
{
	const struct option_entry *nearest = NULL, *entry;
	const char *name = arena_copy(parser->arena, option, length);
	unsigned best = 4;

	for (size_t i = 0; (entry = options_entry(i)); i++) {
		unsigned distance = text_distance(name, entry->name);

		if (distance == 0 && parser->verb)
			die("option --%s makes no sense with " PROGRAM_NAME "ctl %s", name,
				parser->verb);
		if (distance < best && is_taken(parser, entry)) {
			best = distance;
			nearest = entry;
		}
	}
	if (nearest)
		die("unknown option --%s (did you mean --%s?)", name, nearest->name);
	die("unknown option --%s (%s --help lists them)", name, help_of(parser));
}

static const struct option_entry *find_long(
	const struct parser *parser, const char *name, size_t length)
{
	const struct option_entry *entry;

	for (size_t i = 0; (entry = options_entry(i)); i++) {
		if (strlen(entry->name) == length && memcmp(entry->name, name, length) == 0 &&
			is_taken(parser, entry))
			return entry;
	}
	die_unknown(parser, name, length);
}

static const struct option_entry *find_letter(const struct parser *parser, char letter)
{
	const struct option_entry *entry;

	for (size_t i = 0; (entry = options_entry(i)); i++) {
		if (letter && entry->letter == letter && is_taken(parser, entry))
			return entry;
	}
	die("unknown option -%c (%s --help lists them)", letter, help_of(parser));
}

/* The value may be the next word; an optional one may not look like an option. */
static const char *next_word(struct parser *parser, const struct option_entry *entry)
{
	const char *word = *parser->words;

	if (entry->argument == ARGUMENT_OPTIONAL && (!word || word[0] == '-'))
		return NULL;
	if (!word)
		die("option --%s needs %s", entry->name, entry->value);
	parser->words++;
	return word;
}

static void parse_long(struct parser *parser, const char *option)
{
	size_t length = strcspn(option, "=");
	const struct option_entry *entry = find_long(parser, option, length);
	const char *value = option[length] ? option + length + 1 : NULL;

	if (value && entry->argument == ARGUMENT_NONE)
		die("option --%s takes no value", entry->name);
	if (value && !value[0] && entry->argument == ARGUMENT_OPTIONAL)
		die("option --%s: the list is empty (--%s-all is for everything)", entry->name,
			entry->name);
	if (!value && entry->argument != ARGUMENT_NONE)
		value = next_word(parser, entry);
	take(parser, entry->name, value);
}

static void parse_letters(struct parser *parser, const char *letters)
{
	while (*letters) {
		const struct option_entry *entry = find_letter(parser, *letters++);
		const char *value = NULL;

		if (entry->argument == ARGUMENT_REQUIRED) {
			value = *letters ? letters : next_word(parser, entry);
			letters = "";
		}
		take(parser, entry->name, value);
	}
}

#define FIND_END(list, end)                                                                        \
	for ((end) = &(list); *(end); (end) = &(*(end))->next)                                     \
	continue

/* What is taken goes behind what the options hold already. */
static void start(struct parser *parser)
{
	FIND_END(parser->options.preset_names, parser->presets_end);
	FIND_END(parser->options.accesses, parser->accesses_end);
	FIND_END(parser->options.texts, parser->texts_end);
	FIND_END(parser->options.definitions, parser->definitions_end);
	FIND_END(parser->options.environment, parser->environment_end);
	FIND_END(parser->options.kept_fds, parser->kept_fds_end);
}

/* Takes the options that stand next; false when "--" has ended them. */
static bool parse_options(struct parser *parser)
{
	while (*parser->words && parser->words[0][0] == '-' && parser->words[0][1]) {
		const char *word = *parser->words++;

		if (strcmp(word, "--") == 0)
			return false;
		if (word[1] == '-')
			parse_long(parser, word + 2);
		else
			parse_letters(parser, word + 1);
	}
	return true;
}

struct options options_parse(struct arena *arena, char **argv)
{
	struct parser parser = {.arena = arena, .words = argv + 1};
	const char *name = path_last(argv[0]);

	start(&parser);
	if (text_starts_with(name, PROGRAM_NAME "-"))
		add_preset(&parser, name + strlen(PROGRAM_NAME "-"));
	parse_options(&parser);
	parser.options.command = parser.words;
	return parser.options;
}

struct options options_parse_verb(
	struct arena *arena, char **words, const char *verb, const char *names)
{
	struct parser parser = {.arena = arena, .words = words, .verb = verb, .names = names};
	size_t count = 0;

	while (words[count])
		count++;
	char **others = ARENA_ARRAY(arena, char *, count + 1);

	count = 0;
	start(&parser);
	for (bool more = true; *parser.words;) {
		more = more && parse_options(&parser);
		if (*parser.words)
			others[count++] = *parser.words++;
	}
	parser.options.command = others;
	return parser.options;
}

void options_take(struct arena *arena, struct options *options, const struct option_entry *entry,
	const char *value, struct origin origin)
{
	struct parser parser = {.arena = arena, .origin = origin, .options = *options};

	start(&parser);
	take(&parser, entry->name, value);
	*options = parser.options;
}

void options_append(struct options *options, const struct options *more)
{
	struct parser parser = {.options = *options};

	start(&parser);
	*parser.presets_end = more->preset_names;
	*parser.accesses_end = more->accesses;
	*parser.texts_end = more->texts;
	*parser.definitions_end = more->definitions;
	*parser.environment_end = more->environment;
	*parser.kept_fds_end = more->kept_fds;
	*options = parser.options;
	options->no_rc |= more->no_rc;
	options->allow_all |= more->allow_all;
	options->dry_run |= more->dry_run;
	options->best_effort |= more->best_effort;
	options->quiet |= more->quiet;
	options->verbose |= more->verbose;
	options->command = more->command;
}
