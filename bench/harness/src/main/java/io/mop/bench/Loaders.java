package io.mop.bench;

import java.io.IOException;

/** Class loaders of bundles in a running MOP, by a class histogram, which the JVM takes after a full collection. */
final class Loaders {
  private static final String BUNDLE_LOADER = "org.apache.felix.framework.BundleWiringImpl$BundleClassLoader";

  private Loaders() {}

  /** Loaders of all bundles. */
  static long count(long pid) throws IOException {
    return instances(pid, BUNDLE_LOADER);
  }

  /** Instances of the classes whose name starts so. */
  static long instances(long pid, String prefix) throws IOException {
    long n = 0;
    for (String line : Host.jcmd(pid, "GC.class_histogram").lines().toList()) {
      String[] w = line.strip().split("\\s+"); // number, instances, bytes, class
      if (w.length >= 4 && w[3].startsWith(prefix)) n += Long.parseLong(w[1]);
    }
    return n;
  }
}
