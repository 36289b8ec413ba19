package io.mop.capture;

import io.mop.api.data.Text;

/** What a connection that no decoder reads was recognised as. */
enum WireKind {
  UNKNOWN("unknown", "", ""),
  TLS("tls", "", "TLS"),
  HTTP1("http", "http", "HTTP/1"),
  HTTP2("http2", "http", "HTTP/2"),
  REDIS("redis", "redis", "Redis"),
  POSTGRESQL("postgresql", "postgresql", "PostgreSQL"),
  MYSQL("mysql", "mysql", "MySQL"),
  KAFKA("kafka", "kafka", "Kafka"),
  AMQP("amqp", "amqp", "AMQP"),
  MONGODB("mongodb", "mongodb", "MongoDB"),
  MQTT("mqtt", "mqtt", "MQTT"),
  NATS("nats", "nats", "NATS"),
  SSH("ssh", "ssh", "SSH"),
  DNS("dns", "dns", "DNS");

  /** Name of the edge, of its counter, and of the plugin that would decode it. */
  final String key;

  final Text name;
  /** {@code network.protocol.name}; empty if the application's protocol is not known. */
  final Text protocol;
  /** As in a sentence. */
  final String title;

  WireKind(String key, String protocol, String title) {
    this.key = key;
    name = Text.of(key);
    this.protocol = Text.of(protocol);
    this.title = title;
  }
}
