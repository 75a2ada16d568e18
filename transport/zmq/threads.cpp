#include "transport/zmq/threads.h"

#include <exception>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/signals.h"

namespace distcache::zmq {

Result<void> require_threads(size_t needed) {
  std::promise<void> all_there;
  const std::shared_future<void> go(all_there.get_future());
  std::vector<std::thread> threads;
  Result<void> room;
  try {
    const SignalsBlocked inherited;
    threads.reserve(needed);
    while (threads.size() < needed) threads.emplace_back([go] { go.wait(); });
  } catch (const std::exception& failure) {
    room = Error{Status::system, std::string("cannot start a thread: ") + failure.what()};
  }
  all_there.set_value();
  for (std::thread& thread : threads) thread.join();
  return room;
}

}  // namespace distcache::zmq
