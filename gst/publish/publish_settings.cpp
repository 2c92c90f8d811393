// SPDX-License-Identifier: LGPL-2.1-or-later
#include "publish_settings.h"

#include "property_fields.h"

namespace torchclassify {
namespace {

constexpr auto kSecret = static_cast<GParamFlags>(
    G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

constexpr GEnumValue kMethods[] = {
    {static_cast<int>(Method::kFile), "A file or standard output", "file"},
    {static_cast<int>(Method::kMqtt), "An MQTT broker", "mqtt"},
    {static_cast<int>(Method::kKafka), "A Kafka cluster", "kafka"},
    {0, nullptr, nullptr}};
constexpr GEnumValue kDeliveries[] = {
    {static_cast<int>(Delivery::kAtMostOnce),
     "Sent once: MQTT QoS 0, Kafka acks=0", "at-most-once"},
    {static_cast<int>(Delivery::kAtLeastOnce),
     "Sent until acknowledged: MQTT QoS 1, Kafka acks=all", "at-least-once"},
    {0, nullptr, nullptr}};
constexpr GEnumValue kVersions[] = {
    {static_cast<int>(MqttVersion::k311), "MQTT 3.1.1", "3.1.1"},
    {static_cast<int>(MqttVersion::k5), "MQTT 5", "5"},
    {0, nullptr, nullptr}};
constexpr GEnumValue kPublishes[] = {
    {static_cast<int>(Publish::kAll), "Every frame that has results", "all"},
    {static_cast<int>(Publish::kChange),
     "Frames whose labels or objects differ from the last published", "change"},
    {static_cast<int>(Publish::kInterval), "At most one frame per interval",
     "interval"},
    {0, nullptr, nullptr}};

void add_string(GObjectClass* c, PublishProperty id, const char* name,
                const char* nick, const char* blurb, GParamFlags flags,
                const char* value = nullptr) {
  add(c, id, g_param_spec_string(name, nick, blurb, value, flags));
}

void install_target_properties(GObjectClass* c, const TransportOptions& d) {
  add_enum(c, kPublishMethod, "method", "Method", "Where results go",
           "GstTorchPublishMethod", kMethods, static_cast<int>(d.method),
           kReady);
  add_string(c, kPublishFilePath, "file-path", "File path",
             "File that method=file writes, a line per frame; - = standard "
             "output",
             kReady, d.file_path.c_str());
  add(c, kPublishAppend,
      g_param_spec_boolean("append", "Append",
                           "Write after what the file holds, instead of "
                           "replacing it",
                           d.append, kReady));
  add_string(c, kPublishAddress, "address", "Address",
             "Broker as host or host:port; for Kafka also several, separated "
             "by commas. Ports unless given: 8883 (MQTT), 9093 (Kafka), "
             "without TLS 1883 and 9092",
             kReady);
  add_string(c, kPublishTopic, "topic", "Topic",
             "Topic to publish to; MQTT's wildcards + and # are refused",
             kReady);
  add_enum(c, kPublishDelivery, "delivery", "Delivery",
           "What happens to results that the broker has not acknowledged",
           "GstTorchPublishDelivery", kDeliveries, static_cast<int>(d.delivery),
           kReady);
  add_enum(c, kPublishMqttVersion, "mqtt-version", "MQTT version",
           "Version of the protocol that method=mqtt speaks",
           "GstTorchPublishMqttVersion", kVersions,
           static_cast<int>(d.mqtt_version), kReady);
  add_string(c, kPublishSource, "source", "Source",
             "Name of the stream, in each line and as Kafka's key", kReady);
}

void install_security_properties(GObjectClass* c, const TransportOptions& d) {
  add_string(c, kPublishClientId, "client-id", "Client id",
             "Name by which the broker knows this element; unset = a random "
             "one",
             kReady);
  add_string(c, kPublishUsername, "username", "User name",
             "User name for the broker", kReady);
  add_string(c, kPublishPassword, "password", "Password",
             "Password for the broker; cannot be read back", kSecret);
  add(c, kPublishTls,
      g_param_spec_boolean("tls", "TLS",
                           "Encrypt the connection and verify the broker's "
                           "certificate and name",
                           d.tls, kReady));
  add_string(c, kPublishCaFile, "ca-file", "CA file",
             "Certificates (PEM) of the authorities that may vouch for the "
             "broker; unset = the system's",
             kReady);
  add_string(c, kPublishCertFile, "cert-file", "Certificate file",
             "Certificate (PEM) of this client; needs key-file", kReady);
  add_string(c, kPublishKeyFile, "key-file", "Key file",
             "Private key (PEM, not encrypted) of cert-file", kReady);
}

void install_record_properties(GObjectClass* c, const RecordOptions& d) {
  add_enum(c, kPublishPublish, "publish", "Publish",
           "Which frames are published", "GstTorchPublishPublish", kPublishes,
           static_cast<int>(d.publish), kPlaying);
  add(c, kPublishInterval,
      g_param_spec_uint64("interval", "Interval",
                          "Least running time between two frames that "
                          "publish=interval publishes, in nanoseconds",
                          0, G_MAXINT64, d.interval, kPlaying));
  add(c, kPublishMaxQueue,
      g_param_spec_uint("max-queue", "Maximum queue",
                        "How many lines may wait to be sent; the oldest are "
                        "dropped",
                        1, 10'000'000, d.max_queue, kPlaying));
  add(c, kPublishDrainTimeout,
      g_param_spec_uint64("drain-timeout", "Drain timeout",
                          "Longest that the end of the stream waits for lines "
                          "to be acknowledged, in nanoseconds; 0 = not at all",
                          0, 3600 * GST_SECOND, d.drain_timeout, kPlaying));
  add(c, kPublishStats,
      g_param_spec_boxed("stats", "Statistics",
                         "Counts of lines since READY, and whether there is a "
                         "connection",
                         GST_TYPE_STRUCTURE, kReadable));
}

using SettingField = Field<Method, Delivery, MqttVersion, Publish>;

SettingField target_field(TransportOptions& o, guint id) {
  switch (id) {
    case kPublishMethod:
      return &o.method;
    case kPublishFilePath:
      return &o.file_path;
    case kPublishAppend:
      return &o.append;
    case kPublishAddress:
      return &o.address;
    case kPublishTopic:
      return &o.topic;
    case kPublishDelivery:
      return &o.delivery;
    case kPublishMqttVersion:
      return &o.mqtt_version;
    case kPublishSource:
      return &o.source;
    default:
      return std::monostate{};
  }
}

SettingField security_field(TransportOptions& o, guint id) {
  switch (id) {
    case kPublishClientId:
      return &o.client_id;
    case kPublishUsername:
      return &o.username;
    case kPublishPassword:
      return &o.password;
    case kPublishTls:
      return &o.tls;
    case kPublishCaFile:
      return &o.ca_file;
    case kPublishCertFile:
      return &o.cert_file;
    case kPublishKeyFile:
      return &o.key_file;
    default:
      return std::monostate{};
  }
}

SettingField record_field(RecordOptions& o, guint id) {
  switch (id) {
    case kPublishPublish:
      return &o.publish;
    case kPublishInterval:
      return &o.interval;
    case kPublishMaxQueue:
      return &o.max_queue;
    case kPublishDrainTimeout:
      return &o.drain_timeout;
    default:
      return std::monostate{};
  }
}

// Empty if the property is not one of PublishSettings.
SettingField field_of(PublishSettings& settings, guint id) {
  for (const SettingField& field : {target_field(settings.transport, id),
                                    security_field(settings.transport, id),
                                    record_field(settings.record, id)}) {
    if (field.index() != 0)
      return field;
  }
  return std::monostate{};
}

}  // namespace

void install_publish_properties(GObjectClass* object_class) {
  const PublishSettings defaults;
  install_target_properties(object_class, defaults.transport);
  install_security_properties(object_class, defaults.transport);
  install_record_properties(object_class, defaults.record);
}

bool set_publish_setting(PublishSettings& settings, guint id,
                         const GValue* value) {
  return set_field(field_of(settings, id), value);
}

bool get_publish_setting(const PublishSettings& settings, guint id,
                         GValue* value) {
  // Only read through: one list of the fields serves both ways.
  return get_field(field_of(const_cast<PublishSettings&>(settings), id), value);
}

}  // namespace torchclassify
