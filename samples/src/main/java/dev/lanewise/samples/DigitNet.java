package dev.lanewise.samples;

import static dev.lanewise.kernels.FusedActivation.RELU;
import static dev.lanewise.nn.ops.Functional.flatten;
import static dev.lanewise.nn.ops.Functional.maxPool2d;

import dev.lanewise.core.RandomStream;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.layers.Conv2d;
import dev.lanewise.nn.layers.Dropout;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.ops.Padding;

/** A small convolutional network for grey pictures of 28x28 pixels, in the manner of LeNet. */
final class DigitNet extends Layer {
    private final Conv2d conv1;
    private final Conv2d conv2;
    private final Linear fc1;
    private final Linear fc2;
    private final Dropout dropout;

    DigitNet(int classes, RandomStream random) {
        conv1 = child("conv1", new Conv2d(1, 32, 3, random).padding(Padding.SAME));
        conv2 = child("conv2", new Conv2d(32, 64, 3, random).padding(Padding.SAME));
        fc1 = child("fc1", new Linear(64 * 7 * 7, 128, random));
        dropout = child("dropout", new Dropout(0.25f));
        fc2 = child("fc2", new Linear(128, classes, random));
    }

    @Override
    public Variable forward(Variable x, Context context) { // [N, 1, 28, 28]
        Variable y = maxPool2d(featureMaps(x), 2); // [N, 32, 14, 14]
        y = maxPool2d(conv2.forward(y, RELU), 2); // [N, 64, 7, 7]
        y = fc1.forward(flatten(y), RELU); // [N, 128]
        return fc2.forward(dropout.forward(y, context)); // [N, classes]
    }

    /** What the first layer sees: [N, 1, 28, 28] to [N, 32, 28, 28]. */
    Variable featureMaps(Variable x) {
        return conv1.forward(x, RELU);
    }

    /** The first layer's filters: [32, 1, 3, 3]. */
    Variable filters() {
        return conv1.weight();
    }
}
