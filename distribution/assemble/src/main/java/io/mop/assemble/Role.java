package io.mop.assemble;

import java.util.List;

/** What a MOP is there for; its feature has the same name. */
enum Role {
  AGENT("agent"),
  GATEWAY("gateway"),
  ALL_IN_ONE("all-in-one");

  private final String id;

  Role(String id) {
    this.id = id;
  }

  String id() {
    return id;
  }

  /** @param name of a role, or {@code all} */
  static List<Role> named(String name) throws AssembleException {
    if (name.equals("all")) {
      return List.of(values());
    }
    for (Role role : values()) {
      if (role.id.equals(name)) {
        return List.of(role);
      }
    }
    throw new AssembleException(
        AssembleException.USAGE, "There is no role " + name + "; expected agent, gateway, all-in-one or all.");
  }
}
