package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Arrays;
import java.util.stream.IntStream;

@ExtendWith(NoLeaks.class)
class ViewsTest {

    private static Tensor counting(Scope scope, long... sizes) {
        Shape shape = Shape.of(sizes);
        return scope.arange(shape.elements()).reshape(shape);
    }

    @Test
    void viewsShareStorage() {
        try (Scope scope = Scope.open()) {
            Tensor a = counting(scope, 2, 3, 4);
            long live = Scope.liveBytes();
            Tensor[] views = {
                a.reshape(6, 4),
                a.view(Shape.of(4, 6)),
                a.flatten(),
                a.flatten(1),
                a.transpose(),
                a.permute(2, 0, 1),
                a.slice(1, 0, 2),
                a.select(0, 0),
                a.unsqueeze(0),
                a.unsqueeze(1).squeeze(),
                a.unsqueeze(1).squeeze(1),
                a.expand(Shape.of(5, 2, 3, 4)),
                a.contiguous(),
            };
            assertThat(Scope.liveBytes()).isEqualTo(live);
            a.set(99, 0, 0, 0);
            for (Tensor view : views) {
                assertThat(view.at(new long[view.rank()])).isEqualTo(99);
                assertThat(view.storage).isSameAs(a.storage);
            }
        }
    }

    @Test
    void eachViewShowsTheRightElements() {
        try (Scope scope = Scope.open()) {
            Tensor a = counting(scope, 2, 3, 4);
            assertThat(a.transpose().toArray()).startsWith(0, 4, 8, 1, 5, 9).hasSize(24);
            assertThat(a.transpose().shape()).isEqualTo(Shape.of(2, 4, 3));
            assertThat(a.permute(2, 0, -2).at(3, 1, 2)).isEqualTo(a.at(1, 2, 3));
            assertThat(a.slice(2, 1, 4, 2).toArray())
                    .containsExactly(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23);
            assertThat(a.slice(-1, -3, -1).select(0, 0).select(0, 0).toArray())
                    .containsExactly(1, 2);
            assertThat(a.slice(1, 3, 3).shape()).isEqualTo(Shape.of(2, 0, 4));
            assertThat(a.select(1, -1).toArray()).containsExactly(8, 9, 10, 11, 20, 21, 22, 23);
            assertThat(a.select(2, 0).expand(Shape.of(2, 2, 3)).toArray())
                    .containsExactly(0, 4, 8, 12, 16, 20, 0, 4, 8, 12, 16, 20);
            assertThat(scope.of(7).broadcastTo(Shape.of(2, 2)).toArray()).containsOnly(7);
            assertThat(a.reshape(4, -1).shape()).isEqualTo(Shape.of(4, 6));
            assertThat(scope.scalar(3).unsqueeze(-1).shape()).isEqualTo(Shape.of(1));
            assertThat(scope.scalar(3).reshape(1, 1).at(0, 0)).isEqualTo(3);
        }
    }

    @Test
    void emptyTensorsKeepTheirOtherSizes() {
        try (Scope scope = Scope.open()) {
            assertThat(scope.zeros(Shape.of(0, 2, 3)).flatten(1).shape()).isEqualTo(Shape.of(0, 6));
            assertThat(Shape.of(4, 0, 3).flattened(-2)).isEqualTo(Shape.of(4, 0));
        }
    }

    @Test
    void sizesBeyondAnyMemoryAreShapeErrors() {
        assertThat(Shape.of(Shape.MAX_ELEMENTS, 1).elements()).isEqualTo(1L << 59);
        try (Scope scope = Scope.open()) {
            Tensor a = scope.zeros(Shape.of(2));
            for (ThrowingCallable use :
                    new ThrowingCallable[] {
                        () -> Shape.of(Shape.MAX_ELEMENTS + 1),
                        () -> Shape.of(Long.MAX_VALUE / 8),
                        () -> Shape.of(3, Shape.MAX_ELEMENTS / 2),
                        () -> a.reshape(1L << 33, 1L << 33, -1),
                        () -> a.reshape(1L << 33, 1L << 33),
                    }) {
                assertThatThrownBy(use)
                        .isInstanceOf(ShapeException.class)
                        .hasMessageContaining("too many elements");
            }
            // What a shape may have, memory may lack; that is said as such.
            assertThatThrownBy(() -> scope.empty(Shape.of(Shape.MAX_ELEMENTS)))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessageContaining("no native memory");
        }
    }

    @Test
    void reshapeOfAnyViewReadsInRowMajorOrder() {
        Property.check(
                800,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Nd.shape(draw, 4, 6);
                        Tensor a = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        float[] values = draw.wholes(shape.elements(), 1000);
                        a.copyFrom(values);
                        Tensor b = draw.flip() && a.rank() > 1 ? a.transpose() : a;
                        float[] expected = b.toArray();
                        Shape to = regrouped(draw.between(0, 5), b.shape());
                        Tensor reshaped = b.reshape(to);
                        assertThat(reshaped.shape()).isEqualTo(to);
                        assertThat(reshaped.toArray()).containsExactly(expected);
                        if (reshaped.storage == b.storage && b.elements() > 0) {
                            // A view: writes show in the source.
                            reshaped.fill(5);
                            assertThat(b.toArray()).containsOnly(5);
                        } else {
                            assertThat(b.isContiguous() && b.elements() > 0).isFalse();
                        }
                    }
                });
    }

    /** Another shape of as many elements. */
    private static Shape regrouped(int kind, Shape shape) {
        long n = shape.elements();
        long[] sizes = shape.toArray();
        return switch (kind) {
            case 0 -> Shape.of(n);
            case 1 -> shape.inserting(0, 1);
            case 2 -> n % 2 == 0 ? Shape.of(2, n / 2) : Shape.of(n, 1);
            case 3 -> n % 3 == 0 ? Shape.of(n / 3, 1, 3) : Shape.of(1, n);
            case 4 ->
                    sizes.length > 1
                            ? Shape.of(
                                    IntStream.range(0, sizes.length - 1)
                                            .mapToLong(
                                                    i ->
                                                            i == 0
                                                                    ? sizes[0] * sizes[1]
                                                                    : sizes[i + 1])
                                            .toArray())
                            : shape;
            default ->
                    sizes.length > 0 && sizes[0] % 2 == 0
                            ? Shape.of(
                                    IntStream.range(-1, sizes.length)
                                            .mapToLong(
                                                    i ->
                                                            i < 0
                                                                    ? 2
                                                                    : i == 0
                                                                            ? sizes[0] / 2
                                                                            : sizes[i])
                                            .toArray())
                            : shape;
        };
    }

    @Test
    void reshapeMakesAViewWhereStridesAllow() {
        try (Scope scope = Scope.open()) {
            Tensor a = counting(scope, 4, 6);
            // Rows with gaps split, but don't merge.
            Tensor columns = a.slice(1, 0, 4);
            assertThat(columns.view(Shape.of(2, 2, 2, 2)).storage).isSameAs(a.storage);
            assertThatThrownBy(() -> columns.view(Shape.of(16)))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage(
                            "view: the layout [4, 4] strides [6, 1] offset 0 can't be seen as [16]"
                                    + " without a copy; use reshape");
            assertThat(columns.reshape(16).storage).isNotSameAs(a.storage);
            Tensor rows = a.slice(0, 1, 3);
            assertThat(rows.view(Shape.of(12)).toArray()).startsWith(6, 7).endsWith(17);
        }
    }

    @Test
    void contiguityIsKnown() {
        try (Scope scope = Scope.open()) {
            Tensor a = counting(scope, 2, 3, 4);
            assertThat(a.isContiguous()).isTrue();
            assertThat(a.transpose().isContiguous()).isFalse();
            assertThat(a.slice(0, 1, 2).isContiguous()).isTrue();
            assertThat(a.slice(2, 0, 2).isContiguous()).isFalse();
            assertThat(a.slice(2, 0, 0).isContiguous()).isTrue();
            assertThat(a.slice(1, 0, 1).slice(0, 0, 1).isContiguous()).isTrue();
            assertThat(a.expand(Shape.of(2, 2, 3, 4)).isContiguous()).isFalse();
            assertThat(a.transpose().contiguous().isContiguous()).isTrue();
            assertThat(a.unsqueeze(1).isContiguous()).isTrue();
        }
    }

    @Test
    void errorsNameTheOperationAndTheShapes() {
        try (Scope scope = Scope.open()) {
            Tensor a = counting(scope, 2, 3);
            check(
                    () -> a.reshape(4, 2),
                    "reshape: element counts differ, 6 and 8: [2, 3] to [4, 2]");
            check(() -> a.reshape(-1, 4), "reshape: 6 elements don't fill [-1, 4]: [2, 3]");
            check(() -> a.reshape(-1, -1), "reshape: only one size may be -1: [-1, -1]");
            check(() -> a.size(2), "Shape.size: no axis 2 in [2, 3]");
            check(() -> a.select(0, 2), "select: index 2 is outside axis 0 of [2, 3]");
            check(() -> a.select(0, -3), "select: index -3 is outside axis 0 of [2, 3]");
            check(() -> a.slice(1, 1, 4), "slice: range 1 to 4 is not within axis 1 of [2, 3]");
            check(() -> a.slice(1, 0, 3, 0), "slice: the step must be positive, got 0");
            check(() -> a.slice(1, 2, 0, -1), "slice: range 2 to 0 is not within axis 1 of [2, 3]");
            check(
                    () -> a.permute(0, 0),
                    "permute: needs each of the 2 axes once, got [0, 0]: [2, 3]");
            check(() -> a.permute(0), "permute: needs each of the 2 axes once, got [0]: [2, 3]");
            check(() -> a.squeeze(0), "squeeze: axis 0 has size 2, not 1: [2, 3]");
            check(() -> a.expand(Shape.of(2, 4)), "expand: [2, 3] does not broadcast to [2, 4]");
            check(() -> a.expand(Shape.of(3)), "expand: [2, 3] does not broadcast to [3]");
            check(() -> a.at(1), "at: 1 indices for 2 axes: [1] in [2, 3]");
            check(() -> a.at(0, 3), "at: index 3 is outside axis 1 of [2, 3]");
            check(() -> a.item(), "item: needs exactly one element: [2, 3]");
            check(() -> scope.of(1).transpose(), "transpose: needs at least two axes: [1]");
            check(() -> Shape.of(2, -1), "Shape: negative size -1: [2, -1]");
            check(
                    () -> Shape.of(1L << 40, 1L << 40),
                    "Shape: too many elements: [1099511627776, 1099511627776]");
            check(
                    () -> Shape.of(new long[17]),
                    "Shape: at most 16 axes, got 17: " + Arrays.toString(new long[17]));
        }
    }

    private static void check(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(ShapeException.class).hasMessage(message);
    }

    @Test
    void shapesAreValues() {
        assertThat(Shape.of(2, 3)).hasToString("[2, 3]").isEqualTo(Shape.of(2, 3));
        assertThat(Shape.of(2, 3).hashCode()).isEqualTo(Shape.of(2, 3).hashCode());
        assertThat(Shape.of()).isSameAs(Shape.SCALAR).hasToString("[]");
        assertThat(Shape.SCALAR.elements()).isEqualTo(1);
        assertThat(Shape.of(3, 0, 1L << 60, 1L << 60).elements()).isZero();
        assertThat(Shape.of(2, 3).size(-1)).isEqualTo(3);
        assertThat(Shape.of(2, 3).with(-1, 7)).isEqualTo(Shape.of(2, 7));
        assertThat(Shape.of(2, 3).without(0)).isEqualTo(Shape.of(3));
        assertThat(Shape.of(2, 3).inserting(-1, 9)).isEqualTo(Shape.of(2, 3, 9));
        assertThat(Shape.broadcast(Shape.of(4, 1, 3), Shape.of(2, 1))).isEqualTo(Shape.of(4, 2, 3));
        assertThat(Shape.broadcast(Shape.of(0), Shape.of(1))).isEqualTo(Shape.of(0));
        long[] sizes = {2, 3};
        Shape shape = Shape.of(sizes);
        sizes[0] = 9;
        shape.toArray()[0] = 9;
        assertThat(shape).isEqualTo(Shape.of(2, 3));
    }
}
