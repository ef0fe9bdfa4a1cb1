#ifndef ENFORCE_LINUX_BPF_H
#define ENFORCE_LINUX_BPF_H

#include <stdbool.h>

#include "enforce/linux/abi.h"

/* A classic BPF program in the making. Each function dies when the program gets too long. */

enum { BPF_PROGRAM_MAX = 256, BPF_LABELS_MAX = 40, BPF_JUMPS_MAX = 256 };

struct program {
	struct bpf_instruction code[BPF_PROGRAM_MAX];
	unsigned length;
	unsigned labels[BPF_LABELS_MAX]; /* where they stand: set by the caller */
	struct {
		uint16_t at;
		uint8_t label;
		bool is_true;
	} jumps[BPF_JUMPS_MAX];
	unsigned jump_count;
};

/* Stands for the next instruction. */
enum { LABEL_NEXT = 255 };

void bpf_emit(struct program *program, uint16_t code, uint32_t k);

/* Loads the low half of a system call's argument. */
void bpf_load_argument(struct program *program, unsigned index);

/* Compares what is loaded with k; each way goes to a label or to the next instruction. */
void bpf_test(struct program *program, uint16_t comparison, uint32_t k, unsigned if_true,
	unsigned if_false);

/* Sets the distances of all jumps, once all labels are set. */
void bpf_finish(struct program *program);

#endif
