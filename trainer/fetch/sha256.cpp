// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/sha256.h"

#include <algorithm>
#include <string_view>

#include "fetch/digest.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

// 19000101 to 20991231: eight digits that a hash is not likely to be.
bool reads_as_date(const std::string& digits) {
  if (digits.size() != 8 ||
      digits.find_first_not_of("0123456789") != std::string::npos)
    return false;
  const int number = std::stoi(digits);
  const int year = number / 10000, month = number / 100 % 100,
            day = number % 100;
  return year >= 1900 && year < 2100 && month >= 1 && month <= 12 && day >= 1 &&
         day <= 31;
}

}  // namespace

std::string sha256_prefix_in_name(const std::string& file_name) {
  constexpr std::size_t kLeast = 8;
  constexpr std::size_t kMost = 64;
  constexpr std::string_view kExtensions[] = {".pth", ".th", ".pt", ".bin",
                                              ".safetensors"};
  const std::size_t dot = file_name.rfind('.');
  const std::size_t dash = file_name.rfind('-');
  if (dot == std::string::npos || dash == std::string::npos || dash > dot ||
      !std::ranges::count(kExtensions, std::string_view(file_name).substr(dot)))
    return {};
  const std::string digits = file_name.substr(dash + 1, dot - dash - 1);
  const bool hash =
      digits.size() >= kLeast && digits.size() <= kMost &&
      digits.find_first_not_of("0123456789abcdef") == std::string::npos &&
      !reads_as_date(digits);
  return hash ? digits : std::string();
}

void check_sha256_in_name(const fs::path& path) {
  const std::string prefix = sha256_prefix_in_name(path.filename().string());
  if (prefix.empty())
    return;
  const std::string hash = digest_of_file(path, DigestKind::kSha256);
  if (!hash.starts_with(prefix))
    throw Error(ErrorCode::kBadData,
                "expected a file whose SHA-256 begins with " + prefix +
                    ", got " + hash + ": " + path.string());
}

}  // namespace torchclassify
