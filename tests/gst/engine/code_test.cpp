// SPDX-License-Identifier: LGPL-2.1-or-later
// Models that are code, in the element.
#include <zlib.h>

#include <string>

#include "classify_harness.h"
#include "lib/formats/zip_bytes.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

constexpr int kSide = 28;  // pixels
constexpr std::size_t kDigits = 200;

// The first bytes behind the header of an IDX file.
std::string idx_bytes(const fs::path& path, std::size_t header,
                      std::size_t count) {
  std::string bytes(header + count, '\0');
  gzFile file = gzopen(path.c_str(), "rb");
  g_assert_nonnull(file);
  g_assert_cmpint(
      gzread(file, bytes.data(), static_cast<unsigned>(bytes.size())), ==,
      static_cast<int>(bytes.size()));
  gzclose(file);
  return bytes.substr(header);
}

GstBuffer* digit(const std::string& pixels, std::size_t index) {
  constexpr gsize kSize = kSide * kSide;
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, kSize, nullptr);
  gst_buffer_fill(buffer, 0, pixels.data() + index * kSize, kSize);
  GST_BUFFER_PTS(buffer) = index * kFrame;
  return buffer;
}

void test_lenet_reads_digits() {
  const fs::path model = real_data_or_skip("weights/pytorch_lenet5.pt");
  const fs::path folder = real_data_or_skip("mnist");
  if (model.empty() || folder.empty())
    return;
  const std::string pixels = idx_bytes(folder / "t10k-images-idx3-ubyte.gz", 16,
                                       kDigits * kSide * kSide);
  const std::string truth =
      idx_bytes(folder / "t10k-labels-idx1-ubyte.gz", 8, kDigits);
  Harness harness = make_harness(
      ("allow-code=true device=cpu model-file=" + model.string()).c_str());
  gst_harness_set_src_caps_str(harness.get(),
                               "video/x-raw,format=GRAY8,width=28,height=28");

  std::size_t right = 0;
  for (std::size_t i = 0; i < kDigits; ++i) {
    gst_harness_push(harness.get(), digit(pixels, i));
    g_autoptr(GstBuffer) answered = gst_harness_pull(harness.get());
    right += label_of(answered) == truth[i] ? 1 : 0;
  }

  g_assert_cmpuint(right, >=, kDigits * 97 / 100);
}

void test_code_is_refused_with_one_error() {
  const TemporaryFolder folder;
  const fs::path model = folder / "model.pt";
  write_file(model, zip_bytes({{"model/constants.pkl", ""},
                               {"model/code/__torch__.py", "import this"}}));
  const Lone lone(model.c_str());

  const auto result = gst_element_set_state(lone.element, GST_STATE_READY);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  assert_one_error(lone.bus, GST_STREAM_ERROR,
                   GST_STREAM_ERROR_NOT_IMPLEMENTED);
}

void test_allowed_code_must_still_be_code() {
  const TemporaryFolder folder;
  const fs::path model = folder / "model.pt";
  write_file(model, zip_bytes({{"model/constants.pkl", ""},
                               {"model/code/__torch__.py", "import this"}}));
  const Lone lone(model.c_str());
  g_object_set(lone.element, "allow-code", TRUE, nullptr);

  const auto result = gst_element_set_state(lone.element, GST_STATE_READY);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  assert_one_error(lone.bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/code/a-lenet-in-torchscript-reads-digits",
                  test_lenet_reads_digits);
  g_test_add_func("/code/is-refused-with-one-error-unless-allowed",
                  test_code_is_refused_with_one_error);
  g_test_add_func("/code/that-is-allowed-must-still-be-code",
                  test_allowed_code_must_still_be_code);
  return g_test_run();
}
