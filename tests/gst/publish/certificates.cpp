// SPDX-License-Identifier: LGPL-2.1-or-later
#include "certificates.h"

#include <glib.h>

#include <memory>
#include <string>
#include <vector>

#include "subprocess.h"

namespace support {
namespace {

void openssl(const TemporaryFolder& folder, const std::string& name,
             const std::string& subject, std::vector<std::string> more) {
  std::vector<std::string> words = {"openssl",
                                    "req",
                                    "-x509",
                                    "-newkey",
                                    "ec",
                                    "-pkeyopt",
                                    "ec_paramgen_curve:prime256v1",
                                    "-nodes",
                                    "-days",
                                    "2",
                                    "-subj",
                                    "/CN=" + subject,
                                    "-keyout",
                                    folder / (name + ".key"),
                                    "-out",
                                    folder / (name + ".pem")};
  words.insert(words.end(), more.begin(), more.end());
  const Ended ended = run(words);
  if (ended.status != 0)
    g_test_message("openssl: %s", ended.err.c_str());
  g_assert_cmpint(ended.status, ==, 0);
}

}  // namespace

const TemporaryFolder& certificates() {
  static const auto folder = [] {
    auto made = std::make_unique<TemporaryFolder>();
    openssl(*made, "ca", "authority", {});
    openssl(*made, "other", "other authority", {});
    const auto by_ca = [&](const char* name, const char* subject) {
      const std::string names = std::string("subjectAltName=DNS:") + subject;
      openssl(*made, name, subject,
              {"-CA", *made / "ca.pem", "-CAkey", *made / "ca.key", "-addext",
               names});
    };
    by_ca("server", "localhost");
    by_ca("stranger", "elsewhere.example");
    by_ca("client", "camera");
    return made;
  }();
  return *folder;
}

}  // namespace support
