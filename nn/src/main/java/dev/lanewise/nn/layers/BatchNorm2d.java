package dev.lanewise.nn.layers;

import dev.lanewise.core.Shape;

/** {@link BatchNorm} over [N, C, H, W]. */
public final class BatchNorm2d extends BatchNorm {

    /** A layer for so many channels, with weight 1 and bias 0. */
    public BatchNorm2d(long channels) {
        super(channels);
    }

    /** This layer with another ε. */
    public BatchNorm2d epsilon(float epsilon) {
        setEpsilon(epsilon);
        return this;
    }

    /** This layer with another momentum. */
    public BatchNorm2d momentum(float momentum) {
        setMomentum(momentum);
        return this;
    }

    @Override
    boolean accepts(Shape x) {
        return x.rank() == 4;
    }
}
