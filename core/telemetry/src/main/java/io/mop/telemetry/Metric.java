package io.mop.telemetry;

import java.util.Arrays;
import java.util.Optional;

/**
 * MOP's own metrics: their names by the conventions of OpenTelemetry, units in UCUM. The names that /metrics shows are
 * made from these by {@link TextFormat}. Counters of plugins come beside them, see {@link PartCounters}.
 */
enum Metric {
  COMPONENT_ITEMS(
      "mop.component.items", "{item}", Kind.COUNTER, "Items in the books of a component, by what became of them."),
  COMPONENT_HELD("mop.component.held", "{item}", Kind.LEVEL, "Items that a component holds now."),
  COMPONENT_HEALTHY("mop.component.healthy", "", Kind.GAUGE, "1 = the component does its work."),
  COMPONENT_SWAPS(
      "mop.component.swaps", "{swap}", Kind.COUNTER, "Versions of its plugin that took over from another.", "swaps"),
  COMPONENT_SWAPS_REFUSED(
      "mop.component.swaps_refused", "{swap}", Kind.COUNTER, "Versions of its plugin that could not take over.",
      "swaps_refused"),
  COMPONENT_STATES_DROPPED(
      "mop.component.states_dropped", "{state}", Kind.COUNTER, "States kept for a plugin that did not come back.",
      "states_dropped"),
  COMPONENT_ERRORS("mop.component.errors", "{error}", Kind.COUNTER, "Calls of its plugin that threw.", "errors"),
  COMPONENT_HUNG_CALLS(
      "mop.component.hung_calls", "{call}", Kind.COUNTER, "Calls of its plugin that did not return in time.",
      "hung_calls"),
  REQUESTS_REFUSED(
      "mop.component.refused_requests", "{request}", Kind.COUNTER, "Requests refused before they were read, retryably.",
      "refused_requests"),
  REQUESTS_MALFORMED(
      "mop.component.malformed_requests", "{request}", Kind.COUNTER, "Requests that are not OTLP.",
      "malformed_requests"),
  QUEUE_SIZE("mop.exporter.queue.size", "By", Kind.LEVEL, "Bytes in the sending queue, waiting or being sent."),
  QUEUE_CAPACITY(
      "mop.exporter.queue.capacity", "By", Kind.LEVEL,
      "Bytes in the sending queue above which receivers are refused."),
  MEMORY_USED("mop.memory.used", "By", Kind.LEVEL, "Bytes taken for batches."),
  MEMORY_LIMIT("mop.memory.limit", "By", Kind.LEVEL, "Bytes that batches may take (service.memory)."),
  PLUGIN_CALLS("mop.plugin.calls", "{call}", Kind.COUNTER, "Calls of the plugin's parts."),
  PLUGIN_CPU("mop.plugin.cpu.time", "s", Kind.SECONDS, "CPU time of these calls, extrapolated from every 8th."),
  PLUGIN_ALLOCATED("mop.plugin.allocated", "By", Kind.COUNTER, "Heap allocated by these calls."),
  PLUGIN_ERRORS("mop.plugin.errors", "{error}", Kind.COUNTER, "Calls that threw."),
  PLUGIN_QUARANTINED("mop.plugin.quarantined", "", Kind.GAUGE, "1 = the version is not used; mop plugins says why."),
  PLUGIN_INFO("mop.plugin.info", "", Kind.GAUGE, "1; an installed plugin. Dropped-in files have a digest (SHA-256)."),
  CONFIG_APPLIED("mop.config.applied", "{configuration}", Kind.COUNTER, "Configurations taken since the start."),
  CONFIG_HASH("mop.config.hash", "", Kind.GAUGE, "1; SHA-256 of the configuration file that runs."),
  BUILD_INFO("mop.build.info", "", Kind.GAUGE, "1; what runs."),
  UP_TIME("process.uptime", "s", Kind.GAUGE, "Time since the process started."),
  START_TIME("process.start.time", "s", Kind.GAUGE, "Unix time at which the process started."),
  RESIDENT_MEMORY("process.resident.memory", "By", Kind.LEVEL, "Resident set size; Linux only."),
  JVM_MEMORY_USED("jvm.memory.used", "By", Kind.LEVEL, "Memory in use, by pool."),
  JVM_MEMORY_COMMITTED("jvm.memory.committed", "By", Kind.LEVEL, "Memory taken from the system, by pool."),
  JVM_MEMORY_LIMIT("jvm.memory.limit", "By", Kind.LEVEL, "Memory that a pool may grow to."),
  JVM_BUFFER_MEMORY_USED("jvm.buffer.memory.used", "By", Kind.LEVEL, "Memory of direct and mapped buffers."),
  JVM_BUFFER_COUNT("jvm.buffer.count", "{buffer}", Kind.LEVEL, "Direct and mapped buffers."),
  JVM_GC_TIME("mop.jvm.gc.time", "s", Kind.SECONDS, "Time spent in garbage collections."),
  JVM_GC_COLLECTIONS("mop.jvm.gc.collections", "{collection}", Kind.COUNTER, "Garbage collections."),
  JVM_THREADS("jvm.thread.count", "{thread}", Kind.LEVEL, "Threads."),
  JVM_CLASSES("jvm.class.count", "{class}", Kind.LEVEL, "Classes loaded."),
  JVM_CPU_TIME("jvm.cpu.time", "s", Kind.SECONDS, "CPU time of the process."),
  JVM_CPU_COUNT("jvm.cpu.count", "{cpu}", Kind.LEVEL, "Processors that the process may use.");

  /** How values are read and added up. */
  enum Kind {
    /** Whole numbers that only grow. */
    COUNTER,
    /** Seconds that only grow. */
    SECONDS,
    /** Whole numbers that can be added up over MOPs. */
    LEVEL,
    /** A state, or a number that makes no sum. */
    GAUGE
  }

  final String id;
  final String unit;
  final Kind kind;
  final String description;
  /** Name of the engine's counter in {@code Status.counters}; empty = it is none. */
  private final String counter;

  Metric(String id, String unit, Kind kind, String description) {
    this(id, unit, kind, description, "");
  }

  Metric(String id, String unit, Kind kind, String description, String counter) {
    this.id = id;
    this.unit = unit;
    this.kind = kind;
    this.description = description;
    this.counter = counter;
  }

  /** The engine's own counters are metrics of every component; the others are their plugins'. */
  static Optional<Metric> ofCounter(String name) {
    return Arrays.stream(values()).filter(m -> !name.isEmpty() && m.counter.equals(name)).findFirst();
  }
}
