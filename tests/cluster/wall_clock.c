/* Preloaded into a process: its wall clock can be set wrong, by wall_clock_jump() or, from the
 * begin, by WALL_CLOCK_MS in its environment. Other clocks are as they are. */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

static _Atomic int64_t offset_ms;

PUBLIC void wall_clock_jump(int64_t by_ms);
PUBLIC void wall_clock_jump(int64_t by_ms) { offset_ms += by_ms; }

__attribute__((constructor)) static void begin(void) {
  const char* text = getenv("WALL_CLOCK_MS");
  if (text != NULL) offset_ms = strtoll(text, NULL, 10);
}

PUBLIC int clock_gettime(clockid_t clock, struct timespec* now) {
  const long result = syscall(SYS_clock_gettime, clock, now);
  if (result != 0 || clock != CLOCK_REALTIME) return (int)result;
  const int64_t offset = offset_ms;
  int64_t ns = now->tv_nsec + offset % 1000 * 1000000;
  now->tv_sec += offset / 1000;
  if (ns < 0) {
    ns += 1000000000;
    --now->tv_sec;
  } else if (ns >= 1000000000) {
    ns -= 1000000000;
    ++now->tv_sec;
  }
  now->tv_nsec = ns;
  return 0;
}

PUBLIC time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

PUBLIC int gettimeofday(struct timeval* restrict out, void* restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}
