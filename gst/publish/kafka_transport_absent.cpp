// SPDX-License-Identifier: LGPL-2.1-or-later
// Stands for kafka_transport.cpp in a build without librdkafka.
#include "kafka_transport.h"
#include "torchclassify/error.h"

namespace torchclassify {

std::unique_ptr<Transport> make_kafka_transport(const TransportOptions&) {
  throw Error(ErrorCode::kUnsupported,
              "method=kafka is not available: torchpublish was built without "
              "librdkafka");
}

}  // namespace torchclassify
