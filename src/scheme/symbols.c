/* The table of symbols: two of the same name are the same cell. */
#include "scheme/scheme.h"

#include <stdint.h>
#include <string.h>

struct symbol {
	struct cell cell;
	struct symbol *next; /* in the same bucket */
	uint32_t hash;
	uint32_t length;
};

static uint32_t hash_of(const char *name, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	return hash;
}

static void insert(struct symbol_table *table, struct symbol *symbol)
{
	struct symbol **bucket = &table->buckets[symbol->hash & (table->size - 1)];

	symbol->next = *bucket;
	*bucket = symbol;
}

/* Chains stay short, however many symbols a text makes. */
static void grow(struct scheme *scheme)
{
	struct symbol_table old = scheme->symbols;

	scheme->symbols.size *= 4;
	scheme->symbols.buckets = ARENA_ARRAY(scheme->arena, struct symbol *, scheme->symbols.size);
	for (size_t i = 0; i < old.size; i++) {
		for (struct symbol *symbol = old.buckets[i], *next; symbol; symbol = next) {
			next = symbol->next;
			insert(&scheme->symbols, symbol);
		}
	}
}

struct cell *scheme_symbol(struct scheme *scheme, const char *name, size_t length)
{
	struct symbol_table *table = &scheme->symbols;
	uint32_t hash = hash_of(name, length);
	struct symbol *symbol = table->buckets[hash & (table->size - 1)];

	for (; symbol; symbol = symbol->next) {
		/* Names that were made to collide take their time. */
		scheme->steps_left -= scheme->steps_left > 0;
		if (symbol->hash == hash && symbol->length == length &&
			memcmp(symbol->cell.symbol.name, name, length) == 0)
			return &symbol->cell;
	}
	if (table->count++ >= table->size)
		grow(scheme);
	symbol = ARENA_NEW(scheme->arena, struct symbol);
	symbol->cell.type = CELL_SYMBOL;
	symbol->cell.symbol.name = arena_copy(scheme->arena, name, length);
	symbol->hash = hash;
	symbol->length = (uint32_t)length;
	insert(table, symbol);
	scheme_has_room(scheme, 0);
	return &symbol->cell;
}
