package io.mop.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that plays a recording of {@code mop record} to a protocol, in every {@link Replay.Way}; no root, no kernel.
 * Its method takes a {@link Replay} and gives it the protocol:
 *
 * <pre>
 * &#64;ReplayTest(recording = "curl.moprec", expect = "curl.yaml")
 * void aRealClient(Replay replay) {
 *   replay.with(() -> protocol());
 * }
 * </pre>
 *
 * <p>Spans are written anew with the system property {@code mop.golden=write}, in {@code src/test/resources}: look at
 * them before they are committed.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(ReplayExtension.class)
public @interface ReplayTest {
  /** A resource; a relative name is looked for in the package of the test. */
  String recording();

  /** The spans of the recording, likewise. */
  String expect();
}
