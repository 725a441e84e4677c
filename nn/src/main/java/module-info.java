/** Autograd, layers, losses, optimizers, data and training over core tensors. */
module dev.lanewise.nn {
    requires transitive dev.lanewise.core;

    exports dev.lanewise.nn.data;
    exports dev.lanewise.nn.metrics;
}
