#include <vector>

#include "common/pattern.h"
#include "node/engine.h"
#include "node/forms.h"

// The commands that are about keys.
namespace cluster {
namespace {

distcache_options_t options_of(const Fields& command) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  options.timeout_ms = command.number("timeout");
  options.ttl_ms = command.number("ttl");
  return options;
}

Fields answer_to(const Completion& done) {
  const distcache_item_t* item = distcache_result_item(done.result.get(), 0);
  if (done.status != DISTCACHE_OK || item == nullptr) {
    return answer_of(done.status, done.error.get());
  }
  return answer_of(*item, distcache_result_message(done.result.get(), 0));
}

Fields answers_of(distcache_status_t status, const distcache_result_t* result,
                  const distcache_error_t* error) {
  Fields answer = answer_of(status, error);
  size_t count = 0;
  distcache_result_items(result, &count, nullptr);
  std::vector<std::string> items;
  for (size_t i = 0; i < count; ++i) {
    const char* message = distcache_result_message(result, i);
    Fields item = answer_of(*distcache_result_item(result, i), message);
    std::vector<std::string> missed;
    while (const char* peer = distcache_result_peer(result, i, missed.size())) {
      missed.emplace_back(peer);
    }
    item.set_list("missed", missed);
    items.push_back(item.line());
  }
  answer.set_list("items", items);
  return answer;
}

}  // namespace

Owned<distcache_keyspace_t> Engine::keyspace(const Fields& command, Fields& failure) {
  Owned<distcache_keyspace_t> found;
  Owned<distcache_error_t> error;
  const distcache_status_t status = distcache_keyspace_lookup(
      engine_, command.text("keyspace", "main").c_str(), Out(found), Out(error));
  if (status != DISTCACHE_OK) failure = answer_of(status, error.get());
  return found;
}

Fields Engine::get(const Fields& command) {
  Fields failure;
  const auto at = keyspace(command, failure);
  if (!at) return failure;
  const distcache_options_t options = options_of(command);
  const std::string key = command.text("key");
  const std::string form = command.text("form", "result");
  Owned<distcache_error_t> error;
  if (form == "view") {
    distcache_view_t view = DISTCACHE_VIEW_INIT;
    const distcache_status_t status =
        distcache_get_view(at.get(), bytes_of(key), key.size(), &options, &view, Out(error));
    Fields answer =
        status == DISTCACHE_OK ? answer_of(view.item, "") : answer_of(status, error.get());
    distcache_view_release(&view);
    return answer;
  }
  if (form == "into") {
    std::string buffer(static_cast<size_t>(command.number("capacity", 1024)), '\0');
    size_t len = 0;
    const distcache_status_t status = distcache_get_into(
        at.get(), bytes_of(key), key.size(), &options, reinterpret_cast<uint8_t*>(buffer.data()),
        buffer.size(), &len, Out(error));
    Fields answer = answer_of(status, error.get());
    if (status == DISTCACHE_OK) buffer.resize(len);
    answer.set({"len", len});
    answer.set({"fingerprint", fingerprint(buffer)});
    return answer;
  }
  if (form == "async") {
    return answer_to(complete([&](auto done, auto context, auto&& err) {
      return distcache_get_async(at.get(), bytes_of(key), key.size(), &options, done, context,
                                 nullptr, err);
    }));
  }
  Owned<distcache_result_t> result;
  if (form == "with") {  // this process's source is the loader of the call
    Source* loader = source(command.text("keyspace", "main"));
    const distcache_status_t status = distcache_get_with(
        at.get(), bytes_of(key), key.size(), Source::entry, reinterpret_cast<uintptr_t>(loader),
        nullptr, &options, Out(result), Out(error));
    if (status != DISTCACHE_OK) return answer_of(status, error.get());
    return answer_of(*distcache_result_item(result.get(), 0), "");
  }
  const distcache_status_t status =
      distcache_get(at.get(), bytes_of(key), key.size(), &options, Out(result), Out(error));
  if (status != DISTCACHE_OK) return answer_of(status, error.get());
  return answer_of(*distcache_result_item(result.get(), 0), "");
}

Fields Engine::get_many(const Fields& command) {
  Fields failure;
  const auto at = keyspace(command, failure);
  if (!at) return failure;
  const distcache_options_t options = options_of(command);
  const Packed keys(command.list("keys"));
  Owned<distcache_result_t> result;
  Owned<distcache_error_t> error;
  const distcache_status_t status =
      distcache_get_many(at.get(), bytes_of(keys.bytes), keys.lens.data(), keys.lens.size(),
                         &options, Out(result), Out(error));
  return answers_of(status, result.get(), error.get());
}

Fields Engine::peek(const Fields& command) {
  Fields failure;
  const auto at = keyspace(command, failure);
  if (!at) return failure;
  const std::string key = command.text("key");
  Owned<distcache_result_t> result;
  Owned<distcache_error_t> error;
  const distcache_status_t status =
      distcache_peek(at.get(), bytes_of(key), key.size(), Out(result), Out(error));
  if (status != DISTCACHE_OK) return answer_of(status, error.get());
  return answer_of(*distcache_result_item(result.get(), 0), "");
}

Fields Engine::put(const Fields& command) {
  Fields failure;
  const auto at = keyspace(command, failure);
  if (!at) return failure;
  const distcache_options_t options = options_of(command);
  const std::string key = command.text("key");
  const std::string value = command.has("size")
                                ? pattern(static_cast<size_t>(command.number("size")), "put/" + key)
                                : command.text("value");
  if (command.text("form") == "async") {
    return answer_to(complete([&](auto done, auto context, auto&& err) {
      return distcache_put_async(at.get(), bytes_of(key), key.size(), bytes_of(value), value.size(),
                                 &options, done, context, nullptr, err);
    }));
  }
  Owned<distcache_error_t> error;
  const distcache_status_t status = distcache_put(
      at.get(), bytes_of(key), key.size(), bytes_of(value), value.size(), &options, Out(error));
  return answer_of(status, error.get());
}

Fields Engine::remove(const Fields& command) {
  Fields failure;
  const auto at = keyspace(command, failure);
  if (!at) return failure;
  const distcache_options_t options = options_of(command);
  const std::string key = command.text("key");
  if (command.text("form") == "async") {
    return answer_to(complete([&](auto done, auto context, auto&& err) {
      return distcache_delete_async(at.get(), bytes_of(key), key.size(), &options, done, context,
                                    nullptr, err);
    }));
  }
  Owned<distcache_error_t> error;
  const distcache_status_t status =
      distcache_delete(at.get(), bytes_of(key), key.size(), &options, Out(error));
  return answer_of(status, error.get());
}

Fields Engine::remove_many(const Fields& command) {
  Fields failure;
  const auto at = keyspace(command, failure);
  if (!at) return failure;
  const distcache_options_t options = options_of(command);
  const Packed keys(command.list("keys"));
  Owned<distcache_result_t> result;
  Owned<distcache_error_t> error;
  const distcache_status_t status =
      distcache_delete_many(at.get(), bytes_of(keys.bytes), keys.lens.data(), keys.lens.size(),
                            &options, Out(result), Out(error));
  return answers_of(status, result.get(), error.get());
}

}  // namespace cluster
