/* Invariant: every jump MUST lead where its label stands, and forwards. */
#include "enforce/linux/bpf.h"

#include "base/message.h"

void bpf_emit(struct program *program, uint16_t code, uint32_t k)
{
	if (program->length == BPF_PROGRAM_MAX)
		die("the seccomp program is too long");
	program->code[program->length++] = (struct bpf_instruction){code, 0, 0, k};
}

static void note_jump(struct program *program, bool is_true, unsigned label)
{
	if (label == LABEL_NEXT)
		return;
	if (program->jump_count == BPF_JUMPS_MAX)
		die("the seccomp program has too many jumps");
	program->jumps[program->jump_count].at = (uint16_t)(program->length - 1);
	program->jumps[program->jump_count].is_true = is_true;
	program->jumps[program->jump_count++].label = (uint8_t)label;
}

void bpf_test(struct program *program, uint16_t comparison, uint32_t k, unsigned if_true,
	unsigned if_false)
{
	bpf_emit(program, comparison, k);
	note_jump(program, true, if_true);
	note_jump(program, false, if_false);
}

void bpf_load_argument(struct program *program, unsigned index)
{
	bpf_emit(program, BPF_LOAD_WORD, DATA_ARGUMENTS + 8 * index);
}

void bpf_finish(struct program *program)
{
	for (unsigned i = 0; i < program->jump_count; i++) {
		unsigned at = program->jumps[i].at;
		unsigned distance = program->labels[program->jumps[i].label] - at - 1;

		if (distance > 255)
			die("the seccomp program jumps too far");
		if (program->jumps[i].is_true)
			program->code[at].if_true = (uint8_t)distance;
		else
			program->code[at].if_false = (uint8_t)distance;
	}
}
