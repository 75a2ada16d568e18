// conformance FILE [NAME...]: plays the scenarios of the file, or those named, and prints what was
// seen. See docs/conformance.md.
#include <algorithm>
#include <fstream>
#include <iostream>

#include "scenario.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: conformance FILE [NAME...]\n";
    return 2;
  }
  const std::vector<std::string> chosen(argv + 2, argv + argc);
  std::string name;
  try {
    const auto file = conformance::Json::parse(std::ifstream(argv[1]));
    for (const conformance::Json& description : file.at("scenarios")) {
      name = description.at("name");
      if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), name) == chosen.end()) {
        continue;
      }
      conformance::Scenario(description, std::cout).play();
      std::cout.flush();
    }
  } catch (const std::exception& failure) {
    std::cout.flush();
    std::cerr << "conformance: " << name << ": " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
