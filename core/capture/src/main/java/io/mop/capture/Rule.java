package io.mop.capture;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which processes to observe: those that meet all of its conditions. Its text, e.g. {@code exe *}{@code /java and port
 * 8080}, is the reason that {@link Selector#why} gives.
 *
 * @param conditions at least one; kept in the order of what it costs to find out
 */
public record Rule(List<Condition> conditions) {
  private static final List<Class<?>> CHEAP_FIRST =
      List.of(Pid.class, Exe.class, Cgroup.class, Container.class, Command.class, Port.class);

  public Rule {
    if (conditions.isEmpty()) throw new IllegalArgumentException("a rule needs a condition");
    conditions = conditions.stream().sorted(Comparator.comparing(c -> CHEAP_FIRST.indexOf(c.getClass()))).toList();
  }

  public Rule(Condition... conditions) {
    this(List.of(conditions));
  }

  /** Whether it is about one process alone. */
  boolean namesPid() {
    return conditions.get(0) instanceof Pid;
  }

  @Override
  public String toString() {
    return conditions.stream().map(Object::toString).collect(Collectors.joining(" and "));
  }

  /** What a process is asked. In patterns {@code *} is any text and {@code ?} any character. */
  public sealed interface Condition permits Port, Pid, Exe, Command, Cgroup, Container {}

  /** It listens on a TCP port, in any network of this machine. */
  public record Port(int port) implements Condition {
    public Port {
      if (port < 1 || port > 65535) throw new IllegalArgumentException("port " + port + " is not 1 to 65535");
    }

    @Override
    public String toString() {
      return "port " + port;
    }
  }

  /** It is this one. */
  public record Pid(int pid) implements Condition {
    public Pid {
      if (pid < 1) throw new IllegalArgumentException("pid " + pid + " is not 1 or more");
    }

    @Override
    public String toString() {
      return "pid " + pid;
    }
  }

  /** The path of its program, as the process sees it, matches. */
  public record Exe(String glob) implements Condition {
    public Exe {
      if (glob.isBlank()) throw new IllegalArgumentException("exe is empty");
    }

    @Override
    public String toString() {
      return "exe " + glob;
    }
  }

  /** Its arguments, the program's name first, joined by one blank each, match; of long ones the first 64 KiB. */
  public record Command(String glob) implements Condition {
    public Command {
      if (glob.isBlank()) throw new IllegalArgumentException("command is empty");
    }

    @Override
    public String toString() {
      return "command " + glob;
    }
  }

  /**
   * It is in a group of cgroup v2 whose path matches, or in a group below one. Never the root group, in which is every
   * process.
   */
  public record Cgroup(String glob) implements Condition {
    public Cgroup {
      if (glob.isBlank()) throw new IllegalArgumentException("cgroup is empty");
    }

    @Override
    public String toString() {
      return "cgroup " + glob;
    }
  }

  /** It is in a container of this id, given by 12 or more of its first digits, or else whose name matches. */
  public record Container(String container) implements Condition {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{12,64}");

    public Container {
      if (container.isBlank()) throw new IllegalArgumentException("container is empty");
    }

    boolean isId() {
      return ID.matcher(container).matches();
    }

    @Override
    public String toString() {
      return "container " + container;
    }
  }
}
