package io.mop.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A test that loads programs into the kernel: runs as root, or says why it does not. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsBpf.Condition.class)
public @interface NeedsBpf {
  /** Only the privilege is asked for: a kernel or a machine that lacks something must fail, not skip. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return root()
          ? ConditionEvaluationResult.enabled("root")
          : ConditionEvaluationResult.disabled("needs root: loads eBPF programs");
    }

    /** Whether this process is root's. */
    public static boolean root() {
      try {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
