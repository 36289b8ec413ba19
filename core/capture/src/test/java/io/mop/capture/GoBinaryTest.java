package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoBinaryTest {
  @TempDir Path directory;

  /** An ELF file of two sections, the names of which are the second. */
  private static byte[] elf(boolean wide, ByteOrder order, String name) {
    byte[] names = ("\0.text\0" + name + "\0").getBytes(StandardCharsets.US_ASCII);
    int size = wide ? 64 : 40;
    ByteBuffer b = ByteBuffer.allocate(64 + 2 * size + names.length).order(order);
    b.put(0, new byte[] {0x7f, 'E', 'L', 'F', (byte) (wide ? 2 : 1), (byte) (order == ByteOrder.BIG_ENDIAN ? 2 : 1)});
    if (wide) b.putLong(40, 64).putShort(58, (short) size).putShort(60, (short) 2).putShort(62, (short) 1);
    else b.putInt(32, 64).putShort(46, (short) size).putShort(48, (short) 2).putShort(50, (short) 1);
    int at = 64 + size;
    if (wide) b.putLong(at + 24, 64 + 2 * size).putLong(at + 32, names.length);
    else b.putInt(at + 16, 64 + 2 * size).putInt(at + 20, names.length);
    return b.put(64 + 2 * size, names).array();
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("program"), content);
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true", "false,false"})
  void aProgramWithGosBuildSectionIsGo(boolean wide, boolean big) throws IOException {
    ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    assertThat(GoBinary.file(file(elf(wide, order, ".go.buildinfo")))).isTrue();
    assertThat(GoBinary.file(file(elf(wide, order, ".go.buildinfo2")))).isFalse();
    assertThat(GoBinary.file(file(elf(wide, order, ".note")))).isFalse();
  }

  @Test
  void otherFilesAreNot() throws IOException {
    assertThat(GoBinary.file(Path.of("/proc/self/exe"))).as("this JVM").isFalse();
    assertThat(GoBinary.file(file(new byte[0]))).isFalse();
    assertThat(GoBinary.file(file(".go.buildinfo".repeat(50).getBytes(StandardCharsets.US_ASCII)))).isFalse();
    assertThat(GoBinary.file(directory.resolve("none"))).isFalse();
    assertThat(GoBinary.file(directory)).isFalse();
  }

  @Test
  void aBrokenFileDoesNoHarm() throws IOException {
    byte[] good = elf(true, ByteOrder.LITTLE_ENDIAN, ".go.buildinfo");
    Random random = new Random(1);
    for (int i = 0; i < 3000; i++) {
      byte[] bad = java.util.Arrays.copyOf(good, random.nextInt(4) > 0 ? good.length : random.nextInt(good.length));
      for (int n = 1 + random.nextInt(6); n > 0 && bad.length > 4; n--) {
        bad[4 + random.nextInt(bad.length - 4)] = (byte) random.nextInt();
      }
      Path file = file(bad);
      assertThatCode(() -> GoBinary.file(file)).doesNotThrowAnyException();
    }
  }

  @Test
  void aProcessIsLookedAtOnce() throws IOException {
    Path exe = directory.resolve("41/exe");
    Files.createDirectories(exe.getParent());
    Files.write(exe, elf(true, ByteOrder.LITTLE_ENDIAN, ".go.buildinfo"));
    GoBinary go = new GoBinary(directory);
    Resource process = new Resource(41, 1, Map.of());
    assertThat(go.test(process)).isTrue();
    Files.delete(exe);
    assertThat(go.test(process)).isTrue();
    assertThat(go.test(new Resource(41, 2, Map.of()))).as("another process of that number").isFalse();
  }
}
