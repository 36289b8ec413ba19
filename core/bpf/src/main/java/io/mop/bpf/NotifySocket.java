package io.mop.bpf;

import com.sun.jna.Native;
import io.mop.control.ServiceManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.osgi.service.component.annotations.Component;

/**
 * sd_notify(3): one datagram to a unix socket, which Java has streams only for. Its place is here because only this
 * bundle calls native code.
 */
@Component
public final class NotifySocket implements ServiceManager {
  private static final short AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
  /** Bytes of sun_path in sockaddr_un; unix(7). */
  private static final int MOST = 108;

  @Override
  public void notify(String socket, String state) throws IOException {
    byte[] address = address(socket);
    byte[] message = state.getBytes(StandardCharsets.UTF_8);
    int fd = Libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) throw failure("cannot make a socket");
    try {
      long sent = Libc.sendto(fd, message, message.length, MSG_DONTWAIT_NOSIGNAL, address, address.length);
      if (sent != message.length) throw failure("cannot send to NOTIFY_SOCKET " + socket);
    } finally {
      Libc.close(fd);
    }
  }

  private static IOException failure(String what) {
    return new IOException(what + ": " + Libc.strerror(Native.getLastError()));
  }

  /** A sockaddr_un; an abstract name starts with a zero byte, and its length is what counts. */
  private static byte[] address(String socket) throws IOException {
    byte[] name = socket.getBytes(StandardCharsets.UTF_8);
    boolean isAbstract = socket.startsWith("@");
    if (!isAbstract && !socket.startsWith("/") || name.length > MOST - 1) {
      throw new IOException("NOTIFY_SOCKET is no path of at most 107 bytes and no abstract name: " + socket);
    }
    if (isAbstract) name[0] = 0;
    ByteBuffer address = ByteBuffer.allocate(Short.BYTES + name.length + (isAbstract ? 0 : 1));
    address.order(ByteOrder.nativeOrder()).putShort(AF_UNIX);
    return address.put(name).array();
  }
}
