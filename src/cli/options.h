#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "profile/compose.h"

/* The command line of sbx. One table feeds parsing, --help, the man page's check and completions.
 */

enum environment_kind {
	ENVIRONMENT_CLEAR,
	ENVIRONMENT_KEEP,
	ENVIRONMENT_DROP,
	ENVIRONMENT_SET,
};

struct rc_file;

struct environment_change {
	enum environment_kind kind;
	const char *value;
	struct environment_change *next;
};

struct kept_fd {
	int fd;
	struct kept_fd *next;
};

struct preset_name {
	const char *name;
	struct origin origin; /* in an .sbxrc, or nowhere */
	struct preset_name *next;
};

/* Of -e, or of the file that -f names: nothing is read while options are parsed. */
struct profile_text {
	const char *text, *path;     /* one of them, or both, is NULL */
	const struct source *source; /* where it was read already */
	struct origin origin;        /* the line of an .sbxrc, or nowhere */
	struct profile_text *next;
};

struct options {
	struct preset_name *preset_names; /* that of sbx-NAME is the first */
	struct access *accesses;
	struct profile_text *texts;
	struct layer *rc_layers; /* of the .sbxrc files in force, the outermost first */
	const struct rc_file *rc_files;
	struct parameter *definitions;
	struct environment_change *environment;
	struct kept_fd *kept_fds;
	bool no_rc, allow_all, dry_run, best_effort, quiet, verbose, help, version;
	bool json, bare, batch, strict, undo; /* of sbxctl */
	bool worktrees, yes, shell;           /* likewise */
	bool unprotected;                     /* without what no sandbox may change */
	const char *color;                    /* of sbxctl; NULL: not given */
	char **command;                       /* argv of the command, ended by NULL; may be empty */
};

enum option_argument { ARGUMENT_NONE = 0, ARGUMENT_REQUIRED, ARGUMENT_OPTIONAL };

struct option_entry {
	char letter;      /* 0: none */
	const char *name; /* without the dashes */
	enum option_argument argument;
	const char *value; /* what --help calls the argument */
	const char *help;
};

/* Ended by an entry without name: the options of sbx, and those of sbxctl's verbs. */
extern const struct option_entry option_table[], ctl_options[];

/*
 * Dies with the reason on anything that is not in the table. The name of the program may be the
 * first option: sbx-NAME is sbx -p NAME.
 */
struct options options_parse(struct arena *arena, char **argv);

/*
 * The same for a verb of sbxctl, which takes the options that it names (words), and "policy" for
 * all that say what a policy is. They may stand before, between and after the other words, which
 * become the command.
 */
struct options options_parse_verb(
	struct arena *arena, char **words, const char *verb, const char *names);

/* Adds one option to those that there are, as the line at origin gives it. Dies there. */
void options_take(struct arena *arena, struct options *options, const struct option_entry *entry,
	const char *value, struct origin origin);

/* Puts all that more says behind what the options say; the command is that of more. */
void options_append(struct options *options, const struct options *more);

/* The entries of both tables in turn; NULL behind the last. */
const struct option_entry *options_entry(size_t index);

/* True for those of the second table. */
bool options_is_of_ctl(const struct option_entry *entry);

/* Whether a verb that takes names (words) takes the option. */
bool options_verb_takes(const char *names, const char *name);

/* The text of --help. */
void options_help(struct text *text);

/* The lines of --help for the options that a verb takes. */
void options_help_verb(struct text *text, const char *names);

#endif
