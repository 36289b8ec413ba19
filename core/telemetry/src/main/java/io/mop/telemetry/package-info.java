/** MOP's own telemetry: metrics, health and what systemd wants to know. */
package io.mop.telemetry;
