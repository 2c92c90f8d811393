// SPDX-License-Identifier: LGPL-2.1-or-later
// Certificates for torchpublish's tests.
#pragma once

#include "support/test_files.h"

namespace support {

// An authority, ca.pem, with the certificates server (for localhost), stranger
// (for another name) and client, each NAME.pem and NAME.key, and another
// authority, other.pem; made once per process.
const TemporaryFolder& certificates();

}  // namespace support
