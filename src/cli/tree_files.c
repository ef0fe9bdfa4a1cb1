/*
 * The paths that the rules name, as a tree of directories. Each operation has a trie of regions;
 * here they come together, and what is as its surroundings are is left out.
 */
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "cli/tree.h"
#include "policy/trie.h"

enum { RIGHTS = 5 };

/* One letter can stand for several operations. */
static const struct {
	enum operation operation;
	int right;
} operations[] = {
	{OP_FILE_READ_DATA, 0},
	{OP_FILE_WRITE_DATA, 1},
	{OP_FILE_WRITE_CREATE, 2},
	{OP_FILE_WRITE_UNLINK, 2},
	{OP_PROCESS_EXEC_ALL, 3},
	{OP_FILE_READ_METADATA, 4},
};

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

static const struct {
	const char *letter, *meaning;
	enum color color;
} letters[RIGHTS] = {
	{"r", "read", COLOR_GREEN},
	{"w", "write", COLOR_YELLOW},
	{"c", "create and remove", COLOR_YELLOW},
	{"x", "execute", COLOR_CYAN},
	{"m", "look up (stat)", COLOR_BLUE},
};

struct rights {
	uint8_t answers[RIGHTS]; /* enum answer */
};

struct directory {
	const char *path; /* whole */
	size_t length;
	const char *name;
	struct rights exact, below;
	struct directory *child, *sibling; /* by name */
};

struct drawing {
	struct text *text;
	const struct paint *paint;
	const struct trie_node *tries[OPERATIONS];
	struct directory *root;
	bool has_some, has_holes;
};

static bool are_same(const struct rights *a, const struct rights *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static struct directory *new_directory(
	struct arena *arena, const char *path, size_t length, size_t name)
{
	struct directory *directory = ARENA_NEW(arena, struct directory);

	directory->path = arena_copy(arena, path, length);
	directory->length = length;
	directory->name = directory->path + name;
	return directory;
}

/* Every directory on the way has a place of its own. */
static void insert(struct arena *arena, struct directory *root, const char *path)
{
	struct directory *parent = root;

	for (size_t start = 1; path[start];) {
		size_t end = start + strcspn(path + start, "/");
		const char *name = arena_copy(arena, path + start, end - start);
		struct directory **link = &parent->child;

		while (*link && strcmp((*link)->name, name) < 0)
			link = &(*link)->sibling;
		if (!*link || strcmp((*link)->name, name) != 0) {
			struct directory *directory = new_directory(arena, path, end, start);

			directory->sibling = *link;
			*link = directory;
		}
		parent = *link;
		start = end + (path[end] == '/');
	}
}

/* No file has a longer path. */
static void insert_all(struct arena *arena, struct directory *root, const struct trie_node *node)
{
	if (node->length < PATH_MAX)
		insert(arena, root, node->path);
	for (const struct trie_node *child = node->child; child; child = child->sibling)
		insert_all(arena, root, child);
}

static void note(struct rights *rights, int right, struct outcomes outcomes, bool first)
{
	enum answer answer = answer_of(outcomes);

	if (!first && rights->answers[right] != answer)
		answer = ANSWER_SOME;
	rights->answers[right] = (uint8_t)answer;
}

static void look_up(const struct drawing *drawing, struct directory *directory)
{
	for (int i = 0; i < OPERATIONS; i++) {
		bool exact;
		int right = operations[i].right;
		bool first = i == 0 || operations[i - 1].right != right;
		const struct trie_node *node =
			trie_find(drawing->tries[i], directory->path, &exact);

		note(&directory->exact, right, exact ? node->exact : node->below, first);
		note(&directory->below, right, node->below, first);
	}
}

static bool is_news(const struct directory *directory, const struct rights *around)
{
	return !are_same(&directory->exact, around) || !are_same(&directory->below, around);
}

/* Takes out what is as its surroundings are. */
static void prune(const struct drawing *drawing, struct directory *directory)
{
	look_up(drawing, directory);
	for (struct directory **link = &directory->child; *link;) {
		prune(drawing, *link);
		if ((*link)->child || is_news(*link, &directory->below))
			link = &(*link)->sibling;
		else
			*link = (*link)->sibling;
	}
}

/* The letters; red where the surroundings have more. True when they do. */
static bool draw_rights(
	struct drawing *drawing, const struct rights *rights, const struct rights *around)
{
	bool is_known = are_same(rights, around) && rights != &drawing->root->exact &&
			rights != &drawing->root->below;
	bool lost = false;

	text_add(drawing->text, "  ");
	for (int i = 0; i < RIGHTS; i++) {
		enum answer answer = (enum answer)rights->answers[i];
		bool less = around->answers[i] == ANSWER_ALLOW && answer == ANSWER_DENY;
		enum color color = is_known                 ? COLOR_DIM
				   : answer == ANSWER_ALLOW ? letters[i].color
				   : answer == ANSWER_SOME  ? COLOR_MAGENTA
				   : less                   ? COLOR_RED
							    : COLOR_DIM;

		paint_add(drawing->paint, drawing->text, color,
			answer == ANSWER_ALLOW  ? letters[i].letter
			: answer == ANSWER_SOME ? "?"
						: "-");
		drawing->has_some |= answer == ANSWER_SOME;
		lost |= less;
	}
	text_add(drawing->text, "  ");
	drawing->has_holes |= lost;
	return lost;
}

static void draw_line(struct drawing *drawing, const struct rights *rights,
	const struct rights *around, const char *lines, const char *label)
{
	bool is_hole = draw_rights(drawing, rights, around);
	struct text name = text_make(drawing->text->arena);

	text_add_visible(&name, label, strlen(label));
	paint_add(drawing->paint, drawing->text, COLOR_DIM, lines);
	paint_add(drawing->paint, drawing->text, is_hole ? COLOR_RED : COLOR_PLAIN, name.bytes);
	if (is_hole)
		paint_add(drawing->paint, drawing->text, COLOR_RED, "  (hole)");
	text_add(drawing->text, "\n");
}

static const char *branch(const struct drawing *drawing, const char *before, bool is_last)
{
	const char *line = drawing->paint->has_lines
				   ? (is_last ? "\u2514\u2500\u2500 " : "\u251c\u2500\u2500 ")
				   : (is_last ? "`-- " : "|-- ");

	return text_format(drawing->text->arena, "%s%s", before, line);
}

static const char *trunk(const struct drawing *drawing, const char *before, bool is_last)
{
	const char *line = is_last ? "    " : drawing->paint->has_lines ? "\u2502   " : "|   ";

	return text_format(drawing->text->arena, "%s%s", before, line);
}

/* Directories that say nothing and lead to one place only become a part of its name. */
static const struct directory *skip(const struct directory *directory, const struct rights *around)
{
	while (directory->child && !directory->child->sibling && !is_news(directory, around))
		directory = directory->child;
	return directory;
}

static void draw_children(
	struct drawing *drawing, const struct directory *directory, const char *before);

static void draw(struct drawing *drawing, const struct directory *first,
	const struct rights *around, const char *before, bool is_last)
{
	const struct directory *directory = skip(first, around);
	bool is_whole = are_same(&directory->exact, &directory->below);

	draw_line(drawing, &directory->exact, around, branch(drawing, before, is_last),
		text_format(drawing->text->arena, "%s%s",
			directory->path + (first->name - first->path), is_whole ? "/" : ""));
	before = trunk(drawing, before, is_last);
	if (!is_whole && !are_same(&directory->below, around))
		draw_line(drawing, &directory->below, around,
			branch(drawing, before, !directory->child), "*");
	draw_children(drawing, directory, before);
}

static void draw_children(
	struct drawing *drawing, const struct directory *directory, const char *before)
{
	for (const struct directory *child = directory->child; child; child = child->sibling)
		draw(drawing, child, &directory->below, before, !child->sibling);
}

static void draw_root(struct drawing *drawing)
{
	const struct directory *root = drawing->root;

	draw_line(drawing, &root->exact, &root->below, "", "/");
	if (!are_same(&root->exact, &root->below))
		draw_line(drawing, &root->below, &root->below, branch(drawing, "", !root->child),
			"*");
	draw_children(drawing, root, "");
}

static void draw_legend(struct drawing *drawing)
{
	struct text legend = text_make(drawing->text->arena);

	text_add(&legend, " ");
	for (int i = 0; i < RIGHTS; i++)
		text_addf(&legend, " %s %s%s", letters[i].letter, letters[i].meaning,
			i + 1 < RIGHTS ? "," : "\n");
	text_add(&legend, "  NAME/ it and all below it, NAME itself alone, * all else below it\n");
	if (drawing->has_some)
		text_add(
			&legend, "  ? depends on more than the place: a pattern, a kind of file\n");
	if (drawing->has_holes)
		text_add(&legend, "  (hole) less is allowed than around it\n");
	paint_add(drawing->paint, drawing->text, COLOR_DIM, legend.bytes);
}

void tree_files(struct text *text, const struct paint *paint, struct index *index)
{
	struct arena *arena = text->arena;
	struct drawing drawing = {.text = text, .paint = paint};

	drawing.root = new_directory(arena, "/", 1, 0);
	for (int i = 0; i < OPERATIONS; i++) {
		struct query question = {.operation = operations[i].operation};
		struct trie_node *trie = trie_build(index, &question);

		drawing.tries[i] = trie;
		insert_all(arena, drawing.root, trie);
	}
	prune(&drawing, drawing.root);
	paint_add(paint, text, COLOR_BOLD, "Files\n");
	draw_root(&drawing);
	draw_legend(&drawing);
}
