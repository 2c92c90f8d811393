// SPDX-License-Identifier: LGPL-2.1-or-later
// What goes in comes out, in order, each result on its own frame: for every
// number of frames, batch size, and event at every place among the frames.
#include <algorithm>
#include <iterator>
#include <thread>

#include "recorded_stream.h"

namespace {

using namespace support;

constexpr int kCounts[] = {1, 2, 3, 5, 8, 89};  // frames
constexpr int kLargestBatch = 32;
constexpr int kWidth = 8;    // pixels
constexpr int kStreams = 4;  // at the same time, with an element each

// --- what happens between two frames ---

void end(RecordedStream& stream) { stream.push_event(gst_event_new_eos()); }

void flush(RecordedStream& stream) {
  stream.push_event(gst_event_new_flush_start());
  stream.push_event(gst_event_new_flush_stop(TRUE));
  stream.push_segment(gst_util_seqnum_next());
}

void seek(RecordedStream& stream) { stream.seek(); }

void begin_segment(RecordedStream& stream) {
  stream.push_segment(gst_util_seqnum_next());
}

void change_caps(RecordedStream& stream) { stream.push_caps(kWidth / 2); }

// To the other of two.
void swap_model(RecordedStream& stream) {
  g_autofree char* model = nullptr;
  g_object_get(stream.element(), "model-file", &model, nullptr);
  const bool other = g_strcmp0(model, "shuffled other") == 0;
  stream.swap_model(other ? "shuffled" : "shuffled other");
}

void drain(RecordedStream& stream) {
  g_autoptr(GstQuery) drain = gst_query_new_drain();
  stream.send_query(drain);
  g_autoptr(GstQuery) allocation = gst_query_new_allocation(nullptr, TRUE);
  stream.send_query(allocation);
}

// --- what must come ---

std::string text_of(const Record& record) {
  std::string text;
  for (const Item& item : record)
    text += std::string(item.what) + " " + std::to_string(item.number) + " " +
            item.label + " " + std::to_string(item.width) + "\n";
  return text;
}

void assert_equal(const Record& received, const Record& expected) {
  if (received != expected)
    g_test_message("got:\n%s\nexpected:\n%s", text_of(received).c_str(),
                   text_of(expected).c_str());
  g_assert_true(received == expected);
}

void assert_all_came(const Record& received, const Record& sent) {
  assert_equal(received, sent);
}

Record::const_iterator find(const Record& record, std::string_view what) {
  return std::find_if(record.begin(), record.end(),
                      [what](const Item& item) { return item.what == what; });
}

// Without the start of the flush, which overtakes what is on its way.
Record before_flush(const Record& record) {
  Record before(record.begin(), find(record, "flush-stop"));
  const auto starts = std::erase_if(
      before, [](auto& item) { return item.what == "flush-start"; });
  g_assert_cmpint(starts, ==, 1);
  return before;
}

Record from_flush(const Record& record) {
  return {find(record, "flush-stop"), record.end()};
}

bool describes_stream(const Item& item) {
  return item.what == "stream-start" || item.what == "caps";
}

// What left before the flush was a part from the beginning on. Of the rest,
// what describes the stream comes behind it, then what was sent after it.
void assert_flushed(const Record& received, const Record& sent) {
  const Record all = before_flush(sent);
  const Record before = before_flush(received);
  g_assert_cmpint(before.size(), <=, all.size());
  const auto rest = all.begin() + static_cast<std::ptrdiff_t>(before.size());
  assert_equal(before, {all.begin(), rest});
  Record after = from_flush(received);
  // An event that a flush meets inside the pad counts as refused, and is sent
  // again: GStreamer's own doing.
  if (!before.empty() && describes_stream(before.back()) && after.size() > 1 &&
      after[1] == before.back())
    after.erase(after.begin() + 1);
  Record expected = from_flush(sent);
  Record kept;
  std::copy_if(rest, all.end(), std::back_inserter(kept), describes_stream);
  expected.insert(expected.begin() + 1, kept.begin(), kept.end());
  assert_equal(after, expected);
}

// --- the table ---

struct Event {
  const char* name;
  void (*happen)(RecordedStream& stream);
  void (*check)(const Record& received, const Record& sent);
};
constexpr Event kEvents[] = {
    {"eos", end, assert_all_came},
    {"flush", flush, assert_flushed},
    {"seek", seek, assert_flushed},
    {"segment", begin_segment, assert_all_came},
    {"caps-change", change_caps, assert_all_came},
    {"model-swap", swap_model, assert_all_came},
    {"drain", drain, assert_all_came},
};

struct Row {
  const Event* event;
  int batch_size;
};

std::string properties(int batch_size, gint64 timeout) {
  return "model-file=shuffled post-messages=none batch-size=" +
         std::to_string(batch_size) +
         " batch-timeout=" + std::to_string(timeout);
}

void run_case(RecordedStream& stream, const Event& event, int count,
              int position) {
  stream.start(kWidth);
  for (int i = 0; i < position; ++i) stream.push_frame(i);

  event.happen(stream);
  for (int i = position; i < count; ++i) stream.push_frame(i);
  if (event.happen != end)
    end(stream);

  const Record received = stream.stop();
  event.check(received, stream.sent());
}

// Every kStreams-th case of the row.
void run_share(const Row& row, int share) {
  RecordedStream stream(properties(row.batch_size, 100'000).c_str());
  int number = 0;
  for (const int count : kCounts) {
    for (int position = 0; position <= count; ++position) {
      if (number++ % kStreams == share)
        run_case(stream, *row.event, count, position);
    }
  }
}

void test_what_goes_in_comes_out(gconstpointer data) {
  const auto& row = *static_cast<const Row*>(data);
  std::vector<std::thread> threads;

  for (int share = 0; share < kStreams; ++share)
    threads.emplace_back([&row, share] { run_share(row, share); });

  for (std::thread& thread : threads) thread.join();
}

// So that the rows above differ. No batch is in a hurry: each must fill.
void test_batches_are_as_large_as_asked_for(gconstpointer data) {
  const int batch_size = GPOINTER_TO_INT(data);
  RecordedStream stream(properties(batch_size, 10'000'000'000).c_str());
  stream.start(kWidth);

  for (int i = 0; i < 2 * batch_size; ++i) stream.push_frame(i);
  end(stream);
  assert_equal(stream.stop(), stream.sent());

  g_autoptr(GstStructure) stats = nullptr;
  g_object_get(stream.element(), "stats", &stats, nullptr);
  guint64 batches = 0;
  gst_structure_get_uint64(stats, "batches", &batches);
  g_assert_cmpuint(batches, ==, 2);
}

void add_rows(void) {
  static Row rows[G_N_ELEMENTS(kEvents) * kLargestBatch];
  Row* row = rows;
  for (const Event& event : kEvents) {
    for (int size = 1; size <= kLargestBatch; ++size) {
      *row = {&event, size};
      g_autofree char* path =
          g_strdup_printf("/accounting/what-goes-in-comes-out/%s/batch-size-%d",
                          event.name, size);
      g_test_add_data_func(path, row++, test_what_goes_in_comes_out);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  for (int size = 1; size <= kLargestBatch; ++size) {
    g_autofree char* path = g_strdup_printf(
        "/accounting/batches-are-as-large-as-asked-for/%d", size);
    g_test_add_data_func(path, GINT_TO_POINTER(size),
                         test_batches_are_as_large_as_asked_for);
  }
  add_rows();
  return g_test_run();
}
