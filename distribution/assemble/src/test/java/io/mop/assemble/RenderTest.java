package io.mop.assemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonStructure;
import jakarta.json.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RenderTest {
  private static final String DIGEST = "@sha256:" + "ab".repeat(32);
  @TempDir Path dir;
  private BuiltHome home;

  @BeforeEach
  void build() {
    home = new BuiltHome(dir.resolve("mop"));
  }

  private Path render(String environment) {
    Path output = dir.resolve("k8s/" + environment);
    BuiltHome.Result result =
        home.run(
            "render", "--env", environment, "-o", output.toString(), "--image", "agent=example.com:5000/mop/agent:1.0",
            "--image", "gateway=example.com/mop/gateway" + DIGEST);
    assertThat(result.code()).as(result.err()).isZero();
    return output;
  }

  private List<JsonElement> objects(String environment) throws Exception {
    List<JsonElement> objects = new ArrayList<>();
    try (Stream<Path> files = Files.list(render(environment))) {
      for (Path file : files.sorted().toList()) {
        objects.addAll(KubernetesApi.read(Files.readString(file)));
      }
    }
    return objects;
  }

  private static JsonElement one(List<JsonElement> objects, String kind, String name) {
    return objects.stream()
        .filter(o -> KubernetesApi.at(o, "kind").equals(kind) && KubernetesApi.at(o, "metadata.name").equals(name))
        .reduce((a, b) -> {
          throw new AssertionError("two: " + kind + " " + name);
        })
        .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"dev", "staging", "production"})
  void isWhatTheApiKnows(String environment) throws Exception {
    home.bundle(
        "io.mop.api",
        "mop.endpoint;name=health;port:Long=13133;protocol=http;direction=in,mop.host.mount;path=/sys/fs/cgroup,"
            + "mop.k8s.rule;apiGroups=\"\";resources:List<String>=\"pods,nodes\";verbs:List<String>=\"get,list,watch\"");
    List<JsonElement> objects = objects(environment);
    assertThat(objects).extracting(object -> KubernetesApi.at(object, "kind"))
        .containsExactly(
            "Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ConfigMap", "Service", "DaemonSet",
            "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ConfigMap", "Service", "StatefulSet",
            "PodDisruptionBudget");
    for (JsonElement object : objects) {
      KubernetesApi.validate(object);
    }
    assertThat(objects.stream().map(o -> KubernetesApi.at(o, "kind") + " " + KubernetesApi.at(o, "metadata.name")))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "an unknown field | hostPID: true | hostPid: true",
        "an unknown field of a container | readOnlyRootFilesystem: | readonlyRootFilesystem:",
        "a missing field | name: mop\\n | nam: mop\\n",
        "a text for a number | maxUnavailable: 1 | maxUnavailable: { a: 1 }",
        "a number for a list | tolerations:\\n        - operator: Exists | tolerations: 1",
        "a text for a truth | hostPID: true | hostPID: [ true ]",
      })
  void theCheckSeesWhatIsWrong(String name, String from, String to) throws Exception {
    String good = Files.readString(render("dev").resolve("agent.yaml"));
    String bad = good.replace(from.replace("\\n", "\n"), to.replace("\\n", "\n"));
    assertThat(bad).isNotEqualTo(good);
    assertThatThrownBy(() -> {
      for (JsonElement object : KubernetesApi.read(bad)) {
        KubernetesApi.validate(object);
      }
    }).isInstanceOf(KubernetesApi.Invalid.class);
  }

  @Test
  void anAgentHasTheRightsOfItsBundlesAndNoMore() throws Exception {
    List<JsonElement> objects = objects("production");
    String pod = "spec.template.spec.";
    JsonElement agent = one(objects, "DaemonSet", "mop-agent");
    assertThat(KubernetesApi.at(agent, pod + "containers.0.securityContext"))
        .isEqualTo("{\"allowPrivilegeEscalation\":false,\"readOnlyRootFilesystem\":true,"
            + "\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"BPF\",\"PERFMON\"]},\"runAsUser\":0}");
    assertThat(KubernetesApi.at(agent, pod + "securityContext.seccompProfile.type")).isEqualTo("RuntimeDefault");
    assertThat(KubernetesApi.at(agent, pod + "hostPID")).isEqualTo("true");
    assertThat(agent.toString()).doesNotContain("hostNetwork", "hostPath", "privileged", "Probe", "latest");
    assertThat(KubernetesApi.at(agent, pod + "containers.0.image")).isEqualTo("example.com:5000/mop/agent:1.0");
    assertThat(KubernetesApi.at(one(objects, "Service", "mop-agent"), "spec.internalTrafficPolicy")).isEqualTo("Local");
    assertThat(agent.toString())
        .contains("{\"name\":\"MOP_GATEWAY\",\"value\":\"mop-gateway.observability.svc:4317\"}");
    assertThat(KubernetesApi.at(one(objects, "Namespace", "observability"), "metadata.labels"))
        .contains("\"pod-security.kubernetes.io/enforce\":\"privileged\"");
  }

  @Test
  void aGatewayIsNobodyAndIsDrained() throws Exception {
    List<JsonElement> objects = objects("production");
    JsonElement gateway = one(objects, "StatefulSet", "mop-gateway");
    String pod = "spec.template.spec.";
    assertThat(KubernetesApi.at(gateway, pod + "containers.0.securityContext"))
        .isEqualTo("{\"allowPrivilegeEscalation\":false,\"readOnlyRootFilesystem\":true,"
            + "\"capabilities\":{\"drop\":[\"ALL\"]}}");
    assertThat(KubernetesApi.at(gateway, pod + "securityContext.runAsUser")).isEqualTo("65534");
    assertThat(KubernetesApi.at(gateway, pod + "securityContext.runAsNonRoot")).isEqualTo("true");
    assertThat(gateway.toString()).doesNotContain("hostPID", "hostPath", "\"add\"");
    assertThat(KubernetesApi.at(gateway, "spec.replicas")).isEqualTo("3");
    assertThat(KubernetesApi.at(gateway, "spec.podManagementPolicy")).isEqualTo("Parallel");
    int drain = Integer.parseInt(KubernetesApi.at(gateway, pod + "containers.0.lifecycle.preStop.exec.command.1"));
    assertThat(Integer.parseInt(KubernetesApi.at(gateway, pod + "terminationGracePeriodSeconds")))
        .as("longer than preStop and service.shutdown_timeout")
        .isGreaterThan(drain + 30);
    JsonElement service = one(objects, "Service", "mop-gateway");
    assertThat(KubernetesApi.at(service, "spec.clusterIP")).isEqualTo("None");
    assertThat(KubernetesApi.at(service, "metadata.name")).isEqualTo(KubernetesApi.at(gateway, "spec.serviceName"));
    assertThat(KubernetesApi.at(service, "spec.selector"))
        .isEqualTo(KubernetesApi.at(gateway, "spec.selector.matchLabels"));
    assertThat(KubernetesApi.at(service, "spec.ports.0.targetPort"))
        .isEqualTo(KubernetesApi.at(gateway, pod + "containers.0.ports.0.name"));
    assertThat(KubernetesApi.at(one(objects, "PodDisruptionBudget", "mop-gateway"), "spec.maxUnavailable"))
        .isEqualTo("1");
    assertThat(objects.stream().filter(o -> KubernetesApi.at(o, "kind").equals("PodDisruptionBudget"))).hasSize(1);
  }

  @Test
  void probesAreOnTheDeclaredPort() throws Exception {
    home.bundle("io.mop.api", "mop.endpoint;name=health;port:Long=13133;protocol=http;direction=in");
    List<JsonElement> objects = objects("dev");
    for (JsonElement workload :
        List.of(one(objects, "DaemonSet", "mop-agent"), one(objects, "StatefulSet", "mop-gateway"))) {
      String container = "spec.template.spec.containers.0.";
      assertThat(KubernetesApi.at(workload, container + "readinessProbe.httpGet"))
          .isEqualTo("{\"path\":\"/readyz\",\"port\":\"health\"}");
      assertThat(KubernetesApi.at(workload, container + "livenessProbe.httpGet.path")).isEqualTo("/healthz");
      int period = Integer.parseInt(KubernetesApi.at(workload, container + "startupProbe.periodSeconds"));
      int failures = Integer.parseInt(KubernetesApi.at(workload, container + "startupProbe.failureThreshold"));
      assertThat(period * failures).as("seconds for a start").isGreaterThanOrEqualTo(60);
      assertThat(KubernetesApi.at(workload, container + "ports.1")).contains("\"containerPort\":13133");
      assertThat(KubernetesApi.at(workload, container + "env"))
          .contains("{\"name\":\"MOP_TELEMETRY\",\"value\":\"0.0.0.0:13133\"}");
    }
    assertThat(KubernetesApi.at(one(objects, "Service", "mop-gateway"), "spec.ports")).doesNotContain("13133");
  }

  @Test
  void aChangedConfigurationRestartsThePods() throws Exception {
    String key = "spec.template.metadata.annotations";
    String before = KubernetesApi.at(one(objects("dev"), "StatefulSet", "mop-gateway"), key);
    assertThat(KubernetesApi.at(one(objects("dev"), "StatefulSet", "mop-gateway"), key)).isEqualTo(before);
    home.write("features/gateway.yaml", "receivers: {}\n");
    List<JsonElement> after = objects("dev");
    assertThat(KubernetesApi.at(one(after, "StatefulSet", "mop-gateway"), key)).isNotEqualTo(before);
    assertThat(KubernetesApi.at(one(after, "ConfigMap", "mop-gateway"), "data"))
        .isEqualTo("{\"mop.yaml\":\"receivers: {}\\n\"}");
  }

  /** Retention waits for the embedded store. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"dev", "staging", "production"})
  void everyValueOfAnEnvironmentHasAnEffect(String environment) throws Exception {
    Path file = home.path.resolve("features/environments/" + environment + ".json");
    JsonObject json;
    try (JsonReader reader = Json.createReader(Files.newBufferedReader(file))) {
      json = reader.readObject();
    }
    StringBuilder output = new StringBuilder();
    Home built = Home.at(home.path);
    Environment read = built.environment(environment);
    objects(environment).forEach(output::append);
    for (Role role : Role.values()) {
      output.append(SystemdUnit.of(role, read, built.needs(role))).append(built.configuration(role, read));
    }
    json.forEach((key, value) -> {
      if (!List.of("retention", "image").contains(key)) {
        leaves(value).forEach(leaf ->
            assertThat(output.toString()).as(key).contains(leaf.replace("${domain}", read.domain())));
      }
    });
  }

  private static List<String> leaves(JsonValue value) {
    if (value instanceof JsonStructure) {
      Collection<JsonValue> values = value instanceof JsonObject object ? object.values() : value.asJsonArray();
      return values.stream().flatMap(inner -> leaves(inner).stream()).toList();
    }
    return List.of(value instanceof JsonString text ? text.getString() : value.toString());
  }

  @Test
  void anImageIsNamedByVersionOrDigest() {
    assertThat(home.run("render", "--env", "production", "-o", dir.resolve("k").toString()).err())
        .isEqualTo("mop: --image agent=REFERENCE is missing: production names no image.\n");
    assertThat(dir.resolve("k")).doesNotExist();
    assertThat(home.run("render", "--env", "dev", "-o", dir.resolve("k").toString()).code()).isZero();
    assertThat(dir.resolve("k/agent.yaml")).content().contains("image: \"mop-agent:1\"");
    for (String bad : List.of("x:latest", "x", "x@sha256:12", "x:latest" + DIGEST, "x y:1", "registry:5000/x")) {
      BuiltHome.Result result = home.run("render", "gateway", "--env", "dev", "--image", "gateway=" + bad);
      assertThat(result.code()).as(bad).isEqualTo(2);
      assertThat(result.err()).contains("\"" + bad + "\", expected name:version (not latest) or name@sha256:digest.");
    }
    assertThat(home.run("render", "gateway", "--env", "dev", "--image", "agent=x:1").err())
        .isEqualTo("mop: --image agent=…: agent is not rendered.\n");
    assertThat(home.run("render", "all-in-one", "--env", "dev").code()).isEqualTo(2);
    assertThat(home.run("render").code()).isEqualTo(2);
  }
}
