package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.osgi.InsideMop;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleRevision;

/** The shipped bundles, inside Felix. */
@InsideMop
public class InsideTest {
  @Inject private BundleContext context;

  @Test
  public void everyBundleIsActive() {
    List<String> names = new ArrayList<>();
    for (Bundle bundle : context.getBundles()) {
      boolean fragment = (bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
      assertThat(bundle.getState())
          .as("state of %s", bundle)
          .isEqualTo(fragment ? Bundle.RESOLVED : Bundle.ACTIVE);
      names.add(bundle.getSymbolicName());
    }
    assertThat(names)
        .contains(
            "io.mop.api", "io.mop.otlp", "io.mop.engine", "io.mop.config", "io.mop.capture", "io.mop.bpf",
            "io.mop.shell", "org.apache.felix.scr", "org.apache.felix.gogo.runtime", "com.sun.jna");
  }

  @Test
  public void isNotTheLoaderOfTheOutside() {
    assertThat(getClass().getClassLoader()).isInstanceOf(org.osgi.framework.BundleReference.class);
    assertThat(context.getBundle().getHeaders().get("PaxExam-Executable")).isNotNull();
  }

  @Test
  public void theControlSocketAnswers() throws Exception {
    Path socket = Path.of(context.getProperty("mop.state"), "mop.sock");
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(ByteBuffer.wrap("lb -s io.mop.shell\n".getBytes(StandardCharsets.UTF_8)));
      assertThat(new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8))
          .contains("Active", "io.mop.shell")
          .endsWith("\n0\n");
    }
  }
}
