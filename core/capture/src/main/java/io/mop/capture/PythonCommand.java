package io.mop.capture;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a Python runs: the application of an application server, else the module, else the script. */
final class PythonCommand {
  private static final Options OPTIONS =
      new Options(Set.of("-W", "-X", "--check-hash-based-pycs"), Pattern.compile("-[bBdEhiIOPqsSuvVx]*[cm].*"));
  private static final Pattern MODULE = Pattern.compile("-[bBdEhiIOPqsSuvVx]*m(.*)");
  private static final Set<String> SERVERS = Set.of("gunicorn", "uvicorn", "hypercorn", "daphne", "granian");
  private static final String NAMES = "[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)*";
  private static final Pattern APP = Pattern.compile("(" + NAMES + "):[A-Za-z_]\\w*(?:\\(.*\\))?");
  private static final Pattern MODULES = Pattern.compile(NAMES);
  /** Where a package usually keeps its application: says nothing about it. */
  private static final Pattern USUAL = Pattern.compile("(.+)\\.(wsgi|asgi|main|app|application|celery|server)");

  private PythonCommand() {}

  static Optional<String> name(List<String> arguments) {
    int script = OPTIONS.end(arguments, 1);
    if (script >= 0) return Optional.of(named(scriptName(arguments.get(script)), arguments, script + 1));
    for (int i = 1; i < arguments.size(); i++) {
      String a = arguments.get(i);
      Matcher module = MODULE.matcher(a);
      if (module.matches()) return module(module.group(1), arguments, i + 1);
      if (a.equals("-") || OPTIONS.instead().matcher(a).matches()) return Optional.empty();
      if (OPTIONS.valued().contains(a)) i++;
    }
    return Optional.empty();
  }

  /** @param attached empty if the module is the next argument */
  private static Optional<String> module(String attached, List<String> arguments, int next) {
    if (!attached.isEmpty()) return Optional.of(named(attached, arguments, next));
    return next < arguments.size() ? Optional.of(named(arguments.get(next), arguments, next + 1)) : Optional.empty();
  }

  private static String scriptName(String path) {
    String name = Scripts.base(path, "py");
    return name.equals("__main__") || name.equals("manage") ? Scripts.directory(path).orElse(name) : name;
  }

  private static String named(String program, List<String> arguments, int from) {
    List<String> more = arguments.subList(from, arguments.size());
    Optional<String> app = Optional.empty();
    if (program.equals("celery")) app = celery(more);
    if (SERVERS.contains(program)) app = more.stream().filter(APP.asMatchPredicate()).findFirst();
    if (program.equals("gunicorn") && app.isEmpty()) app = last(more);
    return app.map(PythonCommand::plain).orElse(program);
  }

  private static Optional<String> celery(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      String a = arguments.get(i);
      if (a.startsWith("--app=")) return Optional.of(a.substring(6));
      boolean option = a.equals("-A") || a.equals("--app");
      if (option && i + 1 < arguments.size()) return Optional.of(arguments.get(i + 1));
    }
    return Optional.empty();
  }

  /** A module alone stands for its {@code application}; after an option it may be the option's value. */
  private static Optional<String> last(List<String> arguments) {
    int last = arguments.size() - 1;
    boolean alone = last == 0 || last > 0 && !arguments.get(last - 1).startsWith("-");
    return alone ? Optional.of(arguments.get(last)).filter(MODULES.asMatchPredicate()) : Optional.empty();
  }

  /** {@code pkg.wsgi:app} is pkg. */
  static String plain(String app) {
    Matcher m = APP.matcher(app);
    String module = m.matches() ? m.group(1) : app;
    Matcher usual = USUAL.matcher(module);
    return usual.matches() ? usual.group(1) : module;
  }
}
