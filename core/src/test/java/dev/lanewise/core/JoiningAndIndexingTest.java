package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.Draw;
import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.List;

@ExtendWith(NoLeaks.class)
class JoiningAndIndexingTest {

    @Test
    void splitUndoesConcat() {
        Property.check(
                200,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Shape.of(draw.size(0, 9), draw.size(0, 9), draw.size(0, 9));
                        int axis = draw.between(-3, 2);
                        int count = draw.between(1, 4);
                        List<Tensor> parts = new ArrayList<>();
                        long[] sizes = new long[count];
                        for (int i = 0; i < count; i++) {
                            sizes[i] = draw.size(0, 9);
                            parts.add(Nd.random(draw, shape.with(axis, sizes[i]), 5));
                        }
                        Tensor whole = Joining.concat(axis, parts);
                        List<Tensor> again = Joining.split(whole, axis, sizes);
                        for (int i = 0; i < count; i++) {
                            assertThat(again.get(i).contentEquals(parts.get(i))).isTrue();
                            assertThat(again.get(i).storage).isSameAs(whole.storage);
                        }
                        Tensor out = Nd.layOut(draw, whole.shape(), ElementType.FLOAT32);
                        assertThat(Joining.concat(axis, parts, out).contentEquals(whole)).isTrue();
                    }
                });
    }

    @Test
    void stackAddsAnAxis() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.of(1, 2);
            Tensor b = scope.of(3, 4);
            assertThat(Joining.stack(0, a, b).toArray()).containsExactly(1, 2, 3, 4);
            assertThat(Joining.stack(-1, a, b).toArray()).containsExactly(1, 3, 2, 4);
            assertThat(Joining.stack(1, List.of(a, b, a), scope.empty(Shape.of(2, 3))).toArray())
                    .containsExactly(1, 3, 1, 2, 4, 2);
            assertThat(Joining.stack(0, scope.scalar(1), scope.scalar(2)).toArray())
                    .containsExactly(1, 2);
            List<Tensor> halves = Joining.chunk(scope.arange(6), 0, 2);
            assertThat(halves.get(1).toArray()).containsExactly(3, 4, 5);
        }
    }

    @Test
    void joiningErrors() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.zeros(Shape.of(2, 3));
            Tensor b = scope.zeros(Shape.of(3, 3));
            check(
                    () -> Joining.concat(1, a, b),
                    "concat: tensor 1 differs in more than axis 1: [2, 3] and [3, 3]");
            check(() -> Joining.concat(2, a, a), "concat: no axis 2 in [2, 3]");
            check(() -> Joining.concat(0, List.of()), "concat: no tensors");
            check(
                    () -> Joining.stack(0, a, b),
                    "stack: tensor 1 has another shape: [2, 3] and [3, 3]");
            check(
                    () -> Joining.split(a, 1, 1, 1),
                    "split: sizes add up to 2, axis 1 has 3: [2, 3]");
            check(
                    () -> Joining.chunk(a, 1, 2),
                    "chunk: axis 1 of [2, 3] does not part into 2 equal parts");
            assertThatThrownBy(() -> Joining.concat(0, a, b.toInt()))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage("concat: tensor 1 is int32, tensor 0 is float32");
        }
    }

    private static Tensor indices(Draw draw, Shape shape, int bound) {
        Tensor t = Nd.layOut(draw, shape, ElementType.INT32);
        return t.copyFrom(draw.indices(shape.elements(), bound));
    }

    @Test
    void indexSelectAndIndexAddAlongAnyAxis() {
        Property.check(
                250,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Shape.of(draw.size(1, 9), draw.size(1, 9), draw.size(1, 20));
                        int axis = draw.between(0, 2);
                        int n = draw.size(0, 20);
                        Tensor x = Nd.wholes(draw, shape, 9);
                        Tensor at = indices(draw, Shape.of(n), (int) shape.size(axis));
                        Nd whole = Nd.of(x);
                        Nd expected = Nd.empty(shape.with(axis, n).toArray());
                        for (int i = 0; i < expected.values().length; i++) {
                            long[] index = expected.index(i);
                            index[axis] = at.intAt(index[axis]);
                            expected.values()[i] = whole.at(index);
                        }
                        expected.check(x.indexSelect(axis - 3, at));
                        Tensor out = Nd.layOut(draw, expected.shape(), ElementType.FLOAT32);
                        expected.check(Indexing.indexSelect(x, axis, at, out));

                        Nd sum = Nd.of(x);
                        for (int i = 0; i < expected.values().length; i++) {
                            long[] index = expected.index(i);
                            index[axis] = at.intAt(index[axis]);
                            sum.values()[place(sum, index)] += expected.values()[i];
                        }
                        sum.check(Indexing.indexAdd(x, axis, at, out));
                    }
                });
    }

    private static int place(Nd x, long[] index) {
        long place = 0;
        for (int axis = 0; axis < index.length; axis++) {
            place = place * x.sizes()[axis] + index[axis];
        }
        return (int) place;
    }

    @Test
    void gatherAndScatterAlongAnyAxis() {
        Property.check(
                250,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Shape.of(draw.size(1, 9), draw.size(1, 9), draw.size(1, 9));
                        int axis = draw.between(0, 2);
                        Shape picked = shape.with(axis, draw.size(0, 9));
                        Tensor x = Nd.wholes(draw, shape, 9);
                        Tensor at = indices(draw, picked, (int) shape.size(axis));
                        Nd places = Nd.of(at);
                        Nd whole = Nd.of(x);
                        Nd expected = Nd.empty(picked.toArray());
                        Nd added = Nd.of(x);
                        Nd written = Nd.of(x);
                        Tensor source = Nd.wholes(draw, picked, 9);
                        double[] from = Nd.of(source).values();
                        for (int i = 0; i < from.length; i++) {
                            long[] index = expected.index(i);
                            index[axis] = (long) places.values()[i];
                            expected.values()[i] = whole.at(index);
                            added.values()[place(whole, index)] += from[i];
                            written.values()[place(whole, index)] = from[i];
                        }
                        expected.check(x.gather(axis, at));
                        Tensor out = Nd.layOut(draw, picked, ElementType.FLOAT32);
                        expected.check(Indexing.gather(x, axis - 3, at, out));
                        added.check(Indexing.scatterAdd(x.copy(), axis, at, source));
                        written.check(Indexing.scatter(x, axis, at, source));
                    }
                });
    }

    @Test
    void lookupAndOneHot() {
        try (Scope scope = Scope.open()) {
            Tensor table = scope.of(new float[][] {{1, 2}, {3, 4}, {5, 6}});
            Tensor at = scope.ofInts(new int[] {2, 0, 1, 1}, Shape.of(2, 2));
            assertThat(Indexing.lookup(table, at).shape()).isEqualTo(Shape.of(2, 2, 2));
            assertThat(Indexing.lookup(table, at).toArray())
                    .containsExactly(5, 6, 1, 2, 3, 4, 3, 4);
            assertThat(Indexing.oneHot(scope.ofInts(2, 0), 3).toArray())
                    .containsExactly(0, 0, 1, 1, 0, 0);
        }
    }

    @Test
    void indexingErrors() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(2, 3));
            Tensor at = scope.ofInts(0, 3);
            check(
                    () -> x.indexSelect(1, at),
                    "indexSelect: index 3 at position 1 is outside an axis of 3: [2, 3]");
            check(
                    () -> x.indexSelect(1, scope.ofInts(-1)),
                    "indexSelect: index -1 at position 0 is outside an axis of 3: [2, 3]");
            check(
                    () -> x.indexSelect(1, at.reshape(2, 1)),
                    "indexSelect: indices must be [n]: [2, 1]");
            check(
                    () -> x.gather(1, at),
                    "gather: indices differ from x in more than axis 1: [2] and [2, 3]");
            check(
                    () -> x.gather(1, at.reshape(2, 1)),
                    "gather: index 3 at position 1 is outside an axis of 3: [2, 3]");
            check(
                    () -> Indexing.oneHot(at, 3),
                    "oneHot: index 3 at position 1 is outside an axis of 3: [2, 3]");
            check(
                    () -> Indexing.indexAdd(x, 0, scope.ofInts(0), scope.zeros(Shape.of(2, 3))),
                    "indexAdd: source must be [1, 3], got [2, 3]");
            assertThatThrownBy(() -> x.indexSelect(0, scope.of(0)))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage(
                            "indexSelect: indices must be int32, got float32 [1]; convert with"
                                    + " toInt()");
        }
    }

    private static void check(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(ShapeException.class).hasMessage(message);
    }
}
