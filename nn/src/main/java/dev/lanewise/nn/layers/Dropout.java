package dev.lanewise.nn.layers;

import dev.lanewise.core.RandomStream;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.DropoutMask;

/**
 * Inverted dropout (Srivastava et al. 2014): in training each element becomes 0 with probability
 * {@code rate}, else x / (1 − rate); in inference nothing happens. The random numbers come from the
 * context.
 */
public final class Dropout extends Layer {

    private final float rate;

    /** Dropout with this probability of 0, from 0 to 1. */
    public Dropout(float rate) {
        // The operation checks the range.
        this.rate = new DropoutMask(rate, 0, 0).rate();
    }

    @Override
    public Variable forward(Variable x, Context context) {
        if (!context.isTraining() || rate == 0) {
            return x;
        }
        RandomStream random = context.random();
        long counter = random.advance(x.shape().elements());
        return new DropoutMask(rate, random.key(), counter).apply(x);
    }

    @Override
    protected String attributes() {
        return Float.toString(rate);
    }
}
