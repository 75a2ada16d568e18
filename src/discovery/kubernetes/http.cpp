#include "discovery/kubernetes/http.h"

#include <curl/curl.h>

#include <mutex>
#include <new>

namespace distcache::discovery {
namespace {

constexpr int kPollMs = 1'000;
constexpr long kKeepAliveIdleS = 30;
constexpr long kKeepAliveIntervalS = 10;

struct Receiver {
  CURL* easy;
  const HttpSink* sink;
  bool refused = false;
};

// Called from C: what the sink throws ends the request.
size_t receive(char* bytes, size_t one, size_t count, void* context) noexcept {
  auto& receiver = *static_cast<Receiver*>(context);
  long status = 0;
  curl_easy_getinfo(receiver.easy, CURLINFO_RESPONSE_CODE, &status);
  try {
    if ((*receiver.sink)(static_cast<int>(status), {bytes, one * count})) return one * count;
  } catch (const std::bad_alloc&) {
    // As if it had refused.
  }
  receiver.refused = true;
  return 0;
}

void open_library() {
  // Never undone: others in this process may use libcurl too.
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Error failure(std::string sentence) { return {Status::peer_unreachable, std::move(sentence)}; }

}  // namespace

struct Http::Handles {
  Handles() : multi(curl_multi_init()), easy(curl_easy_init()) {
    if (!multi || !easy) throw std::bad_alloc();
  }
  ~Handles() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }

  CURLM* multi;
  CURL* easy;
  curl_slist* headers = nullptr;
  char why[CURL_ERROR_SIZE] = {};
};

Http::Http() {
  open_library();
  handles_ = std::make_unique<Handles>();
}

Http::~Http() = default;

void Http::stop() {
  stopped_.store(true);
  curl_multi_wakeup(handles_->multi);
}

std::string Http::escape(const std::string& text) {
  const std::unique_ptr<char, void (*)(void*)> escaped(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), &curl_free);
  return escaped ? escaped.get() : "";
}

Result<HttpAnswer> Http::get(const HttpRequest& request, const HttpSink& sink) {
  CURL* easy = handles_->easy;
  curl_easy_reset(easy);  // connections and sessions stay
  curl_slist_free_all(handles_->headers);
  handles_->headers = curl_slist_append(nullptr, "Accept: application/json");
  if (!request.token.empty()) {
    const std::string header = "Authorization: Bearer " + request.token;
    handles_->headers = curl_slist_append(handles_->headers, header.c_str());
  }
  Receiver receiver{easy, &sink};
  handles_->why[0] = '\0';
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, handles_->headers);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handles_->why);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "distcache");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_timeout.as_ms()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.as_ms()));
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, kKeepAliveIdleS);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, kKeepAliveIntervalS);
  if (!request.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &receive);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receiver);

  curl_multi_add_handle(handles_->multi, easy);
  const Result<void> done = perform();
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_off_t retry_after_s = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
  curl_multi_remove_handle(handles_->multi, easy);
  if (receiver.refused) return failure("the answer is larger or of another kind than it should be");
  if (!done.ok()) return done.error();
  return HttpAnswer{static_cast<int>(status), Duration::seconds(retry_after_s)};
}

Result<void> Http::perform() {
  while (!stopped_.load()) {
    int running = 0;
    CURLMcode code = curl_multi_perform(handles_->multi, &running);
    if (code == CURLM_OK && running > 0) {
      code = curl_multi_poll(handles_->multi, nullptr, 0, kPollMs, nullptr);
    }
    if (code != CURLM_OK) return failure(curl_multi_strerror(code));
    if (running > 0) continue;
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(handles_->multi, &left);
    if (!message) return failure("libcurl has no result");
    if (message->data.result == CURLE_OK) return {};
    const char* why =
        handles_->why[0] != '\0' ? handles_->why : curl_easy_strerror(message->data.result);
    return failure(why);
  }
  return failure("the engine closes");
}

}  // namespace distcache::discovery
