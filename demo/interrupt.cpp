#include "demo/interrupt.h"

#include <csignal>

#include "demo/failure.h"

namespace demo {
namespace {

volatile std::sig_atomic_t interrupt_came = 0;

void on_signal(int) { interrupt_came = 1; }

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_signal;  // without SA_RESTART: waiting calls return
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

void throw_if_interrupted() {
  if (interrupt_came) throw Interrupted();
}

}  // namespace demo
