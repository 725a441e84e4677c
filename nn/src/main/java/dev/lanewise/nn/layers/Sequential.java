package dev.lanewise.nn.layers;

import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * Layers one after the other, named "0", "1", ... A linear or convolution layer followed by ReLU,
 * tanh or sigmoid runs as one fused operation: nobody else can see the value between.
 */
public final class Sequential extends Layer {

    private final List<Layer> layers;

    /** The layers in order. */
    public Sequential(Layer... layers) {
        this.layers = List.of(layers);
        for (int i = 0; i < layers.length; i++) {
            child(Integer.toString(i), layers[i]);
        }
    }

    @Override
    public Variable forward(Variable x, Context context) {
        Variable y = x;
        for (int i = 0; i < layers.size(); i++) {
            FusedActivation next = activationAfter(i);
            if (next != FusedActivation.NONE && layers.get(i) instanceof Fusable fusable) {
                y = fusable.forward(y, next);
                i++;
            } else {
                y = layers.get(i).forward(y, context);
            }
        }
        return y;
    }

    private FusedActivation activationAfter(int index) {
        return index + 1 < layers.size() && layers.get(index + 1) instanceof Activation activation
                ? activation.fused()
                : FusedActivation.NONE;
    }

    /** The layers in order. */
    public List<Layer> layers() {
        return layers;
    }
}
