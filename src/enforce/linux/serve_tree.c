/*
 * Names that are made, removed and moved. Invariants: what is decided on MUST be what happens: a
 * name in a directory that is held open, while nobody else in the sandbox changes names; another
 * name MUST NOT allow what is denied under the first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enforce/linux/existence.h"
#include "enforce/linux/exposure.h"
#include "enforce/linux/serve.h"

enum {
	SET_ID_BITS = 06000,
	MODE_BITS = 07777,
	NO_REPLACE = 1, /* renameat2(2): RENAME_NOREPLACE and so on */
	EXCHANGE = 2,
	WHITEOUT = 4, /* leaves a device node behind */
};

/* The call's two names; calls with one leave the first out. */
struct change {
	const uint64_t *arguments;
	struct entry source, target;
	struct object object;   /* of link(2): what gets another name */
	char content[PATH_MAX]; /* of symlink(2) */
	mode_t mode;
	unsigned flags;
};

typedef int change_function(struct request *request, struct change *change);

static int outcome(long result)
{
	return result < 0 ? errno : 0;
}

static int take_entry(struct request *request, int directory, uint64_t path, struct entry *entry)
{
	struct route route = {.resolve = 0};
	int error = resolve_route(request, directory, path, &route);

	return error ? error : resolve_entry(request, &route, false, entry);
}

/* Nothing in the sandbox makes, removes or moves a name meanwhile. */
static int carry_out(struct request *request, struct change *change, change_function *function)
{
	int error = EPERM;

	pthread_mutex_lock(&request->shared->changes);
	if (request_is_alive(request))
		error = function(request, change);
	pthread_mutex_unlock(&request->shared->changes);
	return error;
}

static int decide(const struct request *request, enum operation operation,
	const struct entry *entry, mode_t mode)
{
	return object_path_is_allowed(request, operation, entry->path, mode, NULL) ? 0 : EPERM;
}

/* Whether something new may have the name. */
static int decide_new(const struct request *request, struct entry *entry, mode_t mode)
{
	if (entry->is_special || entry_look(entry) == 0)
		return existence_settle_entry(request, OP_FILE_WRITE_CREATE, entry, EEXIST);
	return decide(request, OP_FILE_WRITE_CREATE, entry, mode);
}

static int make_directory(struct request *request, struct change *change)
{
	struct entry *target = &change->target;
	int error = decide_new(request, target, S_IFDIR | (change->mode & ~request->umask));

	if (error)
		return error;
	return outcome(mkdirat(target->parent.fd, target->name, change->mode));
}

/* mkdir(path, mode), mkdirat(directory, path, mode) */
static int serve_mkdir(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	int at = request->notification->number == SYS_mkdirat;
	struct change change = {.mode = (mode_t)arguments[at + 1] & MODE_BITS};
	int error = take_entry(
		request, at ? (int)arguments[0] : AT_FDCWD, arguments[at], &change.target);

	if (!error)
		error = request_take_umask(request);
	return error ? error : carry_out(request, &change, make_directory);
}

static int make_symlink(struct request *request, struct change *change)
{
	struct entry *target = &change->target;
	int error = decide_new(request, target, S_IFLNK | 0777);

	return error ? error : outcome(symlinkat(change->content, target->parent.fd, target->name));
}

/* symlink(content, path), symlinkat(content, directory, path) */
static int serve_symlink(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	int at = request->notification->number == SYS_symlinkat;
	struct change change = {.mode = 0};
	int error =
		request_read_path(request, arguments[0], change.content, sizeof(change.content));

	if (!error)
		error = take_entry(request, at ? (int)arguments[1] : AT_FDCWD, arguments[at + 1],
			&change.target);
	return error ? error : carry_out(request, &change, make_symlink);
}

static int decide_node(const struct request *request, const struct entry *entry, mode_t mode)
{
	int error = decide(request, OP_FILE_WRITE_CREATE, entry, mode);

	if (!error && (S_ISCHR(mode) || S_ISBLK(mode)))
		error = decide(request, OP_FILE_MKNOD, entry, mode);
	if (!error && mode & SET_ID_BITS)
		error = decide(request, OP_FILE_WRITE_SETUGID, entry, mode);
	return error;
}

static int make_node(struct request *request, struct change *change)
{
	struct entry *target = &change->target;
	mode_t mode = change->mode & ~request->umask;
	mode_t type = mode & S_IFMT ? mode & S_IFMT : S_IFREG;

	if (target->is_special || entry_look(target) == 0)
		return existence_settle_entry(request, OP_FILE_WRITE_CREATE, target, EEXIST);
	int error = decide_node(request, target, type | (mode & MODE_BITS));

	if (error)
		return error;
	/* By number: libraries have a device number of another size. */
	return outcome(syscall(SYS_mknodat, target->parent.fd, target->name, change->mode,
		(unsigned)change->arguments[0]));
}

/* mknod(path, mode, device), mknodat(directory, path, mode, device) */
static int serve_mknod(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	int at = request->notification->number == SYS_mknodat;
	struct change change = {.mode = (mode_t)arguments[at + 1], .arguments = arguments + at + 2};
	int error = take_entry(
		request, at ? (int)arguments[0] : AT_FDCWD, arguments[at], &change.target);

	if (!error)
		error = request_take_umask(request);
	return error ? error : carry_out(request, &change, make_node);
}

/* Whether there is anything of the name; special names say nothing. */
static int look(struct request *request, struct entry *entry)
{
	if (entry->is_special)
		return existence_settle_entry(request, OP_FILE_WRITE_UNLINK, entry, 0);
	int error = entry_look(entry);

	return error ? existence_error_entry(request, entry, error) : 0;
}

static int remove_name(struct request *request, struct change *change)
{
	struct entry *target = &change->target;
	/* The kernel has errors of its own for special names, and never removes them. */
	int error = look(request, target);

	if (!error && !target->is_special)
		error = decide(request, OP_FILE_WRITE_UNLINK, target, target->status.st_mode);
	return error ? error
		     : outcome(unlinkat(target->parent.fd, target->name, (int)change->flags));
}

/* unlink(path), rmdir(path), unlinkat(directory, path, flags) */
static int serve_unlink(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	long number = request->notification->number;
	int at = number == SYS_unlinkat;
	struct change change = {.flags = at ? (unsigned)arguments[2] : 0};

	if (number == SYS_rmdir)
		change.flags = AT_REMOVEDIR;
	if (change.flags & ~(unsigned)AT_REMOVEDIR)
		return EINVAL;
	int error = take_entry(
		request, at ? (int)arguments[0] : AT_FDCWD, arguments[at], &change.target);

	return error ? error : carry_out(request, &change, remove_name);
}

/* One entry goes to where the other one stands, or nothing does. */
static int decide_move(
	const struct request *request, const struct entry *source, const struct entry *target)
{
	mode_t mode = source->status.st_mode;
	char name[NAME_MAX + 2];
	int error = decide(request, OP_FILE_WRITE_UNLINK, source, mode);

	if (!error)
		error = decide(request, OP_FILE_WRITE_CREATE, target, mode);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(source->name, "/"), source->name);
	if (!error && exposure_of_move(
			      request, source->parent.fd, name, mode, source->path, target->path))
		error = EPERM;
	return error;
}

static int decide_names(struct request *request, struct change *change)
{
	struct entry *source = &change->source, *target = &change->target;
	int error = look(request, source);

	if (error)
		return error;
	int missing = entry_look(target);

	if (!missing && change->flags & NO_REPLACE)
		return EEXIST;
	if (missing && change->flags & EXCHANGE)
		return look(request, target);
	error = decide_move(request, source, target);
	if (!error && change->flags & WHITEOUT)
		error = decide_node(request, source, S_IFCHR);
	if (!error && !missing && change->flags & EXCHANGE)
		error = decide_move(request, target, source);
	else if (!error && !missing)
		error = decide(request, OP_FILE_WRITE_UNLINK, target, target->status.st_mode);
	return error;
}

static int move_name(struct request *request, struct change *change)
{
	struct entry *source = &change->source, *target = &change->target;
	bool is_plain = !source->is_special && !target->is_special;
	int error = is_plain ? decide_names(request, change) : 0;

	if (!error)
		error = outcome(syscall(SYS_renameat2, source->parent.fd, source->name,
			target->parent.fd, target->name, change->flags));
	/* An error about the one name tells that there is the other's directory. */
	if (error)
		error = existence_settle_entry(request, OP_FILE_WRITE_UNLINK, source, error);
	return error ? existence_settle_entry(request, OP_FILE_WRITE_CREATE, target, error) : 0;
}

/*
 * rename(from, to), renameat(directory, from, directory, to), renameat2(the same, flags)
 */
static int serve_rename(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	long number = request->notification->number;
	int at = number != SYS_rename;
	struct change change = {.flags = number == SYS_renameat2 ? (unsigned)arguments[4] : 0};

	if (change.flags & ~(unsigned)(NO_REPLACE | EXCHANGE | WHITEOUT) ||
		(change.flags & EXCHANGE && change.flags != EXCHANGE))
		return EINVAL;
	int error = take_entry(
		request, at ? (int)arguments[0] : AT_FDCWD, arguments[at], &change.source);

	if (error)
		return error;
	error = take_entry(
		request, at ? (int)arguments[2] : AT_FDCWD, arguments[at ? 3 : 1], &change.target);
	if (error)
		return existence_settle_entry(request, OP_FILE_WRITE_UNLINK, &change.source, error);
	return carry_out(request, &change, move_name);
}

/* SBPL.md section 2: a link also needs the right to read and write what it is made of. */
static int decide_source(const struct request *request, const struct object *object)
{
	static const enum operation needed[] = {
		OP_FILE_LINK, OP_FILE_READ_DATA, OP_FILE_WRITE_DATA};
	int error = 0;

	for (size_t i = 0; !error && i < sizeof(needed) / sizeof(needed[0]); i++)
		error = object_decide(request, needed[i], object, NULL);
	return error;
}

/* An error of the target's tells that there is the source. */
static int settle_target(const struct request *request, const struct object *source, int error)
{
	return error && existence_decide(request, source) && decide_source(request, source) ? EPERM
											    : error;
}

static int make_link(struct request *request, struct change *change)
{
	const struct object *object = &change->object;
	struct entry *target = &change->target;
	mode_t mode = object->status.st_mode;
	int error = settle_target(request, object, decide_new(request, target, mode));

	if (!error)
		error = decide_source(request, object);
	if (!error && !S_ISDIR(mode) && object->path[0] &&
		exposure_of_move(request, -1, "", mode, object->path, target->path))
		error = EPERM;
	return error ? error
		     : outcome(linkat(AT_FDCWD, object->link, target->parent.fd, target->name,
			       AT_SYMLINK_FOLLOW));
}

/* link(from, to), linkat(directory, from, directory, to, flags) */
static int serve_link(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	int at = request->notification->number == SYS_linkat;
	struct change change = {.flags = at ? (unsigned)arguments[4] : 0};
	struct route route = {.resolve = 0};
	int directory = at ? (int)arguments[0] : AT_FDCWD;

	if (change.flags & ~(unsigned)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return EINVAL;
	int error = resolve_route(request, directory, arguments[at ? 1 : 0], &route);

	if (!error && !route.path[0] && change.flags & AT_EMPTY_PATH)
		error = resolve_descriptor(request, directory, &change.object);
	else if (!error)
		error = resolve_object(
			request, &route, change.flags & AT_SYMLINK_FOLLOW, &change.object);
	if (error)
		return error;
	error = take_entry(
		request, at ? (int)arguments[2] : AT_FDCWD, arguments[at ? 3 : 1], &change.target);
	return error ? settle_target(request, &change.object, error)
		     : carry_out(request, &change, make_link);
}

const struct served_call serve_tree_calls[] = {
	{SYS_mkdir, serve_mkdir},
	{SYS_mkdirat, serve_mkdir},
	{SYS_symlink, serve_symlink},
	{SYS_symlinkat, serve_symlink},
	{SYS_mknod, serve_mknod},
	{SYS_mknodat, serve_mknod},
	{SYS_unlink, serve_unlink},
	{SYS_unlinkat, serve_unlink},
	{SYS_rmdir, serve_unlink},
	{SYS_rename, serve_rename},
	{SYS_renameat, serve_rename},
	{SYS_renameat2, serve_rename},
	{SYS_link, serve_link},
	{SYS_linkat, serve_link},
	{0, NULL},
};
