/** Autograd, layers, losses, optimizers, data and training over core tensors. */
module dev.lanewise.nn {
    requires transitive dev.lanewise.core;
    requires me.tongfei.progressbar;

    exports dev.lanewise.nn;
    exports dev.lanewise.nn.autograd;
    exports dev.lanewise.nn.classic;
    exports dev.lanewise.nn.data;
    exports dev.lanewise.nn.init;
    exports dev.lanewise.nn.layers;
    exports dev.lanewise.nn.losses;
    exports dev.lanewise.nn.metrics;
    exports dev.lanewise.nn.ops;
    exports dev.lanewise.nn.optim;
    exports dev.lanewise.nn.training;
}
