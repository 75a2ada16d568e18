/* The places a row calls from, and how far the rows have come. */
#ifndef DISTCACHE_TESTS_CAPI_MISUSE_PLACES_H
#define DISTCACHE_TESTS_CAPI_MISUSE_PLACES_H

#include "world.h"

/* Shared by the processes that run rows. */
struct progress {
  volatile int at;     /* the row that runs */
  volatile int ran;    /* rows that ended */
  volatile int failed; /* of these */
  volatile int child;  /* a process of the one that runs the rows; 0: none */
};
extern struct progress *progress;

/* Moves on to the next row of the place that is to be run; 0: there is none. */
int next_row(enum place place);
/* The row has ended; NULL: well. */
void row_ends(const char *fault);

const char *place_name(enum place place);
/* Runs rows until there is none left of the place. */
void run_rows(enum place place);

#endif
