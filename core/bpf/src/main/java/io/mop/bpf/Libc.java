package io.mop.bpf;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/** The C library calls in use, bound directly; the names are theirs. */
final class Libc {
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final short POLLIN = 1;
  private static final int MAP_SHARED = 1;
  private static final long MAP_FAILED = -1;

  static {
    Native.register(Libc.class, NativeLibrary.getInstance(Platform.C_LIBRARY_NAME));
  }

  private Libc() {}

  static native Pointer mmap(Pointer address, long length, int protection, int flags, int fd, long offset);

  static native int munmap(Pointer address, long length);

  static native int poll(Pointer fds, long count, int timeoutMillis);

  static native int getpagesize();

  static native int socket(int domain, int type, int protocol);

  /** The lengths are size_t and socklen_t; the answer is a ssize_t. */
  static native long sendto(int fd, byte[] data, long length, int flags, byte[] address, int addressLength);

  static native int close(int fd);

  /** With these arguments; the answer is a long, and negative on failure. */
  static native long syscall(long number, long first, Pointer second, long third);

  static native String strerror(int errno);

  /** Memory shared with the kernel. */
  record Mapping(Pointer address, long length) {
    /** All of it, in native byte order. */
    ByteBuffer buffer() {
      return address.getByteBuffer(0, length);
    }

    /** Afterwards an access through a buffer of this mapping is an invalid memory access. */
    void unmap() {
      munmap(address, length);
    }
  }

  static Mapping map(String what, int fd, long offset, long length, int protection) throws BpfException {
    Pointer address = mmap(Pointer.NULL, length, protection, MAP_SHARED, fd, offset);
    if (Pointer.nativeValue(address) == MAP_FAILED) {
      throw new BpfException("cannot map " + what + ": " + strerror(Native.getLastError()));
    }
    return new Mapping(address, length);
  }
}
