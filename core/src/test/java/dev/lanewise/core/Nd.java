package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.testing.Draw;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** A plain array of doubles with a shape: what operations are checked against. */
record Nd(long[] sizes, double[] values) {

    static Nd of(Tensor t) {
        float[] floats = t.toArray();
        return new Nd(
                t.shape().toArray(),
                IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray());
    }

    static Nd empty(long... sizes) {
        return new Nd(sizes, new double[(int) Shape.of(sizes).elements()]);
    }

    Shape shape() {
        return Shape.of(sizes);
    }

    /** The indices of a place in row-major order. */
    long[] index(int place) {
        long[] index = new long[sizes.length];
        long rest = place;
        for (int axis = sizes.length - 1; axis >= 0; axis--) {
            index[axis] = rest % sizes[axis];
            rest /= sizes[axis];
        }
        return index;
    }

    /** The element at an index of a shape that this one broadcasts to. */
    double at(long... index) {
        int skipped = index.length - sizes.length;
        int place = 0;
        for (int axis = 0; axis < sizes.length; axis++) {
            long i = sizes[axis] == 1 ? 0 : index[axis + skipped];
            place = (int) (place * sizes[axis] + i);
        }
        return values[place];
    }

    Nd map(DoubleUnaryOperator f) {
        return new Nd(sizes, Arrays.stream(values).map(f).toArray());
    }

    static Nd zip(Nd a, Nd b, DoubleBinaryOperator f) {
        Nd out = empty(Shape.broadcast(a.shape(), b.shape()).toArray());
        for (int i = 0; i < out.values.length; i++) {
            long[] index = out.index(i);
            out.values[i] = f.applyAsDouble(a.at(index), b.at(index));
        }
        return out;
    }

    /** Collects the elements over the reduced axes, for each index of the others. */
    Nd reduce(boolean[] reduced, ToDoubleFunction<double[]> f) {
        long[] kept =
                IntStream.range(0, sizes.length)
                        .mapToLong(i -> reduced[i] ? 1 : sizes[i])
                        .toArray();
        long[] inner =
                IntStream.range(0, sizes.length)
                        .mapToLong(i -> reduced[i] ? sizes[i] : 1)
                        .toArray();
        Nd out = empty(kept);
        Nd group = empty(inner);
        for (int i = 0; i < out.values.length; i++) {
            long[] base = out.index(i);
            double[] members = new double[group.values.length];
            for (int j = 0; j < members.length; j++) {
                long[] index = group.index(j);
                for (int axis = 0; axis < index.length; axis++) {
                    index[axis] += base[axis];
                }
                members[j] = at(index);
            }
            out.values[i] = f.applyAsDouble(members);
        }
        return out;
    }

    /**
     * Asserts shape and values within a relative and an absolute tolerance; NaN where NaN is due.
     */
    void check(Tensor actual, double rtol, double atol) {
        assertThat(actual.shape()).isEqualTo(shape());
        float[] got = actual.toArray();
        for (int i = 0; i < got.length; i++) {
            double want = values[i];
            boolean same =
                    Double.isNaN(want)
                            ? Float.isNaN(got[i])
                            : (float) want == got[i]
                                    || Math.abs(got[i] - want) <= atol + rtol * Math.abs(want);
            if (!same) {
                throw new AssertionError(
                        "element %s of %s: expected %s, got %s"
                                .formatted(
                                        Arrays.toString(index(i)), actual.shape(), want, got[i]));
            }
        }
    }

    /** Asserts equal values. */
    void check(Tensor actual) {
        check(actual, 0, 0);
    }

    // ---- random operands ----

    /** A random shape of up to so many axes. */
    static Shape shape(Draw draw, int maxRank, int maxSize) {
        long[] sizes = new long[draw.between(0, maxRank)];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = draw.size(0, maxSize);
        }
        return Shape.of(sizes);
    }

    /**
     * A float tensor of a shape with some layout: contiguous, permuted, sliced or within another.
     */
    static Tensor random(Draw draw, Shape shape, float range) {
        return layOut(draw, shape, ElementType.FLOAT32)
                .copyFrom(draw.reals(shape.elements(), range));
    }

    /** Like {@link #random}, of whole numbers. */
    static Tensor wholes(Draw draw, Shape shape, int range) {
        return layOut(draw, shape, ElementType.FLOAT32)
                .copyFrom(draw.wholes(shape.elements(), range));
    }

    /** A tensor of a shape with some layout and arbitrary content. */
    static Tensor layOut(Draw draw, Shape shape, ElementType type) {
        Scope scope = Scope.current();
        int kind = shape.rank() == 0 ? 0 : draw.between(0, 3);
        switch (kind) {
            case 1 -> {
                int axis = draw.between(0, shape.rank() - 1);
                int other = draw.between(0, shape.rank() - 1);
                if (axis == other) {
                    return scope.empty(shape, type);
                }
                long[] swapped = shape.toArray();
                swapped[axis] = shape.size(other);
                swapped[other] = shape.size(axis);
                return scope.empty(Shape.of(swapped), type).transpose(axis, other);
            }
            case 2 -> {
                int axis = draw.between(0, shape.rank() - 1);
                int step = draw.between(1, 3);
                long size = shape.size(axis);
                Tensor whole = scope.empty(shape.with(axis, size * step + 2), type);
                return whole.slice(axis, 1, 1 + size * step, step);
            }
            case 3 -> {
                return scope.empty(shape.inserting(0, 3), type).select(0, 1);
            }
            default -> {
                return scope.empty(shape, type);
            }
        }
    }

    /** A shape that broadcasts to this one: some sizes 1, some front axes missing. */
    static Shape narrower(Draw draw, Shape shape) {
        int skipped = draw.between(0, shape.rank());
        long[] sizes = Arrays.copyOfRange(shape.toArray(), skipped, shape.rank());
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = draw.flip() ? 1 : sizes[axis];
        }
        return Shape.of(sizes);
    }
}
