package io.mop.capture;

/** Whose a connection is, and its two ends, as its OPEN record tells them. */
final class Ends {
  private boolean opened;
  private Resource process;
  private Endpoint local = Endpoint.UNKNOWN;
  private Endpoint remote = Endpoint.UNKNOWN;
  private Transport transport = Transport.UNKNOWN;
  private boolean listening;

  /** An OPEN record; one that is repeated says the same. */
  void open(Record r, Processes processes) {
    if (opened) return;
    opened = true;
    int tgid = r.openTgid();
    int family = r.openShort(Record.OPEN_FAMILY);
    transport = Transport.of(family);
    byte[] address = new byte[16];
    r.payload(Record.OPEN_LOCAL, address, 0, 16);
    local = Endpoint.of(family, address, r.openShort(Record.OPEN_LOCAL_PORT));
    r.payload(Record.OPEN_REMOTE, address, 0, 16);
    remote = Endpoint.of(family, address, r.openShort(Record.OPEN_REMOTE_PORT));
    process = processes.resource(tgid, r.openCommand());
    listening = local.known() && processes.listens(tgid, local.port());
  }

  /** A record without an OPEN before it: the process is that of its thread. */
  void at(Record r, Processes processes) {
    if (process == null) process = processes.resource(processes.tgid(r.tid()));
  }

  Resource process() {
    return process;
  }

  Endpoint local() {
    return local;
  }

  Endpoint remote() {
    return remote;
  }

  /** The end that is the server's; the process is that or the client. */
  Endpoint server(boolean isServer) {
    return isServer ? local : remote;
  }

  Transport transport() {
    return transport;
  }

  /** Whether the process listens on the local port. */
  boolean listening() {
    return listening;
  }
}
