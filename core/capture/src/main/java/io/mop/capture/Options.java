package io.mop.capture;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Options of an interpreter, which stand before its script.
 *
 * @param valued options whose value is the next argument
 * @param instead options after which no script follows, such as {@code -e CODE}
 */
record Options(Set<String> valued, Pattern instead) {
  /**
   * Position of the first argument that is no option.
   *
   * @param from where to begin; 1 is after the program
   * @return -1 if there is none
   */
  int end(List<String> arguments, int from) {
    for (int i = from; i < arguments.size(); i++) {
      String a = arguments.get(i);
      if (a.equals("-") || instead.matcher(a).matches()) return -1;
      if (a.equals("--")) return i + 1 < arguments.size() ? i + 1 : -1;
      if (!a.startsWith("-")) return i;
      if (valued.contains(a)) i++;
    }
    return -1;
  }
}
