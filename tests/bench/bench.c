/*
 * Measures what prefixes cost. All commands run once per round; each is compared with the bare
 * command and the floor of the same round, so that load that comes and goes cancels out.
 *
 * usage: bench [-r ROUNDS] [-w WARMUP-ROUNDS] [-t SECONDS] [-s SCRIPT] FILE
 *
 * With -t no round begins after so many seconds, but three are made. The shell runs SCRIPT before
 * each command; that is not measured.
 *
 * A line of FILE is GROUP, LABEL, COMMAND and the command's words, separated by tabs. The first
 * two commands of a group are its bare command and its floor. The result is a line per command:
 *
 *     GROUP LABEL MEDIAN MIN OVER-BARE OVER-FLOOR FLOOR-LOW FLOOR-HIGH PEAK-RSS
 *         RATIO RATIO-LOW RATIO-HIGH ROUNDS
 *
 * separated by tabs, in ms and KiB; FLOOR-LOW and FLOOR-HIGH are the 95 % interval of OVER-FLOOR,
 * RATIO is the median of the ratios to the bare command, with its interval. Fewer than 6 rounds
 * give no such interval: then it is the least and the greatest value, and ROUNDS tells the reader.
 * A process starts with the memory of its parent, so no peak RSS is below that of bench itself;
 * keep bench small (static, musl).
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { MAX_COMMANDS = 64, MIN_ROUNDS = 3 };

struct command {
	const char *group;
	const char *label;
	char **argv;
	const struct command *bare;
	const struct command *floor;
	double *ms;
	long rss;
};

struct bench {
	struct command command[MAX_COMMANDS];
	size_t count;
	size_t rounds;
	size_t warmup;
	size_t seconds;
	char *script;
	posix_spawn_file_actions_t quiet;
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
	va_list args;

	fputs("bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void *allocate(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		die("out of memory");
	return p;
}

static size_t parse_number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > 1000000)
		die("not a number up to 1000000: %s", text);
	return n;
}

static char **split_words(char *line)
{
	size_t count = 1;
	char **words;
	char **next;

	for (const char *c = line; *c; c++)
		count += *c == '\t';
	words = allocate(count + 1, sizeof *words);
	next = words;
	while (line)
		*next++ = strsep(&line, "\t");
	return words;
}

static void add_command(struct bench *b, char *line)
{
	struct command *c = &b->command[b->count];
	char **words = split_words(line);

	if (b->count == MAX_COMMANDS)
		die("more than %d commands", MAX_COMMANDS);
	if (!words[0] || !words[1] || !words[2])
		die("line %zu is not GROUP, LABEL, COMMAND", b->count + 1);
	c->group = words[0];
	c->label = words[1];
	c->argv = words + 2;
	c->ms = allocate(b->rounds, sizeof *c->ms);
	b->count++;
}

static void read_commands(struct bench *b, const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
		die("%s: %s", path, strerror(errno));
	for (;;) {
		char *line = NULL;
		size_t size = 0;

		if (getline(&line, &size, file) < 0)
			break;
		line[strcspn(line, "\n")] = '\0';
		add_command(b, line);
	}
	if (ferror(file))
		die("%s: %s", path, strerror(errno));
	fclose(file);
	if (!b->count)
		die("%s: no commands", path);
}

static const struct command *find_in_group(const struct bench *b, const char *group, size_t nth)
{
	for (size_t i = 0; i < b->count; i++)
		if (strcmp(b->command[i].group, group) == 0 && nth-- == 0)
			return &b->command[i];
	die("group %s has no floor", group);
}

static void find_references(struct bench *b)
{
	for (size_t i = 0; i < b->count; i++) {
		struct command *c = &b->command[i];

		c->bare = find_in_group(b, c->group, 0);
		c->floor = find_in_group(b, c->group, 1);
	}
}

static void prepare_quiet(struct bench *b)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		die("/dev/null: %s", strerror(errno));
	if (posix_spawn_file_actions_init(&b->quiet))
		die("out of memory");
	for (int fd = 0; fd <= 2; fd++)
		if (posix_spawn_file_actions_adddup2(&b->quiet, null, fd))
			die("out of memory");
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void check_status(const struct command *c, int status)
{
	if (WIFSIGNALED(status))
		die("%s (%s): killed by signal %d", c->label, c->group, WTERMSIG(status));
	if (WEXITSTATUS(status))
		die("%s (%s): exit status %d", c->label, c->group, WEXITSTATUS(status));
}

static void prepare(const struct bench *b)
{
	char *argv[] = {"sh", "-c", b->script, NULL};
	int status = -1;
	pid_t pid;

	if (!b->script)
		return;
	if (posix_spawnp(&pid, argv[0], &b->quiet, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	if (status)
		die("failed: %s", b->script);
}

/* What a command left behind becomes ours: init may be slow to reap it, or not do so at all. */
static void reap_orphans(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static double run_command(const struct bench *b, struct command *c)
{
	prepare(b);
	double start = now_ms();
	double end;
	struct rusage usage;
	int status;
	pid_t pid;
	int error = posix_spawnp(&pid, c->argv[0], &b->quiet, NULL, c->argv, environ);

	if (error)
		die("%s (%s): %s: %s", c->label, c->group, c->argv[0], strerror(error));
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			die("wait4: %s", strerror(errno));
	end = now_ms();
	reap_orphans();
	check_status(c, status);
	if (c->rss < usage.ru_maxrss)
		c->rss = usage.ru_maxrss;
	return end - start;
}

/*
 * Which command has this turn: a Latin square in which each command follows each other one
 * equally often, so that none pays for what one particular neighbour leaves behind. With an odd
 * count that takes the mirrored rows too.
 */
static size_t pick_turn(size_t round, size_t turn, size_t count)
{
	size_t step;

	if (count % 2 && round / count % 2)
		turn = count - 1 - turn;
	step = turn % 2 ? count - (turn + 1) / 2 : turn / 2;
	return (round + step) % count;
}

static void run_round(struct bench *b, size_t round)
{
	for (size_t turn = 0; turn < b->count; turn++) {
		struct command *c = &b->command[pick_turn(round, turn, b->count)];

		c->ms[round] = run_command(b, c);
	}
}

static void run_all(struct bench *b)
{
	for (size_t i = 0; i < b->warmup; i++)
		run_round(b, i % b->rounds);
	double start = now_ms();
	size_t made = 0;

	while (made < b->rounds) {
		double seconds = (now_ms() - start) / 1e3;

		if (b->seconds && made >= MIN_ROUNDS && seconds >= (double)b->seconds)
			break;
		run_round(b, made++);
	}
	b->rounds = made;
}

static int compare_ms(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Sorts the times of c less those of base, which may be NULL, into out. */
static void sort_differences(
	const struct bench *b, const struct command *c, const struct command *base, double *out)
{
	for (size_t i = 0; i < b->rounds; i++)
		out[i] = c->ms[i] - (base ? base->ms[i] : 0);
	qsort(out, b->rounds, sizeof *out, compare_ms);
}

static double median(const double *sorted, size_t n)
{
	return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

/*
 * How many ranks from the median its 95 % interval ends: two deviations of a fair coin's count.
 * From 6 rounds on: with fewer, all of them hold the median less often than that.
 */
static size_t interval_reach(size_t n)
{
	size_t root = 0;

	while (root * root < n)
		root++;
	return root < (n - 1) / 2 ? root : (n - 1) / 2;
}

/* Sorts the times of c divided by those of the bare command into out. */
static void sort_ratios(const struct bench *b, const struct command *c, double *out)
{
	for (size_t i = 0; i < b->rounds; i++)
		out[i] = c->ms[i] / c->bare->ms[i];
	qsort(out, b->rounds, sizeof *out, compare_ms);
}

static void print_command(const struct bench *b, const struct command *c, double *scratch)
{
	size_t n = b->rounds;
	size_t reach = interval_reach(n);

	sort_differences(b, c, NULL, scratch);
	printf("%s\t%s\t%.3f\t%.3f", c->group, c->label, median(scratch, n), scratch[0]);
	sort_differences(b, c, c->bare, scratch);
	printf("\t%+.3f", median(scratch, n));
	sort_differences(b, c, c->floor, scratch);
	printf("\t%+.3f\t%+.3f\t%+.3f\t%ld", median(scratch, n), scratch[(n - 1) / 2 - reach],
		scratch[n / 2 + reach], c->rss);
	sort_ratios(b, c, scratch);
	printf("\t%.4f\t%.4f\t%.4f\t%zu\n", median(scratch, n), scratch[(n - 1) / 2 - reach],
		scratch[n / 2 + reach], n);
}

static void print_all(const struct bench *b)
{
	double *scratch = allocate(b->rounds, sizeof *scratch);

	for (size_t i = 0; i < b->count; i++)
		print_command(b, &b->command[i], scratch);
	if (fflush(stdout))
		die("stdout: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	struct bench b = {.rounds = 200, .warmup = 10};
	int option;

	while ((option = getopt(argc, argv, "r:w:t:s:")) != -1) {
		if (option == 'r')
			b.rounds = parse_number(optarg);
		else if (option == 'w')
			b.warmup = parse_number(optarg);
		else if (option == 't')
			b.seconds = parse_number(optarg);
		else if (option == 's')
			b.script = optarg;
		else
			return 2;
	}
	if (!b.rounds || argc - optind != 1)
		die("usage: bench [-r ROUNDS] [-w WARMUP-ROUNDS] [-t SECONDS] [-s SCRIPT] FILE");
	read_commands(&b, argv[optind]);
	find_references(&b);
	prepare_quiet(&b);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	run_all(&b);
	print_all(&b);
	return 0;
}
