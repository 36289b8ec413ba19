package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SystemdUnitTest {
  private static final String ID = "0123456789abcdef".repeat(4);

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0::/system.slice/nginx.service, nginx",
    "0::/system.slice/system-shop.slice/shop@eu.service/workers, shop@eu",
    "0::/system.slice/my\\x2dshop.service, my-shop",
    "9:name=systemd:/system.slice/nginx.service|0::/, nginx",
    "0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service, shop",
    "0::/../../system.slice/nginx.service, nginx",
    "0::/user.slice/user-1000.slice/user@1000.service/init.scope, none",
    "0::/user.slice/user-1000.slice/session-3.scope, none",
    "0::/system.slice/cron.service, none",
    "0::/system.slice/docker-ID.scope, none",
    "0::/system.slice/k3s.service/kubepods-pod1.slice/ID, none",
    "0::/system.slice/shop.service/ID, none",
    "0::/docker/ID/system.slice/nginx.service, nginx",
    "4:memory:/system.slice/nginx.service, none",
    "0::/, none",
    "nonsense, none",
  })
  void unit(String cgroups, String name) {
    assertThat(SystemdUnit.of(cgroups.replace("ID", ID).replace('|', '\n')).orElse("none")).isEqualTo(name);
  }
}
