package io.mop.api.plugin;

/** What {@link Plugin#create} returns: a Transform, Receiver, Exporter or Protocol. */
public interface Part extends AutoCloseable {
  /**
   * Writes state for the successor. A pure read at a batch boundary: this part goes on as before if the successor
   * refuses it. At most 50 ms and 16 MiB.
   */
  default void save(StateWriter state) {}

  /**
   * Takes the predecessor's state, before the first item.
   *
   * @throws InvalidState the predecessor stays and this version is refused
   */
  default void restore(StateReader state) throws InvalidState {}

  /** Called once, after the last call to this part has returned. */
  @Override
  default void close() {}
}
