package io.mop.plugins.http;

import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.data.Text;

/** The route of a server's span and the name with it; those of the last path are kept. */
final class Routes {
  private final Exchanges out;
  private Text lastPath = Text.of("");
  private Text lastTemplate = lastPath;
  private Text lastRoute = lastPath;
  private Text lastMethod = lastPath;
  private Text lastName = lastPath;

  Routes(Exchanges out) {
    this.out = out;
  }

  /** Sets nothing for a target that is no path. */
  void set(Exchange x, Method method, Text path) {
    if (path.length() == 0 || path.at(0) != '/') return;
    Text route = out.bounded("http.route", template(path));
    if (method.span() != lastMethod || route != lastRoute) {
      lastMethod = method.span();
      lastRoute = route;
      lastName = Text.of(lastMethod + " " + route);
    }
    x.set("http.route", route).name(lastName);
  }

  private Text template(Text path) {
    if (path == lastPath) return lastTemplate;
    Text template = Route.of(path);
    if (path.length() <= Words.LONGEST_KEPT) {
      lastPath = path;
      lastTemplate = template;
    }
    return template;
  }
}
