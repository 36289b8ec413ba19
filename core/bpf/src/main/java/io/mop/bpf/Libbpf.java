package io.mop.bpf;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * The calls of libbpf 1.x in use, bound directly; the names are its own. size_t is {@code long}; a failure is null or a
 * negative number, and {@code Native.getLastError()} says which. {@link #load} comes first.
 */
final class Libbpf {
  private static final String LIBRARY = "libbpf.so.1";
  private static boolean loaded;

  private Libbpf() {}

  static native String libbpf_version_string();

  static native Pointer libbpf_set_print(Pointer print);

  static native int libbpf_num_possible_cpus();

  static native int libbpf_find_vmlinux_btf_id(String name, int attachType);

  static native Pointer bpf_object__open_mem(byte[] elf, long size, Pointer options);

  static native int bpf_object__load(Pointer object);

  static native void bpf_object__close(Pointer object);

  static native Pointer bpf_object__next_program(Pointer object, Pointer previous);

  static native Pointer bpf_object__find_map_by_name(Pointer object, String name);

  static native String bpf_program__name(Pointer program);

  static native boolean bpf_program__autoload(Pointer program);

  static native int bpf_program__set_autoload(Pointer program, boolean load);

  static native int bpf_program__set_log_buf(Pointer program, Pointer buffer, long size);

  static native int bpf_program__set_expected_attach_type(Pointer program, int type);

  static native int bpf_program__set_attach_target(Pointer program, int otherProgram, String function);

  static native int bpf_program__fd(Pointer program);

  static native Pointer bpf_program__attach(Pointer program);

  static native int bpf_link__destroy(Pointer link);

  static native int bpf_map__fd(Pointer map);

  static native int bpf_map__value_size(Pointer map);

  static native int bpf_map__set_autocreate(Pointer map, boolean create);

  static native int bpf_map__reuse_fd(Pointer map, int fd);

  static native int bpf_map__set_max_entries(Pointer map, int entries);

  static native Pointer bpf_map__initial_value(Pointer map, Pointer size);

  static native int bpf_map_lookup_elem(int fd, Pointer key, Pointer value);

  static native int bpf_map_delete_elem(int fd, Pointer key);

  static native int bpf_map_update_elem(int fd, Pointer key, Pointer value, long flags);

  static native int bpf_obj_get_info_by_fd(int fd, Pointer info, Pointer size);

  /**
   * Binds the library of the system.
   *
   * @throws BpfException it is not installed, or JNA cannot work here
   */
  static synchronized void load() throws BpfException {
    if (loaded) return;
    try {
      Native.register(Libbpf.class, NativeLibrary.getInstance(LIBRARY));
    } catch (LinkageError e) {
      throw new BpfException(missing(e));
    }
    // Its messages would go to stderr; what matters of them is in our own sentences.
    libbpf_set_print(Pointer.NULL);
    loaded = true;
  }

  private static String missing(LinkageError e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains(LIBRARY)) return LIBRARY + " 1.0 or later not found: apt-get install libbpf1";
    return "native code cannot be loaded (is java.io.tmpdir writable and not mounted noexec?): "
        + message.lines().findFirst().orElse("");
  }
}
