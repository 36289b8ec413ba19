/** Tars and Kubernetes descriptors out of a built distribution, its features and the environments. */
package io.mop.assemble;
