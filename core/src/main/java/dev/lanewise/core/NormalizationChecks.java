package dev.lanewise.core;

/** What the normalizations have in common: their shape rules. */
final class NormalizationChecks {

    private NormalizationChecks() {}

    /** x: [N, C, ...] as N · C planes of so many elements. */
    record Channels(long batch, long channels, long spatial) {
        Shape perChannel() {
            return Shape.of(channels);
        }
    }

    static Channels channels(String name, Tensor x) {
        if (x.rank() < 2) {
            throw new ShapeException(name + ": x must be [N, C, ...]: " + x.shape());
        }
        long spatial = 1;
        for (int axis = 2; axis < x.rank(); axis++) {
            spatial *= x.size(axis);
        }
        return new Channels(x.size(0), x.size(1), spatial);
    }

    static Shape rows(String name, Tensor x) {
        if (x.rank() < 1) {
            throw new ShapeException(name + ": x must be [..., D]: " + x.shape());
        }
        return x.shape().without(-1);
    }

    /** The same, as the object that an output of that shape has. */
    static Shape rows(String name, Tensor x, Tensor out) {
        if (x.rank() < 1 || out.rank() != x.rank() - 1) {
            return rows(name, x);
        }
        for (int axis = 0; axis < out.rank(); axis++) {
            if (out.size(axis) != x.size(axis)) {
                return rows(name, x);
            }
        }
        return out.shape();
    }

    static void checkRows(String name, Tensor mean, Tensor invStd, Shape rows) {
        if (!mean.shape().equals(rows) || !invStd.shape().equals(rows)) {
            throw new ShapeException(
                    "%s: mean and invStd must be %s, got %s and %s"
                            .formatted(name, rows, mean.shape(), invStd.shape()));
        }
    }

    static void checkSame(String name, Tensor x, Tensor dy) {
        if (!x.shape().equals(dy.shape())) {
            throw new ShapeException(
                    "%s: shapes differ: x %s and dy %s".formatted(name, x.shape(), dy.shape()));
        }
    }

    static void checkSize(String name, String operand, Tensor t, long size) {
        if (t.rank() != 1 || t.size(0) != size) {
            throw new ShapeException(
                    "%s: %s must be [%d], got %s".formatted(name, operand, size, t.shape()));
        }
    }
}
