package io.mop.engine;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A rig whose calls may take 200 ms. */
abstract class EngineSetup {
  @TempDir Path state;
  Rig rig;
  final Rig.CountingAck ack = new Rig.CountingAck();

  @BeforeEach
  void start() {
    rig = new Rig(state, Duration.ofMillis(200));
  }

  @AfterEach
  void stop() {
    rig.close();
  }
}
