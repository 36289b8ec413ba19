package io.mop.cli;

/** What a process that ran {@code mop} ends with; scripts rely on the numbers. */
public final class ExitCode {
  public static final int OK = 0;
  public static final int FAILURE = 1;
  public static final int USAGE = 2;
  public static final int INVALID_CONFIG = 3;
  public static final int NOT_FOUND = 4;
  public static final int UNREACHABLE = 5;
  public static final int DENIED = 6;
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
