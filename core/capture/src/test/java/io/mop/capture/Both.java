package io.mop.capture;

/** A connection of which both ends are seen: what one sends is what the other receives. */
final class Both {
  static final int CLIENT = 100;
  static final int SERVER = 200;
  private static long next = 1000;

  final Wire client;
  final Wire server;

  /** Between the processes {@link #CLIENT} and {@link #SERVER}. */
  Both(Capture capture, int port) {
    this(capture, CLIENT, port, SERVER);
  }

  Both(Capture capture, int clientProcess, int port, int serverProcess) {
    client = new Wire(next++, capture);
    server = new Wire(next++, capture);
    client.tgid = clientProcess;
    server.tgid = serverProcess;
    server.tx = client.rx;
    server.rx = client.tx;
    client.open(1, port, 2, Wire.SERVER_PORT);
    server.open(2, Wire.SERVER_PORT, 1, port);
  }

  Both request(String path) {
    client.send(message(path));
    server.recv(message(path));
    return this;
  }

  Both answer() {
    server.send("R\n");
    client.recv("R\n");
    return this;
  }

  Both exchange(String path) {
    return request(path).answer();
  }

  static String message(String path) {
    return message(path, 0, 0);
  }

  static String message(String path, long trace, long span) {
    return "QGET " + path + " " + trace + " " + span + "\n";
  }
}
