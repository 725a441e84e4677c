package dev.lanewise.nn.testing;

import static dev.lanewise.nn.ops.Functional.flatten;
import static dev.lanewise.nn.ops.Functional.maxPool2d;
import static dev.lanewise.nn.ops.Functional.relu;

import dev.lanewise.core.RandomStream;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.layers.Conv2d;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.ops.Padding;

/** A small convolutional network for 28 x 28 images, as tests use it. */
public final class Digits extends Layer {

    private final Conv2d conv1;
    private final Conv2d conv2;
    private final Linear fc1;
    private final Linear fc2;

    /** The network with weights from the stream. */
    public Digits(RandomStream random) {
        conv1 = child("conv1", new Conv2d(1, 4, 3, random).padding(Padding.SAME));
        conv2 = child("conv2", new Conv2d(4, 8, 3, random).padding(Padding.SAME));
        fc1 = child("fc1", new Linear(8 * 7 * 7, 32, random));
        fc2 = child("fc2", new Linear(32, 10, random));
    }

    @Override
    public Variable forward(Variable images, Context context) { // [N, 1, 28, 28]
        Variable x = maxPool2d(relu(conv1.forward(images)), 2); // [N, 4, 14, 14]
        x = maxPool2d(relu(conv2.forward(x)), 2); // [N, 8, 7, 7]
        return fc2.forward(relu(fc1.forward(flatten(x)))); // [N, 10]
    }
}
