// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/hostile_files.h"

#include <glib.h>

#include <algorithm>
#include <sstream>

namespace support {
namespace {

HostileFile::Kind kind_of(const std::string& word) {
  if (word == "refused")
    return HostileFile::Kind::kRefused;
  if (word == "bundle")
    return HostileFile::Kind::kBundle;
  g_assert_cmpstr(word.c_str(), ==, "accepted");
  return HostileFile::Kind::kAccepted;
}

}  // namespace

HostileFiles::HostileFiles() {
  std::istringstream lines(make_hostile({folder_.path().string()}));
  std::string kind, name, refused;
  while (std::getline(lines, kind, '\t') && std::getline(lines, name, '\t') &&
         std::getline(lines, refused))
    list_.push_back({kind_of(kind), name, refused});
}

int HostileFiles::canaries() const {
  const std::filesystem::directory_iterator entries(folder_.path());
  return static_cast<int>(
      std::count_if(begin(entries), end(entries), [](const auto& entry) {
        return entry.path().filename().string().starts_with("canary-");
      }));
}

std::string make_hostile(std::vector<std::string> arguments) {
  std::string script = test_file("hostile/make_hostile.py").string();
  std::string python = "python3", no_cache = "-B";
  std::vector<char*> argv = {python.data(), no_cache.data(), script.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  g_autofree char* out = nullptr;
  g_autoptr(GError) error = nullptr;
  int status = 0;
  g_spawn_sync(nullptr, argv.data(), nullptr, G_SPAWN_SEARCH_PATH, nullptr,
               nullptr, &out, nullptr, &status, &error);
  g_assert_no_error(error);
  g_spawn_check_wait_status(status, &error);
  g_assert_no_error(error);
  return out;
}

}  // namespace support
