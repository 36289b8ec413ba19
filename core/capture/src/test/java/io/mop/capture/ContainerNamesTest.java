package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerNamesTest {
  private static final String ID = "0123456789abcdef".repeat(4);
  private static final String OTHER = "fedcba9876543210".repeat(4);

  @TempDir Path proc;

  private void host(String file, String text) throws IOException {
    Path path = proc.resolve("1/root").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private String name() throws IOException {
    return new ContainerNames(proc).of(ID).orElse("none");
  }

  @Test
  void docker() throws IOException {
    host(
        "var/lib/docker/containers/" + ID + "/config.v2.json",
        "{\"State\":{\"Running\":true},\"ID\":\"" + ID + "\",\"Path\":\"nginx\",\"Config\":{\"Hostname\":\"h\","
            + "\"Env\":[\"X={\\\"Name\\\":\\\"/trap\\\"}\"]},\"Name\":\"/web-1\",\"Driver\":\"overlay2\","
            + "\"MountPoints\":{\"/data\":{\"Name\":\"volume\"}}}");
    assertThat(name()).isEqualTo("web-1");
  }

  @Test
  void containerdOfKubernetes() throws IOException {
    host(
        "run/containerd/io.containerd.runtime.v2.task/k8s.io/" + ID + "/config.json",
        "{\"ociVersion\":\"1.1.0\",\"process\":{\"env\":[\"A=\\\"io.kubernetes.cri.container-name\\\":\\\"trap\\\"\"]},"
            + "\"annotations\": {\"io.kubernetes.cri.container-name\": \"cart\","
            + "\"io.kubernetes.cri.sandbox-name\": \"cart-7d4b\"}}");
    assertThat(name()).isEqualTo("cart");
  }

  @Test
  void podmanAndCrio() throws IOException {
    host(
        "var/lib/containers/storage/overlay-containers/containers.json",
        "[{\"id\":\"" + OTHER + "\",\"names\":[\"db\"],\"image\":\"1\"},{\"id\":\"" + ID
            + "\",\"names\":[\"k8s_web_shop_default_0\"],\"layer\":\"2\"}]");
    assertThat(name()).isEqualTo("k8s_web_shop_default_0");
  }

  @Test
  void aNameIsKeptWhileItIsAskedFor() throws IOException {
    ContainerNames names = new ContainerNames(proc);
    assertThat(names.of(ID)).isEmpty();
    String file = "var/lib/docker/containers/" + ID + "/config.v2.json";
    host(file, "{\"Name\":\"/web\"}");
    assertThat(names.of(ID)).as("looked for once a look").isEmpty();
    names.next();
    assertThat(names.of(ID)).contains("web");
    Files.delete(proc.resolve("1/root").resolve(file));
    names.next();
    assertThat(names.of(ID)).contains("web");
    names.next();
    names.next();
    assertThat(names.of(ID)).as("not asked for meanwhile").isEmpty();
  }
}
