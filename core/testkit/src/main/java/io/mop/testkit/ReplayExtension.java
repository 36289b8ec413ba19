package io.mop.testkit;

import io.mop.capture.Recording;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs a {@link ReplayTest} once for each way. */
final class ReplayExtension implements TestTemplateInvocationContextProvider {
  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return true;
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
    Class<?> test = context.getRequiredTestClass();
    ReplayTest annotation = context.getRequiredTestMethod().getAnnotation(ReplayTest.class);
    Recording recording = read(test, annotation.recording());
    return Stream.of(Replay.Way.values())
        .map(way -> new Invocation(new Replay(recording, new GoldenFile(test, annotation.expect()), way)));
  }

  private static Recording read(Class<?> test, String resource) {
    try (InputStream in = test.getResourceAsStream(resource)) {
      if (in == null) throw new IllegalArgumentException("there is no resource " + resource + " for " + test.getName());
      return Recording.read(resource, in);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private record Invocation(Replay replay)
      implements TestTemplateInvocationContext, ParameterResolver, AfterTestExecutionCallback {
    @Override
    public String getDisplayName(int index) {
      return replay.way().toString();
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(this);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Replay.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return replay;
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
      if (context.getExecutionException().isEmpty() && !replay.played()) {
        throw new AssertionError("nothing was played: the test has not called Replay.with");
      }
    }
  }
}
