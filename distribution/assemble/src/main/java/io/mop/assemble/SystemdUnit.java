package io.mop.assemble;

import java.util.ArrayList;
import java.util.List;

/** {@code mop.service}: only the rights that the bundles declare. See systemd.exec(5) and systemd.service(5). */
final class SystemdUnit {
  /** Seconds; a start costs one to two CPU seconds, ten under the smallest limit. */
  private static final int START = 120;
  /** Seconds without a sign of life until systemd ends it; one comes every half of that. */
  private static final int WATCHDOG = 60;
  private static final String HOME = "/opt/mop";

  private SystemdUnit() {}

  static String of(Role role, Environment environment, Needs needs) {
    Environment.Scale scale = environment.scale(role);
    List<String> lines = new ArrayList<>();
    lines.addAll(
        List.of(
            "# MOP " + role.id() + " for " + environment.name()
                + "; this machine's values belong into /etc/mop/mop.env.",
            "[Unit]",
            "Description=MOP " + role.id(),
            "Wants=network-online.target",
            "After=network-online.target",
            "",
            "[Service]",
            notifies(needs) ? "Type=notify" : "Type=exec"));
    if (notifies(needs)) {
      lines.add("NotifyAccess=main");
      lines.add("WatchdogSec=" + WATCHDOG);
    }
    lines.addAll(
        List.of(
            "Environment=MOP_STATE=/var/lib/mop MOP_PLUGINS=/var/lib/mop/plugins",
            "EnvironmentFile=-/etc/mop/mop.env",
            "ExecStart=" + HOME + "/bin/mop run --config /etc/mop/mop.yaml",
            "ExecReload=" + HOME + "/bin/mop reload",
            "TimeoutStartSec=" + START,
            "TimeoutStopSec=" + (scale.shutdownSeconds() + 15),
            "Restart=on-failure",
            "RestartSec=5",
            "# 2: wrong usage, 3: the configuration is invalid; starting again would not help.",
            "RestartPreventExitStatus=2 3",
            "LimitNOFILE=65536"));
    scale.limits().ifPresent(limits -> {
      lines.add("MemoryMax=" + Quantity.mebibytes(limits.memory()) + "M");
      lines.add("CPUQuota=" + Quantity.millicpus(limits.cpu()) / 10 + "%");
    });
    lines.addAll(
        List.of(
            "",
            "# A user that is there only while MOP runs.",
            "DynamicUser=yes",
            "User=mop",
            "StateDirectory=mop",
            "StateDirectoryMode=0700",
            "ConfigurationDirectory=mop",
            "CapabilityBoundingSet=" + capabilities(needs),
            "AmbientCapabilities=" + capabilities(needs),
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "PrivateTmp=yes",
            "PrivateDevices=yes",
            "ProtectKernelTunables=yes",
            "ProtectKernelModules=yes",
            "ProtectKernelLogs=yes",
            "ProtectControlGroups=yes",
            "ProtectClock=yes",
            "ProtectHostname=yes",
            "LockPersonality=yes",
            "RestrictRealtime=yes",
            "RestrictSUIDSGID=yes",
            "RestrictNamespaces=yes",
            "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
            "RemoveIPC=yes",
            "UMask=0077",
            "SystemCallArchitectures=native",
            "SystemCallErrorNumber=EPERM"));
    if (needs.capabilities().isEmpty()) {
      lines.add("PrivateUsers=yes");
      lines.add("ProtectProc=invisible");
    }
    boolean bpf = needs.capabilities().contains("BPF");
    lines.add("SystemCallFilter=@system-service" + (bpf ? " bpf perf_event_open" : ""));
    needs.mounts().forEach((path, written) -> lines.add((written ? "ReadWritePaths=" : "ReadOnlyPaths=") + path));
    lines.addAll(List.of("", "[Install]", "WantedBy=multi-user.target"));
    return String.join("\n", lines) + "\n";
  }

  /** Waiting for READY=1 of a program that cannot say it would end in its being killed. */
  private static boolean notifies(Needs needs) {
    return needs.notifications().contains("systemd");
  }

  private static String capabilities(Needs needs) {
    return String.join(" ", needs.capabilities().stream().map(name -> "CAP_" + name).toList());
  }
}
