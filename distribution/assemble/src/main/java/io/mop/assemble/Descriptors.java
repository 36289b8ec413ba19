package io.mop.assemble;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Kubernetes objects of one role in one environment. Rights, mounts and ports are those that the bundles declare;
 * sizes, replicas and names are the environment's.
 *
 * @param image reference by version or digest
 * @param configuration text of mop.yaml
 */
record Descriptors(
    Role role, Environment environment, Needs needs, String version, String image, String configuration) {
  /** {@code mop-agent} or {@code mop-gateway}. */
  String name() {
    return "mop-" + role.id();
  }

  /** @param privileged whether pods in it use host namespaces or paths, or add capabilities */
  static Map<String, Object> namespace(Environment environment, boolean privileged) {
    return Fields.of(
        "apiVersion", "v1",
        "kind", "Namespace",
        "metadata", Fields.of(
            "name", environment.namespace(),
            "labels", Fields.of(
                "app.kubernetes.io/part-of", "mop",
                "app.kubernetes.io/managed-by", "mop",
                "pod-security.kubernetes.io/enforce", privileged ? "privileged" : "restricted")));
  }

  boolean privileged() {
    return !needs.capabilities().isEmpty() || !needs.namespaces().isEmpty() || !needs.mounts().isEmpty();
  }

  List<Map<String, Object>> all() {
    List<Map<String, Object>> objects = new ArrayList<>();
    objects.add(serviceAccount());
    if (!needs.rules().isEmpty()) {
      objects.add(clusterRole());
      objects.add(clusterRoleBinding());
    }
    objects.add(configMap());
    if (!needs.services().isEmpty()) {
      objects.add(service());
    }
    if (role == Role.GATEWAY) {
      objects.add(statefulSet());
      objects.add(disruptionBudget());
    } else {
      objects.add(daemonSet());
    }
    return objects;
  }

  // ---- objects

  private Map<String, Object> serviceAccount() {
    return Fields.of(
        "apiVersion", "v1", "kind", "ServiceAccount", "metadata", metadata(name()),
        "automountServiceAccountToken", !needs.rules().isEmpty());
  }

  private String clusterName() {
    return name() + "-" + environment.namespace();
  }

  private Map<String, Object> clusterRole() {
    List<Object> rules = new ArrayList<>();
    for (Needs.Rule rule : needs.rules()) {
      rules.add(Fields.of("apiGroups", rule.apiGroups(), "resources", rule.resources(), "verbs", rule.verbs()));
    }
    return Fields.of(
        "apiVersion", "rbac.authorization.k8s.io/v1", "kind", "ClusterRole",
        "metadata", Fields.of("name", clusterName(), "labels", labels()),
        "rules", rules);
  }

  private Map<String, Object> clusterRoleBinding() {
    return Fields.of(
        "apiVersion", "rbac.authorization.k8s.io/v1", "kind", "ClusterRoleBinding",
        "metadata", Fields.of("name", clusterName(), "labels", labels()),
        "roleRef", Fields.of("apiGroup", "rbac.authorization.k8s.io", "kind", "ClusterRole", "name", clusterName()),
        "subjects", List.of(Fields.of("kind", "ServiceAccount", "name", name(), "namespace", environment.namespace())));
  }

  private Map<String, Object> configMap() {
    return Fields.of(
        "apiVersion", "v1", "kind", "ConfigMap", "metadata", metadata(name()),
        "data", Fields.of("mop.yaml", configuration));
  }

  /**
   * Of gateways headless: each has a name of its own, which senders that hash trace ids need. Of agents a way to the
   * one of the own node only.
   */
  private Map<String, Object> service() {
    List<Object> ports = new ArrayList<>();
    for (Needs.Endpoint endpoint : needs.services()) {
      ports.add(
          Fields.of(
              "name", endpoint.name(), "port", endpoint.port(), "targetPort", endpoint.name(),
              "protocol", endpoint.transport()));
    }
    return Fields.of(
        "apiVersion", "v1", "kind", "Service", "metadata", metadata(name()),
        "spec", role == Role.GATEWAY
            ? Fields.of("clusterIP", "None", "selector", selector(), "ports", ports)
            : Fields.of("internalTrafficPolicy", "Local", "selector", selector(), "ports", ports));
  }

  private Map<String, Object> daemonSet() {
    return Fields.of(
        "apiVersion", "apps/v1", "kind", "DaemonSet", "metadata", metadata(name()),
        "spec", Fields.of(
            "selector", Fields.of("matchLabels", selector()),
            "updateStrategy", Fields.of("type", "RollingUpdate", "rollingUpdate", Fields.of("maxUnavailable", 1)),
            "template", pod()));
  }

  private Map<String, Object> statefulSet() {
    Map<String, Object> claim =
        Fields.of(
            "metadata", Fields.of("name", "state"),
            "spec", Fields.of(
                "accessModes", List.of("ReadWriteOnce"),
                "storageClassName", environment.storageClass(),
                "resources", Fields.of("requests", Fields.of("storage", environment.storageSize()))));
    return Fields.of(
        "apiVersion", "apps/v1", "kind", "StatefulSet", "metadata", metadata(name()),
        "spec", Fields.of(
            "serviceName", name(),
            "replicas", scale().replicas(),
            "podManagementPolicy", "Parallel",
            "minReadySeconds", 10,
            "selector", Fields.of("matchLabels", selector()),
            "template", pod(),
            "volumeClaimTemplates", List.of(claim)));
  }

  private Map<String, Object> disruptionBudget() {
    return Fields.of(
        "apiVersion", "policy/v1", "kind", "PodDisruptionBudget", "metadata", metadata(name()),
        "spec", Fields.of("maxUnavailable", 1, "selector", Fields.of("matchLabels", selector())));
  }

  // ---- the pod

  private Map<String, Object> pod() {
    Map<String, Object> spec = new PodSpec(this).fields();
    Map<String, Object> metadata =
        Fields.of("labels", labels(), "annotations", Fields.of("mop.io/config-sha256", sha256(configuration)));
    if (role == Role.GATEWAY) {
      spec.put("topologySpreadConstraints", List.of(
          Fields.of(
              "maxSkew", 1, "topologyKey", "kubernetes.io/hostname", "whenUnsatisfiable", "ScheduleAnyway",
              "labelSelector", Fields.of("matchLabels", selector()))));
    }
    return Fields.of("metadata", metadata, "spec", spec);
  }

  Environment.Scale scale() {
    return environment.scale(role);
  }

  private Map<String, Object> metadata(String name) {
    return Fields.of("name", name, "namespace", environment.namespace(), "labels", labels());
  }

  private Map<String, Object> selector() {
    return Fields.of("app.kubernetes.io/name", "mop", "app.kubernetes.io/component", role.id());
  }

  private Map<String, Object> labels() {
    Map<String, Object> labels = selector();
    labels.put("app.kubernetes.io/instance", name());
    labels.put("app.kubernetes.io/version", version);
    labels.put("app.kubernetes.io/part-of", "mop");
    labels.put("app.kubernetes.io/managed-by", "mop");
    return labels;
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
