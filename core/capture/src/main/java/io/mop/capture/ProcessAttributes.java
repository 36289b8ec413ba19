package io.mop.capture;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Resource attributes of a process, by OpenTelemetry's semantic conventions. Arguments are read to find a name and are
 * no attribute, as they may hold secrets; of the environment only OTEL_* is looked at.
 */
final class ProcessAttributes {
  private static final String SERVICE_NAME = "service.name";
  private static final Pattern JAVA_VERSION = Pattern.compile("^JAVA_RUNTIME_VERSION=\"(.+)\"$", Pattern.MULTILINE);
  private static final Pattern CPYTHON = Pattern.compile("python[\\d.]*");
  private static final Pattern PYPY = Pattern.compile("pypy[\\d.]*");

  private final ProcFs proc;
  private final ProcDetails details;
  private final Program program;
  private final Host host;
  private final Function<String, Map<String, String>> workloads;

  /** @param workloads what an orchestrator knows of a container by its id */
  ProcessAttributes(
      ProcFs proc, ProcDetails details, Host host, Function<String, Map<String, String>> workloads) {
    this.proc = proc;
    this.details = details;
    this.host = host;
    this.workloads = workloads;
    program = new Program(proc, details);
  }

  /**
   * @param startTime 0 if unknown
   * @param command name that the kernel gave it, empty if unknown
   */
  Map<String, Object> of(int tgid, long startTime, String command) {
    Map<String, Object> a = new TreeMap<>(host.attributes());
    a.put("telemetry.distro.name", "mop");
    Optional<String> executable = proc.executableName(tgid);
    executable.ifPresent(name -> a.put("process.executable.name", name));
    details.exe(tgid).ifPresent(path -> a.put("process.executable.path", path));
    executable.ifPresent(name -> runtime(tgid, name, a));
    if (startTime != 0) host.instance(tgid, startTime).ifPresent(id -> a.put("service.instance.id", id));
    String cgroups = details.cgroups(tgid);
    ContainerId.of(cgroups).ifPresent(id -> container(id, a));
    proc.environment(tgid, "OTEL_RESOURCE_ATTRIBUTES").ifPresent(v -> a.putAll(ResourceVariable.parse(v)));
    proc.environment(tgid, "OTEL_SERVICE_NAME")
        .filter(ResourceVariable::usable)
        .ifPresent(name -> a.put(SERVICE_NAME, name));
    if (!a.containsKey(SERVICE_NAME)) {
      Optional<String> told = Optional.of(command).filter(ResourceVariable::usable);
      Object name = found(tgid, cgroups).or(() -> executable).or(() -> told).orElse("unknown_service");
      a.put(SERVICE_NAME, a.getOrDefault("container.name", name));
    }
    if (tgid != 0) a.put("process.pid", (long) tgid);
    return a;
  }

  private Optional<String> found(int tgid, String cgroups) {
    return SystemdUnit.of(cgroups)
        .or(() -> program.name(tgid))
        .or(() -> details.calledBy(tgid))
        .filter(ResourceVariable::usable);
  }

  private void container(String id, Map<String, Object> a) {
    a.put("container.id", id);
    details.containerName(id).ifPresent(name -> a.put("container.name", name));
    a.putAll(workloads.apply(id));
  }

  private void runtime(int tgid, String executable, Map<String, Object> a) {
    String name = "process.runtime.name";
    if (executable.equals("node")) a.put(name, "nodejs");
    if (CPYTHON.matcher(executable).matches()) a.put(name, "cpython");
    if (PYPY.matcher(executable).matches()) a.put(name, "pypy");
    if (executable.equals("java")) details.exe(tgid).flatMap(exe -> release(tgid, exe)).ifPresent(r -> java(r, a));
  }

  /** The file that tells a Java's version. */
  private Optional<String> release(int tgid, String java) {
    String bin = java.substring(0, Math.max(0, java.lastIndexOf('/')));
    return details.file(tgid, bin.substring(0, Math.max(0, bin.lastIndexOf('/'))) + "/release");
  }

  private static void java(String release, Map<String, Object> a) {
    boolean oracle = release.contains("BUILD_TYPE=\"commercial\"");
    a.put("process.runtime.name", oracle ? "Java(TM) SE Runtime Environment" : "OpenJDK Runtime Environment");
    Matcher version = JAVA_VERSION.matcher(release);
    if (version.find()) a.put("process.runtime.version", version.group(1));
  }
}
