package io.mop.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.plugin.Plugin;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The API is 1.0: what plugins compile against stays. {@code api-1.x.txt} lists every public signature. A line that
 * disappears breaks plugins. A line that comes is a MINOR step: raise the package's version and add the line.
 */
class SignatureTest {
  @Test
  void nothingIsTakenAwayAndNothingComesUnnoticed() throws Exception {
    Set<String> promised = new TreeSet<>(lines());
    Set<String> actual = signatures();
    assertThat(actual).as("signatures, see the comment of this test").isEqualTo(promised);
  }

  @Test
  void interfacesThatPluginsImplementGrowByDefaultMethodsOnly() throws Exception {
    Set<String> mustImplement = new TreeSet<>();
    for (Class<?> c : classes()) {
      if (!c.isInterface() || !consumer(c)) continue;
      for (Method m : c.getDeclaredMethods()) {
        if (Modifier.isAbstract(m.getModifiers())) mustImplement.add(c.getSimpleName() + "." + m.getName());
      }
    }
    assertThat(mustImplement)
        .containsExactlyInAnyOrder(
            "Plugin.config", "Plugin.create", "Transform.apply", "Exporter.export", "Receiver.start", "Receiver.pause",
            "Receiver.resume", "Ack.safe", "Ack.refused", "Protocol.sniff", "Protocol.open", "Decoder.decode",
            "Decoder.resync", "ValueEditor.value");
  }

  /** The annotation is not kept at run time; these are the types that carry it. */
  private static boolean consumer(Class<?> c) {
    return Set.of("Plugin", "Transform", "Exporter", "Receiver", "Ack", "Protocol", "Decoder", "ValueEditor")
        .contains(c.getSimpleName());
  }

  private static List<String> lines() throws IOException {
    try (InputStream in = SignatureTest.class.getResourceAsStream("/api-1.x.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank()).toList();
    }
  }

  private static List<Class<?>> classes() throws Exception {
    Path root = root();
    try (Stream<Path> files = Files.walk(root)) {
      List<String> names =
          files
              .map(f -> root.relativize(f).toString())
              .filter(f -> f.endsWith(".class") && !f.endsWith("package-info.class") && !f.startsWith("META-INF"))
              .map(f -> f.substring(0, f.length() - 6).replace('/', '.'))
              .sorted()
              .toList();
      List<Class<?>> classes = new ArrayList<>();
      for (String n : names) {
        Class<?> c = Class.forName(n);
        if (visible(c)) classes.add(c);
      }
      return classes;
    }
  }

  private static boolean visible(Class<?> c) {
    return Modifier.isPublic(c.getModifiers()) && (c.getDeclaringClass() == null || visible(c.getDeclaringClass()));
  }

  private static Path root() throws URISyntaxException {
    return Path.of(Plugin.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static Set<String> signatures() throws Exception {
    Set<String> all = new TreeSet<>();
    for (Class<?> c : classes()) {
      String parents =
          Stream.concat(Stream.ofNullable(c.getGenericSuperclass()), Arrays.stream(c.getGenericInterfaces()))
              .map(java.lang.reflect.Type::getTypeName)
              .collect(Collectors.joining(", "));
      all.add(c.toGenericString() + (parents.isEmpty() ? "" : " : " + parents));
      for (Field f : c.getDeclaredFields()) if (Modifier.isPublic(f.getModifiers())) all.add(f.toGenericString());
      for (Constructor<?> n : c.getDeclaredConstructors()) {
        if (Modifier.isPublic(n.getModifiers())) all.add(n.toGenericString());
      }
      for (Method m : c.getDeclaredMethods()) {
        if (Modifier.isPublic(m.getModifiers()) && !m.isSynthetic()) all.add(m.toGenericString());
      }
      if (c.isRecord()) all.add(c.getName() + " components " + components(c));
    }
    return all;
  }

  private static String components(Class<?> c) {
    return Arrays.stream(c.getDeclaredConstructors()[0].getParameters())
        .map(Parameter::toString)
        .collect(Collectors.joining(", "));
  }

  /** Prints the list, to be put into {@code api-1.x.txt} on purpose. */
  public static void main(String[] args) throws Exception {
    signatures().forEach(System.out::println);
  }
}
