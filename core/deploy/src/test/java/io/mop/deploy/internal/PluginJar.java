package io.mop.deploy.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Plugin files, compiled and packed in the test. What the plugin does is said by headers of its manifest. */
final class PluginJar {
  private static final String SOURCE =
      """
      package acme;

      import io.mop.api.plugin.*;
      import java.util.*;
      import java.util.concurrent.CountDownLatch;
      import org.osgi.framework.*;

      public final class Rename implements BundleActivator, Plugin<Rename.Config> {
        public record Config() {}

        @Override public void start(BundleContext context) throws Exception {
          Dictionary<String, String> headers = context.getBundle().getHeaders("");
          if ("throw".equals(headers.get("Test-Start"))) throw new IllegalStateException("no luck today");
          if ("hang".equals(headers.get("Test-Start"))) {
            context.getService(context.getServiceReference(CountDownLatch.class)).await();
          }
          Hashtable<String, Object> properties = new Hashtable<>();
          if (headers.get("Test-Kind") != null) properties.put("mop.kind", headers.get("Test-Kind"));
          if (headers.get("Test-Name") != null) properties.put("mop.name", headers.get("Test-Name"));
          if (!"none".equals(headers.get("Test-Start"))) context.registerService(Plugin.class, this, properties);
        }

        @Override public void stop(BundleContext context) {}

        @Override public Class<Config> config() { return Config.class; }

        @Override public Part create(Config config, Context context) { return new Part() {}; }
      }
      """;
  // The same content must have the same digest.
  private static final LocalDateTime BUILT = LocalDateTime.of(2026, 1, 1, 0, 0);
  private static Map<String, byte[]> classes = Map.of();

  private final Map<String, String> headers = new LinkedHashMap<>();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  private PluginJar(String name, String version) {
    headers.put("Bundle-ManifestVersion", "2");
    headers.put("Bundle-SymbolicName", name);
    headers.put("Bundle-Version", version);
    headers.put("Bundle-Activator", "acme.Rename");
    headers.put("Import-Package", "io.mop.api.plugin;version=\"[1.0,2)\",org.osgi.framework");
    headers.put("Test-Kind", "PROCESSOR");
    headers.put("Test-Name", "rename");
    entries.putAll(classes());
  }

  /** A plugin {@code processors.rename}. */
  static PluginJar of(String name, String version) {
    return new PluginJar(name, version);
  }

  static PluginJar rename(String version) {
    return of("acme.rename", version);
  }

  PluginJar with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  PluginJar without(String header) {
    headers.remove(header);
    return this;
  }

  PluginJar imports(String more) {
    return with("Import-Package", headers.get("Import-Package") + "," + more);
  }

  PluginJar entry(String name, String content) {
    entries.put(name, content.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  byte[] bytes() {
    try {
      Manifest manifest = new Manifest();
      manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
      headers.forEach((k, v) -> manifest.getMainAttributes().putValue(k, v));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream main = new ByteArrayOutputStream();
      manifest.write(main);
      Map<String, byte[]> all = new LinkedHashMap<>();
      all.put(JarFile.MANIFEST_NAME, main.toByteArray());
      all.putAll(entries);
      try (ZipOutputStream jar = new ZipOutputStream(out)) {
        for (Map.Entry<String, byte[]> entry : all.entrySet()) {
          ZipEntry zipped = new ZipEntry(entry.getKey());
          zipped.setTimeLocal(BUILT);
          jar.putNextEntry(zipped);
          jar.write(entry.getValue());
        }
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized Map<String, byte[]> classes() {
    if (classes.isEmpty()) classes = compile();
    return classes;
  }

  private static Map<String, byte[]> compile() {
    Map<String, ByteArrayOutputStream> out = new LinkedHashMap<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
    JavaFileManager memory =
        new ForwardingJavaFileManager<>(standard) {
          @Override
          public JavaFileObject getJavaFileForOutput(
              Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("mem:///" + name.replace('.', '/') + kind.extension), kind) {
              @Override
              public ByteArrayOutputStream openOutputStream() {
                return out.computeIfAbsent(name.replace('.', '/') + ".class", n -> new ByteArrayOutputStream());
              }
            };
          }
        };
    JavaFileObject source =
        new SimpleJavaFileObject(URI.create("mem:///acme/Rename.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return SOURCE;
          }
        };
    List<String> options =
        List.of("--release", "17", "-proc:none", "-classpath", System.getProperty("java.class.path"));
    if (!compiler.getTask(null, memory, null, options, null, List.of(source)).call()) {
      throw new AssertionError("the test plugin does not compile");
    }
    Map<String, byte[]> compiled = new LinkedHashMap<>();
    out.forEach((name, bytes) -> compiled.put(name, bytes.toByteArray()));
    return compiled;
  }
}
