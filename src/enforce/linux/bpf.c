/* Invariant: every jump MUST lead where its label stands, and forwards. */
#include "enforce/linux/bpf.h"

#include "base/message.h"

void bpf_emit(struct program *program, uint16_t code, uint32_t k)
{
	if (program->length == BPF_PROGRAM_MAX)
		die("the seccomp program is too long");
	program->code[program->length++] = (struct bpf_instruction){code, 0, 0, k};
}

static void note_jump(struct program *program, enum bpf_way way, unsigned label)
{
	if (label == LABEL_NEXT)
		return;
	if (program->jump_count == BPF_JUMPS_MAX)
		die("the seccomp program has too many jumps");
	program->jumps[program->jump_count].at = (uint16_t)(program->length - 1);
	program->jumps[program->jump_count].way = (uint8_t)way;
	program->jumps[program->jump_count++].label = (uint8_t)label;
}

void bpf_test(struct program *program, uint16_t comparison, uint32_t k, unsigned if_true,
	unsigned if_false)
{
	bpf_emit(program, comparison, k);
	note_jump(program, BPF_WAY_TRUE, if_true);
	note_jump(program, BPF_WAY_FALSE, if_false);
}

void bpf_load_argument(struct program *program, unsigned index)
{
	bpf_emit(program, BPF_LOAD_WORD, DATA_ARGUMENTS + 8 * index);
}

/* Makes one jump lead to the place. */
static void set_distance(struct program *program, unsigned index, unsigned to)
{
	unsigned at = program->jumps[index].at, distance = to - at - 1;
	uint8_t way = program->jumps[index].way;

	if (way != BPF_WAY_LONG && distance > 255)
		die("the seccomp program jumps too far");
	if (way == BPF_WAY_TRUE)
		program->code[at].if_true = (uint8_t)distance;
	else if (way == BPF_WAY_FALSE)
		program->code[at].if_false = (uint8_t)distance;
	else
		program->code[at].k = distance;
}

/* It is short, and where it leads is not known yet. */
static bool is_open(const struct program *program, unsigned index)
{
	return program->jumps[index].way < BPF_WAY_LONG &&
	       program->labels[program->jumps[index].label] <= program->jumps[index].at;
}

void bpf_relay(struct program *program)
{
	enum { SOON = 128 };
	unsigned relays[BPF_LABELS_MAX] = {0};
	unsigned count = program->jump_count, oldest = program->length;

	for (unsigned i = 0; i < count; i++) {
		if (is_open(program, i) && program->jumps[i].at < oldest)
			oldest = program->jumps[i].at;
	}
	if (program->length - oldest < SOON)
		return;
	for (unsigned i = 0; i < count; i++) {
		unsigned label = program->jumps[i].label;

		if (!is_open(program, i))
			continue;
		if (!relays[label]) {
			relays[label] = program->length;
			bpf_emit(program, BPF_JUMP, 0);
			note_jump(program, BPF_WAY_LONG, label);
		}
		set_distance(program, i, relays[label]);
		program->jumps[i].way = BPF_WAY_RELAYED;
	}
}

void bpf_finish(struct program *program)
{
	for (unsigned i = 0; i < program->jump_count; i++) {
		if (program->jumps[i].way != BPF_WAY_RELAYED)
			set_distance(program, i, program->labels[program->jumps[i].label]);
	}
}
