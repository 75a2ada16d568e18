#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

// Runs a fuzz target over a corpus, without libFuzzer: the regression test of every build. A corpus
// is a text file, one input in hex per line, so that a change of it can be read.
//
//   replay CORPUS.hex              runs every line, and every beginning of it
//   replay --unpack CORPUS.hex DIR writes each line to a file, for libFuzzer
//   replay --pack DIR              prints the files of DIR as lines, the shortest first
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;
using Input = std::vector<uint8_t>;

std::vector<Input> read_corpus(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::vector<Input> inputs;
  for (std::string line; std::getline(in, line);) {
    Input input;
    for (size_t i = 0; i + 1 < line.size(); i += 2) {
      input.push_back(static_cast<uint8_t>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

int run(const std::string& path) {
  size_t runs = 0;
  const std::vector<Input> inputs = read_corpus(path);
  for (const Input& input : inputs) {
    for (size_t size = 0; size <= input.size(); ++size, ++runs) {
      // A copy of exactly this size: the sanitizer sees a read behind its end.
      const Input copy(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
      LLVMFuzzerTestOneInput(copy.data(), copy.size());
    }
  }
  std::printf("%zu inputs, %zu runs\n", inputs.size(), runs);
  return inputs.empty() ? 1 : 0;
}

int unpack(const std::string& path, const fs::path& folder) {
  fs::create_directories(folder);
  size_t number = 0;
  for (const Input& input : read_corpus(path)) {
    std::ofstream out(folder / std::to_string(number++), std::ios::binary);
    out.write(reinterpret_cast<const char*>(input.data()),
              static_cast<std::streamsize>(input.size()));
  }
  return 0;
}

int pack(const fs::path& folder) {
  std::vector<Input> inputs;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  std::sort(inputs.begin(), inputs.end(), [](const Input& a, const Input& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  for (const Input& input : inputs) {
    for (const uint8_t byte : input) std::printf("%02x", byte);
    std::printf("\n");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 3 && arguments[0] == "--unpack") {
      return unpack(arguments[1], arguments[2]);
    }
    if (arguments.size() == 2 && arguments[0] == "--pack") return pack(arguments[1]);
    if (arguments.size() == 1) return run(arguments[0]);
    std::cerr << "usage: replay CORPUS.hex | --unpack CORPUS.hex DIR | --pack DIR\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return 2;
}
