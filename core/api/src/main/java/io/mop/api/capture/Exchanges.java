package io.mop.api.capture;

import io.mop.api.data.Text;
import org.osgi.annotation.versioning.ProviderType;

/** The in-flight table of one connection, bounded and counted by the core. */
@ProviderType
public interface Exchanges {
  /** As id: requests are answered in order. */
  long NEXT = -1;

  /**
   * A request that began at {@code time} (monotonic nanoseconds), with the protocol's own id or {@link #NEXT}. One that
   * gets no response is ended at once by {@code complete} or {@code discard}. The first unread byte of the stream that is
   * being decoded tells the exchange at the client from others at the server: it must not depend on where system calls
   * ended.
   */
  Exchange request(long id, long time);

  /**
   * The request that a response belongs to ({@link #NEXT} = the oldest). Of an unmatched response the answer is an
   * exchange that leads nowhere; it is counted.
   */
  Exchange response(long id);

  /** True if the observed process is the server of this connection (spans of kind SERVER), false if the client. */
  boolean server();

  /** True if the bytes came out of TLS: what is decoded is the plaintext (url.scheme https). Since 1.2. */
  boolean secure();

  /**
   * {@code value} if the observed process's service has at most 100 different values of {@code attribute} so far, this
   * one included; else {@code other}, counted. For attributes that name metrics' series and come from what clients send,
   * e.g. {@code http.route}. A value longer than 256 bytes is {@code other} too. Since 1.1.
   */
  Text bounded(String attribute, Text value);

  /** The connection goes on in another protocol (Upgrade, CONNECT): no further call to the decoder. */
  void leave(String reason);

  /** One request and its response. Once it has ended, by the decoder or by a loss, calls to it do nothing. */
  @ProviderType
  interface Exchange {
    /** The span's name. */
    Exchange name(Text operation);

    /** The remote parent as read from the request (W3C traceparent). */
    Exchange parent(long traceIdHigh, long traceIdLow, long spanId);

    Exchange set(String attribute, Text value);

    Exchange set(String attribute, long value);

    /** The exchange failed: status error and the attribute {@code error.type}. The last value of an attribute wins. */
    Exchange error(String type);

    /** The last byte of the response passed at {@code time}: becomes a span. */
    void complete(long time);

    /** Ends without a span, counted under {@code reason} ({@code [a-z0-9_]{1,40}}). */
    void discard(String reason);
  }
}
