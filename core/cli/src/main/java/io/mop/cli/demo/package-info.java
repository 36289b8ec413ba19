/** {@code mop demo}: MOP, nginx and a client on this machine for half a minute, and three counts that must agree. */
package io.mop.cli.demo;
