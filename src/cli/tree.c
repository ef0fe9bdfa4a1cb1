/* sbxctl tree: what a policy gives, to look at. */
#include "cli/tree.h"

#include <unistd.h>

#include "base/message.h"
#include "cli/composition.h"
#include "cli/ctl.h"
#include "policy/trie.h"

enum answer answer_of(struct outcomes outcomes)
{
	if (!outcomes.may_deny)
		return ANSWER_ALLOW;
	return outcomes.may_allow ? ANSWER_SOME : ANSWER_DENY;
}

/* What people ask about besides files and the network. Operations that decide alike in most
 * policies stand together under one name. */
static const struct {
	const char *name;
	enum operation operation;
	long target; /* 0: not a signal */
} others[] = {
	{"start processes", OP_PROCESS_FORK, 0},
	{"signal itself", OP_SIGNAL, TARGET_SELF | TARGET_PGRP | TARGET_SAME_SANDBOX},
	{"signal its processes", OP_SIGNAL, TARGET_CHILDREN | TARGET_SAME_SANDBOX},
	{"signal others", OP_SIGNAL, TARGET_OTHERS},
	{"change modes", OP_FILE_WRITE_MODE, 0},
	{"change owners", OP_FILE_WRITE_OWNER, 0},
	{"change times", OP_FILE_WRITE_TIMES, 0},
	{"change attributes", OP_FILE_WRITE_XATTR, 0},
	{"set setuid bits", OP_FILE_WRITE_SETUGID, 0},
	{"make devices", OP_FILE_MKNOD, 0},
	{"control devices", OP_FILE_IOCTL, 0},
	{"mount", OP_FILE_MOUNT, 0},
	{"raw sockets", OP_SYSTEM_SOCKET, 0},
	{"shared memory", OP_IPC_POSIX_SHM_WRITE_CREATE, 0},
	{"semaphores", OP_IPC_POSIX_SEM_OPEN, 0},
	{"System V IPC", OP_IPC_SYSV_SHM, 0},
	{"pseudo terminals", OP_PSEUDO_TTY, 0},
	{"read sysctls", OP_SYSCTL_READ, 0},
	{"write sysctls", OP_SYSCTL_WRITE, 0},
	{"set priorities", OP_SYSTEM_SCHED, 0},
	{"set the time", OP_SYSTEM_SET_TIME, 0},
	{"look up Mach services", OP_MACH_LOOKUP, 0},
};

enum { OTHERS = sizeof(others) / sizeof(others[0]), WIDTH = 76, INDENT = 12 };

/* macOS numbers, which rules speak of. */
enum { MAC_AF_INET = 2, MAC_SOCK_RAW = 3 };

const char *tree_other(int i)
{
	return i < OTHERS ? others[i].name : NULL;
}

enum operation tree_other_operation(int i)
{
	return others[i].operation;
}

enum answer tree_ask_other(struct index *index, int i)
{
	struct query query = {.operation = others[i].operation, .partial = true};
	struct outcomes all = {.may_allow = false};

	if (others[i].target)
		query_set_number(&query, NUMBER_TARGET, others[i].target);
	if (query.operation == OP_SYSTEM_SOCKET) {
		query_set_number(&query, NUMBER_SOCKET_DOMAIN, MAC_AF_INET);
		query_set_number(&query, NUMBER_SOCKET_TYPE, MAC_SOCK_RAW);
		query_set_number(&query, NUMBER_SOCKET_PROTOCOL, 0);
	}
	if (!operation_takes(query.operation, TAKES_PATH))
		return answer_of(index_outcomes(index, &query));
	trie_outcomes(trie_build(index, &query), &all);
	return answer_of(all);
}

static void draw_others(struct text *text, const struct paint *paint,
	const enum answer answers[OTHERS], enum answer answer)
{
	static const struct {
		const char *head;
		enum color color;
	} heads[] = {
		[ANSWER_DENY] = {"  denied    ", COLOR_RED},
		[ANSWER_SOME] = {"  some      ", COLOR_MAGENTA},
		[ANSWER_ALLOW] = {"  allowed   ", COLOR_GREEN},
	};
	size_t column = 0;

	for (int i = 0; i < OTHERS; i++) {
		if (answers[i] != answer)
			continue;
		size_t length = strlen(others[i].name) + 2;

		if (column == 0)
			paint_add(paint, text, heads[answer].color, heads[answer].head);
		else
			text_addf(text, column + length > WIDTH ? ",\n%*s" : ", ",
				column + length > WIDTH ? INDENT : 0, "");
		column = column == 0 || column + length > WIDTH ? INDENT : column;
		text_add(text, others[i].name);
		column += length;
	}
	text_add(text, column ? "\n" : "");
}

void tree_others(struct text *text, const struct paint *paint, struct index *index)
{
	enum answer answers[OTHERS];

	for (int i = 0; i < OTHERS; i++)
		answers[i] = tree_ask_other(index, i);
	paint_add(paint, text, COLOR_BOLD, "Other\n");
	draw_others(text, paint, answers, ANSWER_ALLOW);
	draw_others(text, paint, answers, ANSWER_SOME);
	draw_others(text, paint, answers, ANSWER_DENY);
}

_Noreturn void ctl_tree(struct arena *arena, struct options *options)
{
	struct paint paint = paint_make(options->color);
	struct text text = text_make(arena);
	struct composition composed;

	if (options->command[0])
		die("tree takes options only: '%s'", options->command[0]);
	options->dry_run = true; /* looking makes no directory */
	if (options->bare)
		composition_make_bare(arena, options, &composed);
	else
		composition_make(arena, options, NULL, &composed);
	struct index index = {.policy = composed.policy, .arena = arena};

	tree_files(&text, &paint, &index);
	text_add(&text, "\n");
	tree_network(&text, &paint, &index);
	text_add(&text, "\n");
	tree_others(&text, &paint, &index);
	print(&text);
	_exit(CTL_YES);
}
