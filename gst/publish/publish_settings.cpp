// SPDX-License-Identifier: LGPL-2.1-or-later
#include "publish_settings.h"

namespace torchclassify {
namespace {

constexpr auto kReady = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kSecret = static_cast<GParamFlags>(
    G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kPlaying = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
constexpr auto kReadable =
    static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

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

// The type's values live as long as the program, as GObject wants.
GType enum_type(const char* name, const GEnumValue* values) {
  const GType known = g_type_from_name(name);
  return known ? known : g_enum_register_static(name, values);
}

void add(GObjectClass* c, PublishProperty id, GParamSpec* spec) {
  g_object_class_install_property(c, id, spec);
}

void add_enum(GObjectClass* c, PublishProperty id, const char* name,
              const char* nick, const char* blurb, const char* type,
              const GEnumValue* values, int value, GParamFlags flags) {
  const GType gtype = enum_type(type, values);
  gst_type_mark_as_plugin_api(gtype, static_cast<GstPluginAPIFlags>(0));
  add(c, id, g_param_spec_enum(name, nick, blurb, gtype, value, flags));
}

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

// The strings, by their ids; null for any other.
std::string* string_setting(PublishSettings& s, guint id) {
  switch (id) {
    case kPublishFilePath:
      return &s.transport.file_path;
    case kPublishAddress:
      return &s.transport.address;
    case kPublishTopic:
      return &s.transport.topic;
    case kPublishClientId:
      return &s.transport.client_id;
    case kPublishUsername:
      return &s.transport.username;
    case kPublishPassword:
      return &s.transport.password;
    case kPublishCaFile:
      return &s.transport.ca_file;
    case kPublishCertFile:
      return &s.transport.cert_file;
    case kPublishKeyFile:
      return &s.transport.key_file;
    case kPublishSource:
      return &s.transport.source;
    default:
      return nullptr;
  }
}

void set_string(std::string& setting, const GValue* value) {
  const char* text = g_value_get_string(value);
  setting = text ? text : "";
}

}  // namespace

void install_publish_properties(GObjectClass* object_class) {
  const PublishSettings defaults;
  install_target_properties(object_class, defaults.transport);
  install_security_properties(object_class, defaults.transport);
  install_record_properties(object_class, defaults.record);
}

bool set_publish_setting(PublishSettings& s, guint id, const GValue* value) {
  if (std::string* setting = string_setting(s, id)) {
    set_string(*setting, value);
    return true;
  }
  switch (id) {
    case kPublishMethod:
      s.transport.method = static_cast<Method>(g_value_get_enum(value));
      return true;
    case kPublishAppend:
      s.transport.append = g_value_get_boolean(value);
      return true;
    case kPublishTls:
      s.transport.tls = g_value_get_boolean(value);
      return true;
    case kPublishDelivery:
      s.transport.delivery = static_cast<Delivery>(g_value_get_enum(value));
      return true;
    case kPublishMqttVersion:
      s.transport.mqtt_version =
          static_cast<MqttVersion>(g_value_get_enum(value));
      return true;
    case kPublishPublish:
      s.record.publish = static_cast<Publish>(g_value_get_enum(value));
      return true;
    case kPublishInterval:
      s.record.interval = g_value_get_uint64(value);
      return true;
    case kPublishMaxQueue:
      s.record.max_queue = g_value_get_uint(value);
      return true;
    case kPublishDrainTimeout:
      s.record.drain_timeout = g_value_get_uint64(value);
      return true;
    default:
      return false;
  }
}

bool get_publish_setting(const PublishSettings& s, guint id, GValue* value) {
  if (const std::string* setting =
          string_setting(const_cast<PublishSettings&>(s), id)) {
    g_value_set_string(value, setting->empty() ? nullptr : setting->c_str());
    return true;
  }
  switch (id) {
    case kPublishMethod:
      g_value_set_enum(value, static_cast<int>(s.transport.method));
      return true;
    case kPublishAppend:
      g_value_set_boolean(value, s.transport.append);
      return true;
    case kPublishTls:
      g_value_set_boolean(value, s.transport.tls);
      return true;
    case kPublishDelivery:
      g_value_set_enum(value, static_cast<int>(s.transport.delivery));
      return true;
    case kPublishMqttVersion:
      g_value_set_enum(value, static_cast<int>(s.transport.mqtt_version));
      return true;
    case kPublishPublish:
      g_value_set_enum(value, static_cast<int>(s.record.publish));
      return true;
    case kPublishInterval:
      g_value_set_uint64(value, s.record.interval);
      return true;
    case kPublishMaxQueue:
      g_value_set_uint(value, s.record.max_queue);
      return true;
    case kPublishDrainTimeout:
      g_value_set_uint64(value, s.record.drain_timeout);
      return true;
    default:
      return false;
  }
}

}  // namespace torchclassify
