// SPDX-License-Identifier: LGPL-2.1-or-later
// Published weights: the cache, and how far a download is.
#include <glib.h>
#include <sys/stat.h>

#include <algorithm>

#include "fetch/cache_folder.h"
#include "fetch/fetch_weights.h"
#include "fetch/progress_text.h"
#include "support/expect_error.h"
#include "support/test_files.h"
#include "web_server.h"

namespace {
namespace fs = std::filesystem;

using support::TemporaryFolder;
using support::WebServer;
using torchclassify::ErrorCode;
using torchclassify::fetch_weights;
using torchclassify::ProgressText;
using torchclassify::PublishedWeights;
using torchclassify::weights_cache_folder;

// The server's file as if it were weights.
PublishedWeights published(const std::string& path) {
  return {.url = WebServer::shared().url(path),
          .file = "a-5a67e7e5.pth",
          .sha256_prefix = "5a67e7e5",
          .mebibytes = 0.286};
}

unsigned mode_of(const fs::path& path) {
  struct stat status = {};
  g_assert_cmpint(stat(path.c_str(), &status), ==, 0);
  return status.st_mode & 0777u;
}

void test_weights_come_into_the_users_cache() {
  const TemporaryFolder folder;
  g_setenv("XDG_CACHE_HOME", (folder / "cache").c_str(), TRUE);

  const fs::path path = fetch_weights(published("/file?cache"));

  g_assert_true(path == folder / "cache/torchclassify/weights/a-5a67e7e5.pth");
  g_assert_true(support::read_file(path) == WebServer::content());
  for (const fs::path& made :
       {folder / "cache", folder / "cache/torchclassify", path.parent_path()})
    g_assert_cmphex(mode_of(made), ==, 0700);
}

void test_weights_that_are_there_need_no_network() {
  const TemporaryFolder folder;
  auto weights = published("/file?there");
  const fs::path first = fetch_weights(weights, {.folder = folder.path()});
  weights.url = "http://127.0.0.1:1/nobody-listens";

  const fs::path second = fetch_weights(weights, {.folder = folder.path()});

  g_assert_true(second == first);
}

void test_damaged_weights_are_fetched_anew() {
  const TemporaryFolder folder;
  support::write_file(folder / "a-5a67e7e5.pth", "damaged");

  const fs::path path =
      fetch_weights(published("/file?damaged"), {.folder = folder.path()});

  g_assert_true(support::read_file(path) == WebServer::content());
}

void test_a_mirror_is_asked_instead_of_the_publisher() {
  const TemporaryFolder folder;
  auto weights = published("/gone");
  weights.file = "file";

  for (const char* end : {"", "/"}) {
    fs::remove(folder / "file");
    const fs::path path = fetch_weights(
        weights,
        {.folder = folder.path(), .mirror = WebServer::shared().url(end)});

    g_assert_true(support::read_file(path) == WebServer::content());
  }
}

void test_other_bytes_than_published_are_refused() {
  const TemporaryFolder folder;

  support::expect_error(
      ErrorCode::kBadData,
      [&] {
        fetch_weights(published("/wrong?fetch"), {.folder = folder.path()});
      },
      "5a67e7e5", "got 5d973026");

  g_assert_true(fs::is_empty(folder.path()));
}

void test_far_more_bytes_than_published_are_refused() {
  const TemporaryFolder folder;

  support::expect_error(
      ErrorCode::kBadData,
      [&] {
        fetch_weights(published("/endless?fetch"), {.folder = folder.path()});
      },
      "at most 599785 bytes");
}

void test_a_file_in_the_folders_place_is_refused() {
  const TemporaryFolder folder;
  support::write_file(folder / "taken", "");

  for (const fs::path& path : {folder / "taken", folder / "taken/deeper"})
    support::expect_error(
        ErrorCode::kCannotWrite,
        [&] { fetch_weights(published("/file"), {.folder = path}); }, "taken");
}

void test_the_cache_is_in_home_unless_said_otherwise() {
  g_setenv("HOME", "/home/me", TRUE);

  g_setenv("XDG_CACHE_HOME", "/else/where", TRUE);
  g_assert_true(weights_cache_folder() == "/else/where/torchclassify/weights");
  g_setenv("XDG_CACHE_HOME", "relative", TRUE);
  g_assert_true(weights_cache_folder() ==
                "/home/me/.cache/torchclassify/weights");
  g_unsetenv("XDG_CACHE_HOME");
  g_assert_true(weights_cache_folder() ==
                "/home/me/.cache/torchclassify/weights");
}

void test_without_a_home_there_is_no_cache() {
  g_unsetenv("XDG_CACHE_HOME");
  for (const char* home : {"", "relative"}) {
    g_setenv("HOME", home, TRUE);

    support::expect_error(ErrorCode::kCannotWrite, weights_cache_folder,
                          "HOME");
  }
}

constexpr std::uint64_t kMebibyte = 1 << 20;

void test_a_terminal_shows_one_line_with_rate_and_time_left() {
  ProgressText progress(/*terminal=*/true);

  progress.update(20 * kMebibyte, 100 * kMebibyte, 5);
  const auto text = progress.update(40 * kMebibyte, 100 * kMebibyte, 9);

  g_assert_cmpstr(text.c_str(), ==,
                  "\r\x1b[K40.0 of 100.0 MiB (40 %), 5.0 MiB/s, 12 s left");
  g_assert_true(progress.finish() == "\n");
}

void test_a_terminal_is_not_written_to_all_the_time() {
  ProgressText progress(/*terminal=*/true);

  g_assert_true(progress.update(1, 100, 0) != "");
  g_assert_true(progress.update(2, 100, 0.05) == "");
  g_assert_true(progress.update(3, 100, 0.15) != "");
  g_assert_true(progress.update(100, 100, 0.16) != "");
}

void test_a_log_gets_a_line_for_each_tenth() {
  ProgressText progress(/*terminal=*/false);
  std::string lines;

  for (std::uint64_t done = kMebibyte; done <= 100 * kMebibyte;
       done += kMebibyte)
    lines += progress.update(done, 100 * kMebibyte,
                             static_cast<double>(done / kMebibyte));

  g_assert_cmpint(std::ranges::count(lines, '\n'), ==, 10);
  g_assert_true(lines.starts_with(
      "10.0 of 100.0 MiB (10 %), 1.0 MiB/s, 90 s left\n20.0 of"));
  g_assert_true(lines.ends_with("\n100.0 of 100.0 MiB (100 %), 1.0 MiB/s\n"));
  g_assert_true(progress.finish() == "");
}

void test_a_file_of_unknown_size_has_no_time_left() {
  ProgressText progress(/*terminal=*/false);

  g_assert_true(progress.update(0, 0, 0) == "");
  g_assert_true(progress.update(3 * kMebibyte, 0, 9) == "");
  g_assert_true(progress.update(5 * kMebibyte, 0, 10) ==
                "5.0 MiB, 0.5 MiB/s\n");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::clear_network_environment();
  g_test_add_func("/fetch/weights-come-into-the-users-cache",
                  test_weights_come_into_the_users_cache);
  g_test_add_func("/fetch/weights-that-are-there-need-no-network",
                  test_weights_that_are_there_need_no_network);
  g_test_add_func("/fetch/damaged-weights-are-fetched-anew",
                  test_damaged_weights_are_fetched_anew);
  g_test_add_func("/fetch/a-mirror-is-asked-instead-of-the-publisher",
                  test_a_mirror_is_asked_instead_of_the_publisher);
  g_test_add_func("/fetch/other-bytes-than-published-are-refused",
                  test_other_bytes_than_published_are_refused);
  g_test_add_func("/fetch/far-more-bytes-than-published-are-refused",
                  test_far_more_bytes_than_published_are_refused);
  g_test_add_func("/fetch/a-file-in-the-folders-place-is-refused",
                  test_a_file_in_the_folders_place_is_refused);
  g_test_add_func("/fetch/the-cache-is-in-home-unless-said-otherwise",
                  test_the_cache_is_in_home_unless_said_otherwise);
  g_test_add_func("/fetch/without-a-home-there-is-no-cache",
                  test_without_a_home_there_is_no_cache);
  g_test_add_func(
      "/progress-text/a-terminal-shows-one-line-with-rate-and-time-left",
      test_a_terminal_shows_one_line_with_rate_and_time_left);
  g_test_add_func("/progress-text/a-terminal-is-not-written-to-all-the-time",
                  test_a_terminal_is_not_written_to_all_the_time);
  g_test_add_func("/progress-text/a-log-gets-a-line-for-each-tenth",
                  test_a_log_gets_a_line_for_each_tenth);
  g_test_add_func("/progress-text/a-file-of-unknown-size-has-no-time-left",
                  test_a_file_of_unknown_size_has_no_time_left);
  return g_test_run();
}
