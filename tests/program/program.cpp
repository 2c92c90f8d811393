// SPDX-License-Identifier: LGPL-2.1-or-later
#include "program.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iterator>

namespace program {
namespace {

// In the child, before the program: nothing here may allocate.
void limit(gpointer file) {
  constexpr unsigned kSeconds = 60;
  ::alarm(kSeconds);
#ifndef __SANITIZE_ADDRESS__  // which reserves terabytes
  constexpr rlim_t kBytes = 8ull << 30;
  const rlimit memory{kBytes, kBytes};
  ::setrlimit(RLIMIT_AS, &memory);
#endif
  if (file)
    ::dup2(::open(static_cast<const char*>(file), O_WRONLY), STDOUT_FILENO);
}

// Writing more is an error like that of a full disk, instead of a signal.
void limit_files(gpointer bytes) {
  ::alarm(60);
  const auto most = static_cast<rlim_t>(GPOINTER_TO_UINT(bytes));
  const rlimit size{most, most};
  ::setrlimit(RLIMIT_FSIZE, &size);
  ::signal(SIGXFSZ, SIG_IGN);
}

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(count));
  return text;
}

std::vector<char*> as_argv(Arguments& arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  return argv;
}

Arguments with_program(const Arguments& arguments) {
  const char* path = g_getenv("TORCHCLASSIFY_PROGRAM");
  g_assert_nonnull(path);
  Arguments all = {path};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

Outcome spawn(GSpawnChildSetupFunc set_up, gpointer data,
              const Arguments& arguments) {
  Arguments all = with_program(arguments);
  g_autofree char* out = nullptr;
  g_autofree char* err = nullptr;
  g_autoptr(GError) error = nullptr;
  int status = 0;
  g_spawn_sync(nullptr, as_argv(all).data(), nullptr, G_SPAWN_DEFAULT, set_up,
               data, &out, &err, &status, &error);
  g_assert_no_error(error);
  g_test_message("stderr: %s", err);
  if (!WIFEXITED(status))
    g_error("the program was ended by signal %d", WTERMSIG(status));
  return {WEXITSTATUS(status), out, err};
}

}  // namespace

Outcome run(const Arguments& arguments) {
  return spawn(limit, nullptr, arguments);
}

Outcome run_into(const std::string& file, const Arguments& arguments) {
  return spawn(limit, const_cast<char*>(file.c_str()), arguments);
}

Outcome run_without_room(unsigned bytes, const Arguments& arguments) {
  return spawn(limit_files, GUINT_TO_POINTER(bytes), arguments);
}

Running::Running(const Arguments& arguments) {
  Arguments all = with_program(arguments);
  g_autoptr(GError) error = nullptr;
  g_spawn_async_with_pipes(nullptr, as_argv(all).data(), nullptr,
                           G_SPAWN_DO_NOT_REAP_CHILD, limit, nullptr, &pid_,
                           nullptr, &out_, &err_, &error);
  g_assert_no_error(error);
}

Running::~Running() {
  ::close(out_);
  ::close(err_);
}

void Running::wait_for(const std::string& text) {
  std::string seen;
  char c = 0;
  while (seen.find(text) == std::string::npos) {
    if (::read(out_, &c, 1) != 1)
      g_error("expected \"%s\", got \"%s\"", text.c_str(), seen.c_str());
    seen += c;
  }
}

void Running::signal(int number) const { ::kill(pid_, number); }

Outcome Running::wait() {
  Outcome outcome;
  outcome.out = read_all(out_);
  outcome.err = read_all(err_);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return outcome;
}

Outcome run_well(const Arguments& arguments) {
  Outcome outcome = run(arguments);
  g_assert_cmpstr(outcome.err.c_str(), ==, "");
  g_assert_cmpint(outcome.status, ==, kDone);
  return outcome;
}

void expect_failure(const Outcome& outcome, ExitStatus status,
                    const std::vector<std::string>& words) {
  g_assert_cmpint(outcome.status, ==, status);
  const auto lines = lines_of(outcome.err);
  g_assert_cmpuint(lines.size(), ==, 1);
  g_assert_true(lines[0].starts_with("torchclassify: "));
  g_assert_false(lines[0].ends_with("."));
  for (const std::string& word : words) {
    if (lines[0].find(word) == std::string::npos)
      g_error("the line \"%s\" lacks \"%s\"", lines[0].c_str(), word.c_str());
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    g_assert_true(end != std::string::npos);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> values;
  for (const std::string& line : lines_of(text))
    values.push_back(nlohmann::json::parse(line));
  return values;
}

void expect_keys(const nlohmann::json& object, std::vector<std::string> keys) {
  std::vector<std::string> found;
  for (const auto& [key, value] : object.items()) found.push_back(key);
  std::sort(found.begin(), found.end());
  std::sort(keys.begin(), keys.end());
  if (found != keys)
    g_error("expected %zu other keys than in %s", keys.size(),
            object.dump().c_str());
}

}  // namespace program
