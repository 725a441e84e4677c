/** Off-heap memory and tensors over the kernels; depends on nothing else but the JDK. */
module dev.lanewise.core {
    requires transitive dev.lanewise.kernels;
    requires jdk.management; // WarmUp counts allocated bytes

    exports dev.lanewise.core;
    exports dev.lanewise.core.io;
}
