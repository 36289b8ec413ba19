package io.mop.capture;

/** Protocols whose messages begin with their length. */
final class BinaryPatterns {
  private static final int PG_PROTOCOL_3 = 3 << 16;
  private static final int PG_SSL = 80877103;
  private static final int PG_GSS = 80877104;
  private static final int PG_CANCEL = 80877102;
  private static final int MYSQL_SSL = 0x800;
  private static final int KAFKA_APIS = 100;
  private static final int KAFKA_VERSIONS = 20;
  private static final int KAFKA_MAX = 100 << 20;
  private static final int MONGO_QUERY = 2004;
  private static final int MONGO_COMPRESSED = 2012;
  private static final int MONGO_MSG = 2013;
  private static final int MONGO_MAX = 48_000_000 + (16 << 10);

  private BinaryPatterns() {}

  /** Startup, encryption or cancel request of a client; or what a server says once the client is known. */
  static Recognition postgres(Prefix p) {
    long length = p.u32(0);
    long code = p.u32(4);
    if (code == PG_SSL && length == 8 && TlsRecords.hello(p, 8).known()) {
      return Recognition.when(true, WireKind.TLS, Role.CLIENT);
    }
    boolean startup =
        (code == PG_PROTOCOL_3 || code == PG_PROTOCOL_3 + 2)
            && length > 9
            && length <= 10_000
            && p.find(0, 8) > 8
            && p.printable(8, p.find(0, 8));
    boolean request = (code == PG_SSL || code == PG_GSS) && length == 8 || code == PG_CANCEL && length >= 16;
    if (startup || request) return Recognition.when(true, WireKind.POSTGRESQL, Role.CLIENT);
    return Recognition.when(pgBackend(p), WireKind.POSTGRESQL, Role.SERVER);
  }

  /** At least two backend messages of which one has the length that its type has always, or ReadyForQuery. */
  private static boolean pgBackend(Prefix p) {
    int messages = 0;
    int fixed = 0;
    for (int at = 0; p.u32(at + 1) >= 0; at += 1 + (int) p.u32(at + 1)) {
      int type = p.at(at);
      long length = p.u32(at + 1);
      if (length < 4 || length > 1 << 20 || "123CDEIKNRSTZnst".indexOf(type) < 0) return false;
      boolean bare = "123Ins".indexOf(type) >= 0;
      if (bare && length != 4 || type == 'K' && length != 12 || type == 'Z' && length != 5) return false;
      if (type == 'Z' && p.at(at + 5) >= 0 && "ITE".indexOf(p.at(at + 5)) < 0) return false;
      messages++;
      if (bare || type == 'K' || type == 'Z') fixed++;
    }
    return messages > 1 && fixed > 0;
  }

  /** The greeting of a server: protocol 10 and a version such as 8.0.36; or a client that turns to TLS. */
  static Recognition mysql(Prefix p) {
    long header = p.u32le(0);
    if (header == (1 << 24 | 32) && (p.u32le(4) & MYSQL_SSL) != 0 && TlsRecords.hello(p, 36).known()) {
      return Recognition.when(true, WireKind.TLS, Role.CLIENT);
    }
    int end = p.find(0, 5);
    boolean greeting =
        header >= 32 && header < 1 << 9 && p.at(4) == 10 && end > 8 && p.at(5) >= '0' && p.at(5) <= '9'
            && p.find('.', 5) > 0 && p.find('.', 5) < end && p.printable(5, end);
    return Recognition.when(greeting, WireKind.MYSQL, Role.SERVER);
  }

  /** A request with the name of its client. */
  static Recognition kafka(Prefix p) {
    int name = p.u16(12);
    boolean named =
        kafkaRequest(p)
            && name > 0
            && name < 250
            && p.u32(0) >= 10 + name
            && p.length() >= 14 + Math.min(name, 8)
            && p.printable(14, 14 + name);
    return Recognition.when(named, WireKind.KAFKA, Role.CLIENT);
  }

  private static boolean kafkaRequest(Prefix p) {
    return p.u32(0) >= 10
        && p.u32(0) <= KAFKA_MAX
        && p.u16(4) >= 0
        && p.u16(4) < KAFKA_APIS
        && p.u16(6) >= 0
        && p.u16(6) <= KAFKA_VERSIONS;
  }

  /** A request without a name whose number the other direction gives back. */
  static boolean kafkaAnswered(Prefix request, Prefix response) {
    long size = response.u32(0);
    return kafkaRequest(request)
        && request.u16(12) == 0xffff
        && size >= 4
        && size <= KAFKA_MAX
        && request.u32(8) == response.u32(4);
  }

  static Recognition mongo(Prefix p) {
    long length = p.u32le(0);
    long flags = p.u32le(16);
    if (length < 26 || length > MONGO_MAX || flags < 0) return Recognition.UNKNOWN;
    int operation = (int) p.u32le(12);
    boolean sure =
        operation == MONGO_MSG && (flags & ~0x10003) == 0 && (p.at(20) == 0 || p.at(20) == 1)
            || operation == MONGO_COMPRESSED && (flags == MONGO_MSG || flags == MONGO_QUERY)
            || operation == MONGO_QUERY && p.has(20, "admin.$cmd\0");
    return Recognition.when(sure, WireKind.MONGODB, p.u32le(8) == 0 ? Role.CLIENT : Role.SERVER);
  }

  /** CONNECT, with a length of one or two bytes. */
  static Recognition mqtt(Prefix p) {
    int name = p.at(1) < 0x80 ? 2 : 3;
    boolean sure = p.at(0) == 0x10 && (p.has(name, "\0\4MQTT") || p.has(name, "\0\6MQIsdp"));
    return Recognition.when(sure, WireKind.MQTT, Role.CLIENT);
  }

  /** One question of class IN, whole. */
  static Recognition dns(Prefix p) {
    int flags = p.u16(4);
    if (flags < 0 || (flags & 0x7840) != 0 || p.u16(6) != 1) return Recognition.UNKNOWN;
    boolean response = (flags & 0x8000) != 0;
    boolean query = (flags & 0xf) == 0 && p.u16(8) == 0 && p.u16(10) == 0 && p.u16(12) <= 2;
    int end = name(p, 14);
    boolean sure = (response || query) && end > 0 && p.u16(end + 2) == 1 && p.u16(end) > 0 && p.u16(0) >= end + 2;
    return Recognition.when(sure, WireKind.DNS, response ? Role.SERVER : Role.CLIENT);
  }

  /** The end of a domain name of at least one label; -1 if there is none. */
  private static int name(Prefix p, int at) {
    int i = at;
    for (int label; (label = p.at(i)) > 0; i += 1 + label) {
      if (label > 63 || i + 1 + label > p.length()) return -1;
      for (int k = i + 1; k <= i + label; k++) if (p.at(k) <= ' ' || p.at(k) > '~') return -1;
    }
    return i > at && p.at(i) == 0 ? i + 1 : -1;
  }
}
