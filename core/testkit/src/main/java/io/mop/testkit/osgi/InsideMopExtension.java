package io.mop.testkit.osgi;

import io.mop.launcher.Feature;
import io.mop.launcher.LaunchException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.ExamSystem;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.TestAddress;
import org.ops4j.pax.exam.TestContainer;
import org.ops4j.pax.exam.TestContainerException;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.options.UrlProvisionOption;
import org.ops4j.pax.exam.spi.PaxExamRuntime;

/** Pax Exam's native container behind Jupiter's extension points: there is no Pax Exam driver for JUnit 5. */
final class InsideMopExtension implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor {
  private static final List<Class<? extends Annotation>> OUTSIDE =
      List.of(
          BeforeAll.class, BeforeEach.class, AfterEach.class, AfterAll.class, TestTemplate.class, TestFactory.class);
  /** From the class path, so that what a test throws is what JUnit knows. */
  private static final String[] SHARED = {
    "org.junit.jupiter.api;version=5.14.4",
    "org.junit.jupiter.api.function;version=5.14.4",
    "org.junit.jupiter.api.extension;version=5.14.4",
    "org.opentest4j;version=1.3.0",
    "org.assertj.core.api",
    "org.assertj.core.groups",
    "io.mop.testkit.osgi",
    "org.slf4j;version=1.7.36",
    "sun.misc",
  };
  /** Held strongly, as java.util.logging does not. */
  private static final Logger PAX = Logger.getLogger("org.ops4j");

  private final Map<Method, TestAddress> addresses = new HashMap<>();
  private Path state;
  private ExamSystem system;
  private TestContainer container;

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    Class<?> test = context.getRequiredTestClass();
    refuseWhatRunsOutside(test);
    PAX.setLevel(Level.WARNING);
    System.setProperty("pax.exam.logging", "none");
    state = Files.createTempDirectory("mop-itest-");
    // Forked: options given to createTestSystem lose against its defaults, such as start level 5.
    system = PaxExamRuntime.createTestSystem().fork(options(test.getAnnotation(InsideMop.class), state));
    container = PaxExamRuntime.createContainer(system);
    container.start();
    TestProbeBuilder probe = system.createProbe();
    for (Method method : AnnotationSupport.findAnnotatedMethods(
        test, Test.class, HierarchyTraversalMode.TOP_DOWN)) {
      addresses.put(method, probe.addTest(test, method.getName()));
    }
    try (InputStream bundle = probe.build().getStream()) {
      container.install(bundle);
    }
  }

  private static void refuseWhatRunsOutside(Class<?> test) {
    for (Class<? extends Annotation> annotation : OUTSIDE) {
      if (!AnnotationSupport.findAnnotatedMethods(
          test, annotation, HierarchyTraversalMode.TOP_DOWN).isEmpty()) {
        throw new ExtensionConfigurationException(
            test.getName() + ": a method with @" + annotation.getSimpleName() + " would run outside of MOP.");
      }
    }
    for (Class<?> inner : test.getDeclaredClasses()) {
      if (inner.isAnnotationPresent(Nested.class)) {
        throw new ExtensionConfigurationException(test.getName() + ": a @Nested class would run outside of MOP.");
      }
    }
  }

  private static Option[] options(InsideMop mop, Path state) throws IOException, LaunchException {
    String home = System.getProperty("mop.distribution");
    if (home == null) {
      throw new ExtensionConfigurationException("The system property mop.distribution must name the distribution.");
    }
    List<Option> options = new ArrayList<>();
    options.add(CoreOptions.systemPackages(SHARED));
    options.add(CoreOptions.frameworkStartLevel(100));
    options.add(CoreOptions.frameworkProperty("org.osgi.framework.bsnversion").value("multiple"));
    options.add(CoreOptions.frameworkProperty("mop.home").value(Path.of(home).toAbsolutePath().toString()));
    options.add(CoreOptions.frameworkProperty("mop.state").value(state.toString()));
    for (String property : mop.properties()) {
      int equals = property.indexOf('=');
      options.add(
          CoreOptions.frameworkProperty(property.substring(0, equals)).value(property.substring(equals + 1)));
    }
    for (Feature.Entry entry : Feature.read(Path.of(home, "features", mop.feature() + ".json")).bundles()) {
      File file = Path.of(home, "bundles", entry.file()).toFile();
      UrlProvisionOption bundle =
          CoreOptions.bundle("reference:" + file.toURI()).startLevel(entry.startOrder());
      options.add(fragment(file) ? bundle.noStart() : bundle);
    }
    return options.toArray(Option[]::new);
  }

  private static boolean fragment(File file) throws IOException {
    try (JarFile jar = new JarFile(file)) {
      return jar.getManifest().getMainAttributes().getValue("Fragment-Host") != null;
    }
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
      throws Throwable {
    invocation.skip();
    TestAddress address = addresses.get(method.getExecutable());
    if (address == null) {
      throw new IllegalStateException("There is no probe for " + method.getExecutable());
    }
    try {
      container.call(address);
    } catch (TestContainerException e) {
      throw unwrap(e);
    }
  }

  /** What the test threw, out of what the container and reflection put around it. */
  private static Throwable unwrap(Throwable problem) {
    Throwable inner = problem;
    while ((inner instanceof TestContainerException || inner instanceof InvocationTargetException
            || inner.getClass().getName().startsWith("org.ops4j."))
        && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (container != null) {
      container.stop();
    }
    if (system != null) {
      system.clear();
    }
    if (state != null) {
      List<Path> files;
      try (Stream<Path> tree = Files.walk(state)) {
        files = tree.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }
}
