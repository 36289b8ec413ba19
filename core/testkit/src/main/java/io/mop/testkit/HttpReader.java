package io.mop.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;

/** Reads the pieces of an HTTP/1.1 message. */
final class HttpReader {
  private HttpReader() {}

  /** By Content-Length or chunked; {@code headers} have names in lower case. */
  static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
    if (!"chunked".equals(headers.get("transfer-encoding"))) {
      return exactly(in, Integer.parseInt(headers.getOrDefault("content-length", "0")));
    }
    byte[] all = new byte[0];
    while (true) {
      int n = Integer.parseInt(line(in).split(";")[0].strip(), 16);
      int at = all.length;
      all = Arrays.copyOf(all, at + n);
      System.arraycopy(exactly(in, n), 0, all, at, n);
      line(in);
      if (n == 0) return all;
    }
  }

  private static byte[] exactly(InputStream in, int n) throws IOException {
    byte[] bytes = in.readNBytes(n);
    if (bytes.length < n) throw new EOFException();
    return bytes;
  }

  /** Without its end; empty at the end of the stream. */
  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) if (b != '\r') line.append((char) b);
    return line.toString();
  }
}
