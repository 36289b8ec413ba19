package io.mop.telemetry;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the Java virtual machine says of this process; names and attributes as in OpenTelemetry's conventions. */
final class JvmReading {
  private JvmReading() {}

  static void read(Reading into) {
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage usage = pool.getUsage();
      if (usage == null) continue; // the pool is no more
      String type = pool.getType() == MemoryType.HEAP ? "heap" : "non_heap";
      String[] of = {"jvm.memory.type", type, "jvm.memory.pool.name", pool.getName()};
      into.add(Metric.JVM_MEMORY_USED, usage.getUsed(), of);
      into.add(Metric.JVM_MEMORY_COMMITTED, usage.getCommitted(), of);
      if (usage.getMax() >= 0) into.add(Metric.JVM_MEMORY_LIMIT, usage.getMax(), of);
    }
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      into.add(Metric.JVM_BUFFER_MEMORY_USED, pool.getMemoryUsed(), "jvm.buffer.pool.name", pool.getName());
      into.add(Metric.JVM_BUFFER_COUNT, pool.getCount(), "jvm.buffer.pool.name", pool.getName());
    }
    for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      into.seconds(Metric.JVM_GC_TIME, Math.max(0, gc.getCollectionTime()) / 1e3, "jvm.gc.name", gc.getName());
      into.add(Metric.JVM_GC_COLLECTIONS, Math.max(0, gc.getCollectionCount()), "jvm.gc.name", gc.getName());
    }
    into.add(Metric.JVM_THREADS, ManagementFactory.getThreadMXBean().getThreadCount());
    into.add(Metric.JVM_CLASSES, ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    into.seconds(Metric.JVM_CPU_TIME, Math.max(0, system.getProcessCpuTime()) / 1e9);
    into.add(Metric.JVM_CPU_COUNT, Runtime.getRuntime().availableProcessors());
    RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
    into.seconds(Metric.UP_TIME, runtime.getUptime() / 1e3);
    into.seconds(Metric.START_TIME, runtime.getStartTime() / 1e3);
    resident(into);
  }

  /** From this process's own proc(5) file; where there is none, there is no such metric. */
  private static void resident(Reading into) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          into.add(Metric.RESIDENT_MEMORY, Long.parseLong(line.replaceAll("\\D", "")) << 10);
        }
      }
    } catch (IOException | NumberFormatException e) {
      System.getLogger("io.mop.telemetry").log(System.Logger.Level.TRACE, "no resident set size", e);
    }
  }
}
