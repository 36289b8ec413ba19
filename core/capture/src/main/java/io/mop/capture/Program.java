package io.mop.capture;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names what runs in an interpreter; a process that is none, or does not show what it runs, has no name here. */
final class Program {
  private static final Pattern PYTHON = Pattern.compile("(python|pypy)[\\d.]*");
  private static final Pattern OTHER = Pattern.compile("(ruby|perl|php)[\\d.]*");
  private static final Pattern FPM = Pattern.compile("php-fpm[\\d.]*");
  /** What these servers write over the command lines of their processes. */
  private static final Pattern TITLE =
      Pattern.compile("gunicorn: (?:master|worker) \\[(.+)]|php-fpm: pool (\\S+)|puma.* \\[([^]]+)]");

  private static final int ANCESTORS = 8;

  private final ProcFs proc;
  private final ProcDetails details;

  Program(ProcFs proc, ProcDetails details) {
    this.proc = proc;
    this.details = details;
  }

  /** Of the process, else of the nearest ancestor that runs the same program: workers may hide what they are. */
  Optional<String> name(int pid) {
    Optional<String> exe = details.exe(pid);
    for (int i = 0, p = pid; i < ANCESTORS && p > 0; i++, p = details.parent(p)) {
      if (p != pid && (exe.isEmpty() || !details.exe(p).equals(exe))) return Optional.empty();
      Optional<String> name = own(p);
      if (name.isPresent()) return name;
    }
    return Optional.empty();
  }

  private Optional<String> own(int pid) {
    String executable = proc.executableName(pid).orElse("");
    List<String> arguments = details.arguments(pid);
    if (arguments.isEmpty()) return Optional.empty();
    boolean python = PYTHON.matcher(executable).matches();
    Matcher other = OTHER.matcher(executable);
    boolean titled = python || other.matches() || FPM.matcher(executable).matches();
    if (titled && arguments.size() == 1) return title(arguments.get(0));
    if (python) return PythonCommand.name(arguments);
    if (other.matches()) return Scripts.name(other.group(1), arguments);
    if (executable.equals("java")) return JavaCommand.name(arguments);
    if (executable.equals("node") || executable.equals("nodejs")) return node(pid, arguments);
    if (executable.equals("dotnet")) return dotnet(arguments);
    return Optional.empty();
  }

  private static Optional<String> title(String title) {
    Matcher m = TITLE.matcher(title);
    if (!m.matches()) return Optional.empty();
    if (m.group(1) != null) return Optional.of(PythonCommand.plain(m.group(1)));
    return Optional.ofNullable(m.group(2)).or(() -> Optional.ofNullable(m.group(3)));
  }

  private Optional<String> node(int pid, List<String> arguments) {
    Optional<String> script = Scripts.node(arguments);
    return script.flatMap(s -> packageName(pid, s)).or(() -> script.map(s -> Scripts.base(s, "[cm]?[jt]sx?")));
  }

  private Optional<String> packageName(int pid, String script) {
    try {
      Path path = Path.of(script);
      Optional<Path> absolute =
          path.isAbsolute() ? Optional.of(path) : details.directory(pid).map(directory -> directory.resolve(path));
      return absolute.flatMap(a -> PackageJson.name(a, file -> details.file(pid, file.toString())));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> dotnet(List<String> arguments) {
    if (arguments.size() < 2 || !arguments.get(1).endsWith(".dll")) return Optional.empty();
    return Optional.of(Scripts.base(arguments.get(1), "dll"));
  }
}
