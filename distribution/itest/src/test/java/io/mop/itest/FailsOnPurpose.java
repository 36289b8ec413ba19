package io.mop.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mop.testkit.osgi.InsideMop;
import org.junit.jupiter.api.Test;

/** Run by {@link FalseGreenTest} only, which its name keeps it for. */
@InsideMop
public class FailsOnPurpose {
  @Test
  public void wrong() {
    assertEquals(4, 2 + 3, "sum");
  }

  @Test
  public void broken() {
    throw new IllegalStateException("on purpose");
  }

  @Test
  public void right() {
    assertEquals(4, 2 + 2);
  }
}
