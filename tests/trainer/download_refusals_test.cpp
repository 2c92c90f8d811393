// SPDX-License-Identifier: LGPL-2.1-or-later
// Downloads that do not end well: one clear error, and nothing at the
// destination.
#include <glib.h>
#include <sys/resource.h>

#include <csignal>

#include "fetch/download.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "web_server.h"

namespace {
namespace fs = std::filesystem;

using support::TemporaryFolder;
using support::WebServer;
using torchclassify::download;
using torchclassify::DownloadOptions;
using torchclassify::ErrorCode;

const DownloadOptions kImpatient{
    .sha256_prefix = WebServer::kHash,
    .max_bytes = 1'000'000,
    .connect_timeout = std::chrono::seconds(5),
    .stall_timeout = std::chrono::seconds(1),
};

enum Left { kNothing, kPartial };

struct Refusal {
  const char* name;
  const char* path;
  ErrorCode code;
  const char* word;
  Left left;  // what the next attempt finds
};
const Refusal kRefusals[] = {
    {"not-there", "/gone", ErrorCode::kNotFound, "status 404", kNothing},
    {"gone", "/status/410", ErrorCode::kNotFound, "status 410", kNothing},
    {"forbidden", "/status/403", ErrorCode::kCannotRead, "status 403",
     kNothing},
    {"not-modified", "/status/304", ErrorCode::kCannotRead, "status 304",
     kNothing},
    {"a-range-that-was-not-asked-for", "/status/206", ErrorCode::kCannotRead,
     "status 206", kNothing},
    {"server-error", "/status/500", ErrorCode::kUnreachable, "status 500",
     kNothing},
    {"too-many-requests", "/status/429", ErrorCode::kUnreachable, "status 429",
     kNothing},
    {"redirect-in-a-loop", "/loop", ErrorCode::kCannotRead, "10 redirects",
     kNothing},
    {"eleven-redirects", "/redirect/11", ErrorCode::kCannotRead, "10 redirects",
     kNothing},
    {"redirect-to-a-local-file", "/to-file", ErrorCode::kCannotRead,
     "redirects to http", kNothing},
    {"wrong-bytes", "/wrong", ErrorCode::kBadData, "got 5d973026", kNothing},
    {"wrong-hash-named", "/wrong?hash", ErrorCode::kBadData,
     "begins with 5a67e7e5", kNothing},
    {"endless", "/endless", ErrorCode::kBadData, "1000000", kNothing},
    {"announced-as-huge", "/huge", ErrorCode::kBadData, "1125899906842624",
     kNothing},
    {"shorter-than-announced", "/length-too-long", ErrorCode::kUnreachable,
     "300000 bytes are kept", kPartial},
    {"longer-than-announced", "/length-too-short", ErrorCode::kBadData,
     "SHA-256", kNothing},
    {"closed-in-the-middle", "/cut?closed", ErrorCode::kUnreachable,
     "ended early", kPartial},
    {"stalled-in-the-middle", "/stall?middle", ErrorCode::kUnreachable,
     "fewer for 1 s (150000 bytes are kept", kPartial},
    {"no-answer", "/silent", ErrorCode::kUnreachable, "fewer for 1 s",
     kNothing},
    {"a-byte-now-and-then", "/drip", ErrorCode::kUnreachable, "fewer for 1 s",
     kPartial},
};

void test_a_refusal(gconstpointer data) {
  const auto& refusal = *static_cast<const Refusal*>(data);
  const TemporaryFolder folder;
  const std::string url = WebServer::shared().url(refusal.path);

  support::expect_error(
      refusal.code, [&] { download(url, folder / "a.pth", kImpatient); },
      refusal.word, url.c_str());

  g_assert_false(fs::exists(folder / "a.pth"));
  g_assert_cmpint(fs::exists(folder / "a.pth.partial"), ==,
                  refusal.left == kPartial);
  g_assert_true(refusal.left == kPartial || fs::is_empty(folder.path()));
}

struct Address {
  const char* name;
  const char* url;
  ErrorCode code;
  const char* word;
};
const Address kAddresses[] = {
    {"empty", "", ErrorCode::kInvalidArgument, "begins with https://"},
    {"without-scheme", "127.0.0.1/a", ErrorCode::kInvalidArgument, "https://"},
    {"file", "file:///etc/passwd", ErrorCode::kInvalidArgument, "file:///"},
    {"ftp", "ftp://127.0.0.1/a", ErrorCode::kInvalidArgument, "ftp://"},
    {"without-host", "http:///a b", ErrorCode::kInvalidArgument, "http:///a b"},
    {"nobody-listens", "http://127.0.0.1:1/a", ErrorCode::kUnreachable,
     "cannot reach the server"},
    {"no-such-host", "http://nowhere.invalid/a", ErrorCode::kUnreachable,
     "nowhere.invalid"},
};

void test_an_address_is_refused(gconstpointer data) {
  const auto& address = *static_cast<const Address*>(data);
  const TemporaryFolder folder;

  support::expect_error(
      address.code, [&] { download(address.url, folder / "a.pth"); },
      address.word);

  g_assert_true(fs::is_empty(folder.path()));
}

void test_more_than_the_rest_drops_the_bytes() {
  const TemporaryFolder folder;
  const std::string url = WebServer::shared().url("/cut-then-longer");
  support::expect_error(ErrorCode::kUnreachable,
                        [&] { download(url, folder / "a.pth", kImpatient); });

  support::expect_error(
      ErrorCode::kBadData, [&] { download(url, folder / "a.pth", kImpatient); },
      "at most 150010 bytes");

  g_assert_true(fs::is_empty(folder.path()));
}

void test_less_than_the_rest_keeps_the_bytes() {
  const TemporaryFolder folder;
  const std::string url = WebServer::shared().url("/cut-then-cut-again");
  support::expect_error(ErrorCode::kUnreachable,
                        [&] { download(url, folder / "a.pth", kImpatient); });

  support::expect_error(
      ErrorCode::kUnreachable,
      [&] { download(url, folder / "a.pth", kImpatient); },
      "got 150010 of 300000 bytes");

  g_assert_cmpuint(fs::file_size(folder / "a.pth.partial"), ==, 150'010);
}

void test_a_failure_leaves_what_was_there() {
  const TemporaryFolder folder;
  support::write_file(folder / "a.pth", "old");

  support::expect_error(ErrorCode::kBadData, [&] {
    download(WebServer::shared().url("/wrong?old"), folder / "a.pth",
             kImpatient);
  });

  g_assert_true(support::read_file(folder / "a.pth") == "old");
}

void test_an_error_of_the_progress_ends_the_download() {
  const TemporaryFolder folder;
  DownloadOptions options;
  options.progress = [](auto, auto) {
    throw torchclassify::Error(ErrorCode::kCannotWrite, "the terminal is gone");
  };

  support::expect_error(
      ErrorCode::kCannotWrite,
      [&] {
        download(WebServer::shared().url("/file?gone"), folder / "a.pth",
                 options);
      },
      "the terminal is gone");

  g_assert_false(fs::exists(folder / "a.pth"));
}

void test_an_untrusted_certificate_is_refused() {
  const std::string url = WebServer::shared().https_url_or_skip("/file?tls");
  if (url.empty())
    return;
  const TemporaryFolder folder;

  support::expect_error(
      ErrorCode::kCannotRead,
      [&] { download(url, folder / "a.pth", kImpatient); }, "certificate",
      "SSL_CERT_FILE", url.c_str());

  g_assert_true(fs::is_empty(folder.path()));
}

void test_a_redirect_from_https_to_http_is_refused() {
  const std::string url = WebServer::shared().https_url_or_skip("/to-http");
  if (url.empty())
    return;
  const TemporaryFolder folder;
  g_setenv("SSL_CERT_FILE", WebServer::shared().certificate().c_str(), TRUE);

  support::expect_error(
      ErrorCode::kCannotRead,
      [&] { download(url, folder / "a.pth", kImpatient); },
      "redirects to https");

  support::clear_network_environment();
  g_assert_true(fs::is_empty(folder.path()));
}

// A limit on the size of files stands for a disk without room.
void test_a_full_disk_is_reported() {
  const TemporaryFolder folder;
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{100'000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);

  support::expect_error(
      ErrorCode::kCannotWrite,
      [&] {
        download(WebServer::shared().url("/file?full"), folder / "a.pth",
                 kImpatient);
      },
      "a.pth.partial");

  setrlimit(RLIMIT_FSIZE, &before);
  g_assert_false(fs::exists(folder / "a.pth"));
}

void test_a_missing_folder_is_reported() {
  const TemporaryFolder folder;

  support::expect_error(
      ErrorCode::kCannotWrite,
      [&] {
        download(WebServer::shared().url("/file"), folder / "gone/a.pth");
      },
      "gone/a.pth.partial");
}

void test_a_link_in_the_partial_files_place_is_not_followed() {
  const TemporaryFolder folder;
  support::write_file(folder / "precious", "precious");
  fs::create_symlink(folder / "precious", folder / "a.pth.partial");

  support::expect_error(ErrorCode::kCannotWrite, [&] {
    download(WebServer::shared().url("/file"), folder / "a.pth");
  });

  g_assert_true(support::read_file(folder / "precious") == "precious");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::clear_network_environment();
  WebServer::shared();  // before the limits
  support::add_rows("/download/refusal", kRefusals, test_a_refusal);
  support::add_rows("/download/an-address-is-refused", kAddresses,
                    test_an_address_is_refused);
  g_test_add_func("/download/more-than-the-rest-drops-the-bytes",
                  test_more_than_the_rest_drops_the_bytes);
  g_test_add_func("/download/less-than-the-rest-keeps-the-bytes",
                  test_less_than_the_rest_keeps_the_bytes);
  g_test_add_func("/download/a-failure-leaves-what-was-there",
                  test_a_failure_leaves_what_was_there);
  g_test_add_func("/download/an-error-of-the-progress-ends-the-download",
                  test_an_error_of_the_progress_ends_the_download);
  g_test_add_func("/download/an-untrusted-certificate-is-refused",
                  test_an_untrusted_certificate_is_refused);
  g_test_add_func("/download/a-redirect-from-https-to-http-is-refused",
                  test_a_redirect_from_https_to_http_is_refused);
  g_test_add_func("/download/a-full-disk-is-reported",
                  test_a_full_disk_is_reported);
  g_test_add_func("/download/a-missing-folder-is-reported",
                  test_a_missing_folder_is_reported);
  g_test_add_func("/download/a-link-in-the-partial-files-place-is-not-followed",
                  test_a_link_in_the_partial_files_place_is_not_followed);
  return g_test_run();
}
