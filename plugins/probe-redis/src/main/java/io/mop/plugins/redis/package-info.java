/** Redis decoder: RESP2, RESP3 and inline commands. */
package io.mop.plugins.redis;
