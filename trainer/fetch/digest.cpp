// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>

#include "formats/mapped_file.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Digest {
 public:
  explicit Digest(DigestKind kind) : kind_(kind), context_(EVP_MD_CTX_new()) {
    const EVP_MD* method =
        kind == DigestKind::kSha256 ? EVP_sha256() : EVP_md5();
    check(context_ && EVP_DigestInit_ex(context_.get(), method, nullptr) == 1);
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
  void check(bool done) const {
    if (!done)
      throw Error(ErrorCode::kInternal,
                  std::string("OpenSSL cannot compute ") + digest_name(kind_));
  }

  const DigestKind kind_;
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

const char* digest_name(DigestKind kind) {
  return kind == DigestKind::kSha256 ? "SHA-256" : "MD5";
}

std::string digest_of_file(const fs::path& path, DigestKind kind) {
  constexpr std::size_t kPiece = 1 << 20;  // read and let go at a time
  const MappedFile file(path);
  Digest digest(kind);
  for (std::size_t at = 0; at < file.size(); at += kPiece) {
    const auto piece =
        file.bytes().subspan(at, std::min(kPiece, file.size() - at));
    digest.update(piece.data(), piece.size());
    file.release(piece);
  }
  return digest.finish();
}

bool has_digest(const fs::path& path, DigestKind kind,
                const std::string& prefix) {
  std::error_code error;
  return fs::is_regular_file(path, error) &&
         digest_of_file(path, kind).starts_with(prefix);
}

}  // namespace torchclassify
