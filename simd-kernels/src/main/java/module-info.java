/**
 * Compute kernels over memory segments: a contract, a scalar specification of it, and a vector
 * implementation.
 */
module dev.lanewise.kernels {
    requires jdk.incubator.vector;

    exports dev.lanewise.kernels;
}
