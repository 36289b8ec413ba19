package io.mop.deploy.internal;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.osgi.framework.BundleException;

/** What went wrong, for people. */
final class Sentences {
  private Sentences() {}

  static String of(IOException e) {
    if (e instanceof NoSuchFileException) return "there is no such file";
    if (e instanceof AccessDeniedException) return "this user has no permission";
    if (e instanceof NotDirectoryException n) return n.getFile() + " is not a directory";
    if (e instanceof FileAlreadyExistsException f) return f.getFile() + " is not a directory";
    if (e instanceof FileSystemException f && f.getReason() != null) return f.getReason();
    return text(e);
  }

  /** The innermost cause, on one line. */
  static String of(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) root = root.getCause();
    return text(root);
  }

  private static String text(Throwable e) {
    String message = e.getMessage();
    if (message == null || message.isBlank()) return e.getClass().getSimpleName();
    String line = message.strip().lines().findFirst().orElse("").strip();
    return e instanceof IOException || e instanceof BundleException
        ? line
        : e.getClass().getSimpleName() + ": " + line;
  }
}
