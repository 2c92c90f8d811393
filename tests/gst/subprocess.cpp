// SPDX-License-Identifier: LGPL-2.1-or-later
#include "subprocess.h"

#include <glib.h>
#include <sys/wait.h>

#include <memory>
#include <sstream>

namespace support {
namespace {

using Strings = std::unique_ptr<char*, decltype(&g_strfreev)>;

Strings environment(const std::vector<std::string>& set) {
  char** names = g_get_environ();
  for (const std::string& entry : set) {
    const auto equals = entry.find('=');
    const std::string name = entry.substr(0, equals);
    names = equals == std::string::npos
                ? g_environ_unsetenv(names, name.c_str())
                : g_environ_setenv(names, name.c_str(),
                                   entry.c_str() + equals + 1, TRUE);
  }
  return {names, g_strfreev};
}

}  // namespace

Ended run(const std::vector<std::string>& words,
          const std::vector<std::string>& set) {
  std::vector<char*> arguments;
  for (const std::string& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const Strings names = environment(set);
  g_autofree char* out = nullptr;
  g_autofree char* err = nullptr;
  g_autoptr(GError) error = nullptr;
  int status = 0;
  g_spawn_sync(nullptr, arguments.data(), names.get(), G_SPAWN_SEARCH_PATH,
               nullptr, nullptr, &out, &err, &status, &error);
  g_assert_no_error(error);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out, err};
}

std::string alive_objects(const std::string& log) {
  std::istringstream lines(log);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    const bool object = line.find("object-alive, ") != std::string::npos;
    if (object && line.find("format string") == std::string::npos)
      found += line + "\n";
  }
  return found;
}

bool program_or_skip(const char* name) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  if (g_str_has_prefix(name, "gst-")) {
    g_test_skip("GStreamer's own programs lack the sanitizer's runtime");
    return false;
  }
#endif
  g_autofree char* path = g_find_program_in_path(name);
  if (path)
    return true;
  g_autofree char* reason = g_strdup_printf("no %s on this machine", name);
  g_test_skip(reason);
  return false;
}

}  // namespace support
