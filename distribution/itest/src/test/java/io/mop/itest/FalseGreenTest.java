package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.EventConditions.test;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import io.mop.testkit.osgi.InsideMop;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.opentest4j.AssertionFailedError;

/** A test inside Felix that must fail does fail: a green run of the others means something. */
class FalseGreenTest {
  private static EngineExecutionResults run(Class<?> test) {
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(test)).execute();
  }

  @Test
  void whatFailsInsideFailsOutside() {
    EngineExecutionResults results = run(FailsOnPurpose.class);
    results.testEvents().assertStatistics(s -> s.started(3).failed(2).succeeded(1).skipped(0));
    results.testEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                test("wrong"),
                finishedWithFailure(
                    instanceOf(AssertionFailedError.class), message("sum ==> expected: <4> but was: <5>"))))
        .haveExactly(
            1,
            event(
                test("broken"), finishedWithFailure(instanceOf(IllegalStateException.class), message("on purpose"))));
    assertThat(results.containerEvents().failed().count()).isZero();
  }

  @Test
  void theFailureNamesItsLine() {
    Throwable failure =
        run(FailsOnPurpose.class).testEvents().failed().stream()
            .map(e -> e.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class).getThrowable().get())
            .filter(AssertionFailedError.class::isInstance)
            .findFirst()
            .orElseThrow();
    assertThat(failure.getStackTrace())
        .anyMatch(f -> f.getClassName().equals(FailsOnPurpose.class.getName()) && f.getMethodName().equals("wrong"));
  }

  @Test
  void whatWouldRunOutsideIsRefused() {
    EngineExecutionResults results = run(RunsOutside.class);
    results.testEvents().assertStatistics(s -> s.started(0));
    results.containerEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                finishedWithFailure(
                    instanceOf(ExtensionConfigurationException.class),
                    message(RunsOutside.class.getName() + ": a method with @BeforeEach would run outside of MOP."))));
  }

  @InsideMop
  static class RunsOutside {
    @BeforeEach
    public void before() {}

    @Test
    public void test() {}
  }
}
