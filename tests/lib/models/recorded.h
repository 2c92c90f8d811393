// SPDX-License-Identifier: LGPL-2.1-or-later
// One section of what a reference implementation was recorded to do.
#pragma once

#include <glib.h>

#include <memory>
#include <string>

#include <torch/torch.h>

#include "support/test_files.h"

namespace support {

// A missing key is a failed test.
class Recorded {
 public:
  // file: below tests/data.
  Recorded(const char* file, const std::string& section) : section_(section) {
    g_autoptr(GError) error = nullptr;
    g_key_file_load_from_file(file_.get(), test_file(file).c_str(),
                              G_KEY_FILE_NONE, &error);
    g_assert_no_error(error);
  }

  bool has(const char* key) const {
    return g_key_file_has_key(file_.get(), section_.c_str(), key, nullptr);
  }
  std::string text(const char* key) const {
    g_autoptr(GError) error = nullptr;
    g_autofree char* value =
        g_key_file_get_string(file_.get(), section_.c_str(), key, &error);
    g_assert_no_error(error);
    return value;
  }
  std::int64_t integer(const char* key) const { return std::stoll(text(key)); }
  double number(const char* key) const { return std::stod(text(key)); }
  torch::Tensor list(const char* key) const {  // float64
    g_autoptr(GError) error = nullptr;
    gsize count = 0;
    g_autofree double* values = g_key_file_get_double_list(
        file_.get(), section_.c_str(), key, &count, &error);
    g_assert_no_error(error);
    return torch::tensor(c10::ArrayRef<double>(values, count));
  }

 private:
  const std::string section_;
  const std::unique_ptr<GKeyFile, decltype(&g_key_file_unref)> file_{
      g_key_file_new(), g_key_file_unref};
};

}  // namespace support
