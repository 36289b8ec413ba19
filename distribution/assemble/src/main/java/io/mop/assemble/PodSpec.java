package io.mop.assemble;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The pod of a workload: one container, as few rights as its bundles need. */
final class PodSpec {
  /** Owner of what nobody owns, by convention. */
  private static final int NOBODY = 65_534;
  /** Seconds of a start before it counts as failed: 4 to 10 under the smallest limit, with room. */
  private static final int START = 120;
  private static final int PERIOD = 5;
  /** Seconds from the end of what MOP gives itself to the kill. */
  private static final int MARGIN = 10;

  private final Descriptors of;
  private final Needs needs;
  private final Environment environment;

  PodSpec(Descriptors of) {
    this.of = of;
    this.needs = of.needs();
    this.environment = of.environment();
  }

  Map<String, Object> fields() {
    Map<String, Object> spec = Fields.of(
        "serviceAccountName", of.name(),
        "automountServiceAccountToken", !needs.rules().isEmpty(),
        "terminationGracePeriodSeconds", of.scale().drainSeconds() + of.scale().shutdownSeconds() + MARGIN);
    if (needs.namespaces().contains("pid")) {
      spec.put("hostPID", true);
    }
    if (needs.namespaces().contains("network")) {
      spec.put("hostNetwork", true);
      spec.put("dnsPolicy", "ClusterFirstWithHostNet");
    }
    if (of.role() != Role.GATEWAY) {
      spec.put("tolerations", List.of(Fields.of("operator", "Exists")));
    }
    Map<String, Object> security = Fields.of("seccompProfile", Fields.of("type", "RuntimeDefault"));
    if (!capable()) {
      security.putAll(Fields.of("runAsNonRoot", true, "runAsUser", NOBODY, "runAsGroup", NOBODY, "fsGroup", NOBODY));
    }
    spec.put("securityContext", security);
    spec.put("containers", List.of(container()));
    spec.put("volumes", volumes());
    return spec;
  }

  /** Only root gets them: a program of another user needs file or ambient capabilities, which a pod cannot set. */
  private boolean capable() {
    return !needs.capabilities().isEmpty();
  }

  private Map<String, Object> container() {
    Map<String, Object> container =
        Fields.of(
            "name", "mop",
            "image", of.image(),
            "imagePullPolicy", "IfNotPresent",
            "command", List.of("/opt/mop/bin/mop"),
            "args", List.of("run", "--config", "/etc/mop/mop.yaml"),
            "env", variables(),
            "ports", ports());
    of.scale().limits().ifPresent(limits -> {
      Environment.Resources requests = of.scale().requests().orElse(limits);
      container.put("resources", Fields.of("requests", resources(requests), "limits", resources(limits)));
    });
    container.put("securityContext", security());
    needs.health().ifPresent(health -> {
      container.put("startupProbe", probe("/healthz", health, START / PERIOD));
      container.put("livenessProbe", probe("/healthz", health, 6));
      container.put("readinessProbe", probe("/readyz", health, 2));
    });
    if (of.scale().drainSeconds() > 0) {
      // Time for peers to learn that this one goes; then SIGTERM, and MOP delivers what it holds.
      container.put("lifecycle", Fields.of("preStop", Fields.of("exec",
          Fields.of("command", List.of("sleep", Integer.toString(of.scale().drainSeconds()))))));
    }
    container.put("volumeMounts", mounts());
    return container;
  }

  private Map<String, Object> security() {
    Map<String, Object> capabilities = Fields.of("drop", List.of("ALL"));
    if (capable()) {
      capabilities.put("add", List.copyOf(needs.capabilities()));
    }
    Map<String, Object> security =
        Fields.of("allowPrivilegeEscalation", false, "readOnlyRootFilesystem", true, "capabilities", capabilities);
    if (capable()) {
      security.put("runAsUser", 0);
    }
    return security;
  }

  private List<Object> variables() {
    List<Object> env = new ArrayList<>();
    Defaults.process(of.role(), environment).forEach((name, value) -> env.add(Fields.of("name", name, "value", value)));
    env.add(Fields.of("name", "MOP_STATE", "value", "/var/lib/mop/state"));
    env.add(Fields.of("name", "MOP_LISTEN", "value", "0.0.0.0"));
    needs.health().ifPresent(health ->
        env.add(Fields.of("name", "MOP_TELEMETRY", "value", "0.0.0.0:" + health.port())));
    env.add(Fields.of("name", "HOST_IP", "valueFrom", Fields.of("fieldRef", Fields.of("fieldPath", "status.hostIP"))));
    if (of.role() == Role.AGENT) {
      env.add(Fields.of("name", "MOP_GATEWAY", "value", gateway()));
    }
    return env;
  }

  /** In a cluster agents send to the gateway's Service, not to what the environment names outside. */
  private String gateway() {
    return "mop-" + Role.GATEWAY.id() + "." + environment.namespace() + ".svc:"
        + environment.gateway().substring(environment.gateway().lastIndexOf(':') + 1);
  }

  private List<Object> ports() {
    List<Object> ports = new ArrayList<>();
    for (Needs.Endpoint endpoint : needs.endpoints()) {
      if (endpoint.listens()) {
        ports.add(
            Fields.of("name", endpoint.name(), "containerPort", endpoint.port(), "protocol", endpoint.transport()));
      }
    }
    return ports;
  }

  private static Map<String, Object> resources(Environment.Resources resources) {
    return Fields.of("cpu", resources.cpu(), "memory", resources.memory());
  }

  private static Map<String, Object> probe(String path, Needs.Endpoint health, int failures) {
    return Fields.of(
        "httpGet", Fields.of("path", path, "port", health.name()),
        "periodSeconds", PERIOD, "timeoutSeconds", 3, "failureThreshold", failures);
  }

  private List<Object> mounts() {
    List<Object> mounts = new ArrayList<>();
    mounts.add(Fields.of("name", "config", "mountPath", "/etc/mop", "readOnly", true));
    mounts.add(Fields.of("name", "state", "mountPath", "/var/lib/mop"));
    // JNA and zstd unpack their native libraries here.
    mounts.add(Fields.of("name", "tmp", "mountPath", "/tmp"));
    needs.mounts().forEach((path, written) ->
        mounts.add(Fields.of("name", volume(path), "mountPath", path, "readOnly", !written)));
    return mounts;
  }

  private List<Object> volumes() {
    List<Object> volumes = new ArrayList<>();
    volumes.add(Fields.of("name", "config", "configMap", Fields.of("name", of.name())));
    if (of.role() != Role.GATEWAY) {
      volumes.add(Fields.of("name", "state", "emptyDir", Fields.of()));
    }
    volumes.add(Fields.of("name", "tmp", "emptyDir", Fields.of()));
    needs.mounts().forEach((path, written) ->
        volumes.add(Fields.of("name", volume(path), "hostPath", Fields.of("path", path))));
    return volumes;
  }

  private static String volume(String path) {
    return "host" + path.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }
}
