/** {@code mop demo}: MOP, nginx and a client on this machine for half a minute, and the proof that nothing is missing. */
package io.mop.cli.demo;
