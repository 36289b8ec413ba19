package io.mop.assemble;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The list of others' works, cut to those that are inside. After its head (up to the line that begins with "work ") it
 * has one line a work, then one paragraph a remark, which begins with the artifact it is about and a colon.
 *
 * @param text of THIRD-PARTY.txt
 * @param licences names of files in {@code licenses/}, without {@code .txt}
 * @param artifacts whose own notices are to be carried
 */
record ThirdParty(String text, SortedSet<String> licences, SortedSet<String> artifacts) {
  private static final Pattern WORK =
      Pattern.compile("[\\w.-]+:([\\w.-]+):([\\w.-]+)\\s+(\\S+)\\s+https://\\S+");
  private static final Pattern REMARK = Pattern.compile("([\\w.-]+): .*", Pattern.DOTALL);
  private static final Pattern LICENCE = Pattern.compile("licenses/([\\w.-]+)\\.txt");

  /** @param jars names of the files that are inside */
  static ThirdParty of(String list, Set<String> jars) throws AssembleException {
    SortedSet<String> licences = new TreeSet<>();
    SortedSet<String> artifacts = new TreeSet<>();
    List<String> lines = new ArrayList<>();
    String[] parts = list.split("(?m)(?<=^work .{0,200}\\n)", 2);
    if (parts.length != 2) {
      throw new AssembleException(AssembleException.FAILURE, "THIRD-PARTY.txt has no line that begins with \"work \".");
    }
    String[] blocks = parts[1].strip().split("\\n\\s*\\n");
    for (String line : blocks[0].split("\\n")) {
      Matcher work = WORK.matcher(line);
      if (!work.matches()) {
        throw new AssembleException(AssembleException.FAILURE, "THIRD-PARTY.txt: \"" + line + "\" is no work.");
      }
      if (jars.contains(work.group(1) + "-" + work.group(2) + ".jar")) {
        lines.add(line);
        licences.add(work.group(3));
        artifacts.add(work.group(1));
      }
    }
    StringBuilder text = new StringBuilder(parts[0]).append(String.join("\n", lines)).append('\n');
    for (int i = 1; i < blocks.length; i++) {
      Matcher remark = REMARK.matcher(blocks[i]);
      if (!remark.matches()) {
        throw new AssembleException(
            AssembleException.FAILURE, "THIRD-PARTY.txt: a remark begins with the artifact it is about: " + blocks[i]);
      }
      String prefix = remark.group(1) + "-";
      if (jars.stream().anyMatch(jar -> jar.startsWith(prefix) && Character.isDigit(jar.charAt(prefix.length())))) {
        text.append('\n').append(blocks[i]).append('\n');
        LICENCE.matcher(blocks[i]).results().forEach(licence -> licences.add(licence.group(1)));
      }
    }
    return new ThirdParty(text.toString(), licences, artifacts);
  }
}
