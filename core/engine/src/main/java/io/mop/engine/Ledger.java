package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.control.Status;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** All accounts; they outlive the components that write them, so that nothing counted is forgotten. */
final class Ledger {
  private final Map<String, Account> accounts = new ConcurrentSkipListMap<>();

  Account account(String path, Signal signal) {
    return accounts.computeIfAbsent(path + ' ' + signal.ordinal(), k -> new Account(path, signal));
  }

  List<Status.Flow> flows() {
    return accounts.values().stream().map(Account::read).toList();
  }
}
