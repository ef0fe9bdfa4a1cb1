#ifndef SCHEME_READER_H
#define SCHEME_READER_H

#include "scheme/scheme.h"

struct reader {
	struct scheme *scheme;
	const struct source *source;
	size_t at;
	size_t start; /* of the datum that reader_next read last */
	unsigned depth;
};

/* The next datum, or NULL at the end of the source or after an error (scheme->error). */
struct cell *reader_next(struct reader *reader);

#endif
