// member: one member of a ring of several languages; reads commands, answers lines. See
// docs/conformance.md.
#include <functional>
#include <iostream>
#include <sstream>

#include "member_bench.h"
#include "member_engine.h"
#include "member_traffic.h"

namespace conformance {
namespace {

using Words = std::vector<std::string>;

std::string read(const MemberEngine& engine, const std::string& key, bool peek) {
  const std::string value = engine.read(key, peek);
  Making making;
  if (!read_value(value, key, making)) return "error CORRUPT " + std::to_string(value.size());
  return "ok " + making.name + ' ' + making.language + ' ' + making.number;
}

std::string answer(MemberEngine& engine, const Words& words) {
  const std::string& command = words.at(0);
  if (command == "language") return "ok c";
  if (command == "quit") return "ok";
  if (command == "open") {
    engine.open(words.at(1), Words(words.begin() + 2, words.end()));
  } else if (command == "ready") {
    engine.await_ready(std::stoll(words.at(1)));
  } else if (command == "close") {
    engine.close();
  } else if (command == "get" || command == "peek") {
    return read(engine, words.at(1), command == "peek");
  } else if (command == "put") {
    engine.put(words.at(1), value_of(engine.making(words.at(1), 'p' + words.at(2))));
  } else if (command == "delete") {
    engine.remove(words.at(1));
  } else if (command == "peers") {
    return "ok" + engine.peers();
  } else if (command == "loads") {
    return "ok " + std::to_string(engine.loads());
  } else if (command == "traffic") {
    return traffic(engine, {std::stoull(words.at(1)), std::stoull(words.at(2)),
                            std::stoull(words.at(3)), std::stoull(words.at(4))});
  } else if (command == "bench_hit") {
    return bench_hit(engine, std::stoull(words.at(1)));
  } else if (command == "bench_get") {
    return bench_get(engine, std::stoull(words.at(1)), words.at(2));
  } else {
    return "error INVALID_ARGUMENT no command is called " + command;
  }
  return "ok";
}

std::string one_line(std::string text) {
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

int serve() {
  MemberEngine engine;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream text(line);
    Words words;
    for (std::string word; text >> word;) words.push_back(word);
    std::string said;
    try {
      said = answer(engine, words);
    } catch (const Refused& refused) {
      said = std::string("error ") + distcache_status_name(refused.status) + ' ' + refused.message;
    } catch (const std::exception& failure) {
      said = std::string("error INVALID_ARGUMENT ") + failure.what();
    }
    std::cout << one_line(said) << std::endl;
    if (line == "quit") break;
  }
  return 0;
}

}  // namespace
}  // namespace conformance

int main() { return conformance::serve(); }
