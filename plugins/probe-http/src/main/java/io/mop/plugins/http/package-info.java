/** HTTP/1.0 and HTTP/1.1 decoder. */
package io.mop.plugins.http;
