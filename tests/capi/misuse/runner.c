/* Runs the generated rows, each place of them in a process of its own, so that a crash or a row
 * that never ends is told with its name, and the rows behind it run all the same.
 *
 *   misuse [WORD]   all rows, or those with WORD in their name
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "places.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A row takes milliseconds; this is for machines that have other things to do. */
#define ROW_SECONDS_MAX 120

struct progress *progress;

static const char *word;

int next_row(enum place place) {
  size_t at;
  for (at = (size_t)progress->at; at < rows_count; ++at) {
    if (rows[at].place != place) continue;
    if (word == NULL || strstr(rows[at].name, word) != NULL) break;
  }
  progress->at = (int)at;
  return at < rows_count;
}

void row_ends(const char *fault) {
  if (fault != NULL) {
    ++progress->failed;
    printf("FAILED %s: %s\n", rows[progress->at].name, fault);
    fflush(stdout);
  }
  ++progress->at;
  ++progress->ran;
}

/* Waits for the process, or kills it when a row does not end. Its wait status. */
static int watch(pid_t process) {
  int status = 0, at = -1;
  long waited_ms = 0;
  while (waitpid(process, &status, WNOHANG) == 0) {
    if (at != progress->at) waited_ms = 0;
    at = progress->at;
    pause_ms(5);
    waited_ms += 5;
    if (waited_ms < ROW_SECONDS_MAX * 1000L) continue;
    printf("the row does not end\n");
    if (progress->child > 0) kill(progress->child, SIGKILL);
    kill(process, SIGKILL);
    waited_ms = 0;
  }
  return status;
}

static void report_crash(const char *name, int status) {
  if (WIFSIGNALED(status)) {
    printf("CRASHED %s: signal %d\n", name, WTERMSIG(status));
  } else {
    printf("CRASHED %s: exit status %d\n", name, WEXITSTATUS(status));
  }
  fflush(stdout);
}

/* All rows of one place; returns how many crashed. */
static int run_place(enum place place) {
  int crashes = 0;
  progress->at = 0;
  while (next_row(place)) {
    pid_t process;
    int status;
    fflush(stdout);
    process = fork();
    MUST(process >= 0);
    if (process == 0) {
      run_rows(place);
      exit(0); /* and not _exit: leaks are looked for */
    }
    status = watch(process);
    if (status == 0) break;
    ++crashes;
    if ((size_t)progress->at >= rows_count) {
      report_crash("at the end of a place (leaks are said here)", status);
      break;
    }
    report_crash(rows[progress->at].name, status);
    ++progress->at;
    ++progress->ran;
  }
  return crashes;
}

/* Functions of the header that have a row which could be run. */
static size_t functions_with_rows(void) {
  size_t covered = 0, function, at;
  for (function = 0; function < functions_count; ++function) {
    for (at = 0; at < rows_count; ++at) {
      if (rows[at].call != NULL && strcmp(rows[at].function, functions[function]) == 0) break;
    }
    if (at < rows_count) ++covered;
  }
  return covered;
}

int main(int argc, char **argv) {
  int crashes = 0;
  int place;
  size_t covered;
  if (argc > 1) word = argv[1];
  progress =
      mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  MUST(progress != MAP_FAILED);
  for (place = 0; place < PLACES; ++place) {
    const int before = progress->ran;
    crashes += run_place((enum place)place);
    printf("%5d rows %s\n", progress->ran - before, place_name((enum place)place));
  }
  covered = functions_with_rows();
  if (progress->failed > 0) printf("%d rows failed\n", progress->failed);
  printf("misuse: %d rows over %zu of %zu functions, %d crashes\n", progress->ran, covered,
         functions_count, crashes);
  return crashes == 0 && progress->failed == 0 && covered == functions_count && progress->ran > 0
             ? 0
             : 1;
}
