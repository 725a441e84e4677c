package dev.lanewise.nn.layers;

import dev.lanewise.core.Shape;

/** {@link BatchNorm} over [N, C] or [N, C, L]. */
public final class BatchNorm1d extends BatchNorm {

    /** A layer for so many channels, with weight 1 and bias 0. */
    public BatchNorm1d(long channels) {
        super(channels);
    }

    /** This layer with another ε. */
    public BatchNorm1d epsilon(float epsilon) {
        setEpsilon(epsilon);
        return this;
    }

    /** This layer with another momentum. */
    public BatchNorm1d momentum(float momentum) {
        setMomentum(momentum);
        return this;
    }

    @Override
    boolean accepts(Shape x) {
        return x.rank() == 2 || x.rank() == 3;
    }
}
