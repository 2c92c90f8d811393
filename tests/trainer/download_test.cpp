// SPDX-License-Identifier: LGPL-2.1-or-later
// Downloads that end well, in one attempt or several.
#include "fetch/download.h"

#include <glib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "web_server.h"

namespace {
namespace fs = std::filesystem;

using support::read_file;
using support::TemporaryFolder;
using support::WebServer;
using torchclassify::download;
using torchclassify::DownloadOptions;
using torchclassify::ErrorCode;

const DownloadOptions kVerified{.sha256_prefix = WebServer::kHash};

// The file, and nothing of how it came there.
void assert_only_file(const TemporaryFolder& folder, const std::string& name,
                      const std::string& content) {
  g_assert_true(read_file(folder / name) == content);
  for (const auto& entry : fs::directory_iterator(folder.path()))
    g_assert_true(entry.path().filename() == name);
}

struct Good {
  const char* name;
  const char* path;
};
const Good kGood[] = {
    {"plain", "/file?good"},
    {"of-unknown-length", "/chunked?good"},
    {"behind-a-redirect", "/redirect?good"},
    {"behind-ten-redirects", "/redirect/10"},
};

void test_a_file_arrives_whole(gconstpointer data) {
  const auto& good = *static_cast<const Good*>(data);
  const TemporaryFolder folder;

  download(WebServer::shared().url(good.path), folder / "a.pth", kVerified);

  assert_only_file(folder, "a.pth", WebServer::content());
}

void test_an_empty_file_arrives() {
  const TemporaryFolder folder;

  download(WebServer::shared().url("/empty"), folder / "a.pth");

  assert_only_file(folder, "a.pth", "");
}

void test_a_file_that_is_there_is_replaced() {
  const TemporaryFolder folder;
  support::write_file(folder / "a.pth", "old");

  download(WebServer::shared().url("/file?replace"), folder / "a.pth");

  assert_only_file(folder, "a.pth", WebServer::content());
}

void test_the_server_learns_who_asks() {
  const TemporaryFolder folder;

  download(WebServer::shared().url("/file?agent"), folder / "a.pth");

  const auto requests = WebServer::shared().requests_for("/file?agent");
  g_assert_cmpuint(requests.size(), ==, 1);
  g_assert_nonnull(std::strstr(requests[0].c_str(), "agent=torchclassify/0."));
}

void test_progress_ends_at_the_files_size() {
  const TemporaryFolder folder;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> steps;
  DownloadOptions options;
  options.progress = [&](auto done, auto total) {
    steps.emplace_back(done, total);
  };

  download(WebServer::shared().url("/file?progress"), folder / "a", options);

  g_assert_cmpuint(steps.size(), >, 1);
  g_assert_true(std::ranges::is_sorted(steps));
  g_assert_cmpuint(steps.back().first, ==, 300'000);
  g_assert_cmpuint(steps.front().second, ==, 300'000);
}

struct Resumed {
  const char* name;
  const char* path;
  bool other;          // the file has become another
  const char* ranges;  // that were asked for
};
const Resumed kResumed[] = {
    {"the-rest-is-fetched", "/cut?resume", false, "None bytes=150000- "},
    {"by-date-where-the-etag-is-weak", "/cut-weak", false,
     "None bytes=150000- "},
    {"from-the-start-without-etag-or-date", "/cut-without-validator", false,
     "None None "},
    {"a-changed-file-is-fetched-anew", "/cut-then-changed", true,
     "None bytes=150000- "},
    {"a-changed-file-is-noticed-by-its-etag", "/cut-then-changed-unnoticed",
     true, "None bytes=150000- None "},
    {"a-server-without-ranges-starts-anew", "/cut-then-all", false,
     "None bytes=150000- "},
    {"another-range-than-asked-for-is-refused", "/cut-then-other-range", false,
     "None bytes=150000- None "},
    {"a-range-that-is-refused-starts-anew", "/cut-then-416", false,
     "None bytes=150000- None "},
};

// Of a line of the server's log.
std::string range_of(const std::string& request) {
  const std::size_t begin = request.find("range=") + std::strlen("range=");
  return request.substr(begin, request.find(' ', begin) - begin);
}

void test_a_second_attempt(gconstpointer data) {
  const auto& row = *static_cast<const Resumed*>(data);
  const TemporaryFolder folder;
  const std::string url = WebServer::shared().url(row.path);
  support::expect_error(
      ErrorCode::kUnreachable, [&] { download(url, folder / "a.pth"); },
      "150000 bytes are kept");
  g_assert_false(fs::exists(folder / "a.pth"));

  download(
      url, folder / "a.pth",
      {.sha256_prefix = row.other ? WebServer::kOtherHash : WebServer::kHash});

  assert_only_file(folder, "a.pth",
                   row.other ? WebServer::other() : WebServer::content());
  std::string ranges;
  for (const std::string& request : WebServer::shared().requests_for(row.path))
    ranges += range_of(request) + " ";
  g_assert_cmpstr(ranges.c_str(), ==, row.ranges);
}

void test_another_address_does_not_go_on_with_the_bytes() {
  const TemporaryFolder folder;
  support::expect_error(ErrorCode::kUnreachable, [&] {
    download(WebServer::shared().url("/cut?one"), folder / "a.pth");
  });

  download(WebServer::shared().url("/file?two"), folder / "a.pth");

  const auto requests = WebServer::shared().requests_for("/file?two");
  g_assert_nonnull(std::strstr(requests.at(0).c_str(), " range=None"));
  assert_only_file(folder, "a.pth", WebServer::content());
}

// Waits until the partial file has bytes, for 10 s at most.
void await_bytes(const fs::path& partial) {
  for (int i = 0; i < 1000; ++i) {
    std::error_code error;
    if (fs::file_size(partial, error) > 0 && !error)
      return;
    g_usleep(10'000);
  }
  g_error("no bytes came in 10 s");
}

void test_after_an_interrupt_the_next_attempt_goes_on() {
  const TemporaryFolder folder;
  const std::string url = WebServer::shared().url("/stall?interrupt");
  const pid_t child = fork();
  if (child == 0) {
    download(url, folder / "a.pth");
    _exit(0);
  }
  await_bytes(folder / "a.pth.partial");
  g_usleep(100'000);
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  g_assert_true(WIFSIGNALED(status));

  download(url, folder / "a.pth", kVerified);

  assert_only_file(folder, "a.pth", WebServer::content());
  const auto requests = WebServer::shared().requests_for("/stall?interrupt");
  g_assert_nonnull(std::strstr(requests.at(1).c_str(), "range=bytes="));
}

void test_of_two_at_once_the_second_waits_for_the_first() {
  const TemporaryFolder folder;
  const std::string url = WebServer::shared().url("/slow?two");
  const auto fetch = [&] { download(url, folder / "a.pth", kVerified); };

  std::thread first(fetch);
  await_bytes(folder / "a.pth.partial");
  fetch();
  first.join();

  assert_only_file(folder, "a.pth", WebServer::content());
  g_assert_cmpuint(WebServer::shared().requests_for("/slow?two").size(), ==, 1);
}

void test_a_proxy_is_asked() {
  const TemporaryFolder folder;
  g_setenv("http_proxy", WebServer::shared().url("").c_str(), TRUE);

  download("http://weights.invalid/file", folder / "a.pth", kVerified);

  support::clear_network_environment();
  assert_only_file(folder, "a.pth", WebServer::content());
  g_assert_cmpuint(
      WebServer::shared().requests_for("http://weights.invalid/file").size(),
      ==, 1);
}

void test_a_certificate_that_the_user_trusts_is_taken() {
  const std::string url = WebServer::shared().https_url_or_skip("/file?tls");
  if (url.empty())
    return;
  const TemporaryFolder folder;
  g_setenv("SSL_CERT_FILE", WebServer::shared().certificate().c_str(), TRUE);

  download(url, folder / "a.pth", kVerified);

  support::clear_network_environment();
  assert_only_file(folder, "a.pth", WebServer::content());
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::clear_network_environment();
  support::add_rows("/download/a-file-arrives-whole", kGood,
                    test_a_file_arrives_whole);
  g_test_add_func("/download/an-empty-file-arrives",
                  test_an_empty_file_arrives);
  g_test_add_func("/download/a-file-that-is-there-is-replaced",
                  test_a_file_that_is_there_is_replaced);
  g_test_add_func("/download/the-server-learns-who-asks",
                  test_the_server_learns_who_asks);
  g_test_add_func("/download/progress-ends-at-the-files-size",
                  test_progress_ends_at_the_files_size);
  support::add_rows("/download/a-second-attempt", kResumed,
                    test_a_second_attempt);
  g_test_add_func("/download/another-address-does-not-go-on-with-the-bytes",
                  test_another_address_does_not_go_on_with_the_bytes);
  g_test_add_func("/download/after-an-interrupt-the-next-attempt-goes-on",
                  test_after_an_interrupt_the_next_attempt_goes_on);
  g_test_add_func("/download/of-two-at-once-the-second-waits-for-the-first",
                  test_of_two_at_once_the_second_waits_for_the_first);
  g_test_add_func("/download/a-proxy-is-asked", test_a_proxy_is_asked);
  g_test_add_func("/download/a-certificate-that-the-user-trusts-is-taken",
                  test_a_certificate_that_the_user_trusts_is_taken);
  return g_test_run();
}
