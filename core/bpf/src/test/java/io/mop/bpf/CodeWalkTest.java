package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.bpf.CodeWalk.Moved;
import io.mop.bpf.TlsSites.Call;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the code of OpenSSL as compilers lay it out is probed. */
class CodeWalkTest {
  private static final long BASE = 0x10000;
  private static final int FUNCTION = 0x100;
  private static final List<String> NAMES =
      List.of("SSL_read", "SSL_read_ex", "SSL_write", "SSL_write_ex", "SSL_do_handshake");

  @TempDir Path directory;

  /** A library whose functions, in the order of {@link #NAMES}, are this code; the code of two helpers follows. */
  private Path library(String... code) throws IOException {
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    names.write(0);
    ByteBuffer symbols = ByteBuffer.allocate(24 * (NAMES.size() + 1)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < NAMES.size(); i++) {
      if (code[i].isEmpty()) continue;
      int at = 24 * (i + 1);
      symbols.putInt(at, names.size()).put(at + 4, (byte) 0x12).putShort(at + 6, (short) 1);
      symbols.putLong(at + 8, BASE + i * FUNCTION);
      names.writeBytes((NAMES.get(i) + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    ByteBuffer file = ByteBuffer.allocate(0x2000).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).putShort(18, (short) 62);
    file.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 1);
    file.putLong(40, 0x400).putShort(58, (short) 64).putShort(60, (short) 2);
    file.putInt(64, 1).putInt(68, 5).putLong(72, 0x1000).putLong(80, BASE).putLong(96, 0x1000);
    file.putInt(0x404, 11).putLong(0x418, 0x600).putLong(0x420, symbols.capacity()).putInt(0x428, 1);
    file.putLong(0x458, 0x800).putLong(0x460, names.size());
    file.put(0x600, symbols.array()).put(0x800, names.toByteArray());
    for (int i = 0; i < code.length; i++) {
      file.put(0x1000 + i * FUNCTION, HexFormat.of().parseHex(code[i].replace(" ", "")));
    }
    return Files.write(directory.resolve("libssl.so.3"), file.array());
  }

  /** The relative call from {@code at} in the function to the start of another. */
  private static String call(int from, int at, int to) {
    ByteBuffer b = ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN);
    b.put((byte) 0xe8).putInt((to - from) * FUNCTION - at - 5);
    return HexFormat.of().formatHex(b.array());
  }

  private static TlsSites sites(Path file) throws IOException {
    try (ElfFile elf = ElfFile.open(file)) {
      return TlsSites.of(elf);
    }
  }

  private static final String PUSH = "4157 4156";
  private static final String ENDBR64 = "f30f1efa";
  private static final String GUARD = "4883ec18 6448 8b0425 28000000 4889442408 31c0 85d2 782f";

  /** sub rsp, the stack guard, test of the number, its sign, the address for the result, and the call. */
  private static String form(int from, int to, boolean sixArguments) {
    String head = GUARD + (sixArguments ? "31c9 4989e0" : "4889e1") + "4863d2";
    return head + call(from, head.replace(" ", "").length() / 2, to);
  }

  private static String ex(int from, int to) {
    return "4883ec08" + call(from, 4, to);
  }

  @Test
  void theFunctionThatBothFormsCallIsProbed() throws IOException {
    TlsSites found = sites(library(form(0, 5, false), ex(1, 5), form(2, 6, false), ex(3, 6), "53", PUSH, PUSH));
    assertThat(found.how()).isEqualTo("callee entry");
    assertThat(found.slow()).isFalse();
    assertThat(found.sites())
        .containsExactly(
            new TlsSites.Site(0x1000 + 5 * FUNCTION, Call.READ, Moved.ARGUMENT_4, true),
            new TlsSites.Site(0x1000 + 6 * FUNCTION, Call.WRITE, Moved.ARGUMENT_4, true),
            new TlsSites.Site(0x1000 + 4 * FUNCTION, Call.HANDSHAKE, Moved.RETURNED, true));
  }

  /** As compiled for control flow enforcement. */
  @Test
  void aLeadingEndbr64IsPassedOver() throws IOException {
    String read = ENDBR64 + form(0, 5, false).substring(0, form(0, 5, false).length() - 10);
    read += call(0, read.replace(" ", "").length() / 2, 5);
    String readEx = ENDBR64 + "4883ec08" + call(1, 8, 5);
    TlsSites found = sites(library(read, readEx, ENDBR64 + PUSH, ENDBR64 + PUSH, ENDBR64 + "53", ENDBR64 + PUSH));
    assertThat(found.slow()).isFalse();
    assertThat(found.sites().stream().map(TlsSites.Site::offset))
        .containsExactly(0x1504L, 0x1204L, 0x1304L, 0x1404L);
  }

  /** Since OpenSSL 3.2 the function that writes takes flags before the address of the result. */
  @Test
  void aResultInTheFifthArgumentIsFoundThere() throws IOException {
    String writeEx = "4883ec08 4989c8 31c9" + call(3, 9, 7);
    TlsSites found =
        sites(library(PUSH, PUSH, form(2, 6, true), writeEx, "53", PUSH, PUSH, "4883ec18" + call(7, 4, 6)));
    assertThat(found.slow()).isFalse();
    assertThat(found.sites()).contains(new TlsSites.Site(0x1600, Call.WRITE, Moved.ARGUMENT_5, true));
  }

  /** The report of an error comes first: reading and writing call the same, which is neither. */
  @Test
  void whatReadingAndWritingBothCallIsNotProbed() throws IOException {
    TlsSites found = sites(library(form(0, 5, false), ex(1, 5), form(2, 5, false), ex(3, 5), "53", PUSH, PUSH));
    assertThat(found.slow()).isTrue();
    assertThat(found.sites()).filteredOn(s -> s.call() == Call.WRITE)
        .containsExactly(
            new TlsSites.Site(0x1200, Call.WRITE, Moved.RETURNED, true),
            new TlsSites.Site(0x1300, Call.WRITE, Moved.ARGUMENT_4, false));
  }

  @Test
  void argumentsThatChangeBeforeTheCallMakeItSlow() throws IOException {
    String changed = "4883ec08 4889fe" + call(1, 7, 5); // mov rdi, rsi
    TlsSites found = sites(library(form(0, 5, false), changed, PUSH, PUSH, "53", PUSH));
    assertThat(found.slow()).isTrue();
    assertThat(found.how()).isEqualTo("entry, single-stepped");
  }

  /** OpenSSL 1.1.0 and before. */
  @Test
  void withoutTheSecondFormsTheFirstAreProbed() throws IOException {
    TlsSites found = sites(library(PUSH, "", "4883ec08 c3", "", ""));
    assertThat(found.slow()).isTrue();
    assertThat(found.sites()).extracting(TlsSites.Site::call).containsExactly(Call.READ, Call.WRITE);
  }

  @Test
  void aLibraryWithoutTheFunctionsHasNoSites() throws IOException {
    assertThat(sites(library("", "", PUSH, "", "")).sites()).isEmpty();
  }

  /** Whatever a file holds, reading it ends, with sites in its code or a reason. */
  @Test
  void aDamagedFileIsReadWithinBounds() throws IOException {
    Path library = library(form(0, 5, false), ex(1, 5), form(2, 6, false), ex(3, 6), "53", PUSH, PUSH);
    byte[] whole = Files.readAllBytes(library);
    Random random = new Random(1);
    Path file = directory.resolve("damaged");
    int read = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] damaged = Arrays.copyOf(whole, random.nextInt(4) == 0 ? random.nextInt(whole.length) : whole.length);
      for (int n = random.nextInt(8); n > 0 && damaged.length > 0; n--) {
        int at = random.nextInt(random.nextBoolean() ? damaged.length : Math.min(damaged.length, 0x500));
        damaged[at] = (byte) (random.nextBoolean() ? 0xff : random.nextInt());
      }
      Files.write(file, damaged);
      try (ElfFile elf = ElfFile.open(file)) {
        elf.buildId();
        read += TlsSites.of(elf).sites().size();
      } catch (IOException e) {
        assertThat(e.getMessage()).startsWith("it");
      }
    }
    assertThat(read).isPositive();
  }
}
