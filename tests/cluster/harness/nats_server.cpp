#include "harness/nats_server.h"

#include <unistd.h>

#include <array>

namespace cluster {
namespace {

constexpr std::array kPrograms = {"/usr/sbin/nats-server", "/usr/bin/nats-server",
                                  "/usr/local/bin/nats-server"};
constexpr Milliseconds kPatience{60'000};

int next_port() {
  static int port = 14'222;  // below those that the system hands out
  return port++;
}

const char* program() {
  for (const char* path : kPrograms) {
    if (access(path, X_OK) == 0) return path;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> NatsServer::missing() {
  if (program() != nullptr) return std::nullopt;
  return "nats-server is not installed";
}

NatsServer::NatsServer(std::vector<std::string> options)
    : port_(next_port()), options_(std::move(options)) {}

void NatsServer::start() {
  // It logs to stderr. Should this process be killed, so is the server.
  std::vector<std::string> command = {
      "/bin/sh", "-c", "exec setpriv --pdeathsig KILL -- \"$0\" \"$@\" 2>&1", program()};
  for (const std::string& word :
       {std::string("-a"), own_loopback_address(), std::string("-p"), std::to_string(port_)}) {
    command.push_back(word);
  }
  command.insert(command.end(), options_.begin(), options_.end());
  child_ = std::make_unique<Child>(command, STDERR_FILENO, STDERR_FILENO);
  const auto until = Clock::now() + kPatience;
  while (const std::optional<std::string> line = child_->read_line(until)) {
    if (line->find("Server is ready") != std::string::npos) return;
  }
  throw HarnessFailure("nats-server is not ready in time");
}

void NatsServer::kill() { child_->kill(); }

}  // namespace cluster
