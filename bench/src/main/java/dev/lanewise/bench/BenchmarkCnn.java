package dev.lanewise.bench;

import static dev.lanewise.nn.ops.Functional.flatten;
import static dev.lanewise.nn.ops.Functional.maxPool2d;

import dev.lanewise.core.RandomStream;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.layers.Conv2d;
import dev.lanewise.nn.layers.Linear;

/**
 * The CNN for 28x28 digits that is measured everywhere: 32 and 64 filters of 3x3, 128 hidden units,
 * 10 classes. Without the dropout that the sample trains with, as peers' steps are measured so.
 */
final class BenchmarkCnn extends Layer {
    private final Conv2d conv1;
    private final Conv2d conv2;
    private final Linear fc1;
    private final Linear fc2;

    BenchmarkCnn(RandomStream random) {
        conv1 = child("conv1", new Conv2d(1, 32, 3, random).padding(1));
        conv2 = child("conv2", new Conv2d(32, 64, 3, random).padding(1));
        fc1 = child("fc1", new Linear(64 * 7 * 7, 128, random));
        fc2 = child("fc2", new Linear(128, 10, random));
    }

    @Override
    public Variable forward(Variable x, Context context) { // [N, 1, 28, 28]
        x = maxPool2d(conv1.forward(x, FusedActivation.RELU), 2); // [N, 32, 14, 14]
        x = maxPool2d(conv2.forward(x, FusedActivation.RELU), 2); // [N, 64, 7, 7]
        x = fc1.forward(flatten(x), FusedActivation.RELU); // [N, 128]
        return fc2.forward(x, context); // [N, 10]
    }
}
