/* sbxctl new: a preset of the user's own to begin with. What is there already is never changed. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "cli/ctl.h"
#include "profile/fragment.h"

static const char skeleton[] =
	";; summary: what it does, in a few words\n"
	";; kind: restrict\n"
	";\n"
	"; restrict: only (deny ...), and everything else stays as it is;\n"
	"; grant: only (allow ...), and what no grant allows is denied;\n"
	"; base: a grant that is complete in itself.\n"
	";\n"
	"; Further lines that such a header may have, each with two semicolons:\n"
	"; alias: NAME...            other names of the preset\n"
	"; includes: PRESET...       presets that come with it (-p -PRESET leaves one out)\n"
	"; env-drop: GLOB...         variables that the command does not get\n"
	"; env-keep: GLOB...         variables that it gets although a base keeps few\n"
	"; tolerates: OPERATION...   what may stay possible where it cannot be enforced\n"
	";\n"
	"; " PROGRAM_NAME "ctl check FILE tells what is wrong, " PROGRAM_NAME
	" -n -p %s true shows what comes of it.\n"
	"\n"
	"; Each rule names the operations that grants may speak of, and has a filter: otherwise a "
	"grant\n"
	"; would outrank it.\n"
	"\n"
	"; A directory that the command does not see:\n"
	"; (deny file-read-data file-write-data file-write-create file-write-unlink\n"
	";	(subpath (string-append (param \"HOME\") \"/private\")))\n"
	"\n"
	"; Files of a name anywhere, those made later included:\n"
	"; (deny file-read-data (regex #\"/secrets[.]json$\"))\n"
	"\n"
	"; No connection but to this host:\n"
	"; (deny network-outbound\n"
	";	(require-all (remote ip) (require-not (remote ip \"localhost:*\"))))\n";

/* Names become commands of shells and parts of options. */
static void check_name(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	if (!name[0] || name[0] == '-' || name[strspn(name, letters)])
		die("'%s' is no name for a preset: letters, digits, - and _ are", name);
}

static void write_all(int fd, const char *path, const struct text *text)
{
	size_t done = 0;

	while (done < text->length) {
		ssize_t count = write(fd, text->bytes + done, text->length - done);

		if (count < 0 && errno != EINTR)
			die_errno("cannot write %s", path);
		done += count > 0 ? (size_t)count : 0;
	}
	if (fchmod(fd, 0644) != 0 || close(fd) != 0)
		die_errno("cannot write %s", path);
}

_Noreturn void ctl_new(struct arena *arena, struct options *options)
{
	const char *name = options->command[0];
	struct preset_path presets = preset_path(arena);
	const char *directory = presets.directories[0];
	struct text text = text_make(arena), answer = text_make(arena);

	if (!name || options->command[1])
		die("new takes the name of one preset");
	check_name(name);
	if (!directory)
		die("no directory for presets: HOME is not set");
	const struct fragment *fragment = fragment_find(arena, &presets, name);

	if (fragment)
		die("there is a preset named %s: %s", name, fragment->source->name);
	const char *path = text_format(arena, "%s/%s.sb", directory, name);

	if (!file_make_directories(arena, directory))
		die_errno("cannot make %s", directory);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		die_errno("cannot make %s", path);
	text_addf(&text, skeleton, name);
	write_all(fd, path, &text);
	text_addf(&answer, "%s\n", path);
	print_and_exit(&answer);
}
