// SPDX-License-Identifier: LGPL-2.1-or-later
// Lines to a Kafka cluster.
#pragma once

#include <memory>

#include "publish_settings.h"
#include "transport.h"

namespace torchclassify {

// Checks the options; nothing is connected yet. Throws Error, kUnsupported
// where torchpublish was built without librdkafka.
std::unique_ptr<Transport> make_kafka_transport(
    const TransportOptions& options);

}  // namespace torchclassify
