package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerIdTest {
  private static final String A = "0123456789abcdef".repeat(4);
  private static final String B = "fedcba9876543210".repeat(4);

  /** {@code A} and {@code B} stand for an id, {@code |} for the end of a line. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "Docker, systemd; 0::/system.slice/docker-<A>.scope; A",
        "Docker, cgroupfs; 0::/docker/<A>; A",
        "Docker, v1; 12:pids:/docker/<A>|11:memory:/docker/<A>|1:name=systemd:/docker/<A>; A",
        "Docker, hybrid; 4:memory:/docker/<A>|0::/system.slice/containerd.service; A",
        "Docker, parent of one's own; 0::/shop.slice/docker-<A>.scope; A",
        "Docker, rootless; 0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-<A>.scope; A",
        "Docker with systemd inside; 0::/system.slice/docker-<A>.scope/init.scope; A",
        "Docker in Docker; 0::/docker/<A>/docker/<B>; B",
        "kind node's pod; 0::/docker/<A>/kubelet/kubepods/pod12/<B>; B",
        "ECS; 9:perf_event:/ecs/cluster/b6ba7b0b8d2d4dfaa5a5a0f2d3b1c5f4/<A>; A",
        "containerd, CRI; 0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-<A>.scope;"
            + " A",
        "containerd, CRI, cgroupfs; 0::/kubepods/besteffort/pod6c1b2e8e-8d0e-4b7e-9d3e-1f0a5b7c9d2e/<A>; A",
        "containerd, CRI, mixed; 0::/system.slice/containerd.service/kubepods-besteffort-pod1_2.slice:cri-containerd:<A>; A",
        "containerd, nerdctl; 0::/system.slice/nerdctl-<A>.scope; A",
        "containerd, plain; 0::/default/<A>; A",
        "seen from a cgroup namespace; 0::/../../kubepods-pod3_4.slice/cri-containerd-<A>.scope; A",
        "CRI-O; 0::/kubepods.slice/kubepods-pod1_2.slice/crio-<A>.scope; A",
        "CRI-O, cgroupfs; 0::/kubepods/pod12/crio-<A>; A",
        "CRI-O, container's own group; 0::/kubepods.slice/kubepods-pod1_2.slice/crio-<A>.scope/container; A",
        "CRI-O's monitor; 0::/kubepods.slice/kubepods-pod1_2.slice/crio-conmon-<A>.scope; none",
        "Podman; 0::/machine.slice/libpod-<A>.scope/container; A",
        "Podman, rootless; 0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-<A>.scope; A",
        "Podman, cgroupfs; 0::/libpod_parent/libpod-<A>; A",
        "Podman's monitor; 0::/machine.slice/libpod-conmon-<A>.scope; none",
        "Podman's health check; 0::/system.slice/<A>.service; none",
        "no container; 0::/system.slice/nginx.service; none",
        "the root; 0::/; none",
        "another scope; 0::/user.slice/user-0.slice/session-3.scope; none",
        "too short an id; 0::/docker/0123456789ab; none",
        "no hexadecimal digits; 0::/docker/g<A>; none",
        "a file of no hierarchy; nonsense; none",
      })
  void ofAControlGroup(String engine, String cgroups, String id) {
    String text = cgroups.replace("<A>", A).replace("<B>", B).replace('|', '\n') + "\n";
    String expected = id.replace("A", A).replace("B", B);
    assertThat(ContainerId.of(text).orElse("none")).isEqualTo(expected);
  }

  @Test
  void noTextNoContainer() {
    assertThat(ContainerId.of("")).isEmpty();
  }
}
