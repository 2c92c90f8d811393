// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of torchpublish: their values, and their place in GObject.
#pragma once

#include <gst/gst.h>

#include <string>

namespace torchclassify {

enum class Method { kFile, kMqtt, kKafka };
enum class Delivery { kAtMostOnce, kAtLeastOnce };
enum class MqttVersion { k311, k5 };
enum class Publish { kAll, kChange, kInterval };

// Read when the element goes to READY.
struct TransportOptions {
  Method method = Method::kFile;
  std::string file_path = "-";  // "-": standard output
  bool append = false;
  std::string address;
  std::string topic;
  std::string client_id;  // empty: a random one
  std::string username;
  std::string password;
  bool tls = true;
  std::string ca_file;  // empty: the system's authorities
  std::string cert_file;
  std::string key_file;
  Delivery delivery = Delivery::kAtLeastOnce;
  MqttVersion mqtt_version = MqttVersion::k311;
  std::string source;  // of the stream: in each line, and Kafka's key
};

// Read for each frame.
struct RecordOptions {
  Publish publish = Publish::kAll;
  GstClockTime interval = GST_SECOND;
  guint max_queue = 1000;  // lines
  GstClockTime drain_timeout = 5 * GST_SECOND;
};

// The one place of the defaults.
struct PublishSettings {
  TransportOptions transport;
  RecordOptions record;
};

enum PublishProperty : guint {
  kPublishMethod = 1,
  kPublishFilePath,
  kPublishAppend,
  kPublishAddress,
  kPublishTopic,
  kPublishClientId,
  kPublishUsername,
  kPublishPassword,
  kPublishTls,
  kPublishCaFile,
  kPublishCertFile,
  kPublishKeyFile,
  kPublishDelivery,
  kPublishMqttVersion,
  kPublishPublish,
  kPublishInterval,
  kPublishMaxQueue,
  kPublishDrainTimeout,
  kPublishSource,
  kPublishStats,  // read-only: not of PublishSettings
};

void install_publish_properties(GObjectClass* object_class);
// False if the property is not one of PublishSettings. The caller holds the
// lock.
bool set_publish_setting(PublishSettings& settings, guint id,
                         const GValue* value);
bool get_publish_setting(const PublishSettings& settings, guint id,
                         GValue* value);

}  // namespace torchclassify
