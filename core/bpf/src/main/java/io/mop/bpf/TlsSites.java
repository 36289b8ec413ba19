package io.mop.bpf;

import io.mop.bpf.CodeWalk.Callee;
import io.mop.bpf.CodeWalk.Moved;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the calls of an OpenSSL are probed. A probe on an instruction that the kernel has to single-step costs ten times
 * as much as one on a push or a nop; where a function does not begin with one, the function that it hands its arguments
 * to often does.
 *
 * @param how for people, e.g. {@code callee entry}
 * @param slow whether a call costs about 10 us on a virtual machine
 */
record TlsSites(List<Site> sites, String how, boolean slow) {
  /** As the programs number them, enum tls_call. */
  enum Call {
    NONE,
    READ,
    WRITE,
    HANDSHAKE
  }

  /**
   * @param offset in the file
   * @param endsWithZero whether a result of 0 means the end of what the peer sends, rather than any failure
   */
  record Site(long offset, Call call, Moved moved, boolean endsWithZero) {
    /** As the programs read it, with the number of the attachment. */
    long cookie(int attachment) {
      return (long) attachment << 32 | (endsWithZero ? 1 << 4 : 0) | moved.ordinal() << 2 | call.ordinal();
    }
  }

  private static final String READ = "SSL_read";
  private static final String WRITE = "SSL_write";
  private static final String HANDSHAKE = "SSL_do_handshake";
  private static final String EX = "_ex";
  static final Set<String> FUNCTIONS = Set.of(READ, READ + EX, WRITE, WRITE + EX, HANDSHAKE);

  /** Finds the sites of a library or program; none if it exports neither SSL_read nor SSL_write. */
  static TlsSites of(ElfFile elf) throws IOException {
    Map<String, Long> functions = elf.exported(FUNCTIONS);
    Finder finder = new Finder(elf, functions);
    if (!functions.containsKey(READ) || !functions.containsKey(WRITE)) return new TlsSites(List.of(), "", false);
    finder.pair(READ, Call.READ);
    finder.pair(WRITE, Call.WRITE);
    if (functions.containsKey(HANDSHAKE)) finder.entry(HANDSHAKE, Call.HANDSHAKE, Moved.RETURNED);
    String how = finder.slow ? "entry, single-stepped" : finder.callees ? "callee entry" : "entry";
    return new TlsSites(List.copyOf(finder.sites), how, finder.slow);
  }

  private static final class Finder {
    private final ElfFile elf;
    private final Map<String, Long> functions;
    private final List<Site> sites = new ArrayList<>();
    private boolean callees;
    private boolean slow;
    private long otherCallee;

    Finder(ElfFile elf, Map<String, Long> functions) {
      this.elf = elf;
      this.functions = functions;
    }

    /** A function, and its form that returns the number through memory: missing in OpenSSL 1.1.0 and before. */
    void pair(String name, Call call) throws IOException {
      boolean both = functions.containsKey(name + EX);
      boolean cheap = cheap(name) && (!both || cheap(name + EX));
      Callee callee = CodeWalk.callee(elf, functions.get(name), Moved.RETURNED);
      if (!cheap && both && shared(name, callee)) {
        callees = true;
        otherCallee = callee.address();
        add(callee.address(), call, callee.moved(), true);
        return;
      }
      slow |= !cheap;
      entry(name, call, Moved.RETURNED);
      if (both) entry(name + EX, call, Moved.ARGUMENT_4);
    }

    private boolean cheap(String name) throws IOException {
      return CodeWalk.cheap(elf, CodeWalk.entry(elf, functions.get(name)));
    }

    /**
     * Whether it is what both forms call: what only one calls, or reading as well as writing, is something else, such as
     * the report of an error.
     */
    private boolean shared(String name, Callee callee) throws IOException {
      if (callee.address() == 0 || callee.address() == otherCallee || callee.moved() == Moved.RETURNED) return false;
      return CodeWalk.callee(elf, functions.get(name + EX), Moved.ARGUMENT_4).address() == callee.address();
    }

    void entry(String name, Call call, Moved moved) throws IOException {
      add(CodeWalk.entry(elf, functions.get(name)), call, moved, moved == Moved.RETURNED);
    }

    private void add(long address, Call call, Moved moved, boolean endsWithZero) throws IOException {
      long offset = elf.offset(address).orElseThrow(() -> new IOException("its functions are not in its code"));
      sites.add(new Site(offset, call, moved, endsWithZero));
    }
  }
}
