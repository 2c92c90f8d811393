// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <system_error>

#include "formats/mapped_file.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    check(context_ &&
          EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  void update(const void* bytes, std::size_t size) {
    check(EVP_DigestUpdate(context_.get(), bytes, size) == 1);
  }

  std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
      hex += "0123456789abcdef"[digest[i] >> 4];
      hex += "0123456789abcdef"[digest[i] & 15];
    }
    return hex;
  }

 private:
  static void check(bool done) {
    if (!done)
      throw Error(ErrorCode::kInternal, "OpenSSL cannot compute SHA-256");
  }

  const std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

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

std::string sha256_of_file(const fs::path& path) {
  constexpr std::size_t kPiece = 1 << 20;  // read and let go at a time
  const MappedFile file(path);
  Sha256 hash;
  for (std::size_t at = 0; at < file.size(); at += kPiece) {
    const auto piece =
        file.bytes().subspan(at, std::min(kPiece, file.size() - at));
    hash.update(piece.data(), piece.size());
    file.release(piece);
  }
  return hash.finish();
}

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

bool has_sha256(const fs::path& path, const std::string& prefix) {
  std::error_code error;
  return fs::is_regular_file(path, error) &&
         sha256_of_file(path).starts_with(prefix);
}

void check_sha256(const fs::path& path, const std::string& prefix) {
  if (prefix.empty())
    return;
  const std::string hash = sha256_of_file(path);
  if (!hash.starts_with(prefix))
    throw Error(ErrorCode::kBadData,
                "expected a file whose SHA-256 begins with " + prefix +
                    ", got " + hash + ": " + path.string());
}

void check_sha256_in_name(const fs::path& path) {
  check_sha256(path, sha256_prefix_in_name(path.filename().string()));
}

}  // namespace torchclassify
