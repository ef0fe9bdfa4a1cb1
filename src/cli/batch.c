/*
 * sbxctl explain --batch. Profiles are evaluated for good, as everywhere: so each stretch of lines
 * is answered by a process of its own, whose memory goes with it. What it has answered is counted
 * where both see it; if it ends before its time, the line it was at is an error and the next
 * process goes on behind it. Invariant: every line MUST get exactly one answer, in order.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "cli/ctl.h"
#include "policy/query.h"
#include "profile/fragment.h"
#include "profile/sbpl.h"

/* A line has room for the largest profile. */
enum { BLOCK = SOURCE_MAX + 64 * 1024, MEMORY_MAX = 32 * 1024 * 1024, STRETCH_MAX = 1000 };

/* Shared with the process that answers. */
struct progress {
	size_t lines, bytes; /* of the block, answered */
	bool failed;         /* some line so far was an error */
};

struct batch {
	struct arena *arena;
	const struct parameter *definitions;
	const char *library;
	struct progress *progress;
	char *block;
	size_t length; /* of the block */
	size_t first;  /* number of its first line, from 0 */
	bool too_long; /* the rest of an overlong line is being skipped */
	/* The profile evaluated last, for lines that repeat it. */
	const char *profile;
	size_t profile_length;
	const struct policy *policy;
};

/* As memrchr(3), which not every system has. */
static char *find_last(const char *bytes, char byte, size_t length)
{
	while (length-- > 0) {
		if (bytes[length] == byte)
			return (char *)(uintptr_t)(bytes + length);
	}
	return NULL;
}

/* The line's number, from 1, and the reason. */
static void report(const struct batch *batch, const char *what)
{
	warn("line %zu: %s", batch->first + batch->progress->lines + 1, what);
	batch->progress->failed = true;
}

/* Only "\n" stands for another byte; behind a backslash another one is just that. */
static const char *unescape(struct arena *arena, const char *bytes, size_t length, size_t *result)
{
	char *copy = arena_alloc(arena, length + 1);
	size_t end = 0;

	for (size_t i = 0; i < length; i++) {
		bool is_pair = bytes[i] == '\\' && i + 1 < length;

		if (is_pair && bytes[i + 1] == 'n') {
			copy[end++] = '\n';
			i++;
			continue;
		}
		copy[end++] = bytes[i];
		if (is_pair && bytes[i + 1] == '\\')
			copy[end++] = bytes[++i];
	}
	*result = end;
	return copy;
}

static const struct policy *evaluate(struct batch *batch, const char *bytes, size_t length)
{
	struct policy *policy = ARENA_NEW(batch->arena, struct policy);
	struct source *source = ARENA_NEW(batch->arena, struct source);
	struct scheme_error error;
	struct profile profile;

	source->name = "<profile>";
	source->text = unescape(batch->arena, bytes, length, &source->length);
	profile_init(&profile, batch->library);
	for (const struct parameter *at = batch->definitions; at; at = at->next)
		profile_set(&profile, batch->arena, at->name, at->value);
	profile_add(&profile, batch->arena, PART_PLAIN, source);
	if (sbpl_evaluate(&profile, batch->arena, policy, &error))
		return policy;
	report(batch, error.text);
	return NULL;
}

static const struct policy *policy_of(struct batch *batch, const char *bytes, size_t length)
{
	if (!batch->profile || batch->profile_length != length ||
		memcmp(batch->profile, bytes, length) != 0) {
		batch->policy = evaluate(batch, bytes, length);
		batch->profile = batch->policy ? bytes : NULL;
		batch->profile_length = length;
	}
	return batch->policy;
}

/* The last tab separates: a profile may have tabs. */
static const char *answer(struct batch *batch, const char *line, size_t length)
{
	const char *tab = find_last(line, '\t', length);
	struct question question = {.arena = batch->arena, .constant = sbpl_number};

	if (!tab) {
		report(batch, "not PROFILE<TAB>OPERATION KEY=VALUE...");
		return "error\n";
	}
	const struct policy *policy = policy_of(batch, line, (size_t)(tab - line));

	if (!policy)
		return "error\n";
	size_t rest = length - (size_t)(tab + 1 - line);

	if (!question_parse(&question, arena_copy(batch->arena, tab + 1, rest))) {
		report(batch, question.error);
		return "error\n";
	}
	return policy_decide(policy, &question.query).action == ACTION_ALLOW ? "allow\n" : "deny\n";
}

static void write_answer(const char *answer)
{
	const struct text text = {.bytes = (char *)(uintptr_t)answer, .length = strlen(answer)};

	print(&text);
}

/* Answers lines until the block or the memory for it is used up. */
_Noreturn static void answer_lines(struct batch *batch)
{
	struct progress *progress = batch->progress;
	size_t before = batch->arena->used;

	for (size_t count = 0; progress->bytes < batch->length && count < STRETCH_MAX; count++) {
		const char *line = batch->block + progress->bytes;
		const char *end = memchr(line, '\n', batch->length - progress->bytes);
		size_t length = (size_t)(end - line);

		write_answer(answer(batch, line, length));
		progress->lines++;
		progress->bytes += length + 1;
		if (batch->arena->used - before > MEMORY_MAX)
			break;
	}
	_exit(0);
}

static void skip_line(struct batch *batch)
{
	struct progress *progress = batch->progress;
	const char *line = batch->block + progress->bytes;
	const char *end = memchr(line, '\n', batch->length - progress->bytes);

	report(batch, "could not be answered");
	write_answer("error\n");
	progress->lines++;
	progress->bytes += (size_t)(end - line) + 1;
}

/* The block holds whole lines. */
static void answer_block(struct batch *batch)
{
	*batch->progress = (struct progress){.failed = batch->progress->failed};
	while (batch->progress->bytes < batch->length) {
		int status = 0;
		pid_t child = fork();

		if (child < 0)
			die_errno("cannot start a process");
		if (child == 0)
			answer_lines(batch);
		while (waitpid(child, &status, 0) < 0) {
			if (errno != EINTR)
				die_errno("cannot wait for a process");
		}
		if (status != 0)
			skip_line(batch);
	}
	batch->first += batch->progress->lines;
}

/* A line that has no end yet and fills the block is an error, whatever follows in it. */
static size_t give_up_line(struct batch *batch)
{
	if (!batch->too_long) {
		*batch->progress = (struct progress){.failed = true};
		report(batch, "the line is too long");
		write_answer("error\n");
		batch->first++;
	}
	batch->too_long = true;
	return 0;
}

/* Answers the whole lines of the first filled bytes; returns how many bytes are left, in front. */
static size_t answer_filled(struct batch *batch, size_t filled)
{
	char *start = batch->block;
	char *last = find_last(start, '\n', filled);

	if (!last)
		return filled == BLOCK ? give_up_line(batch) : filled;
	if (batch->too_long) {
		char *end = (char *)memchr(start, '\n', filled) + 1;

		filled -= (size_t)(end - start);
		memmove(start, end, filled);
		batch->too_long = false;
		return answer_filled(batch, filled);
	}
	batch->length = (size_t)(last + 1 - start);
	answer_block(batch);
	memmove(start, last + 1, filled - batch->length);
	return filled - batch->length;
}

static void answer_input(struct batch *batch)
{
	size_t filled = 0;

	for (;;) {
		ssize_t count = read(STDIN_FILENO, batch->block + filled, BLOCK - filled);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			die_errno("cannot read standard input");
		if (count == 0)
			break;
		filled = answer_filled(batch, filled + (size_t)count);
	}
	if (!filled || batch->too_long)
		return;
	batch->block[filled] = '\n'; /* the last line's own is missing */
	answer_filled(batch, filled + 1);
}

static void *map(size_t size, int flags)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die_errno("out of memory");
	return memory;
}

_Noreturn void explain_batch(struct arena *arena, const struct options *options)
{
	struct preset_path path = preset_path(arena);
	struct batch batch = {
		.arena = arena,
		.definitions = options->definitions,
		.library = path.directories[PRESET_DIRECTORIES - 1],
		.progress = map(sizeof(struct progress), MAP_SHARED),
		.block = map(BLOCK + 1, MAP_PRIVATE),
	};

	if (options->command[0] || options->preset_names || options->accesses || options->texts ||
		options->allow_all || options->json)
		die("--batch takes its profiles and questions from standard input");
	answer_input(&batch);
	_exit(batch.progress->failed ? CTL_ERROR : 0);
}
