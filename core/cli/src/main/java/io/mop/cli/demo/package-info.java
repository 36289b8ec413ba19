/** {@code mop demo}: MOP, a Java service, nginx and a client on this machine, and counts that must agree. */
package io.mop.cli.demo;
