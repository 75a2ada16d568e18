#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace providers {

// A folder that vanishes with this object.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "distcache-providers-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return path_ / name; }
  // Writes a file and answers its path.
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

// An authority and what it signs, made by openssl: NAME.pem and NAME.key in a folder.
class Certificates {
 public:
  explicit Certificates(const Folder& folder) : folder_(folder) {
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority "
        "-keyout authority.key -out authority.pem");
  }

  // `names`: as in subjectAltName, "IP:127.0.0.1,DNS:localhost".
  void sign(const std::string& name, const std::string& names) const {
    folder_.file(name + ".ext", "subjectAltName=" + names + "\n");
    run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " +
        name + ".key -out " + name + ".csr");
    run("x509 -req -in " + name + ".csr -CA authority.pem -CAkey authority.key -CAcreateserial " +
        "-days 2 -extfile " + name + ".ext -out " + name + ".pem");
  }

 private:
  void run(const std::string& arguments) const {
    const std::string command =
        "cd " + folder_.path("") + " && openssl " + arguments + " >openssl.log 2>&1";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl " + arguments);
  }

  const Folder& folder_;
};

}  // namespace providers
