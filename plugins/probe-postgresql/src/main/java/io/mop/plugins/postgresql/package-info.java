/** Decoder of PostgreSQL's frontend/backend protocol 3. */
package io.mop.plugins.postgresql;
