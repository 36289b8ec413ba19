package io.mop.bpf;

import io.mop.testkit.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Real servers and clients that speak HTTP/1.1 over TLS by OpenSSL, as processes of the test. */
final class TlsPeers {
  private static final String PYTHON_SERVER = """
      import socket, ssl, sys
      tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      tls.load_cert_chain(sys.argv[2], sys.argv[3])
      listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
      while True:
          plain, _ = listening.accept()
          try:
              with tls.wrap_socket(plain, server_side=True) as c:
                  unread = b""
                  while data := c.recv(65536):
                      unread += data
                      while b"\\r\\n\\r\\n" in unread:
                          head, unread = unread.split(b"\\r\\n\\r\\n", 1)
                          path = head.split(b" ")[1]
                          c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(path) + path)
          except OSError:
              pass
      """;
  private static final String PYTHON_CLIENT = """
      import socket, ssl, sys
      tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      tls.check_hostname = False
      tls.verify_mode = ssl.CERT_NONE
      with tls.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])))) as c:
          for path in sys.stdin:
              c.sendall(b"GET %s HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n" % path.strip().encode())
              answer = b""
              while b"\\r\\n\\r\\n" not in answer or len(answer) < end:
                  answer += c.recv(65536)
                  head = answer.split(b"\\r\\n\\r\\n")[0]
                  end = len(head) + 4 + int(head.split(b"Content-Length: ")[1].split(b"\\r")[0])
              print(answer.decode(), flush=True)
      """;
  private static final String NODE_SERVER = """
      const fs = require('fs');
      const [port, cert, key] = process.argv.slice(2);
      require('https').createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, (q, a) => {
        const body = Buffer.from(q.url);
        a.writeHead(200, { 'Content-Length': body.length });
        a.end(body);
      }).listen(+port, '127.0.0.1');
      """;

  private static final String NODE_CLIENT = """
      const https = require('https');
      const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
      require('readline').createInterface({ input: process.stdin }).on('line', path =>
        https.get({ port: +process.argv[2], path, agent, host: '127.0.0.1', rejectUnauthorized: false },
          a => a.resume()));
      """;

  private final Path directory;
  private final int port;

  TlsPeers(Path directory) {
    this.directory = directory;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    new TestCertificates("tls").issue("localhost", "EC").write(directory, "server");
  }

  int port() {
    return port;
  }

  private String write(String name, String content) {
    try {
      return Files.writeString(directory.resolve(name), content).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String certificate(String kind) {
    return directory.resolve("server." + kind).toString();
  }

  /** @param master whether a worker process is forked that serves; else one process does all */
  Child nginx(boolean master) {
    String configuration = """
        daemon off; master_process %s; worker_processes 1; pid nginx.pid; user root; error_log stderr crit;
        events { worker_connections 64; }
        http {
          log_format line "$request"; access_log access.log line;
          keepalive_requests 1000000; keepalive_timeout 600s;
          client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          server { listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s;
            location / { return 200 "of $uri"; } }
        }
        """.formatted(master ? "on" : "off", port, certificate("crt"), certificate("key"));
    return new Child("nginx", "-p", directory.toString(), "-c", write("nginx.conf", configuration), "-e", "stderr");
  }

  /** Lines of nginx's log. */
  long logged(String part) {
    try {
      return Files.readAllLines(directory.resolve("access.log")).stream().filter(l -> l.contains(part)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** @param variable of its environment */
  Child pythonServer(String variable) {
    String script = write("server.py", PYTHON_SERVER);
    return new Child("env", variable, "python3", script, "" + port, certificate("crt"), certificate("key"));
  }

  /** Sends a request for each line that it is told. */
  Child pythonClient() {
    return new Child("python3", write("client.py", PYTHON_CLIENT), "" + port);
  }

  Child nodeServer() {
    return new Child("node", write("server.js", NODE_SERVER), "" + port, certificate("crt"), certificate("key"));
  }

  /** Sends a request for each line that it is told, one after the other on one connection. */
  Child nodeClient() {
    return new Child("node", write("client.js", NODE_CLIENT), "" + port);
  }

  Child curl(String paths) {
    return new Child("curl", "-sk", "--http1.1", "https://127.0.0.1:" + port + paths);
  }

  /** Lets a server run and waits until it accepts. */
  Child serving(Child server) {
    server.run();
    for (long end = System.nanoTime() + 60_000_000_000L; ; LockSupport.parkNanos(5_000_000)) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return server;
      } catch (IOException e) {
        if (System.nanoTime() > end || !server.alive()) throw new AssertionError("it does not accept", e);
      }
    }
  }
}
