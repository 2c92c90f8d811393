// SPDX-License-Identifier: LGPL-2.1-or-later
// Event files: bytes as TensorFlow's writer makes them, and what happens to
// files of runs that were cut off. What TensorBoard reads is tested by
// check_event_file.py.
#include "torchclassify/train/event_file.h"

#include <glib.h>
#include <sys/resource.h>

#include <csignal>
#include <limits>
#include <string>
#include <vector>

#include "reporting/crc32c.h"
#include "reporting/event_record.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

namespace fs = std::filesystem;

using support::TemporaryFolder;
using torchclassify::ErrorCode;
using torchclassify::EventFile;
using torchclassify::framed_record;
using torchclassify::restart_event;
using torchclassify::scalar_event;
using torchclassify::version_event;
using torchclassify::whole_records;

std::string hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

fs::path only_file(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files.push_back(entry.path());
  g_assert_cmpuint(files.size(), ==, 1);
  return files.front();
}

// RFC 3720, B.4.
void test_checksums_equal_the_standards() {
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);

  g_assert_cmphex(torchclassify::crc32c(std::string(32, '\0')), ==, 0x8a9136aa);
  g_assert_cmphex(torchclassify::crc32c(std::string(32, '\xff')), ==,
                  0x62a8ab43);
  g_assert_cmphex(torchclassify::crc32c(rising), ==, 0x46dd794e);
  g_assert_cmphex(torchclassify::crc32c(""), ==, 0);
}

// What tensorboard.summary.writer.record_writer and event_pb2 give for the
// same values: recorded by tests/data/events/record_events.py.
void test_bytes_equal_tensorboards() {
  const std::string recorded =
      support::read_file(support::test_file("events/events.hex"));

  const std::string file =
      framed_record(version_event(1700000000.25)) +
      framed_record(scalar_event(1700000001.5, 300,
                                 {{"accuracy/valid", 0.75}, {"loss", 2.5}})) +
      framed_record(restart_event(1700000002.5, 300));

  const std::string written = hex(file) + "\n";
  g_assert_cmpstr(written.c_str(), ==, recorded.c_str());
}

void test_a_file_starts_with_its_version() {
  const TemporaryFolder folder;

  EventFile(folder / "events");

  const std::string file = support::read_file(only_file(folder / "events"));
  g_assert_cmpuint(file.size(), ==, 16 + version_event(0).size());
  g_assert_true(file.find("brain.Event:2") != std::string::npos);
}

void test_a_second_run_goes_on_with_the_newest_file() {
  const TemporaryFolder folder;
  const std::string old = framed_record(version_event(1));
  support::write_file(folder / "events.out.tfevents.1600000000.host", old);
  support::write_file(folder / "events.out.tfevents.1700000000.host", old);

  EventFile(folder.path()).add_scalars(1, {{"loss", 1}});

  const auto size_of = [&](const char* name) {
    return support::read_file(folder / name).size();
  };
  g_assert_cmpuint(size_of("events.out.tfevents.1600000000.host"), ==,
                   old.size());
  g_assert_cmpuint(size_of("events.out.tfevents.1700000000.host"), >,
                   old.size());
}

void test_scalars_are_written_at_a_flush() {
  const TemporaryFolder folder;
  EventFile events(folder.path());
  const fs::path path = only_file(folder.path());
  const std::size_t before = support::read_file(path).size();

  events.add_scalars(1, {{"loss", 1}});
  events.flush();

  const std::string file = support::read_file(path);
  g_assert_cmpuint(file.size(), ==,
                   before + 16 + scalar_event(0, 1, {{"loss", 1}}).size());
  g_assert_cmpuint(whole_records(file), ==, file.size());
}

struct Damage {
  const char* name;
  std::size_t (*whole)(std::string& file, std::size_t first);
};

// Each returns how many bytes are left whole.
const Damage kDamages[] = {
    {"nothing", [](std::string& file, std::size_t) { return file.size(); }},
    {"a-cut-tail",
     [](std::string& file, std::size_t first) {
       file.pop_back();
       return first;
     }},
    {"a-cut-head",
     [](std::string& file, std::size_t first) {
       file.resize(first + 5);
       return first;
     }},
    {"a-changed-byte",
     [](std::string& file, std::size_t first) {
       file[first + 14] = static_cast<char>(file[first + 14] ^ 1);
       return first;
     }},
    {"a-length-beyond-the-end",
     [](std::string& file, std::size_t first) {
       file.resize(first);
       file += std::string(8, '\xff') + std::string(8, '\0');
       return first;
     }},
    {"no-event-file",
     [](std::string& file, std::size_t) {
       file = "this is some text, and not a short one";
       return std::size_t{0};
     }},
};

void test_whole_records_end_before_the_damage(gconstpointer data) {
  const auto& damage = *static_cast<const Damage*>(data);
  std::string file = framed_record(version_event(1));
  const std::size_t first = file.size();
  file += framed_record(scalar_event(2, 3, {{"loss", 4}}));
  const std::size_t whole = damage.whole(file, first);

  g_assert_cmpuint(whole_records(file), ==, whole);
}

void test_a_record_that_was_cut_off_is_dropped() {
  const TemporaryFolder folder;
  const fs::path path = folder / "events.out.tfevents.1700000000.host";
  const std::string first = framed_record(version_event(1));
  support::write_file(path, first + framed_record(version_event(2)).substr(9));

  EventFile(folder.path()).flush();

  g_assert_true(support::read_file(path) == first);
}

void test_an_empty_file_gets_its_version() {
  const TemporaryFolder folder;
  const fs::path path = folder / "events.out.tfevents.1700000000.host";
  support::write_file(path, "");

  EventFile(folder.path()).flush();

  g_assert_cmpuint(support::read_file(path).size(), ==,
                   16 + version_event(0).size());
}

void test_values_that_are_not_finite_are_written() {
  const double nan = std::numeric_limits<double>::quiet_NaN();

  const std::string event = scalar_event(0, 1, {{"loss", nan}});

  g_assert_true(event.ends_with(std::string("\x15\x00\x00\xc0\x7f", 5)));
}

void test_a_folder_that_is_a_file_is_refused() {
  const TemporaryFolder folder;
  support::write_file(folder / "events", "");

  support::expect_error(
      ErrorCode::kCannotWrite, [&] { EventFile(folder / "events"); }, "events");
}

// A file that may not grow fails as one on a full disk does.
void test_a_file_that_cannot_grow_is_said() {
  const TemporaryFolder folder;
  EventFile events(folder.path());
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit limit = before;
  limit.rlim_cur = 60;  // bytes: in the middle of the second record
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);

  support::expect_error(
      ErrorCode::kCannotWrite,
      [&] {
        events.add_scalars(1, {{"a tag of some length", 1}});
        events.flush();
      },
      "cannot write", "tfevents");

  setrlimit(RLIMIT_FSIZE, &before);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/event-file/checksums-equal-the-standards",
                  test_checksums_equal_the_standards);
  g_test_add_func("/event-file/bytes-equal-tensorboards",
                  test_bytes_equal_tensorboards);
  g_test_add_func("/event-file/a-file-starts-with-its-version",
                  test_a_file_starts_with_its_version);
  g_test_add_func("/event-file/a-second-run-goes-on-with-the-newest-file",
                  test_a_second_run_goes_on_with_the_newest_file);
  g_test_add_func("/event-file/scalars-are-written-at-a-flush",
                  test_scalars_are_written_at_a_flush);
  support::add_rows("/event-file/whole-records-end-before", kDamages,
                    test_whole_records_end_before_the_damage);
  g_test_add_func("/event-file/a-record-that-was-cut-off-is-dropped",
                  test_a_record_that_was_cut_off_is_dropped);
  g_test_add_func("/event-file/an-empty-file-gets-its-version",
                  test_an_empty_file_gets_its_version);
  g_test_add_func("/event-file/values-that-are-not-finite-are-written",
                  test_values_that_are_not_finite_are_written);
  g_test_add_func("/event-file/a-folder-that-is-a-file-is-refused",
                  test_a_folder_that_is_a_file_is_refused);
  g_test_add_func("/event-file/a-file-that-cannot-grow-is-said",
                  test_a_file_that_cannot_grow_is_said);
  return g_test_run();
}
